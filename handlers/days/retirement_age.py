"""退休时间：法定退休、最早可退休，和各自最晚要书面告知、约定的月份（以当月第一天记）。"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from bot.engine.calculator import Value
from bot.engine.enclosures import Day
from bot.engine.quantities import plus_months

A_MONTH = 30


def days(given: Any, values: Mapping[str, Value], today: date) -> tuple[Day, ...]:
    return tuple(_days(given, values))


def _days(given: Any, values: Mapping[str, Value]) -> Iterator[Day]:
    due = _month(values["retirement_month"])
    need = "单位应不晚于退休当月提出申请，养老金从次月起发。以经办机构核定为准。"
    yield Day("statutory", f"{due}", f"法定退休：{_said(due)}", need, A_MONTH)
    if "earliest_month" not in values:
        return
    earliest, told = _month(values["earliest_month"]), _month(values["earliest_notice_by"])
    notice = (earliest.year - told.year) * 12 + earliest.month - told.month
    leave = given.leave if given.leave and given.leave < due else earliest
    early = f"想在{_said(leave)}退休，最晚这个月书面告知单位。"
    if leave < due:
        title = f"弹性提前退休（{_said(leave)}）最晚书面告知单位"
        yield Day("early_notice", f"{plus_months(leave, -notice)}", title, early, A_MONTH)
        yield Day("earliest", f"{leave}", f"可弹性提前退休：{_said(leave)}", "", A_MONTH)
    agreed = _month(values["late_agreement_by"])
    late = f"想晚于{_said(due)}退休，最晚这个月和单位书面约定。"
    yield Day("late_agreement", f"{agreed}", "弹性延迟退休最晚和单位书面约定", late, A_MONTH)


def _month(value: Value) -> date:
    return date.fromisoformat(f"{value}-01")


def _said(month: date) -> str:
    return f"{month.year}年{month.month}月"
