"""居民医保等待期：今天参保缴费的，哪一天等待期满。"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.engine.calculator import Value
from bot.engine.enclosures import Day
from bot.engine.quantities import plus_months


def days(given: Any, values: Mapping[str, Value], today: date) -> tuple[Day, ...]:
    months = values["wait_months"]
    if not isinstance(months, int):
        return ()  # the place decides
    end = plus_months(today, months)
    note = f"按{today}参保缴费、等{months}个月算；实际从缴费到账起，以当地医保（12393）为准。"
    return (Day("waited", f"{end}", "居民医保待遇等待期满", note, 3),)
