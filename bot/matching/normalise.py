"""One spelling for what people type: width, case, traditional characters, numerals, noise.

Rule 1: the same function reads questions and entries, so both end in the same spelling.
Rule 2: any text is accepted; whatever cannot be read becomes a space.
Rule 3: `normalise(normalise(text)) == normalise(text)`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from opencc import OpenCC

LONGEST = 4000  # characters; what comes after is not read

_simplified = OpenCC("t2s").convert
_UNREADABLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff0-\uffff\ud800-\udfff]"
)
_PICTURES = re.compile("[\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")
_RUN = re.compile(r"([^\d\s])\1{3,}")
_SPACES = re.compile(r"[^\S\n]+")
_SPACED = re.compile(r"(?<!\S)(?:[\u4e00-\u9fff] ){3,}[\u4e00-\u9fff](?!\S)")  # 社 保 卡 丢
_COMMA_IN_NUMBER = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_NUMERAL = re.compile(
    r"(?<![第统唯专同单逐划每另〇零一二两三四五六七八九十百千万])[〇零一二两三四五六七八九十百千万]++"
    r"(?=个?(?:周?岁|年|月|天|日|小时|级|档|元|块|孩|胎))"
)
_SPELT = str.maketrans("帐儅寘箇", "账当置个")
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}


def normalise(text: str) -> str:
    """`text` as the matcher reads it; at most `LONGEST` characters of it."""
    return _spelt(text[:LONGEST]).strip()


def normalise_all(texts: Sequence[str]) -> list[str]:
    """`normalise` for many texts at once; a line break becomes a space."""
    lines = "\n".join(text[:LONGEST].replace("\n", " ") for text in texts)
    return [line.strip() for line in _spelt(lines).split("\n")] if texts else []


def _spelt(text: str) -> str:
    text = _UNREADABLE.sub(" ", text)
    text = unicodedata.normalize("NFKC", text)
    text = _PICTURES.sub(" ", _UNREADABLE.sub(" ", text)).lower()
    if not text.isascii():
        text = _simplified(text).translate(_SPELT)
        text = _NUMERAL.sub(_in_digits, text)
    text = _RUN.sub(r"\1\1\1", _COMMA_IN_NUMBER.sub("", text))
    return _SPACED.sub(lambda found: found[0].replace(" ", ""), _SPACES.sub(" ", text))


def _in_digits(numeral: re.Match[str]) -> str:
    return _value(numeral[0])


@lru_cache(maxsize=4096)
def _value(numeral: str) -> str:
    """三十五 → 35, 二〇二五 → 2025, 一万二 → 12000."""
    if not any(c in numeral for c in "十百千万"):
        return str(int("".join(str(_DIGITS[c]) for c in numeral)))
    total = section = digit = 0
    last = 1
    for c in numeral:
        if c == "万":
            total, section, digit, last = (total + section + digit or 1) * 10_000, 0, 0, 10_000
        elif unit := _UNITS.get(c):
            section += (digit or 1) * unit
            digit, last = 0, unit
        else:
            digit = _DIGITS[c]
            last = 1 if c in "零〇" else last
    return str(total + section + (digit * last // 10 if last >= 100 and digit else digit))
