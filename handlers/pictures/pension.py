"""企业职工养老金：弹性区间里，每隔半年退休，每月大约领多少。

和“晚退半年”的说法算得一样：晚退的接着缴，早退的少缴，账户随着变。
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

from bot.engine.calculator import Sheet, Value, Work
from bot.engine.enclosures import Chart, Series, amounts
from bot.engine.form import Unclear
from bot.engine.parameters import NoFigure
from handlers.calculators._pension_changes import changes
from handlers.calculators.retirement_age import REFORM, retiring, said

STEP = 6  # 月


def picture(given: Any, work: Work, sheet: Sheet) -> Chart | None:
    """给了出生年月和人员类别，又有可选的月份，才有图。"""
    if given.category is None or given.born is None or given.paid is None:
        return None
    found = sorted(_found(given, work, sheet), key=lambda one: one[0])
    if len(found) < 3:
        return None
    months = [month for month, _ in found]
    due = retiring(given.category, given.born, Sheet(sheet.ground, REFORM)).month
    chosen = given.retire or due
    return Chart(
        "bars",
        "早退、晚退，每月约领多少",
        "元/月",
        tuple(f"{month[:4]}年{int(month[5:])}月" for month in months),
        (Series("每月养老金", amounts(amount for _, amount in found)),),
        f"深色是{said(chosen)}。早退的少缴、多领几个月；晚退的接着缴、少领几个月。",
        tuple(n for n, month in enumerate(months) if month == f"{chosen:%Y-%m}"),
    )


def _found(given: Any, work: Work, sheet: Sheet) -> Iterator[tuple[str, Decimal]]:
    """各个退休年月和每月养老金，可选区间的两头也在内。"""
    yield _told(work({}))
    values = {field.name: getattr(given, field.name) for field in fields(given)}
    due = retiring(given.category, given.born, Sheet(sheet.ground, REFORM))
    chosen = given.retire or due.month
    for word, end in (("早", due.earliest), ("晚", due.latest)):
        most = abs(_between(chosen, end)) if end else 0
        steps = [months for months in range(STEP, most, STEP) if most - months >= STEP // 2]
        for months in [*steps, most] if most else []:
            change = changes(f"{word}退{months}个月", values, sheet.ground, sheet.day)
            if change is None:
                break
            try:
                yield _told(work(change.answers))
            except (NoFigure, Unclear):
                break


def _between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def _told(values: Mapping[str, Value]) -> tuple[str, Decimal]:
    month, amount = values["retirement_month"], values["monthly"]
    assert isinstance(month, str)
    assert isinstance(amount, Decimal)
    return month, amount
