"""A simulated citizen with a hidden goal: a case of a calculator's table, told in one of many manners.

The goal is reached if the figure that the pure function gives stands in the last reply.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from bot.engine.calculator import PREFIX
from bot.engine.form import Form, asks_of, never
from bot.engine.types import Attachment
from tests.small_world import CASE, small_book
from tests.talk import Talk
from tests.test_calculators import CALCULATORS, GROUND, TABLES, worked

MOST_TURNS = 60
ELSEWHERE = "问一下别的"  # a question that the FAQ is sure of
NONSENSE = ("嗯嗯呢", "这个怎么说呢", "？？", "哈哈", "👍", "上辈子")
WRONG = ("下雨了", "-5", "999999999999", "三百岁", "2026年13月", "http://example.com")
PERSONAL = "我的身份证是430102199003077519"
MANNERS = (
    "straight",
    "two at once",
    "corrects",
    "digresses",
    "does not know",
    "is silent",
    "wrong type",
    "pastes",
    "wonders",
    "mumbles",
    "shows",
    "goes back",
    "leaves",
)


def goals(name: str) -> list[dict[str, str]]:
    """Cases that come to a result and give only what is asked in conversation."""
    table = tomllib.loads((TABLES / f"{name}.toml").read_text("utf-8"))["case"]
    asked = {n for n, ask in asks_of(CALCULATORS[name].inputs).items() if ask.only_if is not never}
    examples = [dict(p.split("=", 1) for p in CALCULATORS[name].example.split())]
    found = [c["inputs"] for c in table if "values" in c and "on" not in c]
    return [goal for goal in [*found, *examples] if set(goal) <= asked]


def talk() -> Talk:
    """Somebody who has just come, where every calculator is there."""
    forms = [CASE, *(c.form(GROUND) for c in CALCULATORS.values())]
    book = small_book(sure={ELSEWHERE: "AA01"})
    return Talk(replace(book, forms={f.name: f for f in forms}))


@dataclass
class Citizen:
    """Answers what is asked from `goal`; in three questions of ten, in their own manner."""

    goal: dict[str, str]
    manner: str
    dice: random.Random
    others: Sequence[dict[str, str]] = ()  # goals to take wrong answers from
    talk: Talk = field(default_factory=talk)
    turns: int = 0
    asked: set[str] = field(default_factory=set)
    reply: str = ""

    def plays(self, name: str) -> str:
        """The last reply. Fails if there is no end."""
        form = self.talk.book.forms[PREFIX + name]
        self._say(f"/form {form.name}", counted=False)
        while (field_now := self._open(form)) is not None:
            self.asked.add(field_now)
            for said in self._says(form, field_now):
                self._say(*said)
        return self.reply

    def _say(self, text: str, attachment: Attachment | None = None, counted: bool = True) -> None:
        self.turns += counted
        assert self.turns < MOST_TURNS, f"no way out: {self.manner} {self.goal}"
        turn = self.talk.say(text, attachment)
        assert turn.replies, text
        assert all(len(r.choices) <= 9 for r in turn.replies)
        self.reply = turn.replies[-1].text

    def _open(self, form: Form[Any]) -> str | None:
        progress = self.talk.state.form
        return form.open_field(progress.answers) if progress is not None else None

    def _says(self, form: Form[Any], now: str) -> Iterator[tuple[Any, ...]]:
        if self.dice.random() < 0.3:
            yield from self._before(form, now)
        if (still := self._open(form)) is not None:
            yield (self.answer(form, still),)

    def _before(self, form: Form[Any], now: str) -> Iterator[tuple[Any, ...]]:
        match self.manner:
            case "two at once":
                if (both := self._two(form, now)) is not None:
                    yield (both,)
            case "corrects":
                if (wrong := self._wrong(form, now)) is not None:
                    yield (wrong,)
                    yield (f"不对，是{self.answer(form, now)}",)
            case "digresses":
                yield (ELSEWHERE,)
            case "does not know":
                yield (
                    ("不知道",)
                    if now in self.goal
                    and form.asks[now].default is None
                    and not form.asks[now].skip
                    else ("帮助",)
                )
            case "is silent":
                self.talk.now += timedelta(days=2)
                yield ("",)
            case "wrong type":
                yield (self.dice.choice(WRONG),)
            case "pastes":
                yield (PERSONAL,)
            case "wonders":
                yield ("为什么要问这个",)
            case "mumbles":
                yield (self.dice.choice(NONSENSE),)
            case "shows":
                yield ("", Attachment("sticker"))
            case "goes back":
                yield ("上一步",)
                if (before := self._open(form)) not in (now, None):
                    yield (self.answer(form, before or now),)
            case "leaves":
                yield ("菜单",)
                yield ("继续" if self.talk.state.drafts else f"/form {form.name}",)
            case _:
                return

    def _two(self, form: Form[Any], now: str) -> str | None:
        """This answer and that of the next question, if the goal has both."""
        progress = self.talk.state.form
        assert progress is not None
        first = self.answer(form, now)
        after = form.open_field({**progress.answers, now: first})
        if after is None or now not in self.goal or after not in self.goal or "\n" in first:
            return None
        self.asked.add(after)
        return f"{first}，{self.goal[after]}"

    def _wrong(self, form: Form[Any], now: str) -> str | None:
        """Somebody else's answer to the same question, that reads."""
        ask = form.asks[now]
        if now not in self.goal or "\n" in self.goal[now]:
            return None
        right = ask.read(self.goal[now])
        said = [o[now] for o in self.others if now in o and ask.read(o[now]) != right]
        return self.dice.choice(said) if said else None

    def answer(self, form: Form[Any], now: str) -> str:
        ask = form.asks[now]
        if now in self.goal:
            return self.goal[now]
        return "不知道" if ask.default is not None else "跳过"


@dataclass(frozen=True, slots=True)
class Played:
    """How many plays of one calculator reached the figure, and in how many turns."""

    name: str
    plays: int
    reached: int
    turns: int
    asked: int
    missed: tuple[str, ...]

    @property
    def turns_over(self) -> float:
        """Turns beyond one for each question, a play."""
        return (self.turns - self.asked) / self.plays


def play(name: str, plays: int, seed: object = None) -> Played:
    """`plays` citizens, manners in turn, goals and moments by the dice of a seed."""
    dice = random.Random(f"{name}{seed or ''}")
    choices = goals(name)
    assert choices, f"no case of {name} can be told in conversation"
    reached = turns = asked = 0
    missed: list[str] = []
    for number in range(plays):
        goal, manner = dice.choice(choices), MANNERS[number % len(MANNERS)]
        citizen = Citizen(goal, manner, dice, choices)
        came = citizen.plays(name)
        figure = worked(name, goal)["text"].splitlines()[0]
        reached += figure in came
        if figure not in came:
            missed.append(f"{manner}: {goal}: {came.splitlines()[0]}")
        turns += citizen.turns
        asked += len(citizen.asked)
    return Played(name, plays, reached, turns, asked, tuple(missed))
