"""从一句话里找出一项：“交了5年3个月”“月薪八千”“九级”。找不到就为 None，以后再问。"""

import re
from collections.abc import Callable

from bot.engine.quantities import folded

NUMERAL = "0-9.零〇一二两三四五六七八九十百"
_SPAN = rf"([{NUMERAL}]+(?:年半|年(?:零?[{NUMERAL}]+个?月)?|个月)|半年)"
_AMOUNT = rf"([{NUMERAL}]+[来多几]?[千万kw百]?[{NUMERAL}]*[千百]?[{NUMERAL}]*)元?"
Spot = Callable[[str], str | None]


def span_after(words: str) -> Spot:
    """`words`（正则）后面的年月数：`span_after("缴|交")` 认得“交了5年3个月”。"""
    return _first(rf"(?:{words})[了过费满有的：: 为是大约共总一]{{0,6}}{_SPAN}")


def amount_after(words: str) -> Spot:
    """`words`（正则）后面的钱数：`amount_after("月薪")` 认得“月薪8千”。"""
    return _first(rf"(?:{words})[了过的每个月：: 为是大约有]{{0,6}}{_AMOUNT}(?![%年个月天岁级])")


def matching(**meanings: str) -> Spot:
    """句子里有哪个意思的词（正则），就是哪个代码；有两个以上的定不了。"""

    def spot(text: str) -> str | None:
        found = [code for code, pattern in meanings.items() if re.search(pattern, text)]
        return found[0].removeprefix("_") if len(found) == 1 else None

    return spot


def first(pattern: str) -> Spot:
    """正则的第一组。"""
    return _first(pattern)


def _first(pattern: str) -> Spot:
    compiled = re.compile(pattern)

    def spot(text: str) -> str | None:
        match = compiled.search(folded(text))
        return match[1] if match else None

    return spot
