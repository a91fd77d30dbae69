"""Simulated citizens play each calculator in every manner; `python -m bench.citizens` plays more."""

from __future__ import annotations

import random

import pytest

from bot.engine.calculator import PREFIX
from tests.citizens import MANNERS, Citizen, goals, play, talk
from tests.test_calculators import CALCULATORS

PLAYS = 2 * len(MANNERS)


@pytest.mark.parametrize("name", CALCULATORS)
def test_a_simulated_citizen_reaches_the_figure(name: str) -> None:
    played = play(name, PLAYS)
    assert played.missed == ()
    assert played.turns_over <= 2


@pytest.mark.parametrize("name", CALCULATORS)
def test_a_person_is_reached_from_every_question(name: str) -> None:
    goal = goals(name)[0]
    citizen = Citizen(goal, "straight", random.Random(1))
    form = citizen.talk.book.forms[PREFIX + name]
    citizen.talk.say(f"/form {form.name}")
    while citizen.talk.state.form is not None:
        other = talk()
        other.state = citizen.talk.state
        assert other.say("转人工").replies[0].kind == "handoff"
        now = form.open_field(citizen.talk.state.form.answers)
        assert now is not None
        citizen.talk.say(citizen.answer(form, now))


def test_a_small_number_is_an_answer_and_not_the_choice_of_that_number() -> None:
    citizen = talk()
    for said in ("/form calc_payout_months", "61"):
        citizen.say(said)
    assert citizen.state.offered[1].label == "取消"
    citizen.say("2")
    assert citizen.state.form is not None
    assert citizen.state.form.answers["age_months"] == "2"
