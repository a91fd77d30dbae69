"""Which documents share signs with a question, and how much: lists in flat arrays.

Rule 1: a sign is a number; rare signs weigh more (inverse document frequency, by document).
Rule 2: `Postings` goes from a sign to the documents that hold it, over all of them;
  `Rows` goes from a document to the signs of its texts, for the few that are looked at closely.
Rule 3: built once and never changed, so any number of threads may read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
_T = TypeVar("_T", bound=np.generic)


class Postings:
    """For each sign the documents that hold it, with how much it weighs there."""

    def __init__(
        self,
        signs: Ints,
        documents: Ints,
        weights: Floats,
        told: Floats,
        count: int,
        all_: int,
    ) -> None:
        """Entries in any order; `told`: a second weight of each. `count` signs, `all_` documents."""
        order = np.argsort(signs, kind="stable")
        self.documents = all_
        self._numbers = documents[order].astype(np.intp)
        self._weights = weights[order].astype(np.float64)
        self._told = told[order].astype(np.float64)
        self._start = np.searchsorted(signs[order], np.arange(count + 1)).tolist()

    def of(self, signs: list[int], most: int | None = None) -> Holders:
        """Who holds `signs`; a sign that more than `most` documents hold is passed over."""
        start = self._start
        spans = [(start[sign], start[sign + 1]) for sign in signs]
        if most is not None:
            spans = [(a, b) if b - a <= most else (a, a) for a, b in spans]
        return Holders(
            _joined(self._numbers, spans),
            _joined(self._weights, spans),
            _joined(self._told, spans),
            [b - a for a, b in spans],
            self.documents,
        )


@dataclass(frozen=True, slots=True)
class Holders:
    """The documents that hold the signs of a question, sign by sign, and how much."""

    numbers: NDArray[np.intp]
    weights: NDArray[np.float64]
    told: NDArray[np.float64]
    sizes: list[int]  # holders of each sign
    documents: int  # in all

    def both(self, weights: NDArray[np.float64], tells: Floats) -> tuple[Floats, Floats]:
        """For each document the weight of the signs it shares with a question that weighs them
        so, and the same of the second weights for `tells`."""
        return self._summed(self.weights, weights), self._summed(self.told, tells)

    def _summed(self, held: NDArray[np.float64], asked: NDArray[np.floating]) -> Floats:
        weighed = held * np.repeat(asked, self.sizes)
        return np.bincount(self.numbers, weighed, self.documents).astype(np.float32)

    def table(self, documents: Ints) -> Floats:
        """How much each of `documents` holds of each sign."""
        place = np.full(self.documents, -1, np.intp)
        place[documents] = np.arange(len(documents))
        rows = place[self.numbers]
        here = rows >= 0
        found = np.zeros((len(documents), len(self.sizes)), np.float32)
        signs = np.repeat(np.arange(len(self.sizes)), self.sizes)
        found[rows[here], signs[here]] = self.weights[here]
        return found


def _joined(values: NDArray[_T], spans: list[tuple[int, int]]) -> NDArray[_T]:
    return np.concatenate([values[a:b] for a, b in spans]) if spans else values[:0]


class Rows:
    """For each text its signs of two kinds; the texts of a document stand together."""

    def __init__(
        self,
        kinds: tuple[tuple[Ints, Ints, Floats], tuple[Ints, Ints, Floats]],
        first: Ints,
        all_: int,
    ) -> None:
        """Of each kind: texts, signs, weights. `first` text of each document, `all_` texts."""
        # A text without signs of a kind gets sign 0 without weight, so that every text has a sum.
        every = np.arange(all_, dtype=np.int32)
        nothing = np.zeros(all_, np.int32)
        places = np.concatenate((2 * kinds[0][0], 2 * kinds[1][0] + 1, 2 * every, 2 * every + 1))
        signs = np.concatenate((kinds[0][1], kinds[1][1], nothing, nothing))
        weights = np.concatenate((kinds[0][2], kinds[1][2], nothing, nothing))
        order = np.argsort(places, kind="stable")
        self._signs = signs[order].astype(np.intp)
        self._weights = weights[order].astype(np.float32)
        start = np.searchsorted(places[order], np.arange(2 * all_ + 1))
        self._sizes = np.diff(start)
        bounds = np.append(first, all_)
        self._span = start[2 * bounds].tolist()
        self._texts = (2 * bounds).tolist()

    def shared(self, weight: Floats, documents: list[int]) -> Floats:
        """For each text of `documents`, the weight of shared signs of either kind (two columns)."""
        span, texts = self._span, self._texts
        sizes = np.concatenate([self._sizes[texts[d] : texts[d + 1]] for d in documents])
        found = weight[np.concatenate([self._signs[span[d] : span[d + 1]] for d in documents])]
        found *= np.concatenate([self._weights[span[d] : span[d + 1]] for d in documents])
        sums: Floats = np.add.reduceat(found, np.cumsum(sizes) - sizes).reshape(-1, 2)
        return sums


def rarity(count: NDArray[np.int64], total: int) -> Floats:
    """Inverse document frequency (natural logarithm) of signs by how many hold them; 0 for none."""
    rare: Floats = np.log(1 + (total - count + 0.5) / (count + 0.5)).astype(np.float32)
    rare[count == 0] = 0.0
    return rare
