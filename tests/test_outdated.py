"""What has to be renewed on a day: July bases, yearly rates, next year's holidays."""

from __future__ import annotations

from datetime import date

import pytest

from bot.engine.workdays import WorkCalendar
from handlers.calculating import load_ground
from handlers.outdated import outdated

GROUND = load_ground()


def lines(day: date) -> list[str]:
    return outdated(GROUND.parameters, WorkCalendar(), day)


@pytest.mark.parametrize(
    ("last_good", "said"),
    [
        (date(2027, 6, 30), "contribution_rates 北京: ended on 2027-06-30"),  # bases of July
        (date(2026, 12, 31), "contribution_rates 长沙: ended on 2026-12-31"),  # of January
        (date(2026, 12, 31), "resident_medical_fund 全国: ended on 2026-12-31"),
        (date(2025, 8, 31), "unemployment_benefit 北京: ended on 2025-08-31"),
        (date(2027, 1, 31), "work_injury.death_grant 全国: the newest is of 2026"),
    ],
)
def test_a_figure_is_out_of_date_from_the_next_day_on(last_good: date, said: str) -> None:
    following = date.fromordinal(last_good.toordinal() + 1)
    assert not any(line.startswith(said) for line in lines(last_good))
    assert any(line.startswith(said) for line in lines(following))


def test_the_interest_of_last_year_is_due_in_september() -> None:
    said = "account_interest.rate 全国: the newest is of 2024, that of 2025 is due"
    assert said not in lines(date(2026, 8, 31))
    assert said in lines(date(2026, 9, 1))


def test_pension_bases_are_due_at_the_end_of_their_year() -> None:
    def late(day: date) -> str:
        return next((x for x in lines(day) if x.startswith("pension_base") and "2026" in x), "")

    assert "湖南" not in late(date(2026, 12, 30))
    assert "湖南" in late(date(2026, 12, 31))
    assert "上海" not in late(date(2026, 12, 31))  # published its own already


def test_the_holidays_of_next_year_are_due_in_december() -> None:
    known = {date(2027, 6, 30): True}
    assert any("holidays of 2027" in line for line in lines(date(2026, 12, 1)))
    assert not any("holidays of 2027" in line for line in lines(date(2026, 11, 30)))
    declared = outdated(GROUND.parameters, WorkCalendar(known), date(2026, 12, 1))
    assert not any("holidays" in line for line in declared)
