"""`staff: publish`: a policy notice as a script writes it, drafted by one and approved by another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.engine.notice import Content
from bot.notices import BadDraft, Notices
from bot.rehearsal.script import moment
from bot.store.broadcasts import Draft

AUTHOR, APPROVER = "小王", "老李"
_KEYS = {"title", "body", "topics", "regions", "at", "urgent", "affects", "url", "channels"}


async def publish(notices: Notices, given: Mapping[str, Any]) -> bool:
    """False if it is refused: nothing to say, or a topic or region that there is not."""
    if unknown := set(given) - _KEYS:
        raise ValueError(f"publish: unknown key {sorted(unknown)[0]}")
    content = Content(
        str(given.get("title", "")),
        str(given.get("body", "")),
        str(given.get("affects", "")),
        str(given.get("url", "")),
        _texts(given, "topics"),
    )
    urgent = given.get("urgent")
    draft = Draft(
        content,
        _texts(given, "regions"),
        _texts(given, "channels"),
        urgent if isinstance(urgent, str) else "紧急" if urgent else "",
        moment(given["at"], "publish: at") if given.get("at") else None,
    )
    try:
        number = await notices.draft(draft, AUTHOR)
    except BadDraft:
        return False
    return await notices.approve(number, APPROVER)


def _texts(given: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = given.get(key) or ()
    return (value,) if isinstance(value, str) else tuple(map(str, value))
