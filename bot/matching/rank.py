"""The learned part: one weight for each feature, and how sure that makes us.

Rule 1: linear, so that every decision can be read off as a sum.
Rule 2: the weights stand in weights.json with the report of their training (`train.py`).
Rule 3: `sure` is a probability measured on questions that were not trained on.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np

from .features import BASE, NAMES, Measured
from .index import Floats
from .lexicon import ABUSE, CHAT, OUTSIDE
from .reading import Reading

SURE = (
    "bias",
    "share",
    "margin",
    "worth",
    "outside",
    "outside_share",
    "chat",
    "abuse",
    "unknown",
    "field_share",
    "field_concepts",
    "asks_only",
    "long",
    "short",
    *(f"top_{name}" for name in BASE),
)
# Entries of another field are ranked by characters alone, with weights that were set by hand.
ELSEWHERE = {
    "document_covers_question": 5.0,
    "text_cosine": 5.0,
    "ratio": 2.0,
    "text_covers_question": 2.0,
    "likelihood_each": 1.0,
}
ASK = "ask"  # the facet whose concepts say what is asked, not about what


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the ranking and of the two confidences (answerable; first is right)."""

    rank: Floats
    answerable: Floats
    right: Floats
    surplus: Mapping[str, float]  # concept → see surplus.py

    @staticmethod
    def read(table: Mapping[str, Any]) -> Weights:
        """Raises KeyError if the file does not weigh exactly our features."""
        return Weights(
            _vector(table["rank"], NAMES),
            _vector(table["answerable"], SURE),
            _vector(table["right"], SURE),
            table["surplus"],
        )

    def surplus_of(self, names: Sequence[str]) -> Floats:
        """By concept; one that the file does not know weighs nothing."""
        return np.array([self.surplus.get(name, 0.0) for name in names] or [0.0], np.float32)


def _vector(table: Mapping[str, float], names: tuple[str, ...]) -> Floats:
    if set(table) != set(names):
        raise KeyError(f"weights: {sorted(set(table) ^ set(names))}")
    return np.array([table[name] for name in names], np.float32)


def elsewhere() -> Floats:
    """Ranking weights for entries of another field."""
    return np.array([ELSEWHERE.get(name, 0.0) for name in NAMES], np.float32)


def load(name: str = "weights.json") -> Weights:
    """The weights that come with this package."""
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return Weights.read(json.loads(text))


def shares(worth: Floats) -> Floats:
    """Worths as shares of one (softmax)."""
    raised = np.exp(worth - worth.max(initial=-math.inf))
    return np.asarray(raised / raised.sum(), np.float32)


def evidence(
    question: Reading,
    measured: Measured,
    worth: Floats,
    share: Floats,
    order: list[int],
    typed: frozenset[int],
) -> Floats:
    """What the confidence looks at: the first candidate and the question itself."""
    first = order[0]
    second = float(share[order[1]]) if len(order) > 1 else 0.0
    marks = [hit.meaning.mark for hit in question.hits]
    outside = sum(len(hit.words) for hit in question.hits if hit.meaning.mark == OUTSIDE)
    signs = max(1, question.length)
    field = sum(w for c, w in question.concepts.items() if c in typed)
    head = (
        1.0,
        float(share[first]),
        float(share[first]) - second,
        min(3.0, max(-3.0, float(worth[first]) / 5.0)),
        min(3, marks.count(OUTSIDE)) / 3,
        min(1.0, outside / max(1, outside + question.known)),
        min(2, marks.count(CHAT)) / 2,
        min(2, marks.count(ABUSE)) / 2,
        measured.unknown,
        min(1.0, question.known / max(1, len(question.text))),
        min(5.0, field) / 5,
        1.0 if field == 0 else 0.0,
        measured.long,
        1.0 if signs <= 3 else 0.0,
    )
    return np.array((*head, *measured.features[first, : len(BASE)]), np.float32)


def probability(weights: Floats, features: Floats) -> float:
    """Logistic."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, float(weights @ features)))))
