"""What is kept of a person, and what of it goes when they ask (个人信息保护法第四十五、四十七条).

Rule 1: every table with a person's address stands in one of the lists below; a test sees to it.
Rule 2: that a message was heard stays, without its words: or a repeat of it would be answered.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.types import Address
from bot.store import tables
from bot.store.tables import case_events, cases, evidence, heard, outbox

# What it is called when the person reads of it. All of it can be exported and erased.
THEIRS: dict[str, str] = {
    "heard": "您说过的话",
    "outbox": "我的回答",
    "handoffs": "转人工记录",
    "alarms": "提醒",
    "answer_ratings": "对答案的评价",
    "missed_questions": "没答上的问题",
    "served_answers": "看过的答案",
    "preferences": "推送设置",
    "subscriptions": "订阅",
    "sign_ups": "讲座报名",
    "lecture_questions": "给讲座提的问题",
    "saved_results": "保存的测算",
    "evidence": "发来的材料",
}
# What stays after an erasure, and why.
STAYS: dict[str, str] = {
    "cases": "已提交的咨询",  # a public body's record of what it was asked and answered
    "consents": "同意和撤回同意的记录",  # the proof that we were allowed to send
}
# What holds an address only to work; `conversations` is written anew, blank, after an erasure.
WORKING = frozenset({"conversations", "people", "unreachable", "link_codes", "link_tries"})


async def gather(
    tx: AsyncConnection, addresses: Collection[Address], person: str
) -> tuple[str, dict[str, int]]:
    """Everything as JSON, and how much there is of what."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name, label in {**THEIRS, **STAYS}.items():
        table = tables.metadata.tables.get(name)
        if table is not None:
            rows = await tx.execute(select(table).where(_of(table, addresses, person)))
            found[label] = [_shown(dict(row._mapping)) for row in rows]
    numbers = [row["number"] for row in found[STAYS["cases"]]]
    history = await tx.execute(
        select(case_events)
        .where(case_events.c.number.in_(numbers), case_events.c.kind != "note")
        .order_by(case_events.c.id)
    )
    found["咨询的经过"] = [_shown(dict(row._mapping)) for row in history]
    counts = {label: len(found[label]) for label in {**THEIRS, **STAYS}.values() if label in found}
    return json.dumps(found, ensure_ascii=False, indent=1), counts


async def erase(
    tx: AsyncConnection, addresses: Collection[Address], person: str
) -> tuple[dict[str, int], dict[str, int]]:
    """Deletes what may go; how much went, and how much stays."""
    gone: dict[str, int] = {}
    for name, label in THEIRS.items():
        table = tables.metadata.tables.get(name)
        if table is None:
            continue
        theirs = _of(table, addresses, person)
        if table is heard:
            done = await tx.execute(
                update(heard).where(theirs, heard.c.text != "").values(text="", line=None)
            )
        elif table is outbox:
            done = await tx.execute(delete(outbox).where(theirs, outbox.c.state != "sending"))
        elif table is evidence:  # what was submitted is part of the consultation
            done = await tx.execute(delete(evidence).where(theirs, evidence.c.number.is_(None)))
        else:
            done = await tx.execute(delete(table).where(theirs))
        gone[label] = done.rowcount
    stays: dict[str, int] = {}
    for name, label in STAYS.items():
        table = tables.metadata.tables[name]
        count = select(func.count()).select_from(table).where(_of(table, addresses, person))
        stays[label] = (await tx.execute(count)).scalar_one()
    return gone, stays


def _of(table: Table, addresses: Collection[Address], person: str) -> ColumnElement[bool]:
    if table is cases:
        return cases.c.person == person
    return or_(*(and_(table.c.channel == a.channel, table.c.user == a.user) for a in addresses))


_HIDDEN = frozenset(
    {"code", "code_tries", "code_tried_on", "assignee", "worker", "last_error"}
    | {"seal", "ref", "tries", "try_at"}
)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, (date, datetime)) else value
        for name, value in row.items()
        if name not in _HIDDEN
    }
