"""基础养老金的公式，和它随各项怎么变：退休时的范围、各项影响多大。供企业职工养老金用。"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Any

from bot.engine.calculator import Sheet, Value, cents, percent, yuan
from bot.engine.form import Unclear
from bot.engine.parameters import NoFigure
from bot.engine.quantities import folded, number
from handlers.calculators.account_projection import supposed
from handlers.calculators.payout_months import payout_months

Span = tuple[Decimal, Decimal]


def index(text: str) -> Span:
    """`0.8` 或一个范围 `0.6到1.0`。"""
    read = number("0.3", "5", "0.8", "平均缴费指数")
    parts = re.split(r"到|至|~|-|—", folded(text))
    values = [read(part) for part in parts]
    if len(values) > 2 or values[0] > values[-1]:
        raise Unclear("没看懂这个指数，请按“0.8”或“0.6到1.0”这样填写。")
    return values[0], values[-1]


@dataclass(frozen=True)
class Parts:
    wage: Decimal
    basic: Decimal


def ends(given: Any, base: Decimal) -> Span:
    if given.indexed_wage is not None:
        share = given.indexed_wage / base
        return share, share
    low, high = given.index
    return low, high


def parts(given: Any, base: Decimal, years: Decimal, index: Decimal, sheet: Sheet) -> Parts:
    wage = given.indexed_wage if given.indexed_wage is not None else base * index
    accrual = sheet.figure("pension.accrual_rate") / 100
    used = base * _factor(given, index, sheet)
    return Parts(wage, stepped((used + wage) / 2 * years * accrual, given, sheet))


def stepped(amount: Decimal, given: Any, sheet: Sheet) -> Decimal:
    """四舍五入到分；广西、浙江见分进角。"""
    name = "pension_rules.up_to_jiao"
    if given.place is not None and sheet.has(name, given.place):
        sheet.figure(name, given.place)
        return cents(cents(amount).quantize(Decimal("0.1"), ROUND_CEILING))
    return cents(amount)


def _factor(given: Any, index: Decimal, sheet: Sheet) -> Decimal:
    """广东：平均指数低于 0.6 的，计发基数按 指数÷0.6 折减。"""
    if given.place is None or not sheet.has("pension_rules.low_index", given.place):
        return Decimal(1)
    least = sheet.figure("pension_rules.low_index", given.place)
    return min(Decimal(1), index / least)


def outlook(
    given: Any,
    base: Decimal,
    years: Decimal,
    divisor: Decimal,
    extra: Decimal,
    month: date | None,
    sheet: Sheet,
) -> tuple[dict[str, Value], list[str]]:
    """退休还早的：计发基数会涨，账户会计息，给出两头。"""
    ahead = months_ahead(month, sheet.day)
    if ahead <= 0 or month is None:
        return {}, []
    grown = given.growth or (Decimal(0), _recent_growth(given, sheet))
    ways = supposed(given, sheet)
    whole, part = divmod(ahead, 12)
    found: list[Decimal] = []
    for index, rise, share in zip(
        ends(given, base), grown, (ways["low"], ways["high"]), strict=True
    ):
        then = base * (1 + rise) ** (month.year - sheet.day.year)
        used = Sheet(sheet.ground, sheet.day)
        wage = None if given.indexed_wage is None else given.indexed_wage * then / base
        basic = parts(replace(given, indexed_wage=wage), then, years, index, used).basic
        account = given.balance * (1 + share) ** whole * (1 + share * part / 12)
        found.append(cents(basic + account / divisor + extra))
    rises = "～".join(dict.fromkeys(percent(v) for v in grown))
    shares = "～".join(dict.fromkeys(percent(ways[w]) for w in ("low", "high")))
    return {"future_low": found[0], "future_high": found[1]}, [
        f"到那时约 {yuan(found[0])}～{yuan(found[1])}：假设计发基数每年涨{rises}，账户利率{shares}。"
    ]


def months_ahead(month: date | None, day: date) -> int:
    return 0 if month is None else (month.year - day.year) * 12 + month.month - day.month


def _recent_growth(given: Any, sheet: Sheet) -> Decimal:
    """当地计发基数近三年的年均涨幅；查不到两年的不涨。"""
    if given.base is not None or given.place is None:
        return Decimal(0)
    try:
        newest = sheet.figure("pension_base.base", given.place)
        since = max(u.since for u in sheet.used if u.name == "pension_base.base")
        oldest = sheet.figure(
            "pension_base.base", given.place, on=date(max(since.year - 2, 2023), 12, 31)
        )
        first = min(u.since for u in sheet.used if u.name == "pension_base.base")
    except NoFigure:
        return Decimal(0)
    spans = since.year - first.year
    if not spans or newest <= oldest:
        return Decimal(0)
    yearly = (newest / oldest) ** (Decimal(1) / spans) - 1
    return yearly.quantize(Decimal("0.001"), ROUND_HALF_UP)


def effects(
    given: Any,
    base: Decimal,
    years: Decimal,
    divisor: Decimal,
    age: int | None,
    month: date | None,
    sheet: Sheet,
) -> dict[str, tuple[str, Decimal]]:
    """变动一项，每月多多少（按居中的指数）；已经到龄的，不再说多缴和晚退。"""
    low, high = ends(given, base)
    middle = (low + high) / 2
    now = parts(given, base, years, middle, sheet).basic
    account = contributed(12, middle, given, base, sheet)
    year = _basic(given, base, years + 1, middle, sheet) - now
    tenth = base * Decimal("0.1") / 2 * years / 100
    if given.indexed_wage is None:
        tenth = _basic(given, base, years, middle + Decimal("0.1"), sheet) - now
    found = {
        "index_up": ("平均指数每高0.1", cents(tenth)),
        "account_up": ("账户每多1万元", cents(10000 / divisor)),
        "base_up": ("计发基数每高5%", cents(now * Decimal("0.05"))),
    }
    if month is not None and months_ahead(month, sheet.day) <= 0:
        return found
    found["year_more"] = ("多缴1年", cents(year + account / divisor))
    if age is not None and given.category and not given.category.startswith("special"):
        after = payout_months(age + 12, sheet)
        moved = year + (given.balance + account) / after - given.balance / divisor
        found["later"] = ("晚退1年", cents(moved))
    return found


def _basic(given: Any, base: Decimal, years: Decimal, index: Decimal, sheet: Sheet) -> Decimal:
    return parts(given, base, years, index, sheet).basic


def contributed(months: int, index: Decimal, given: Any, base: Decimal, sheet: Sheet) -> Decimal:
    """按某个指数缴这么多个月，账户多记多少：没有当地参考工资的，用计发基数代替。"""
    wage = base
    name = "contribution_rates.reference_wage"
    quiet = Sheet(sheet.ground, sheet.day)
    if given.place is not None and quiet.has(name, given.place):
        wage = quiet.figure(name, given.place)
    share = quiet.figure("contributions.flexible_account_rate") / 100
    return cents(wage * index * share * months)


def sensitivity(effects: Mapping[str, tuple[str, Decimal]]) -> str:
    """影响从大到小。"""
    ordered = sorted(effects.values(), key=lambda one: -one[1])
    return "影响从大到小：" + "；".join(f"{what}＋{yuan(much)}" for what, much in ordered) + "。"
