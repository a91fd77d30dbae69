"""Finding and masking personal numbers, before anything else sees the text.

Rule 1: digits, X and the spaces between them are read in half and full width alike; masking keeps
        every other character where it was.
Rule 2: money, dates, 文号 and consultation numbers (YYYYMMDDNNN) are left alone.
Rule 3: masking a masked text changes nothing.
Checks of resident IDs and cards are python-stdnum's (GB 11643-1999, ISO/IEC 7812).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from stdnum import luhn
from stdnum.cn import ric

from bot.engine.types import Message

# One character to one, so that positions hold.
_HALF = str.maketrans(
    {ord("０") + d: str(d) for d in range(10)}
    | {"Ｘ": "X", "ｘ": "x", "　": " ", "－": "-", "—": "-", "：": ":", "＋": "+"}
)
_HOTLINES = {"12333", "12345", "12393", "12366", "12348", "12329", "96110", "12350", "12351"}
_PROVINCES = {
    *(
        [
            "11",
            "12",
            "13",
            "14",
            "15",
            "21",
            "22",
            "23",
            "31",
            "32",
            "33",
            "34",
            "35",
            "36",
            "37",
            "41",
            "42",
            "43",
            "44",
            "45",
            "46",
            "50",
            "51",
            "52",
            "53",
            "54",
        ]
    ),
    *(["61", "62", "63", "64", "65", "71", "81", "82", "83", "91"]),
}


SECRETS = frozenset({"验证码", "密码"})  # never to be given to anybody


@dataclass(frozen=True, slots=True)
class Personal:
    """A personal number found in a text: `text[start:end]`, and what is shown instead."""

    kind: str  # 身份证号 银行卡号 证件或卡号 手机号 验证码 密码
    start: int
    end: int
    shown: str


def guard(message: Message) -> Message:
    """`message` with its personal numbers masked and their kinds in `hidden`."""
    found = find(message.text)
    if not found:
        return message
    kinds = tuple(dict.fromkeys([*message.hidden, *(p.kind for p in found)]))
    return replace(message, text=_masked(message.text, found), hidden=kinds)


def mask(text: str) -> str:
    """`text` with every personal number masked: `****` and its last four, codes wholly."""
    return _masked(text, find(text))


def find(text: str) -> list[Personal]:
    """The personal numbers of a text in order, not overlapping."""
    plain = text.translate(_HALF)
    if not re.search(r"\d", plain) and "密码" not in plain:
        return []
    found: list[Personal] = []
    for finder in _FINDERS:
        for personal in finder(plain):
            if all(personal.end <= p.start or p.end <= personal.start for p in found):
                found.append(personal)
    return sorted(found, key=lambda p: p.start)


def _masked(text: str, found: list[Personal]) -> str:
    for personal in reversed(found):
        text = text[: personal.start] + personal.shown + text[personal.end :]
    return text


def _tail(digits: str) -> str:
    return "****" + digits[-4:] if len(digits) >= 8 else "****"


def _compact(text: str) -> str:
    return re.sub(r"[ -]", "", text)


def _spans(pattern: re.Pattern[str], kind: str, fits: Callable[[str], bool]) -> _Finder:
    def finder(text: str) -> Iterator[Personal]:
        for match in pattern.finditer(text):
            number = _compact(match[1])
            if fits(number):
                yield Personal(kind, match.start(1), match.end(1), _tail(number))

    return finder


_Finder = Callable[[str], Iterator[Personal]]


def _day(text: str) -> bool:
    try:
        born = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return False
    return 1880 <= born.year <= 2100


def _resident_id(number: str) -> bool:
    """A valid number, or a mistyped one with a plausible place and birthday: it is somebody's too."""
    if len(number) == 18:
        return ric.is_valid(number.upper()) or (number[:2] in _PROVINCES and _day(number[6:14]))
    return number[:2] in _PROVINCES and _day("19" + number[6:12])


def _bank_card(number: str) -> bool:
    issuer = re.match(r"62|60|4|5[1-5]|35|3[47]|9[0-9]", number)
    return issuer is not None and len(set(number)) > 2 and luhn.is_valid(number)


def _mobile(number: str) -> bool:
    return True


def _secret(pattern: re.Pattern[str], kind: str) -> _Finder:
    def finder(text: str) -> Iterator[Personal]:
        for match in pattern.finditer(text):
            if match[1] not in _HOTLINES and set(match[1]) != {"*"}:
                yield Personal(kind, match.start(1), match.end(1), "****")

    return finder


_NAMED = r"(?:身份证|社保卡|社会保障卡|医保卡|银行卡|存折|卡号|账号|帐号|账户号|社保号|社会保障号码?|社保编号|个人编号|护照|通行证|居住证|户口本)"
_FINDERS: tuple[_Finder, ...] = (
    _spans(
        re.compile(r"(?<![\dA-Za-z])(\d(?:[ -]?\d){16}[ -]?[\dXx])(?![\dA-Za-z])"),
        "身份证号",
        _resident_id,
    ),
    _spans(re.compile(r"(?<![\dA-Za-z])(\d{15})(?![\dA-Za-z])"), "身份证号", _resident_id),
    _spans(re.compile(r"(?<!\d)(62\d\d(?: \d{4}){3}(?: \d{1,3})?)(?!\d)"), "银行卡号", _bank_card),
    _spans(re.compile(r"(?<!\d)(\d{15,19})(?!\d)"), "银行卡号", _bank_card),
    _spans(
        re.compile(r"(?<!\d)((?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4})(?!\d)"),
        "手机号",
        _mobile,
    ),
    _spans(
        re.compile(
            _NAMED
            + r"[^\d。；\n]{0,6}?[是为:( ]*((?<![\dA-Za-z])[A-Za-z]{0,3}\d(?:[ -]?\d){7,19}[Xx]?)(?!\d)"
        ),
        "证件或卡号",
        lambda number: not _calendar_number(number),
    ),
    _secret(
        re.compile(r"(?:验证码|校验码|动态码|短信码)[^\d\n。]{0,6}(?<!\d)(\d{4,8})(?!\d)"), "验证码"
    ),
    _secret(re.compile(r"(?<!\d)(\d{4,8})(?!\d)[^\d\n。]{0,4}(?:验证码|校验码|动态码)"), "验证码"),
    _secret(
        re.compile(r"密码[^A-Za-z0-9\n。，]{0,4}([A-Za-z0-9!@#$%^&*._-]{4,32})(?![A-Za-z0-9])"),
        "密码",
    ),
)


def _calendar_number(number: str) -> bool:
    """A day (20231001) or a consultation number (20261123001)."""
    return re.fullmatch(r"20\d{6}(?:\d{3})?", number) is not None and _day(number[:8])
