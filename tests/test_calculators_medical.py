"""医保报销 comes to a number only where deductible and ratio of the place were checked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from bot.engine.calculator import BadInput, Ground
from bot.engine.form import Unclear
from bot.engine.parameters import Figure, Parameter, Parameters
from handlers.calculators.medical_reimbursement import calculator
from tests.small_world import small_book
from tests.talk import Talk
from tests.test_calculators import GROUND, TODAY


def ground(confidence: str) -> Ground:
    """Made-up rules of one place, for inpatients of the employees' scheme."""
    figures = {"deductible": "1000", "ratio": "80", "cap": "20000"}
    made = {
        f"medical_reimbursement.employee_inpatient_{name}": Parameter(
            f"medical_reimbursement.employee_inpatient_{name}",
            name,
            "",
            (Figure(date(2026, 1, 1), None, "长沙", Decimal(amount), "试", "", TODAY, confidence),),
        )
        for name, amount in figures.items()
    }
    return Ground(Parameters({**GROUND.parameters.by_name, **made}), GROUND.regions)


GIVEN = {"place": "长沙", "kind": "职工医保住院", "total": "15000"}


def test_a_checked_place_is_looked_up() -> None:
    checked = ground("high")
    medical = calculator(checked)
    result = medical.result(medical.read(GIVEN, TODAY), checked, TODAY)
    assert result.values["fund"] == Decimal("11200.00")  # (15000 − 1000) × 80 %
    capped = medical.result(medical.read({**GIVEN, "total": "50000"}, TODAY), checked, TODAY)
    assert capped.values["fund"] == Decimal("20000.00")


def test_a_second_hand_place_is_not() -> None:
    copied = ground("medium")
    medical = calculator(copied)
    with pytest.raises((Unclear, BadInput)):
        medical.result(medical.read(GIVEN, TODAY), copied, TODAY)


def test_the_day_before_the_rules_there_is_no_number() -> None:
    checked = ground("high")
    medical = calculator(checked)
    day = date(2025, 12, 31)
    with pytest.raises(Unclear, match="12393"):
        medical.result(medical.read(GIVEN, day), checked, day)


def test_without_a_checked_place_one_is_told_what_to_ask() -> None:
    form = calculator(GROUND).form(GROUND)
    citizen = Talk(replace(small_book(), forms={form.name: form}))
    citizen.say("算住院报销")
    assert "没有这里核实过的报销数据" in citizen.heard("长沙")
    reply = citizen.say("不知道").replies[0]
    assert "12393" in reply.text
    assert "起付线多少" in reply.text


def test_who_knows_the_ratio_gets_a_number() -> None:
    form = calculator(GROUND).form(GROUND)
    citizen = Talk(replace(small_book(), forms={form.name: form}))
    for said in ("算住院报销", "长沙", "85%", "800", "1.5万"):
        turn = citizen.say(said)
    assert turn.replies[0].text.startswith("约报销 12070元")
