"""How people write numbers, money, durations and months, and what is kindly refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.form import Unclear
from bot.engine.quantities import (
    date_in,
    dated,
    day,
    duration,
    in_part,
    money,
    months_in,
    numeral,
    plus_months,
    rate,
    spelt,
    whole,
    year_month,
)

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("八千五", 8500),
        ("一万二", 12000),
        ("两万五", 25000),
        ("3万5", 35000),
        ("1.2万", 12000),
        ("8千", 8000),
        ("8k", 8000),
        ("12w", 120000),
        ("1,200", 1200),
        ("八千五百块", 8500),
        ("５０００", 5000),
        ("十来万", 100000),
        ("二十多万", 200000),
        ("一万〇五", 10005),
        ("壹万贰仟", 12000),
        ("廿五", 25),
        ("八千五百元整", 8500),
        ("月薪8000元", 8000),
        ("大概10万左右", 100000),
        ("2100.55", Decimal("2100.55")),
    ],
)
def test_a_number_reads_as_people_write_it(said: str, meant: Any) -> None:
    assert numeral(said) == meant


@pytest.mark.parametrize("said", ["几千", "很多", "", "一起办", "第三医院", "8k5w", "."])
def test_what_is_no_number_is_not_taken_for_one(said: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        numeral(said)


@pytest.mark.parametrize(
    ("said", "months"),
    [
        ("三十年零四个月", 364),
        ("12年3个月", 147),
        ("十二年三个月", 147),
        ("25年半", 306),
        ("两年半", 30),
        ("半年", 6),
        ("147个月", 147),
        ("25", 300),
        ("147", 147),
        ("15.5年", 186),
        ("25y4m", 304),
        ("十年零1个月", 121),
    ],
)
def test_a_duration_reads_in_months(said: str, months: int) -> None:
    assert months_in(said) == months


@given(st.integers(1, 720))
def test_a_duration_that_is_spelt_reads_as_itself(months: int) -> None:
    assert months_in(spelt(months)) == months


@pytest.mark.parametrize(
    ("said", "month"),
    [
        ("69年5月", date(1969, 5, 1)),
        ("去年六月", date(2025, 6, 1)),
        ("上个月", date(2026, 10, 1)),
        ("1968-05", date(1968, 5, 1)),
        ("六八年五月", date(1968, 5, 1)),
        ("一九六八年十月", date(1968, 10, 1)),
        ("196805", date(1968, 5, 1)),
        ("1985.3", date(1985, 3, 1)),
        ("1976年元月", date(1976, 1, 1)),
        ("05年3月", date(2005, 3, 1)),
        ("我1969年5月出生", date(1969, 5, 1)),
        ("1965年12月8号", date(1965, 12, 1)),
    ],
)
def test_a_month_reads_as_people_write_it(said: str, month: date) -> None:
    assert year_month()(dated(said, TODAY)) == month


def test_words_that_lean_on_today_are_kept_as_what_they_meant() -> None:
    assert dated("昨天受伤，去年六月入职", TODAY) == "2026年11月22日受伤，2025年六月入职"
    assert dated("去年的事", TODAY) == "去年的事"


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (money(), "没多少"),
        (money(), "0"),
        (money(), "-5"),
        (duration(), "很久"),
        (duration(), "80年"),
        (year_month(), "不记得了"),
        (year_month(), "1968-13"),
        (year_month(), "1868-05"),
        (day(), "2026-11"),
        (day(), "2026-02-30"),
        (rate(), "800%"),
        (rate(), "高"),
        (whole(1, 10, "9", "等级"), "11"),
        (whole(1, 10, "9", "等级"), "9.5"),
    ],
)
def test_what_does_not_fit_is_refused_with_an_example(
    read: Callable[[str], object], said: str
) -> None:
    with pytest.raises(Unclear, match=r"例如|这样填写"):
        read(said)


def test_a_share_reads_in_three_ways() -> None:
    assert rate()("8%") == rate()("百分之八") == rate()("0.08") == Decimal("0.08")


@pytest.mark.parametrize(
    ("since", "months", "then"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 11, 23), 2, date(2027, 1, 23)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last(since: date, months: int, then: date) -> None:
    assert plus_months(since, months) == then


@given(st.text(max_size=30))
def test_no_text_breaks_a_reader(text: str) -> None:
    for read in (money(), duration(), year_month(), day(), rate(), whole(1, 10, "9")):
        try:
            read(dated(text, TODAY))
        except Unclear:
            continue
    date_in(text)


@pytest.mark.parametrize(
    ("said", "amount"),
    [("10到12万", "110000"), ("5千到6千", "5500"), ("8000-9000元", "8500"), ("￥8,000", "8000")],
)
def test_a_span_of_money_is_its_middle(said: str, amount: str) -> None:
    assert money()(said) == Decimal(amount)


def test_nothing_is_nothing_only_where_nothing_is_allowed() -> None:
    assert money("0")("没有") == 0
    with pytest.raises(Unclear):
        money("1")("没有")


@pytest.mark.parametrize("said", ["69.5", "69-05", "1969 5", "1969年 5月", "69/5"])
def test_a_month_in_few_signs(said: str) -> None:
    assert year_month()(said) == date(1969, 5, 1)


@pytest.mark.parametrize(("said", "why"), [("1969年", "还差月份"), ("农历69年5月", "公历")])
def test_what_a_month_lacks_is_told(said: str, why: str) -> None:
    with pytest.raises(Unclear, match=why):
        year_month()(said)


@pytest.mark.parametrize("said", ["8%", "8", "八个点", "百分之八", "0.08"])
def test_a_share_as_people_say_it(said: str) -> None:
    assert rate()(said) == Decimal("0.08")


@pytest.mark.parametrize(
    ("said", "old", "ways"),
    [
        ("75年", date(1969, 5, 1), ("1975-05", "1975-05-01")),
        ("6月", date(1969, 5, 12), ("1969-06", "1969-06-12")),
        ("31日", date(1969, 5, 12), ()),
        ("11月", date(1969, 5, 31), ()),
    ],
)
def test_part_of_a_date_is_put_in_its_place(said: str, old: date, ways: tuple[str, ...]) -> None:
    assert in_part(said, old) == ways
