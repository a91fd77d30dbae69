"""A calculator: a form whose finish is a pure function of typed inputs and dated figures.

Rule 1: every figure is looked up on a `Sheet`, which remembers it, so that a result names what it used.
Rule 2: without a checked figure there is no result (`NoFigure`); a figure that the person gives instead
        of a look-up is said to be given.
Rule 3: figures of medium confidence (a copy, or one source only) are said to be so.
Rule 4: a result is read from above: the figure, at most six lines of working, what was assumed, the
        day, the sources, and that the agency decides.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Generic, TypeVar

from bot.engine import words
from bot.engine.enclosures import Chart, Day
from bot.engine.form import Ask, Finished, Form, Unclear, WhatIf, asks_of
from bot.engine.parameters import NATIONWIDE, Figure, NoFigure, Parameters, plain
from bot.engine.quantities import dated
from bot.engine.regions import Regions
from bot.engine.result import Result as Result
from bot.engine.result import Used as Used
from bot.engine.result import Value as Value
from bot.engine.types import Choice, Reply
from bot.engine.workdays import WorkCalendar

I = TypeVar("I")
PREFIX = "calc_"  # of the form's name
MOST_LINES = 6
MOST_SOURCES = 4
MOST_UNSURE = 3
_PLEASE = r"(?:请|帮我|给我|替我|帮忙|麻烦|我要|我想|想|你好|您好|能不能|可以|能)*"
_RECKON = r"(?:测算|试算|计算|估算|推算|算)(?:一下|一算|算|下)?"
_MINE = r"(?:我|自己|大概|看看?|每个?月|能|可以|要|该|应|领|拿|交|缴|得|有|多少|几个月|的|，|,)*"
_RULES = r"(?:怎么|如何|咋|为什么|为啥|什么意思|是什么|规定|公式|方法|条件|材料|标准|区别|吗$)"


def wish(what: str) -> str:
    """The trigger for “帮我算{what}…”, what is given along allowed; not for a question about the rule."""
    return (
        rf"^{_PLEASE}{_RECKON}{_MINE}(?:{what})(?!.*{_RULES})"
        rf"|^(?:{what})(?:测算|试算|预测|计算器)$"
    )


class BadInput(ValueError):
    """An input of `calculate` that is missing, unknown or out of range; says which, with an example."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What every calculator stands on."""

    parameters: Parameters
    regions: Regions
    calendar: WorkCalendar = field(default_factory=WorkCalendar)


class Sheet:
    """The working sheet of one calculation on `day`."""

    def __init__(self, ground: Ground, day: date) -> None:
        self.ground, self.day = ground, day
        self.used: list[Used] = []
        self.given: list[str] = []

    def figure(self, name: str, region: str = NATIONWIDE, on: date | None = None) -> Decimal:
        """The checked figure on a day (today unless told) in a place. Raises NoFigure."""
        if name not in self.ground.parameters:
            raise NoFigure(name)
        parameter = self.ground.parameters[name]
        found = parameter.on(on or self.day, region, self._wider(name, region))
        self._use(name, found)
        return found.amount

    def instead(self, amount: Decimal | None, title: str, *look: Any, **up: Any) -> Decimal:
        """`amount`, noted as given by the person; without one, the figure that `look` names."""
        if amount is None:
            return self.figure(*look, **up)
        if (said := f"{title} {plain(amount)}") not in self.given:
            self.given.append(said)
        return amount

    def has(self, name: str, region: str) -> bool:
        try:
            Sheet(self.ground, self.day).figure(name, region)
        except NoFigure:
            return False
        return True

    def _wider(self, name: str, region: str) -> tuple[str, ...]:
        """A place with rows of its own never borrows the province's: 菏泽 is not 山东 here."""
        rows = self.ground.parameters[name].figures
        own = region != NATIONWIDE and any(f.region == region for f in rows)
        return () if own else self.ground.regions.around(region)

    def _use(self, name: str, found: Figure) -> None:
        parameter = self.ground.parameters[name]
        used = Used(
            name,
            parameter.title,
            found.since,
            found.region,
            found.amount,
            parameter.unit,
            found.source,
            found.confidence,
        )
        if used not in self.used:
            self.used.append(used)


@dataclass(frozen=True, slots=True)
class Worked:
    """What `compute` comes to: exact values, and the words for a citizen."""

    values: Mapping[str, Value]
    headline: str
    lines: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.lines) > MOST_LINES:
            raise ValueError(f"{len(self.lines)} lines of working, {MOST_LINES} at most")


@dataclass(frozen=True, slots=True)
class Change:
    """What “晚退一年” means: said so, the answers that change, and what else to know."""

    said: str
    answers: Mapping[str, str]
    note: str = ""


