"""工作日推算：数到的那一天。"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.engine.calculator import Value
from bot.engine.enclosures import Day


def days(given: Any, values: Mapping[str, Value], today: date) -> tuple[Day, ...]:
    title = f"第{given.n}个工作日"
    return (Day("due", str(values["due"]), title, f"从{given.start}的第二天起数。", 1),)
