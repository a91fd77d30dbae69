"""对照: the tool's figure beside staff's, the gap explained input by input by working it out again.

Rule 1: only what staff said is used: their amount, and inputs that they name with a value.
Rule 2: figures that changed since the result was kept come first, then one input after the other;
        so the parts add up, and what is left is said to be unexplained.
Rule 3: an amount that cannot be the same thing (several, or far from ours) is not compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from bot.engine import words
from bot.engine.calculator import cents, yuan
from bot.engine.case import Case, CaseMoved
from bot.engine.consulting.shown import rating_choices
from bot.engine.form import Ask, Form, Unclear
from bot.engine.parameters import NoFigure
from bot.engine.playbook import Playbook
from bot.engine.quantities import folded
from bot.engine.renewing import again, signed
from bot.engine.saved import ResultsFound, ResultsSought, SavedResult
from bot.engine.scene import Scene
from bot.engine.types import Choice, Reply, Turn

FARTHEST = 3  # times as much, or as little, is something else
_NAMED = re.compile(r"测算编号\s*(\d{1,12})")
_AMOUNT = re.compile(r"(\d[\d,，]*(?:\.\d+)?)\s*(万)?元")
_MARKED = re.compile(
    r"(?:预计|核定|核算|经核|应为|约为?|每月|月养老金|养老金|合计|共计)[^\d。；;]{0,8}$"
)
_VALUE = (
    r"[^\d零一二两三四五六七八九十百。；;，,]{0,6}(\d[\d.,]*(?:年(?:\d+个?月)?|个?月|万元?|元|%)?)"
)


@dataclass(frozen=True, slots=True)
class Cause:
    """One part of the gap."""

    said: str  # 人工用的平均缴费指数 0.86（您填 0.8）
    effect: Decimal


@dataclass(frozen=True, slots=True)
class Comparison:
    ours: Decimal
    theirs: Decimal
    causes: tuple[Cause, ...]

    @property
    def gap(self) -> Decimal:
        return self.theirs - self.ours

    @property
    def unexplained(self) -> Decimal:
        return self.gap - sum((cause.effect for cause in self.causes), Decimal(0))

    def words(self, number: str) -> str:
        """The table, then the causes."""
        share = f"（{self.gap / self.ours * 100:+.1f}%）" if self.ours else ""
        head = words.COMPARED.format(
            number=number,
            ours=yuan(self.ours),
            theirs=yuan(self.theirs),
            gap=signed(self.gap) + share,
        )
        if not self.gap:
            return f"{head}\n{words.COMPARED_ALIKE}"
        causes = [f"{cause.said} → {signed(cause.effect)}" for cause in self.causes]
        if self.unexplained:
            left = words.COMPARED_LEFT if causes else words.COMPARED_ALL_LEFT
            causes.append(left.format(left=signed(self.unexplained)))
        return f"{head}\n{words.COMPARED_WHY.format(why='；'.join(causes))}"


# --- in a conversation -------------------------------------------------------------------------


def sought(case: Case, text: str) -> ResultsSought | None:
    """What to look for when staff have answered; None if no kept result or no amount is named."""
    named = _NAMED.search(case.text)
    if named is None or not _AMOUNT.search(text):
        return None
    return ResultsSought("compare", int(named[1]), text, case)


def found(scene: Scene, event: ResultsFound) -> Turn:
    """Beside the answer that was just told: silent if there is nothing to compare."""
    case = event.sought.case
    if not event.results or case is None:
        return scene.turn()
    saved = event.results[0]
    compared = compare(scene.book, saved, event.sought.text, scene.today)
    if compared is None:
        return scene.turn()
    ask = (Choice(words.ASK_GAP, f"/gap {case.number} {saved.number}"),) if compared.gap else ()
    reply = Reply("status", compared.words(case.number), (*ask, *rating_choices(case))[:8])
    return scene.turn(reply, case=case.number, following=case.number)


def ask_gap(scene: Scene, given: list[str]) -> Turn | None:
    """`/gap CASE RESULT`: one tap asks staff for the reason, under the same number."""
    if len(given) != 2:
        return None
    said = words.GAP_QUESTION.format(number=given[1])
    pledge = scene.pledge(scene.book.service.follow_up_days)
    moved = CaseMoved(given[0], "follow_up", said, promised_at=pledge.until, warn_at=pledge.warn_at)
    return scene.turn(errand=moved)


# --- the pure part -----------------------------------------------------------------------------


def compare(
    book: Playbook,
    saved: SavedResult,
    text: str,
    day: date,
    inputs: Mapping[str, str] | None = None,
) -> Comparison | None:
    """`inputs`: staff's, if they gave them apart from the text. None: nothing comparable."""
    ours, theirs = saved.draft.money, amount_in(text, saved.draft.money)
    form = book.forms.get(saved.draft.form)
    if ours is None or theirs is None or form is None:
        return None
    changed = (
        dict(inputs) if inputs is not None else inputs_in(form, saved.draft.answers, text, day)
    )
    return Comparison(cents(ours), theirs, tuple(_causes(book, form, saved, changed, day)))


