"""Which texts share signs with a question: inverted lists in flat arrays.

Rule 1: rare signs weigh more (inverse document frequency, counted by entry).
Rule 2: the texts of one entry stand together, its question first.
Rule 3: built once and never changed, so any number of threads may read it.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Sign = TypeVar("Sign", bound=Hashable)
Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


class Postings(Generic[Sign]):
    """For each sign the rows that hold it, with how much it weighs there."""

    def __init__(self, rows: Sequence[Mapping[Sign, float]], rarity: Mapping[Sign, float]) -> None:
        lists: dict[Sign, list[int]] = {}
        weights: dict[Sign, list[float]] = {}
        for number, row in enumerate(rows):
            for sign, weight in row.items():
                lists.setdefault(sign, []).append(number)
                weights.setdefault(sign, []).append(weight * rarity[sign])
        self.rows = len(rows)
        sizes = np.fromiter(map(len, lists.values()), np.int64, len(lists))
        starts = np.concatenate(([0], np.cumsum(sizes)))
        self._span = {sign: (int(starts[i]), int(starts[i + 1])) for i, sign in enumerate(lists)}
        flat = (n for found in lists.values() for n in found)
        self._numbers = np.fromiter(flat, np.int32, int(starts[-1]))
        flat_weights = (w for found in weights.values() for w in found)
        self._weights = np.fromiter(flat_weights, np.float32, int(starts[-1]))

    def mass(self, signs: Mapping[Sign, float], most: int | None = None) -> Floats:
        """For each row, the weight of the signs that it shares with a question."""
        numbers, weights = [], []
        for sign, weight in signs.items():
            span = self._span.get(sign)
            if span is None or (most is not None and span[1] - span[0] > most):
                continue
            numbers.append(self._numbers[span[0] : span[1]])
            weights.append(self._weights[span[0] : span[1]] * np.float32(weight))
        if not numbers:
            return np.zeros(self.rows, np.float32)
        found = np.bincount(np.concatenate(numbers), np.concatenate(weights), self.rows)
        return found.astype(np.float32)


def rarity(rows: Sequence[Mapping[Sign, float]]) -> dict[Sign, float]:
    """Inverse document frequency of every sign (natural logarithm, above 0)."""
    count: dict[Sign, int] = {}
    for row in rows:
        for sign in row:
            count[sign] = count.get(sign, 0) + 1
    total = len(rows)
    return {sign: math.log(1 + (total - n + 0.5) / (n + 0.5)) for sign, n in count.items()}


def totals(rows: Sequence[Mapping[Sign, float]], rare: Mapping[Sign, float]) -> Floats:
    """The whole weight of each row (at least a little, so that it divides)."""
    sums = [sum(w * rare[sign] for sign, w in row.items()) for row in rows]
    return np.maximum(np.array(sums, np.float32), np.float32(1e-3))
