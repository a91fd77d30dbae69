"""The menu at the top: an entry is there once its page is, for those who may open it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bot.desk.roles import Permission, may


@dataclass(frozen=True, slots=True)
class Entry:
    label: str
    path: str  # below /desk
    permission: Permission


ENTRIES = (
    Entry("咨询", "/cases", "cases.read"),
    Entry("打电话", "/calls", "cases.read"),
    Entry("转人工", "/handoffs", "handoffs.read"),
    Entry("公告", "/notices", "notices.read"),
    Entry("知识", "/knowledge", "knowledge.read"),
    Entry("数据", "/numbers", "numbers.read"),
    Entry("审计", "/audit", "audit.read"),
    Entry("人员", "/people", "people.manage"),
)


def entries(paths: Collection[str]) -> tuple[Entry, ...]:
    """Those whose page exists."""
    return tuple(entry for entry in ENTRIES if entry.path in paths)


def for_role(known: Collection[Entry], role: str) -> list[Entry]:
    return [entry for entry in known if may(role, entry.permission)]