def amount_in(text: str, near: Decimal | None) -> Decimal | None:
    """The one amount that can be compared: the only one, or the only one marked as the outcome."""
    plainly = folded(text).replace(",", "")
    found = [(m, Decimal(m[1]) * (10000 if m[2] else 1)) for m in _AMOUNT.finditer(plainly)]
    if near:
        found = [(m, a) for m, a in found if near / FARTHEST <= a <= near * FARTHEST]
    marked = [a for m, a in found if _MARKED.search(plainly[: m.start()])]
    amounts = set(marked) or {a for _, a in found}
    return cents(amounts.pop()) if len(amounts) == 1 else None


def inputs_in(form: Form[Any], answers: Mapping[str, str], text: str, day: date) -> dict[str, str]:
    """Inputs that the text names with another value than the citizen's."""
    values = form.values(answers)
    told: dict[str, str] = {}
    for name, ask in form.asks.items():
        said = _value_in(ask, text)
        if said is None or isinstance(values.get(name), str):
            continue  # a place that is named may be where to go, not where they are insured
        try:
            value = ask.accept(said, day)
        except Unclear:
            continue
        if value != values.get(name):
            told[name] = said
    return told


def _value_in(ask: Ask[Any], text: str) -> str | None:
    """After its label, or a shorter form of it: 平均缴费指数, 平均指数, 缴费指数."""
    label = ask.label
    names = {label, label[2:], label[:2] + label[-2:]} - {label[2:]} if len(label) > 5 else {label}
    plainly = folded(text).replace(",", "")
    for name in sorted(names | ({label[-4:]} if len(label) > 5 else set()), key=len, reverse=True):
        if match := re.search(re.escape(name) + _VALUE, plainly):
            return match[1].rstrip(".,")
    return None


def _causes(
    book: Playbook, form: Form[Any], saved: SavedResult, told: Mapping[str, str], day: date
) -> Iterator[Cause]:
    before = saved.draft.money
    assert before is not None
    today = again(book, saved, day)
    if today is not None and today.money is not None and today.money != before:
        yield Cause(words.COMPARED_FIGURES, today.money - before)
        before = today.money
    answers = dict(saved.draft.answers)
    for name, said in told.items():
        was = _shown(form.asks[name], answers.get(name, ""))
        answers[name] = said
        after = _amount(form, answers, day)
        if after is None:
            del answers[name]
            if name in saved.draft.answers:
                answers[name] = saved.draft.answers[name]
            continue
        if after != before:
            yield Cause(
                words.COMPARED_INPUT.format(
                    label=form.asks[name].label, theirs=_shown(form.asks[name], said), ours=was
                ),
                after - before,
            )
        before = after


def _amount(form: Form[Any], answers: Mapping[str, str], day: date) -> Decimal | None:
    if form.result is None or form.open_field(answers) is not None:
        return None
    try:
        return form.result(answers, day).amount
    except (NoFigure, Unclear):
        return None


def _shown(ask: Ask[Any], said: str) -> str:
    if not said:
        return words.NOT_GIVEN
    try:
        return ask.show(ask.read(said)) if ask.show else said
    except Unclear:
        return said
