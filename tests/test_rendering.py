"""Pictures and calendar files: what is described is what can be seen, read and taken into a calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from PIL import Image, ImageColor

from bot.engine.enclosures import Agenda, Chart, Day, Series
from bot.engine.types import Reply
from bot.rendering import Undrawable, file_name, render
from bot.rendering.canvas import COLOURS, PALE, WIDE, check, width, wrapped
from bot.rendering.scales import scale
from bot.store import plain
from tests.test_calculators import CALCULATORS, GROUND, TODAY

BARS = Chart(
    "bars",
    "每月约领多少",
    "元/月",
    ("2030年1月", "2030年7月", "2031年1月"),
    (Series("养老金", ("2177", "2228", "2288")),),
    "深色是2030年7月。",
    (1,),
    "pension",
)
LINES = replace(
    BARS,
    kind="lines",
    series=(Series("偏低", ("-500", "0", "900")), Series("偏高", ("1", "2", "30000"))),
)
AGENDA = Agenda(
    "退休时间",
    (
        Day(
            "notice",
            "2029-02-01",
            "最晚书面告知单位",
            "想提前退休，最晚这个月书面告知单位；" * 6,
            30,
        ),
        Day("due", "2029-05-01", "法定退休：2029年5月"),
    ),
    "2026-11-23T10:00:00+08:00",
    "retirement_age",
)


def opened(chart: Chart) -> Image.Image:
    return Image.open(BytesIO(render(chart).data))


# --- pictures ----------------------------------------------------------------------------------


@pytest.mark.parametrize("chart", [BARS, LINES], ids=["bars", "lines"])
def test_a_picture_is_a_png_as_wide_as_a_phone_shows_and_light(chart: Chart) -> None:
    picture = opened(chart)
    assert picture.format == "PNG"
    assert picture.width == WIDE
    assert len(render(chart).data) < 100_000
    assert render(chart).name == file_name(chart) == "pension.png"


def test_a_marked_bar_is_dark_and_the_others_pale_and_longer_together() -> None:
    picture = opened(BARS).convert("RGB")
    counted = {colour: count for count, colour in picture.getcolors() or []}
    dark, pale = (counted.get(ImageColor.getrgb(one), 0) for one in (COLOURS[0], PALE))
    assert 0 < dark < pale < 2.2 * dark


def test_a_picture_is_said_in_words_with_the_same_figures() -> None:
    said = BARS.words()
    assert "2030年1月 2177；2030年7月 2228；2031年1月 2288" in said
    assert "偏高：2030年1月 1；2030年7月 2；2031年1月 30000" in LINES.words()


def test_a_line_of_many_points_is_said_by_its_ends_and_what_is_marked() -> None:
    many = tuple(str(n) for n in range(30))
    chart = replace(BARS, kind="lines", labels=many, series=(Series("余额", many),), marked=(13,))
    assert chart.words().startswith("每月约领多少（元/月）。0 0；7 7；13 13；14 14；22 22；29 29。")


def test_a_date_or_an_amount_is_never_broken_over_two_lines() -> None:
    lines = list(wrapped("按 2026-11-23 的数据，约 12345.67元。" * 3, 40, 300))
    assert all(width(line.rstrip("，。"), 40) <= 300 for line in lines)
    assert sum("2026-11-23" in line for line in lines) == 3
    assert sum("12345.67" in line for line in lines) == 3


def test_what_our_font_cannot_write_is_not_drawn() -> None:
    with pytest.raises(Undrawable):
        render(replace(BARS, title="😀"))


def test_a_series_without_an_amount_for_each_label_is_refused() -> None:
    with pytest.raises(ValueError, match="each label"):
        replace(BARS, series=(Series("养老金", ("1",)),))


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(-(10**7), 10**7), min_size=1, max_size=40))
def test_any_amounts_can_be_drawn(found: list[int]) -> None:
    told = tuple(str(n) for n in found)
    for kind in ("bars", "lines"):
        chart: Any = replace(
            BARS, kind=kind, labels=told, series=(Series("养老金", told),), marked=(0,)
        )
        assert opened(chart).width == WIDE


@given(st.decimals(-(10**8), 10**8, places=2), st.decimals(-(10**8), 10**8, places=2))
def test_a_scale_holds_both_amounts_and_nothing(one: Decimal, other: Decimal) -> None:
    found = scale(min(one, other), max(one, other))
    assert found.lowest <= min(one, other, Decimal(0))
    assert max(one, other, Decimal(0)) <= found.highest
    assert found.lowest < found.highest
    assert 2 <= len(found.steps) <= 9


# --- calendars ---------------------------------------------------------------------------------


def test_a_calendar_file_is_read_by_two_libraries_alike() -> None:
    file = render(AGENDA)
    assert (file.name, file.media) == ("retirement_age.ics", "text/calendar; charset=utf-8")
    events = list(Calendar.from_ical(file.data).walk("VEVENT"))
    others = vobject.readOne(file.data.decode()).vevent_list
    for event, other, day in zip(events, others, AGENDA.days, strict=True):
        assert event.decoded("dtstart") == other.dtstart.value == day.on
        assert event.decoded("dtend") == other.dtend.value == day.on + timedelta(days=1)
        assert str(event["summary"]) == other.summary.value == day.title
        assert str(event.get("description", "")) == day.note
        assert event.decoded("dtstamp") == datetime.fromisoformat(AGENDA.stamp)
        [alarm] = event.walk("VALARM")
        assert alarm.decoded("trigger") == timedelta(days=-day.ahead, hours=9)


def test_a_calendar_file_keeps_to_the_form_that_phones_expect() -> None:
    data = render(AGENDA).data
    lines = data.split(b"\r\n")
    assert lines.pop() == b""
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)
    assert b"METHOD:PUBLISH" in lines
    assert len({line for line in lines if line.startswith(b"UID:")}) == len(AGENDA.days)


def test_a_day_fetched_again_replaces_itself() -> None:
    later = replace(AGENDA, stamp="2027-01-08T10:00:00+08:00")
    uids = [
        [str(event["uid"]) for event in Calendar.from_ical(render(one).data).walk("VEVENT")]
        for one in (AGENDA, later)
    ]
    assert uids[0] == uids[1]


# --- the outbox, and what the calculators have ---------------------------------------------------


def test_a_reply_with_picture_and_calendar_is_plain_json_and_back() -> None:
    reply = Reply("result", "每月约 2228元。", charts=(BARS, LINES), agenda=AGENDA)
    assert plain.loads(Reply, plain.dumps(reply)) == reply
    assert reply.enclosures == (BARS, LINES, AGENDA)


def examples() -> list[Any]:
    return [
        pytest.param(c, id=c.name) for c in CALCULATORS.values() if c.picture is not None or c.days
    ]


@pytest.mark.parametrize("calculator", examples())
def test_the_picture_and_the_days_of_each_calculator_fit_its_own_example(calculator: Any) -> None:
    pairs = dict(pair.split("=", 1) for pair in calculator.example.split())
    inputs = calculator.read(pairs, TODAY)
    if calculator.picture is not None:
        [chart] = calculator._charts(inputs, GROUND, TODAY)
        check(chart.title, chart.note, *chart.labels, *(s.name for s in chart.series))
        assert "2026-11-23" in chart.note
        assert opened(chart).height < 3 * WIDE
    if calculator.days is not None:
        days = calculator.result(inputs, GROUND, TODAY).days
        assert [d.day for d in days] == sorted(d.day for d in days)
        assert all(d.on > TODAY for d in days)


def values(name: str, **given: str) -> tuple[Any, Any]:
    calculator = CALCULATORS[name]
    inputs = calculator.read(given, TODAY)
    return calculator._charts(inputs, GROUND, TODAY), calculator.result(inputs, GROUND, TODAY)


def test_the_pension_picture_shows_the_flexible_window_and_the_result_itself() -> None:
    [chart], result = values(
        "pension",
        category="男",
        born="1969-05",
        place="长沙",
        paid="25年",
        balance="10万",
        index="0.8",
    )
    assert chart.labels[0] == "2029年5月"
    assert chart.labels[-1] == "2033年7月"
    [marked] = chart.marked
    assert chart.labels[marked] == "2030年7月"
    assert chart.series[0].amounts[marked] == str(round(result.amount))
    shown = [int(a) for a in chart.series[0].amounts]
    assert shown == sorted(shown)


def test_the_break_even_picture_crosses_nothing_where_the_result_says() -> None:
    [chart], result = values("flexible_employment", place="长沙", base="5000")
    months = result.values["break_even_age_months"]
    mine = next(s for s in chart.series if s.name.startswith("所选"))
    above = [
        int(label.removesuffix("岁"))
        for label, amount in zip(chart.labels, mine.amounts, strict=True)
        if int(amount) >= 0
    ]
    assert (above[0] - 1) * 12 < months <= above[0] * 12


def test_the_account_picture_ends_with_the_result() -> None:
    [chart], result = values(
        "account_projection", balance="60000", base="6000", category="男", born="1980-05"
    )
    ends = [Decimal(s.amounts[-1]) for s in chart.series]
    assert [s.name for s in chart.series] == ["偏低", "居中", "偏高"]
    for end, name in zip(ends, ("low", "likely", "high"), strict=True):
        assert abs(end - result.values[f"account_{name}"]) <= Decimal("0.5")


def test_an_early_leave_moves_its_notice_date() -> None:
    _, result = values("retirement_age", category="男", born="1975-06", leave="2036-09")
    days = {d.code: d for d in result.days}
    assert days["early_notice"].on == date(2036, 6, 1)
    assert days["earliest"].on == date(2036, 9, 1)
    assert days["statutory"].on == date(2038, 2, 1)


def test_a_wait_that_nobody_knows_is_no_day() -> None:
    assert values("medical_wait", missed_years="2")[1].days[0].on == date(2027, 4, 23)
    assert values("medical_wait", lapse_months="5")[1].days == ()
    assert values("medical_wait", lapse_months="2")[1].days == ()
