"""个人账户：从现在到退休，每年退休那个月大约有多少，偏低、居中、偏高三条线。"""

from datetime import date
from typing import Any

from bot.engine.calculator import Sheet, Work
from bot.engine.enclosures import Chart, Series, amounts

WAYS = {"low": "偏低", "likely": "居中", "high": "偏高"}
FEWEST, MOST = 3, 45  # 年


def picture(given: Any, work: Work, sheet: Sheet) -> Chart | None:
    """三年以上才有图；三种利率一样的只画一条。"""
    until = str(work({})["until"])
    since = given.since or sheet.day.replace(day=1)
    last, month = int(until[:4]), int(until[5:])
    first = since.year if date(since.year, month, 1) > since else since.year + 1
    if not FEWEST <= last - first <= MOST:
        return None
    ends = [f"{year}-{month:02}" for year in range(first, last + 1)]
    found: list[Any] = [work({"until": end}) for end in ends]
    alike = all(one["account_low"] == one["account_high"] for one in found)
    ways = {"likely": "账户余额"} if alike else WAYS
    return Chart(
        "lines",
        "个人账户到退休大约有多少",
        "元",
        tuple(end[:4] for end in ends),
        tuple(
            Series(name, amounts(one[f"account_{way}"] for one in found))
            for way, name in ways.items()
        ),
        f"每年{month}月的余额，算到{last}年{month}月。没有公布的利率是假设，不是预测。",
    )
