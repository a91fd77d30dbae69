"""A simulated citizen with a hidden goal plays each calculator: straight, in a hurry, or badly.

The goal is a case of the calculator's table; the result must be the one that the function gives.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from bot.engine.calculator import PREFIX
from bot.engine.form import asks_of, never
from bot.engine.types import Attachment
from tests.talk import Talk
from tests.test_calculators import CALCULATORS, TABLES, worked
from tests.test_calculators_talk import talk

PLAYS = 200
MOST_TURNS = 60
NONSENSE = ("嗯嗯呢", "这个怎么说呢", "？？", "哈哈", "👍", "上辈子")
PERSONAL = "我的身份证是430102199003077519"


def goals(name: str) -> list[dict[str, str]]:
    """Cases that come to a result and give only what is asked in conversation."""
    table = tomllib.loads((TABLES / f"{name}.toml").read_text("utf-8"))["case"]
    asked = {n for n, ask in asks_of(CALCULATORS[name].inputs).items() if ask.only_if is not never}
    examples = [dict(p.split("=", 1) for p in CALCULATORS[name].example.split())]
    found = [c["inputs"] for c in table if "values" in c and "on" not in c]
    return [goal for goal in [*found, *examples] if set(goal) <= asked]


@dataclass
class Citizen:
    """Answers what is asked from `goal`; sometimes says something else first."""

    goal: dict[str, str]
    manner: str
    dice: random.Random
    talk: Talk
    turns: int = 0

    def plays(self, name: str) -> str:
        """The last reply. Fails if there is no end."""
        form = self.talk.book.forms[PREFIX + name]
        turn = self.talk.say(f"/form {form.name}")
        while self.talk.state.form is not None:
            field = form.open_field(self.talk.state.form.answers)
            assert field is not None
            for said in self._says(form, field):
                self.turns += 1
                assert self.turns < MOST_TURNS, "no way out"
                turn = self.talk.say(*said)
                assert turn.replies
                assert all(len(r.choices) <= 9 for r in turn.replies)
        return turn.replies[-1].text

    def _says(self, form: Any, field: str) -> Iterator[tuple[Any, ...]]:
        if self.dice.random() < 0.3:
            yield from self._before(form, field)
        if self.talk.state.form is not None:
            yield (self._answer(form, field),)

    def _before(self, form: Any, field: str) -> Iterator[tuple[Any, ...]]:
        match self.manner:
            case "digresses":
                yield ("问一下别的",)
            case "wonders":
                yield ("为什么要问这个",)
            case "mumbles":
                yield (self.dice.choice(NONSENSE),)
            case "shows":
                yield ("", Attachment("sticker"))
            case "pastes":
                yield (PERSONAL,)
            case "goes back":
                yield ("上一步",)
                progress = self.talk.state.form
                if progress is not None and (now := form.open_field(progress.answers)) != field:
                    yield (self._answer(form, now),)
            case "leaves":
                yield ("菜单",)
                yield ("继续" if self.talk.state.drafts else f"/form {form.name}",)
            case _:
                return

    def _answer(self, form: Any, field: str | None) -> str:
        if self.talk.state.form is not None:
            field = form.open_field(self.talk.state.form.answers) or field
        assert field is not None
        ask = form.asks[field]
        if field in self.goal:
            return self.goal[field]
        return "不知道" if ask.default is not None else "跳过"


MANNERS = (
    "straight",
    "digresses",
    "wonders",
    "mumbles",
    "shows",
    "pastes",
    "goes back",
    "leaves",
)


@pytest.mark.parametrize("name", CALCULATORS)
def test_a_simulated_citizen_reaches_the_figure(name: str) -> None:
    dice = random.Random(name)  # a seed of its own
    choices, straight = goals(name), []
    assert choices
    for _ in range(PLAYS):
        goal = dice.choice(choices)
        manner = dice.choice(MANNERS)
        citizen = Citizen(goal, manner, dice, talk(sure={"问一下别的": "AA01"}))
        came = citizen.plays(name)
        expected = worked(name, goal)["text"].splitlines()[0]
        assert expected in came, (goal, manner)
        if manner == "straight":
            straight.append(citizen.turns)
    assert sum(straight) / len(straight) <= len(asks_of(CALCULATORS[name].inputs))


@pytest.mark.parametrize("name", CALCULATORS)
def test_a_person_is_reached_from_every_question(name: str) -> None:
    goal = goals(name)[0]
    citizen = Citizen(goal, "straight", random.Random(1), talk())
    form = citizen.talk.book.forms[PREFIX + name]
    citizen.talk.say(f"/form {form.name}")
    while citizen.talk.state.form is not None:
        other = talk()
        other.state = citizen.talk.state
        assert other.say("转人工").replies[0].kind == "handoff"
        citizen.talk.say(citizen._answer(form, None))


def test_a_small_number_is_an_answer_and_not_the_choice_of_that_number() -> None:
    citizen = talk()
    for said in ("/form calc_payout_months", "61"):
        citizen.say(said)
    assert citizen.state.offered[1].label == "取消"
    citizen.say("2")
    assert citizen.state.form is not None
    assert citizen.state.form.answers["age_months"] == "2"