# Values worked out with some answers changed: what a picture is made of. Raises NoFigure, Unclear.
Work = Callable[[Mapping[str, str]], Mapping[str, Value]]
Picture = Callable[[Any, Work, Sheet], Chart | None]
# Inputs, values and the day: days for the citizen's calendar; past ones are left out afterwards.
Days = Callable[[Any, Mapping[str, Value], date], tuple[Day, ...]]


@dataclass(frozen=True)
class Calculator(Generic[I]):
    """A named calculator. `name` is stored with results: never reuse one for something else."""

    name: str
    title: str  # as a button: `退休时间`
    inputs: type[I]
    compute: Callable[[I, Sheet], Worked]
    sources: tuple[str, ...]  # official texts, each with its number
    checked: date
    holds: str  # from when to when it holds, in words
    example: str  # `category=male_60 born=1975-06`
    triggers: tuple[str, ...] = ()  # patterns that call for it in a sentence
    order: int = 50  # place in the list of calculators
    opening: str = ""
    changes: Callable[[str, Mapping[str, Any], date], Change | None] | None = None
    main: str = ""  # the value that two results are compared by
    keep: bool = True  # the answers stay as a draft, to change one
    picture: Picture | None = None
    days: Days | None = None

    def result(self, given: I, ground: Ground, day: date) -> Result:
        """Raises NoFigure, or Unclear when inputs contradict each other."""
        sheet = Sheet(ground, day)
        worked = self.compute(given, sheet)
        amount = worked.values.get(self.main)
        return Result(
            worked.values,
            tuple(sheet.used),
            self._text(worked, sheet),
            worked.headline,
            amount if isinstance(amount, Decimal) else None,
            self._days(given, worked, day),
        )

    def _days(self, given: I, worked: Worked, day: date) -> tuple[Day, ...]:
        """Those to come, in their order."""
        found = self.days(given, worked.values, day) if self.days else ()
        return tuple(sorted((d for d in found if d.on > day), key=lambda d: d.day))

    def read(self, given: Mapping[str, str], today: date) -> I:
        """Inputs from words, as `calculate` gets them. Raises BadInput."""
        asks = asks_of(self.inputs)
        if unknown := sorted(set(given) - set(asks)):
            raise BadInput(f"{self.name}：没有输入项 {'、'.join(unknown)}。{self._example()}")
        values: dict[str, Any] = {}
        for name, ask in asks.items():
            values[name] = self._read_one(name, ask, given.get(name), values, today)
        return self.inputs(**values)

    def _read_one(
        self, name: str, ask: Ask[Any], said: str | None, values: Mapping[str, Any], today: date
    ) -> Any:
        if said is None:
            if ask.skip or not ask.wanted(values):
                return None
            if ask.default is None:
                raise BadInput(f"{self.name}：缺少 {name}（{ask.label}）。{self._example()}")
            said = ask.default
        try:
            return ask.accept(dated(said, today) if ask.dated else said, today)
        except Unclear as unclear:
            raise BadInput(f"{self.name}：{name}={said}：{unclear}{self._example()}") from None

    def _example(self) -> str:
        return f"例如：python -m bot calculate {self.name} {self.example}"

    def _text(self, worked: Worked, sheet: Sheet) -> str:
        assumed = list(worked.assumptions)
        if sheet.given:
            assumed.insert(0, f"按您给的数：{'、'.join(sheet.given)}")
        if unsure := list(dict.fromkeys(u.title for u in sheet.used if u.confidence != "high")):
            named = "、".join(unsure[:MOST_UNSURE]) + ("等" if len(unsure) > MOST_UNSURE else "")
            assumed.append(words.SECOND_HAND.format(titles=named))
        local = [u.source for u in sheet.used if u.region != NATIONWIDE]
        wide = [u.source for u in sheet.used if u.region == NATIONWIDE]
        sources = _once([*self.sources, *local, *wide])[:MOST_SOURCES]
        return "\n".join(
            [
                worked.headline,
                *worked.lines,
                *(f"· {line}" for line in assumed),
                words.CALCULATED_ON.format(day=sheet.day),
                words.BASIS.format(basis="；".join(sources)),
                words.ONLY_AN_ESTIMATE,
            ]
        )

    def form(self, ground: Ground) -> Form[I]:
        """This calculator as a conversation."""
        form = Form(
            PREFIX + self.name,
            self.title,
            self.inputs,
            lambda given, was, now: self._finish(given, ground, now),
            triggers=self.triggers,
            opening=self.opening,
            keep=self.keep,
            what_if=self._what_if(ground) if self.changes else None,
            result=lambda answers, day: self.result(form.complete(answers), ground, day),
        )
        if broken := [n for n in form.asks if len(f"/redo {form.name} {n}".encode()) > 64]:
            raise ValueError(f"{self.name}: names too long for a button: {broken}")
        return form

    def _what_if(self, ground: Ground) -> WhatIf:
        def work(
            said: str, answers: Mapping[str, str], now: datetime
        ) -> tuple[dict[str, str], Finished] | None:
            assert self.changes is not None
            form = self.form(ground)
            values = form.values(answers)
            try:
                change = self.changes(said, values, now.date())
            except Unclear as unclear:
                again = Choice(words.CHANGE_ONE, f"/redo {PREFIX}{self.name}")
                return dict(answers), Finished((Reply("refuse", str(unclear), (again,)),))
            if change is None:
                return None
            after = {**answers, **change.answers}
            finished = self._finish(form.complete(after), ground, now)
            if finished.replies[0].kind != "result":
                return dict(answers), finished
            old, new = (
                self.result(form.complete(a), ground, now.date()).values[self.main]
                for a in (answers, after)
            )
            line = _compared(change, old, new)
            first = dataclasses.replace(finished.replies[0], text=line + finished.replies[0].text)
            return after, Finished((first,))

        return work

    def _finish(self, given: I, ground: Ground, now: datetime) -> Finished:
        again = Choice(words.CHANGE_ONE, f"/redo {PREFIX}{self.name}")
        others = Choice(words.OTHER_CALCULATORS, "/calculators")
        check = Choice(words.CHECK_BY_HAND, f"/check {PREFIX}{self.name}")
        try:
            result = self.result(given, ground, now.date())
        except NoFigure:
            reply = Reply("refuse", words.NO_CHECKED_FIGURE, (again, others, check))
            return Finished((reply,))
        except Unclear as unclear:
            return Finished((Reply("refuse", str(unclear), (again, others, check)),))
        noted = f"算：{self.title}，{result.headline}"
        choices = (again, *self._keeping(result), check, others)
        charts = self._charts(given, ground, now.date())
        return Finished((Reply("result", result.text, choices, charts=charts),), noted=noted)

    def _keeping(self, result: Result) -> tuple[Choice, ...]:
        """What can be done with a result whose answers stay."""
        if not self.keep:
            return ()
        name = PREFIX + self.name
        save = Choice(words.SAVE, f"/save {name}")
        if not result.days:
            return (save,)
        remind = Choice(words.REMIND, f"/remind {name}")
        return save, remind, Choice(words.TO_CALENDAR, f"/calendar {name}")

    def _charts(self, given: I, ground: Ground, day: date) -> tuple[Chart, ...]:
        """The picture, if there is one for these inputs."""
        if self.picture is None:
            return ()
        asks = asks_of(self.inputs)

        def work(said: Mapping[str, str]) -> Mapping[str, Value]:
            changed: Any = given
            other = dataclasses.replace(changed, **{n: asks[n].read(w) for n, w in said.items()})
            return self.compute(other, Sheet(ground, day)).values

        try:
            chart = self.picture(given, work, Sheet(ground, day))
        except (NoFigure, Unclear):
            return ()
        if chart is None:
            return ()
        note = chart.note + words.PICTURE_NOTE.format(day=day)
        return (dataclasses.replace(chart, note=note, name=self.name),)


