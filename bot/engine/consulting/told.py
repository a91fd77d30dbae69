"""What a consultation in the making knows: its slots with their labels, in the order staff read them.

`values` are the answers of the form `leave_message` as read, by field name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.engine.case import CASE_KINDS, CaseKind
from bot.engine.consulting.coach import NOT_TOLD, event_label, kind_of, matter_of, topic_of, tried

FORM = "leave_message"  # the name under which drafts and buttons know it
MOST_TURNS = 4  # questions of the coach; what is then still open is left out

LABELS = {
    "insurance": "险种",
    "month": "缺失月份",
    "wage": "工资是否已扣",
    "employer": "单位",
    "object": "投诉对象",
    "event": "经过",
    "demand": "诉求",
    "card_where": "刷卡地点",
    "message": "提示",
    "card_state": "卡的情况",
    "when": "时间",
    "region": "参保地",
    "household": "户籍地",
    "working": "工作地",
    "target": "转到哪里",
    "care": "就医地",
    "tried": "已尝试",
}


def slots(values: Mapping[str, Any]) -> dict[str, str]:
    """Label → words, of what was told."""
    found = {}
    for name, label in LABELS.items():
        value = values.get(name)
        if not value or value == NOT_TOLD:
            continue
        if name == "when":
            label = event_label(f"{values.get('question') or ''}{values.get('when_said') or ''}")
        found[label] = tried(value) if name == "tried" else str(value)
    return found


def kind(values: Mapping[str, Any]) -> CaseKind:
    """The chosen kind; else the predicted one."""
    chosen: CaseKind | None = values.get("kind")
    return chosen or guessed(values) or "policy"


def guessed(values: Mapping[str, Any]) -> CaseKind | None:
    sure: dict[str, CaseKind] = {
        "missing": "account",
        "check": "account",
        "complaint": "complaint",
        "card": "procedure",
    }
    if code := sure.get(matter(values)):
        return code
    return kind_of(values.get("question") or "")


def matter(values: Mapping[str, Any]) -> str:
    return values.get("matter") or matter_of(values.get("question") or "")


def kind_shown(code: CaseKind, question: str) -> str:
    """`操作流程·社保卡`."""
    topic = topic_of(question)
    return f"{CASE_KINDS[code]}·{topic}" if topic else CASE_KINDS[code]


def needs(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The background that was found missing when the question came."""
    return tuple(filter(None, (values.get("needs") or "").split(",")))
