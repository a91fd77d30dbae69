"""A kept result worked out again on another day: what changed, by how much, and which figures did it.

Rule: it has changed only if a figure has, so that the mere passing of days is never told as news.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.engine import words
from bot.engine.calculator import Result, Used, yuan
from bot.engine.form import Form, Unclear
from bot.engine.parameters import NoFigure, plain
from bot.engine.playbook import Playbook
from bot.engine.saved import FigureUsed, ResultDraft, SavedResult

MOST_FIGURES = 3  # that are named


@dataclass(frozen=True, slots=True)
class FigureChange:
    """One figure, before and after; `was` None: it was not used then."""

    was: FigureUsed | None
    now: FigureUsed

    def said(self) -> str:
        after = f"{plain(Decimal(self.now.amount))}{self.now.unit}"
        if self.was is None:
            return f"{self.now.title} {after}"
        return f"{self.now.title} {plain(Decimal(self.was.amount))}→{after}"


@dataclass(frozen=True, slots=True)
class Renewal:
    """A kept result whose figures changed, and what it comes to now."""

    saved: SavedResult
    draft: ResultDraft
    figures: tuple[FigureChange, ...]

    @property
    def gap(self) -> Decimal | None:
        was, now = self.saved.draft.money, self.draft.money
        return None if was is None or now is None else now - was

    def words(self) -> str:
        """`您的测算已按新参数更新：2992元→3040元（＋48元）。`"""
        was, now = self.saved.draft.money, self.draft.money
        if was is None or now is None:
            change = words.RESULT_WAS_NOW.format(
                was=self.saved.draft.headline, now=self.draft.headline
            )
        else:
            change = f"{yuan(was)}→{yuan(now)}（{signed(now - was)}）"
        why = "；".join(change.said() for change in self.figures[:MOST_FIGURES])
        said = words.RESULT_RENEWED.format(title=self.draft.title, change=change)
        return said + (words.RESULT_WHY.format(why=why) if why else "")


def drafted(form: Form[object], answers: dict[str, str], day: date) -> ResultDraft | None:
    """The result of complete answers, to be kept; None if they give none on that day."""
    if form.result is None or form.open_field(answers) is not None:
        return None
    try:
        result = form.result(answers, day)
    except (NoFigure, Unclear):
        return None
    return ResultDraft(
        form.name,
        form.version,
        form.title,
        dict(answers),
        result.headline,
        result.text,
        "" if result.amount is None else str(result.amount),
        figures_of(result),
        day.isoformat(),
    )


def figures_of(result: Result) -> tuple[FigureUsed, ...]:
    return tuple(_used(one) for one in sorted(result.figures, key=_id))


def _id(one: Used) -> tuple[str, str, date]:
    return one.name, one.region, one.since


def _used(one: Used) -> FigureUsed:
    return FigureUsed(
        one.name, one.title, one.region, one.since.isoformat(), str(one.amount), one.unit
    )


def again(book: Playbook, saved: SavedResult, day: date) -> ResultDraft | None:
    """The same inputs on that day; None if the form is gone or asks for more by now."""
    form = book.forms.get(saved.draft.form)
    return drafted(form, saved.draft.answers, day) if form else None


def renewal(book: Playbook, saved: SavedResult, day: date) -> Renewal | None:
    """None if it comes to the same, or rests on the same figures."""
    draft = again(book, saved, day)
    if draft is None or set(draft.figures) == set(saved.draft.figures):
        return None
    same = (
        draft.amount == saved.draft.amount
        if draft.amount
        else draft.headline == saved.draft.headline
    )
    if same:
        return None
    return Renewal(saved, draft, tuple(_changes(saved.draft.figures, draft.figures)))


def _changes(
    before: tuple[FigureUsed, ...], after: tuple[FigureUsed, ...]
) -> Iterable[FigureChange]:
    """Figures whose amount is another one; those with the same amount changed nothing."""
    was = {(one.name, one.region): one for one in before}
    for one in after:
        old = was.get((one.name, one.region))
        if old is None or Decimal(old.amount) != Decimal(one.amount):
            yield FigureChange(old, one)


def signed(amount: Decimal) -> str:
    """`＋48元`, `－3.5元`."""
    return f"{'＋' if amount >= 0 else '－'}{yuan(abs(amount))}"