def _compared(change: Change, old: Value, new: Value) -> str:
    """`晚退1年：每月 +96.18元（+3.9%）。`"""
    assert isinstance(old, Decimal)
    assert isinstance(new, Decimal)
    share = f"（{(new - old) / old * 100:+.1f}%）" if old else ""
    return f"{change.said}：{'＋' if new >= old else '－'}{yuan(abs(new - old))}{share}。{change.note}\n"


def _once(sources: list[str]) -> list[str]:
    """Each document once, however many of its articles were used."""
    found: dict[str, str] = {}
    for source in sources:
        found.setdefault(source.partition("》")[0].replace("中华人民共和国", ""), source)
    return list(found.values())


def cents(amount: Decimal) -> Decimal:
    """Rounded half up to two decimals."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def yuan(amount: Decimal) -> str:
    """`2120元`, `98.5元`."""
    return f"{plain(cents(amount))}元"


def percent(share: Decimal) -> str:
    """0.08 → `8%`."""
    return f"{plain((share * 100).normalize() + 0)}%"


def as_json(result: Result) -> dict[str, Any]:
    """The stable form of a result: amounts are strings of decimals."""
    return {
        "values": {k: str(v) if isinstance(v, Decimal) else v for k, v in result.values.items()},
        "figures": [
            {k: v if isinstance(v, str) else str(v) for k, v in dataclasses.asdict(u).items()}
            for u in result.figures
        ],
        "text": result.text,
    }
