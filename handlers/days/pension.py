"""企业职工养老金：算的是哪个月退休。"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.engine.calculator import Value
from bot.engine.enclosures import Day


def days(given: Any, values: Mapping[str, Value], today: date) -> tuple[Day, ...]:
    month = values.get("retirement_month")
    if not isinstance(month, str):
        return ()
    title = f"退休：{month[:4]}年{int(month[5:])}月"
    note = "养老金从次月起发。退休前可以按最新参数再测算一次。"
    return (Day("retirement", f"{month}-01", title, note, 30),)
