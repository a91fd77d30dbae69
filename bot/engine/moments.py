"""Moments as people say them: “明早8点半”, “12月3日”, “下周一下午3点”, “晚上9点到早上8点”.

Rule 1: a day without a time is meant for nine in the morning.
Rule 2: a day and month without a year is the next one to come; a time that is past today is tomorrow's
        only if no day was said.
Rule 3: what names no moment gives None; an impossible one (2月30日) too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.engine.quantities import numeral, plus_months

MORNING = time(9)
LEAP = 9  # years in which 2月29日 comes, also around 2100
_N = r"[\d零〇一二两三四五六七八九十廿卅]+"
_PART = r"凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间|夜里|半夜|午后|早|晚"
_CLOCK = re.compile(
    rf"(?P<part>{_PART})?(?:(?P<hour>\d{{1,2}})[:：](?P<minute>\d{{2}})"
    rf"|(?P<hour2>{_N})(?:点钟?|时)(?:(?P<half>半)|(?P<quarter>[一三])刻|(?P<minute2>{_N})分?)?)"
)
_BARE_PART = re.compile(rf"(?P<part>{_PART})")
_PART_HOURS = {"凌晨": 6, "清晨": 7, "中午": 12, "午后": 14, "下午": 15, "傍晚": 18, "半夜": 0}
_FULL = re.compile(rf"(?:(?P<y>\d{{4}})[年/.-])?(?P<m>{_N})(?:月份?|[/-])(?P<d>{_N})(?:[日号])?")
_DAY_OF_MONTH = re.compile(rf"(?P<which>下个?月|这个?月|本月)?(?P<d>{_N})[日号]")
_AWAY = {"大后天": 3, "后天": 2, "后日": 2, "明天": 1, "明日": 1, "今天": 0, "今日": 0}
_NEAR = re.compile(r"大后天|后天|后日|明天|明日|今天|今日|明(?=早|晚|上午|下午|中午)|今(?=早|晚)")
_WEEKDAY = re.compile(
    r"(?P<next>下下|下)?个?(?:这|本)?(?:周|星期|礼拜)(?P<n>[一二三四五六日天1-7])"
)
_LATER = re.compile(
    rf"(?P<n>{_N}|半)个?(?P<unit>分钟|小时|钟头|天|日|周|星期|礼拜|月|年)(?:之后|以后|后)"
)
_WEEKDAYS = (
    {c: n for n, c in enumerate("一二三四五六日")} | {"天": 6} | {str(n + 1): n for n in range(7)}
)


@dataclass(frozen=True, slots=True)
class Said:
    """A moment and where it stands in the text. `clock`: the time of day was said."""

    at: datetime
    begin: int
    end: int
    clock: bool


def moment_in(text: str, now: datetime) -> Said | None:
    """The first moment in a text, which may lie in the past if it was said so."""
    word = unicodedata.normalize("NFKC", text)
    if later := _LATER.search(word):
        return _later(later, now)
    try:
        day, spans = _day(word, now.date())
    except ValueError:
        return None
    clock = next(iter(_clocks(word)), None)
    if clock is not None:
        spans.append(clock[1])
    elif day is not None and (part := _BARE_PART.search(word)) and part.start() == spans[0][1]:
        clock = (
            time(_PART_HOURS.get(part["part"], 9 if "晚" not in part["part"] else 19)),
            part.span(),
        )
        spans.append(part.span())
    if not spans or (day is None and clock is None):
        return None
    at = datetime.combine(day or now.date(), clock[0] if clock else MORNING, now.tzinfo)
    midnight = clock is not None and at.hour == 0 and "晚" in word[slice(*clock[1])]
    if midnight or (day is None and at <= now):  # 今晚十二点 is where tomorrow begins
        at += timedelta(days=1)
    return Said(at, min(s for s, _ in spans), max(e for _, e in spans), clock is not None)


def clocks_in(text: str) -> list[time]:
    """The times of day in a text, in their order."""
    return [clock for clock, _ in _clocks(unicodedata.normalize("NFKC", text))]


def _clocks(word: str) -> Iterator[tuple[time, tuple[int, int]]]:
    for match in _CLOCK.finditer(word):
        hour = int(match["hour"] or _number(match["hour2"]))
        if match["half"]:
            minute = 30
        elif match["quarter"]:
            minute = {"一": 15, "三": 45}[match["quarter"]]
        else:
            minute = int(match["minute"] or _number(match["minute2"] or "0"))
        part = match["part"] or ""
        if (part in ("下午", "午后", "傍晚") or "晚" in part) and hour < 12:
            hour += 12
        if part == "中午" and hour < 3:
            hour += 12
        if (part in ("半夜", "夜里", "凌晨") or "晚" in part) and hour == 12:
            hour = 0
        if hour == 24 and minute == 0:
            hour = 0
        if 0 <= hour < 24 and 0 <= minute < 60:
            yield time(hour, minute), match.span()


def _day(word: str, today: date) -> tuple[date | None, list[tuple[int, int]]]:
    """The day that a text names and where; None if it names none. Raises ValueError."""
    if near := _NEAR.search(word):
        away = _AWAY.get(near[0], {"明": 1, "今": 0}.get(near[0], 0))
        return today + timedelta(days=away), [near.span()]
    if weekday := _WEEKDAY.search(word):
        return _weekday(weekday, today), [weekday.span()]
    if full := _FULL.search(word):
        return _full(full, today), [full.span()]
    if of_month := _DAY_OF_MONTH.search(word):
        return _of_month(of_month, today), [of_month.span()]
    return None, []


def _weekday(match: re.Match[str], today: date) -> date:
    monday = today - timedelta(days=today.weekday())
    weeks = {"下": 1, "下下": 2}.get(match["next"] or "", 0)
    day = monday + timedelta(weeks=weeks, days=_WEEKDAYS[match["n"]])
    return day + timedelta(weeks=1) if day < today and not weeks else day


def _full(match: re.Match[str], today: date) -> date:
    month, day = _number(match["m"]), _number(match["d"])
    if match["y"]:
        return date(int(match["y"]), month, day)
    for year in range(today.year, today.year + LEAP):
        with suppress(ValueError):
            if (found := date(year, month, day)) >= today:
                return found
    raise ValueError(match[0])


def _of_month(match: re.Match[str], today: date) -> date:
    day = _number(match["d"])
    first = today.replace(day=1)
    if (match["which"] or "").startswith("下") or (not match["which"] and day < today.day):
        first = plus_months(first, 1)
    if not match["which"]:
        first = next((m for n in range(3) if _has(m := plus_months(first, n), day)), first)
    return first.replace(day=day)


def _has(month: date, day: int) -> bool:
    return day <= (plus_months(month, 1) - month).days


def _later(match: re.Match[str], now: datetime) -> Said | None:
    unit = match["unit"]
    if match["n"] == "半":
        minutes = {"小时": 30, "钟头": 30}.get(unit)
        if minutes is None:
            return None
        return Said(now + timedelta(minutes=minutes), *match.span(), clock=True)
    count = _number(match["n"])
    if not 0 < count <= 1_000:
        return None
    if unit in ("分钟", "小时", "钟头"):
        minutes = count if unit == "分钟" else count * 60
        return Said(now + timedelta(minutes=minutes), *match.span(), clock=True)
    if unit in ("月", "年"):
        day = plus_months(now.date(), count * (12 if unit == "年" else 1))
    else:
        day = now.date() + timedelta(days=count * (1 if unit in ("天", "日") else 7))
    clock = next(iter(_clocks(match.string)), None)
    at = datetime.combine(day, clock[0] if clock else MORNING, now.tzinfo)
    ends = [match.span(), *([clock[1]] if clock else [])]
    return Said(at, min(s for s, _ in ends), max(e for _, e in ends), clock is not None)


def _number(word: str) -> int:
    try:
        return int(numeral(word))
    except ValueError:
        return -1
