"""What holds for all inputs: later birth, later retirement; more paid, more pension; two decimals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine.quantities import plus_months
from handlers.calculators.retirement_age import CATEGORIES
from tests.test_calculators import worked

born = st.integers(0, 70 * 12).map(lambda m: plus_months(date(1950, 1, 1), m))
cents = st.integers(0, 100_000_000).map(lambda n: Decimal(n) / 100)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(list(CATEGORIES)), born, st.integers(0, 60))
def test_a_later_birth_never_retires_earlier(category: str, first: date, later: int) -> None:
    months = [
        worked("retirement_age", {"category": category, "born": f"{b:%Y-%m}"})["values"]
        for b in (first, min(plus_months(first, later), date(2020, 1, 1)))
    ]
    assert months[0]["retirement_month"] <= months[1]["retirement_month"]
    assert months[0]["delay_months"] <= months[1]["delay_months"]


def pension(**changes: Any) -> dict[str, Any]:
    plain = {"payout_months": "139", "place": "湖南", "paid": "25年", "balance": "100000"}
    given = {**plain, "index": "0.8", **{k: str(v) for k, v in changes.items()}}
    values: dict[str, Any] = worked("pension", given)["values"]
    return values


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 719), st.integers(0, 100), cents, cents)
def test_more_contribution_never_gives_less_pension(
    paid: int, more: int, balance: Decimal, extra: Decimal
) -> None:
    less = pension(paid=f"{paid}个月", balance=balance)
    longer = pension(paid=f"{min(720, paid + more)}个月", balance=balance)
    richer = pension(paid=f"{paid}个月", balance=balance + extra)
    assert Decimal(longer["monthly"]) >= Decimal(less["monthly"])
    assert Decimal(richer["monthly"]) >= Decimal(less["monthly"])


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 720), cents, st.sampled_from(["0.3", "0.6", "0.8137", "3"]))
def test_pensions_have_two_decimals(paid: int, balance: Decimal, index: str) -> None:
    values = pension(paid=f"{paid}个月", balance=balance, index=index)
    for key in ("basic_pension", "account_pension", "monthly", "monthly_low", "monthly_high"):
        assert -Decimal(values[key]).as_tuple().exponent <= 2  # type: ignore[operator]  # finite


@pytest.mark.parametrize("kind", ["n", "2n"])
@settings(max_examples=100, deadline=None)
@given(st.integers(1, 599), st.integers(1, 1_000_000))
def test_longer_service_never_pays_less(kind: str, service: int, wage: int) -> None:
    paid = [
        Decimal(
            worked("severance", {"kind": kind, "service": f"{n}个月", "wage": str(wage)})["values"][
                "amount"
            ]
        )
        for n in (service, service + 1)
    ]
    assert paid[0] <= paid[1]
