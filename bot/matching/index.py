"""Which documents share signs with a question, and how much: lists in flat arrays.

Rule 1: a sign is a number; rare signs weigh more (inverse document frequency, by document).
Rule 2: `Postings` goes from a sign to the documents that hold it, over all of them;
  `Rows` goes from a document to the signs of its texts, for the few that are looked at closely.
Rule 3: built once and never changed, so any number of threads may read it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


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

    def mass(
        self,
        signs: list[int],
        weights: Sequence[float] | NDArray[np.float64],
        most: int | None = None,
    ) -> Floats:
        """For each document, the weight of the signs that it shares with a question.

        Signs that more than `most` documents hold are passed over."""
        spans = self._spans(signs, most)
        if not spans:
            return np.zeros(self.documents, np.float32)
        return self._summed(self._weights, self._holders(spans), spans, weights)

    def both(
        self, signs: list[int], weights: NDArray[np.float64], tells: Floats, most: int | None
    ) -> tuple[Floats, Floats]:
        """`mass`, and the same of the second weights for a question of the weights `tells`."""
        spans = self._spans(signs, most)
        if not spans:
            return np.zeros(self.documents, np.float32), np.zeros(self.documents, np.float32)
        numbers = self._holders(spans)
        mass = self._summed(self._weights, numbers, spans, weights)
        return mass, self._summed(self._told, numbers, spans, tells)

    def _spans(self, signs: list[int], most: int | None) -> list[tuple[int, int]]:
        start = self._start
        spans = [(start[sign], start[sign + 1]) for sign in signs]
        if most is None:
            return spans
        return [(a, b) if b - a <= most else (a, a) for a, b in spans]

    def _holders(self, spans: list[tuple[int, int]]) -> NDArray[np.intp]:
        return np.concatenate([self._numbers[a:b] for a, b in spans])

    def _summed(
        self,
        held: NDArray[np.float64],
        numbers: NDArray[np.intp],
        spans: list[tuple[int, int]],
        weights: Sequence[float] | NDArray[np.floating],
    ) -> Floats:
        weighed = np.concatenate([held[a:b] for a, b in spans])
        weighed *= np.repeat(weights, [b - a for a, b in spans])
        return np.bincount(numbers, weighed, self.documents).astype(np.float32)


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
