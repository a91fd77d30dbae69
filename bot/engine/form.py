"""Everything turn by turn is a form (fixed point 4): a dataclass of inputs, a question for each.

    @dataclass(frozen=True)
    class LeaveMessage:
        question: Annotated[str, Ask("请问您想咨询什么？", sentence)]

    Form("leave_message", "提交咨询", inputs=LeaveMessage, finish=file, triggers=("提交咨询",))

A module that defines inputs leaves `from __future__ import annotations` out: a question in quotes
cannot see the names around it.

Answers are kept as the accepted words, so that a newer version of a form can read them again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import (
    Annotated,
    Any,
    Generic,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

from bot.engine.result import Result
from bot.engine.types import Conversation, Effect, Errand, FormProgress, Reply, ReplyKind, Turn

T = TypeVar("T")
I = TypeVar("I")


class Unclear(Exception):
    """An answer that does not read; the message is a Chinese sentence with an example."""


def never(values: Mapping[str, Any]) -> bool:
    """`only_if` of an input that is never asked, but may be given."""
    return False


@dataclass(frozen=True, slots=True)
class Ask(Generic[T]):
    """One question of a form."""

    question: str
    read: Callable[[str], T]  # raises Unclear
    label: str  # as echoed: `参保地`
    options: tuple[str, ...] = ()
    why: str = ""  # answer to 为什么要问
    default: str | None = None  # the words that 不知道 stands for
    skip: bool = False  # may be left out
    only_if: Callable[[Mapping[str, Any]], bool] | None = None  # of the values read so far
    spot: Callable[[str], str | None] | None = None  # finds an answer inside a longer sentence
    dated: bool = False  # 去年, 上个月 are written out before the words are kept
    check: Callable[[T, date], None] | None = None  # on a day; raises Unclear
    show: Callable[[T], str] | None = None  # the value as it was understood, echoed
    aside: Callable[[Mapping[str, Any]], str] | None = None  # said before it is asked
    hint: str = ""  # what `calculate` takes: codes, units
    says: Callable[[Mapping[str, Any]], str] | None = None  # the question, by what is known so far
    offers: Callable[[Mapping[str, Any]], tuple[str, ...]] | None = None  # options, in the same way
    counted: bool = True  # in n/m
    keeps: bool = False  # told although it is not asked, it is kept
    reply: ReplyKind = "question"

    def wanted(self, values: Mapping[str, Any]) -> bool:
        """Whether it is asked, after what has been read so far."""
        return self.only_if is None or self.only_if(values)

    def accept(self, said: str, today: date) -> T:
        """The value of an answer given on a day. Raises Unclear."""
        value = self.read(said)
        if self.check:
            self.check(value, today)
        return value


@dataclass(frozen=True, slots=True)
class Finished:
    """What a finished form comes to."""

    replies: tuple[Reply, ...]
    effects: tuple[Effect, ...] = ()
    staff_waits: bool = False  # the conversation now waits for staff
    noted: str = ""  # a line that staff read in the capsule
    errand: Errand | None = None


# A sentence, the kept answers and now: the answers as it changes them, and what that comes to.
WhatIf = Callable[[str, Mapping[str, str], datetime], tuple[dict[str, str], Finished] | None]


@dataclass(frozen=True)
class Form(Generic[I]):
    """A named form. `name` is stored: never reuse one for something else."""

    name: str
    title: str
    inputs: type[I]
    finish: Callable[[I, Conversation, datetime], Finished]
    triggers: tuple[str, ...] = ()
    version: int = 1
    opening: str = ""
    keep: bool = False  # the answers stay as a draft when it is finished, to change one
    what_if: WhatIf | None = None  # of a finished form that was kept
    # A form with ways of its own; the first argument is the scene, which stands above forms.
    enter: Callable[[Any, str], Turn] | None = None  # begins it, from these words
    hear: Callable[[Any, FormProgress], Turn | None] | None = None  # reads a message first
    # A calculator's, of complete answers, on a day. Raises NoFigure, Unclear.
    result: Callable[[Mapping[str, str], date], Result] | None = None
    asks: Mapping[str, Ask[Any]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "asks", asks_of(self.inputs))

    def values(self, answers: Mapping[str, str]) -> dict[str, Any]:
        """The answers that still read, in the order of the questions; skipped ones are None."""
        values: dict[str, Any] = {}
        for name, ask in self.asks.items():
            kept = ask.keeps or ask.only_if is never
            if name not in answers or not (kept or ask.wanted(values)):
                continue
            try:
                values[name] = ask.read(answers[name]) if answers[name] else None
            except Unclear:
                continue  # written by an older version: it is asked again
        return values

    def open_field(self, answers: Mapping[str, str]) -> str | None:
        """The first question without an answer that reads; None when the form is complete."""
        values = self.values(answers)
        for name, ask in self.asks.items():
            if name not in values and ask.wanted(values):
                return name
        return None

    def answered(self, answers: Mapping[str, str]) -> list[str]:
        return list(self.values(answers))

    def complete(self, answers: Mapping[str, str]) -> I:
        """The inputs of a form without an open question."""
        values = self.values(answers)
        given = {f.name: values.get(f.name) for f in dataclasses.fields(self.inputs)}  # type: ignore[arg-type]  # a dataclass, by contract
        return self.inputs(**given)

    def begin(self) -> FormProgress:
        return FormProgress(self.name, self.version)


def asks_of(inputs: type) -> dict[str, Ask[Any]]:
    """The question of each input, in order."""
    found: dict[str, Ask[Any]] = {}
    for name, hint in get_type_hints(inputs, include_extras=True).items():
        notes = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
        for note in notes:
            if isinstance(note, Ask):
                found[name] = note
    if len(found) != len(dataclasses.fields(inputs)):
        raise TypeError(f"{inputs.__name__}: every input is Annotated with one Ask")
    return found
