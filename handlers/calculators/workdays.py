"""工作日推算：从某天起几个工作日，到哪一天。开始当天不算，周末和节假日不算，调休上班的算。

放假安排以国务院办公厅通知为准；还没有公布的年份按周一至周五算，并说明。
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from bot.engine.calculator import Calculator, Ground, Sheet, Value, Worked, wish
from bot.engine.form import Ask
from bot.engine.quantities import day, whole
from bot.engine.workdays import WEEKDAYS


@dataclass(frozen=True)
class Workdays:
    start: Annotated[
        date,
        Ask(
            "从哪一天开始？这一天不算，例如“2026-11-23”。",
            day("2026-11-23", "开始日期"),
            label="开始日期",
            dated=True,
            show=str,
            hint="年-月-日",
        ),
    ]
    n: Annotated[
        int,
        Ask(
            "几个工作日？例如“10”。",
            whole(0, 500, "10", "工作日数"),
            label="工作日数",
            show=lambda n: f"{n}个",
            hint="0 到 500",
        ),
    ]


def named(when: date) -> str:
    return f"{when.year}年{when.month}月{when.day}日 周{WEEKDAYS[when.weekday()]}"


def compute(given: Workdays, sheet: Sheet) -> Worked:
    """第 n 个工作日。"""
    calendar = sheet.ground.calendar
    due = calendar.after(given.start, given.n)
    lines = (f"从 {named(given.start)} 的第二天起，数 {given.n} 个工作日。",)
    values: dict[str, Value] = {"due": due.isoformat(), "published": "yes"}
    notes = []
    if not calendar.published(due):
        values["published"] = "no"
        notes.append(f"{due.year}年放假安排还没有公布，按周一至周五算，日期可能变化。")
    return Worked(values, f"到 {named(due)}。", lines, tuple(notes))


def calculator(ground: Ground) -> Calculator[Any]:
    return Calculator(
        name="workdays",
        title="工作日推算",
        inputs=Workdays,
        compute=compute,
        sources=("国务院办公厅关于节假日安排的通知",),
        checked=date(2026, 11, 23),
        holds="2004 年起",
        example="start=2026-09-28 n=15",
        triggers=(wish(r"工作日"),),
        order=120,
    )
