"""Simulated citizens over the consultation form: each reaches a number, whatever their manner."""

from __future__ import annotations

import random
from functools import cache

import pytest

from bot.engine.case import CaseFiled
from bot.engine.playbook import Playbook
from handlers.contents import playbook
from tests.consulting_citizens import MANNERS, MATTERS, PERSONAL, Citizen, Matter, played, report
from tests.talk import Talk

COUNT = 160  # each of 16 manners ten times; `python -m bench.consulting 1000` plays more


@cache
def book() -> Playbook:
    return playbook()


@cache
def citizens() -> tuple[Citizen, ...]:
    return tuple(played(book(), COUNT))


def test_every_citizen_reaches_a_number() -> None:
    told = report(citizens())
    assert told["dead_ends"] == {}
    assert told["completion"] == 1.0


def test_a_straight_citizen_is_asked_four_things_at_most() -> None:
    """提交咨询, the question, perhaps 还是要提交, the kind, four of the coach, the summary."""
    assert all(c.turns <= 9 for c in citizens() if c.manner == "straight")


def test_no_personal_number_reaches_the_draft() -> None:
    digits = PERSONAL[-18:]
    filed = [c.filed for c in citizens() if c.manner == "pastes an ID"]
    assert filed
    assert all(isinstance(f, CaseFiled) and digits not in str(f.draft) for f in filed)


def test_what_was_told_is_in_the_draft() -> None:
    for citizen in citizens():
        if citizen.manner != "straight" or citizen.filed is None:
            continue
        draft = citizen.filed.draft
        assert draft.original.startswith(citizen.matter.story)
        assert draft.text != draft.original
        assert draft.title


@pytest.mark.parametrize("matter", MATTERS, ids=lambda m: m.story)
def test_a_person_is_reached_and_the_question_can_be_sent_from_every_question(
    matter: Matter,
) -> None:
    citizen = Citizen(matter, "straight", random.Random(1), Talk(book()))
    citizen.talk.say("提交咨询")
    while citizen.filed is None:
        for words, done in (("转人工", False), ("直接提交", True)):
            other = Talk(book(), state=citizen.talk.state)
            if citizen.open_field() == "question" and done:
                continue
            turn = other.say(words)
            assert turn.replies or isinstance(turn.errand, CaseFiled)
            assert isinstance(turn.errand, CaseFiled) == done, (citizen.open_field(), words)
        for said in citizen.next_words():
            citizen.says(*said)


def test_there_are_sixteen_manners() -> None:
    assert len(MANNERS) == 16
