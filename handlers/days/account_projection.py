"""个人账户：算到哪个月。"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.engine.calculator import Value
from bot.engine.enclosures import Day


def days(given: Any, values: Mapping[str, Value], today: date) -> tuple[Day, ...]:
    until = str(values["until"])
    if given.until is not None:
        return ()
    return (Day("retirement", f"{until}-01", f"退休：{until[:4]}年{int(until[5:])}月", "", 30),)
