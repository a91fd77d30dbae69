"""法定时限：最后一天。"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.engine.calculator import Value
from bot.engine.enclosures import Day
from handlers.calculators.statutory_deadlines import LIMITS


def days(given: Any, values: Mapping[str, Value], today: date) -> tuple[Day, ...]:
    limit = LIMITS[given.matter]
    note = f"从{limit.since}（{given.since}）起{values['limit']}。条文：{limit.article}。"
    return (Day(given.matter, str(values["due"]), f"{limit.label}：最后一天", note, 7),)
