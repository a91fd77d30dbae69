"""Times as people tell them (去年6月, 半年前, 23年), made absolute; a future one is refused with a reason."""

from __future__ import annotations

import re
from datetime import date, timedelta

from bot.engine.form import Unclear
from bot.engine.quantities import date_in, dated, numeral, plus_months
from bot.engine.text import plain

_YEAR = re.compile(
    r"(?<![\d.零〇一二三四五六七八九十])"
    r"((?:19|20)\d{2}|(?<![了满过够共约差有来近交缴])(?:\d{2}|[零〇一二三四五六七八九]{2}))"
    r"年(?![前间内多半零]|\d+个月)"
)
_CHINESE = str.maketrans("零〇一二三四五六七八九", "00123456789")
_MONTH = re.compile(r"(?<![\d年])(\d{1,2}|[一二三四五六七八九十]{1,2})月")
_DAY = re.compile(r"(?<![\d年])(\d{1,2})月(\d{1,2})[日号]")
_AGO = re.compile(r"(半|[\d一二两三四五六七八九十]+)(个半|个)?(年|月|周|星期|天)(多|左右)?(以)?前")
_WEEK = re.compile(r"(上上|上|这|本)(个)?(周|星期|礼拜)|前几天|前些天|前两天")
_RECENT = re.compile(r"^(最近|刚刚?|这几天|刚才|今天|现在)$")
_YEARS_BACK = {"大前年": 3, "前年": 2, "去年": 1, "今年": 0}
EXAMPLE = "“2023年6月”或“去年六月”"


def moment(text: str, today: date) -> str | None:
    """The time in a sentence, as `2025年6月`, `2025年6月3日` or `2025年`; None if there is none.

    Raises Unclear for one that has not come yet.
    """
    said = _ago(dated(text, today), today)
    found = date_in(said)
    if found is not None and found[0].year >= 1950:
        day, exact = found
        _past(day, today, spelt(day, exact))
        return spelt(day, exact)
    if year := _year(said):
        _past(date(year, 1, 1), today, f"{year}年")
        return f"{year}年"
    if named := _DAY.search(said):
        return _day_of_year(int(named[1]), int(named[2]), today)
    if month := _MONTH.search(said):
        return _month_of_year(month[1], today)
    for word, back in _YEARS_BACK.items():
        if word in said:
            return f"{today.year - back}年"
    if week := _WEEK.search(text):
        days = {"上上": 14, "上": 7, None: 3}.get(week[1], 0)
        day = today - timedelta(days=days)
        return f"{day.year}年{day.month}月（{week[0]}）"
    if _RECENT.match(plain(text)):
        return f"{today.year}年{today.month}月"
    return None


def spelt(day: date, exact: bool) -> str:
    return f"{day.year}年{day.month}月" + (f"{day.day}日" if exact else "")


def changed(old: str, said: str, today: date) -> str | None:
    """“23年” or “7月” put into an earlier time; else the new time itself. Raises Unclear."""
    if date_in(dated(said, today)):
        return moment(said, today)
    year, month = _year(said), _MONTH.search(said)
    if year and not month and (kept := re.search(r"年(\d{1,2}月(?:\d{1,2}日)?)", old)):
        return moment(f"{year}年{kept[1]}", today)
    if month and not year and (kept := re.match(r"(\d{4})年", old)):
        return moment(f"{kept[1]}年{month[0]}", today)
    return moment(said, today)


def _past(day: date, today: date, shown: str) -> None:
    if day > today:
        raise Unclear(
            f"{shown}还没有到（今天是{today.year}年{today.month}月{today.day}日），"
            f"请说已经发生的时间，例如{EXAMPLE}。"
        )


def _year(text: str) -> int | None:
    match = _YEAR.search(text)
    if match is None:
        return None
    year = int(match[1].translate(_CHINESE))
    return year if year > 99 else year + (1900 if year >= 50 else 2000)


def _day_of_year(month: int, day: int, today: date) -> str | None:
    """A day without its year is the last one of that name."""
    for year in (today.year, today.year - 1):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found <= today:
            return spelt(found, exact=True)
    return None


def _month_of_year(word: str, today: date) -> str | None:
    """A month alone is the last one of that name."""
    try:
        month = int(numeral(word))
    except ValueError:
        return None
    if not 1 <= month <= 12:
        return None
    return f"{today.year - (month > today.month)}年{month}月"


def _ago(text: str, today: date) -> str:
    match = _AGO.search(text)
    if match is None:
        return text
    if match[1] == "半":
        months = 6 if match[3] == "年" else 0
    else:
        try:
            count = int(numeral(match[1]))
        except ValueError:
            return text
        months = count * {"年": 12, "月": 1}.get(match[3], 0)
    day = plus_months(today.replace(day=1), -months)
    return text.replace(match[0], f"{day.year}年{day.month}月")
