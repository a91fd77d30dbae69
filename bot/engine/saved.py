"""A result that a citizen keeps: the inputs in words, the outcome, and the figures it rests on.

The engine writes none of it: it sends the house on an errand (`ResultSaved`, `ResultsSought`,
`ResultDropped`), which comes back with an event. The words are in `keeping`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from bot.engine.case import Case

MOST = 20  # of one person


@dataclass(frozen=True, slots=True)
class FigureUsed:
    """A figure as it was then; name, region and since are its id."""

    name: str
    title: str
    region: str
    since: str  # ISO date
    amount: str  # exact decimal
    unit: str


@dataclass(frozen=True, slots=True)
class ResultDraft:
    """What is kept of a result. `amount` is the one that results are compared by, or empty."""

    form: str
    version: int
    title: str
    answers: dict[str, str] = field(default_factory=dict)
    headline: str = ""
    text: str = ""
    amount: str = ""
    figures: tuple[FigureUsed, ...] = ()
    worked_on: str = ""  # ISO date

    @property
    def money(self) -> Decimal | None:
        return Decimal(self.amount) if self.amount else None


@dataclass(frozen=True, slots=True)
class SavedResult:
    """As it is kept, under its number."""

    number: int
    draft: ResultDraft
    saved_at: datetime


# --- errands ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ResultSaved:
    """Keep it; the same inputs again replace what was kept. Comes back as `ResultKept`."""

    draft: ResultDraft
    why: str  # save | check


@dataclass(frozen=True, slots=True)
class ResultsSought:
    """Look for the person's own, the newest first, or for one by number.

    `why`: list | look | compare. `text` and `case`: staff's words to compare with, and where.
    """

    why: str
    number: int = 0
    text: str = ""
    case: Case | None = None


@dataclass(frozen=True, slots=True)
class ResultDropped:
    """Delete one; 0: all of them. Comes back as `ResultsGone`."""

    number: int = 0


SavedErrand = ResultSaved | ResultsSought | ResultDropped

# --- events ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ResultKept:
    """What became of it. `result` None: they keep so many already."""

    saved: ResultSaved
    result: SavedResult | None = None


@dataclass(frozen=True, slots=True)
class ResultsFound:
    """What was sought; none under a number: it is not theirs, or gone."""

    sought: ResultsSought
    results: tuple[SavedResult, ...] = ()


@dataclass(frozen=True, slots=True)
class ResultsGone:
    dropped: ResultDropped
    count: int


SavedEvent = ResultKept | ResultsFound | ResultsGone
