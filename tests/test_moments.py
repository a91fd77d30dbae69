"""Moments as people say them, around year ends, leap days and midnight."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from bot.clock import CHINA
from bot.engine.moments import clocks_in, moment_in
from bot.engine.preferences import Preferences, topics_in

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=CHINA)  # a Monday

SAID = {
    "明早8点半提醒我": "2026-11-24T08:30",
    "12月3日提醒我缴费": "2026-12-03T09:00",
    "十二月三号下午三点": "2026-12-03T15:00",
    "下周一上午9点": "2026-11-30T09:00",
    "周五提醒我": "2026-11-27T09:00",
    "后天": "2026-11-25T09:00",
    "今晚8点": "2026-11-23T20:00",
    "明晚": "2026-11-24T19:00",
    "8点": "2026-11-24T08:00",
    "20:30": "2026-11-23T20:30",
    "半小时后": "2026-11-23T10:30",
    "三天后": "2026-11-26T09:00",
    "两个月后": "2027-01-23T09:00",
    "1月5日": "2027-01-05T09:00",
    "2027年1月5日上午十点": "2027-01-05T10:00",
    "2月29日": "2028-02-29T09:00",
    "31号": "2026-12-31T09:00",
    "下个月5号": "2026-12-05T09:00",
    "１２月３日　８：３０": "2026-12-03T08:30",
    "晚上十二点半": "2026-11-24T00:30",
    "中午12点": "2026-11-23T12:00",
}
NOTHING = ["提醒我缴费", "2月30日", "2027年2月29日上午9点", "13月1日", "25点", "去年", ""]


@pytest.mark.parametrize(("text", "at"), SAID.items(), ids=SAID.values())
def test_a_moment_is_understood(text: str, at: str) -> None:
    found = moment_in(text, NOW)
    assert found
    assert f"{found.at:%Y-%m-%dT%H:%M}" == at
    assert found.at.tzinfo is CHINA


@pytest.mark.parametrize("text", NOTHING)
def test_what_names_no_moment_gives_none(text: str) -> None:
    assert moment_in(text, NOW) is None


@pytest.mark.parametrize(
    ("text", "clocks"),
    [
        ("晚上9点到早上8点不打扰", [time(21), time(8)]),
        ("22:30-7:00", [time(22, 30), time(7)]),
        ("晚上十点半到早上七点", [time(22, 30), time(7)]),
        ("不打扰", []),
    ],
)
def test_times_of_day_are_read_in_their_order(text: str, clocks: list[time]) -> None:
    assert clocks_in(text) == clocks


@pytest.mark.parametrize(
    ("quiet", "now", "awake"),
    [
        (("21:00", "08:00"), "2026-12-31T20:59", "2026-12-31T20:59"),
        (("21:00", "08:00"), "2026-12-31T21:00", "2027-01-01T08:00"),
        (("21:00", "08:00"), "2027-01-01T07:59", "2027-01-01T08:00"),
        (("21:00", "08:00"), "2027-01-01T08:00", "2027-01-01T08:00"),
        (("21:00", "08:00"), "2028-02-28T22:00", "2028-02-29T08:00"),
        (("12:00", "14:00"), "2026-11-23T13:00", "2026-11-23T14:00"),
        (("00:00", "00:00"), "2026-11-23T03:00", "2026-11-23T03:00"),
    ],
)
def test_quiet_hours_end_when_they_say(quiet: tuple[str, str], now: str, awake: str) -> None:
    preferences = Preferences(quiet_from=quiet[0], quiet_until=quiet[1])
    at = datetime.fromisoformat(now).replace(tzinfo=CHINA)
    assert f"{preferences.awake(at):%Y-%m-%dT%H:%M}" == awake


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("1 2", ("养老", "失业")),
        ("１、３", ("养老", "工伤")),
        ("6", ("养老", "失业", "工伤", "社保卡", "就业补贴", "医保")),
        ("失业保险和退休", ("养老", "失业")),
        ("股票", ()),
    ],
)
def test_topics_are_named_or_counted(text: str, topics: tuple[str, ...]) -> None:
    assert topics_in(text, numbers=True) == topics
