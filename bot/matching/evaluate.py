"""How good the matching is: pure measures over (query, expected ids, Found) rows.

`expect` is empty for a question that no entry answers. Shares are of all rows, between 0 and 1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .types import Found

CHOICES = 4  # entries that a question back offers


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled question and what the matcher found. `style` groups the table."""

    query: str
    expect: tuple[str, ...]
    found: Found
    style: str = ""
    offered: tuple[str, ...] | None = None  # what the citizen could choose; None: the first four

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(c.id for c in self.found.candidates)

    @property
    def rank(self) -> int | None:
        """Place of the first right candidate, from 1; None if there is none."""
        return next((n for n, i in enumerate(self.ids, 1) if i in self.expect), None)

    @property
    def helped(self) -> bool:
        """Answered rightly, or asked back with a right entry to choose."""
        offered = self.ids[:CHOICES] if self.offered is None else self.offered
        if self.found.band == "answer":
            return self.rank == 1
        return self.found.band == "clarify" and any(i in self.expect for i in offered)

    @property
    def wrong_answer(self) -> bool:
        """An answer was sent, and it is not a right one."""
        return self.found.band == "answer" and self.rank != 1


def recall(rows: Iterable[Row], at: int) -> float:
    """Share of answerable rows with a right entry among the first `at`."""
    return _share(r.rank is not None and r.rank <= at for r in rows if r.expect)


def mrr(rows: Iterable[Row], at: int = 10) -> float:
    """Mean reciprocal rank over answerable rows."""
    ranks = [r.rank for r in rows if r.expect]
    return sum(1 / n for n in ranks if n and n <= at) / max(1, len(ranks))


def auroc(rows: Iterable[Row]) -> float:
    """How well `score` tells answerable from unanswerable (0.5 is chance); 1.0 if only one kind."""
    scored = sorted((r.found.score, bool(r.expect)) for r in rows)
    yes = sum(answerable for _, answerable in scored)
    no = len(scored) - yes
    if not yes or not no:
        return 1.0
    by_score: dict[float, list[bool]] = defaultdict(list)
    for score, answerable in scored:
        by_score[score].append(answerable)
    below = wins = 0.0
    for score in sorted(by_score):
        ups = sum(by_score[score])
        downs = len(by_score[score]) - ups
        wins += ups * (below + downs / 2)
        below += downs
    return wins / (yes * no)


def banded(rows: Sequence[Row], band: str) -> float:
    """Share of rows that ended in `band`."""
    return _share(r.found.band == band for r in rows)


def wrong_answers(rows: Sequence[Row]) -> float:
    """Share of all rows to which a wrong answer was sent."""
    return _share(r.wrong_answer for r in rows)


def refusal_recall(rows: Sequence[Row]) -> float:
    """Share of unanswerable rows that got no answer."""
    return _share(r.found.band != "answer" for r in rows if not r.expect)


def helped(rows: Sequence[Row]) -> float:
    """Share of answerable rows answered rightly, or asked back with a right entry to choose."""
    return _share(r.helped for r in rows if r.expect)


def summary(rows: Sequence[Row]) -> dict[str, float]:
    """All measures by their names in `python -m bot evaluate --json`."""
    return {
        "n": len(rows),
        "r_at_1": recall(rows, 1),
        "r_at_3": recall(rows, 3),
        "mrr_at_10": mrr(rows),
        "answered": banded(rows, "answer"),
        "clarified": banded(rows, "clarify"),
        "refused": banded(rows, "refuse"),
        "wrong_answer_sent": wrong_answers(rows),
        "refusal_recall": refusal_recall(rows),
        "helped": helped(rows),
        "auroc": auroc(rows),
    }


def by_style(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Rows grouped by style, in order of appearance."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.style, []).append(row)
    return groups


def worst(rows: Iterable[Row], most: int) -> list[Row]:
    """Wrong answers first, then right entries that stand low, surest mistakes first."""
    missed = [r for r in rows if r.wrong_answer or (r.expect and r.rank != 1)]
    return sorted(missed, key=lambda r: (not r.wrong_answer, -r.found.score))[:most]


def _share(found: Iterable[bool]) -> float:
    values = list(found)
    return sum(values) / max(1, len(values))
