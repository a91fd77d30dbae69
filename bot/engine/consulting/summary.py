"""What is shown before it is filed, and what staff read: the question put well, and what goes with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.engine.case import CASE_KINDS, HEAD_LABEL
from bot.engine.consulting import coach, sentences, told
from bot.engine.regions import Regions


def question_for_staff(values: Mapping[str, Any], regions: Regions) -> str:
    if edited := values.get("edited"):
        return str(edited)
    if told.matter(values) == "check":
        return str(values["question"])
    return coach.composed(values["question"], told.kind(values), told.slots(values), regions)


def summary(values: Mapping[str, Any], regions: Regions) -> str:
    """Before and after, and what goes with it."""
    lines = [sentences.SUMMARY]
    original = values.get("original") or values["question"]
    composed = question_for_staff(values, regions)
    if told.matter(values) != "check" and len(original) <= 200:
        lines.append(sentences.SUMMARY_BEFORE.format(original=original))
    lines.append(f"整理后：\n「{composed}」")
    rest = [
        f"{label} {value}" for label, value in told.slots(values).items() if value not in composed
    ]
    if rest:
        lines.append("另附：" + " · ".join(rest))
    lines.append(
        f"类型：{CASE_KINDS[told.kind(values)]}"
        + (f"（{HEAD_LABEL}）" if values.get("for_head") else "")
        + ("（匿名）" if values.get("anonymous") else "")
    )
    return "\n".join(lines)


def summary_options(values: Mapping[str, Any]) -> tuple[str, ...]:
    complaint = told.kind(values) == "complaint" and not values.get("anonymous")
    return ("提交", "修改", *(("匿名",) if complaint else ()))


def title(values: Mapping[str, Any]) -> str:
    """One line, as lists show it."""
    if told.matter(values) == "missing":
        insurance = values.get("insurance") or "社保"
        named = {"五险都缺": "社保"}.get(insurance, insurance)
        label = f"{named}保险" if named in ("养老", "医疗", "失业", "工伤", "生育") else named
        return f"{label} {values.get('month') or ''} 缴费记录缺失".replace("  ", " ")
    text = coach.neutral(values["question"])
    return text.split("\n")[0].lstrip("1. ") if "\n" in text else text


def urgent(text: str) -> bool:
    return bool(
        re.search(r"丢了|丢失|被盗|盗刷|停发|今天(截止|到期|最后一天)|明天截止|抢救|病危", text)
    )
