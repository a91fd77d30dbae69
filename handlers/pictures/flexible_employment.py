"""灵活就业缴费：按下限、所选、上限各缴一年，领到几岁一共净得多少，几岁回本。"""

from decimal import Decimal
from typing import Any

from bot.engine.calculator import Sheet, Work, yuan
from bot.engine.enclosures import Chart, Series, amounts

NAMED = {"lower_": "下限", "": "所选", "upper_": "上限"}
OLDEST = 90  # 岁


def picture(given: Any, work: Work, sheet: Sheet) -> Chart | None:
    """有当地上下限、计发基数和参考工资，能比较时才有图。"""
    values: Any = work({})
    if any(f"{prefix}pension_gain" not in values for prefix in NAMED):
        return None
    bases = {"lower_": values["base_lower"], "": given.base, "upper_": values["base_upper"]}
    from_age = (values["break_even_age_months"] - values["break_even_months"]) // 12
    even = max(values[f"{prefix}break_even_age_months"] for prefix in NAMED)
    until = min(OLDEST, max(-(-even // 12) + 6, from_age + 15))
    ages = range(from_age, until + 1)
    series = [
        Series(f"{name}{yuan(bases[prefix])}", _net(values, prefix, ages, from_age))
        for prefix, name in NAMED.items()
        if prefix == "" or bases[prefix] != given.base
    ]
    mine = round(values["break_even_age_months"] / 12)
    return Chart(
        "lines",
        "缴一年，领到几岁净得多少",
        "元",
        tuple(f"{age}岁" for age in ages),
        tuple(series),
        f"在0的线上就是回本；虚线是按所选基数回本的年龄。{from_age}岁开始领，不计利息和以后的增长。",
        (mine - from_age,) if mine in ages else (),
    )


def _net(values: Any, prefix: str, ages: range, from_age: int) -> tuple[str, ...]:
    cost: Decimal = values[f"{prefix}pension"] * 12
    gain: Decimal = values[f"{prefix}pension_gain"]
    return amounts(gain * 12 * (age - from_age) - cost for age in ages)
