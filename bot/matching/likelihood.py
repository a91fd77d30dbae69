"""How likely a document is what somebody means who writes like this (naive Bayes).

A sign speaks for a document as much as people who mean it write the sign more often than chance
would have it: Lidstone's smoothing of the counts over all wordings of the document.

Rule 1: every wording counts the same, however long it is.
Rule 2: nothing is learned beforehand, so a new entry needs no training.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .index import Floats, Ints

CONCEPT = 2.0  # what a concept tells beside a character
POWER = 0.2  # of the rarity: counts tell most of it already
SMOOTH = 0.03  # of a wording: how often any sign is taken to have been seen in any document
IN_ANSWER = 0.4  # of a wording: the same for a concept that only the answer names
ANSWERED = np.float32(math.log1p(IN_ANSWER / SMOOTH))  # what that adds to a logarithm


@dataclass(frozen=True, slots=True)
class Written:
    """Signs of wordings, and where each of them is counted."""

    texts: Ints
    signs: Ints
    weights: Floats
    places: Ints  # which of the pairs of sign and document
    documents: Ints  # by pair


class Likelihood:
    """What the wordings of a library tell."""

    def __init__(
        self, parts: tuple[Written, ...], rare: Floats, kinds: int, texts: int, documents: int
    ) -> None:
        """`rare` by sign, of which the first `kinds` are concepts."""
        self._tells = rare ** np.float32(POWER)
        self._tells[:kinds] *= CONCEPT
        told = [part.weights * self._tells[part.signs] for part in parts]
        size = np.zeros(texts)
        for part, weights in zip(parts, told, strict=True):
            size += np.bincount(part.texts, weights.astype(np.float64) ** 2, texts)
        each = 1.0 / np.sqrt(np.maximum(size, 1e-9))
        whole = np.zeros(documents)
        by_pair = []
        for part, weights in zip(parts, told, strict=True):
            seen = np.bincount(part.places, weights * each[part.texts], len(part.documents))
            whole += np.bincount(part.documents, seen, documents)
            by_pair.append(np.log1p(seen / SMOOTH))
        self.by_pair: Floats = np.concatenate(by_pair).astype(np.float32)  # logarithms
        self._whole: Floats = np.log(whole + SMOOTH * len(rare)).astype(np.float32)

    def asked(self, signs: Ints, weights: Floats) -> Floats:
        """What the signs of a question tell (its length is 1)."""
        tells = weights * self._tells[signs]
        return np.asarray(tells / max(1e-6, math.sqrt(float(tells @ tells))), np.float32)

    def of(self, shared: Floats, asked: Floats) -> Floats:
        """Natural logarithms by document; only their differences mean anything.

        `shared`: by document, `by_pair` of the signs that it shares with a question."""
        return np.asarray(shared - asked.sum() * self._whole, np.float32)
