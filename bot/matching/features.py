"""What speaks for and against each candidate, as numbers that a person can read.

Rule 1: every feature lies between 0 and 1 (some signs between -1 and 1).
Rule 2: all candidates of one question are measured at once, in arrays.
Rule 3: the names here are the names in the weights file; a new feature needs new weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process

from .index import Floats, Ints
from .library import Library
from .reading import Reading

MOST = 24  # candidates that are looked at closely
FOCUS = 60  # characters of a question that are compared letter by letter
LONG = (20.0, 120.0)  # signs: where a question begins to be long, and where it is
COMMON = 0.2  # share of texts above which a sign is too common to search by, in large libraries
LARGE = 8000  # texts

FACETS = ("scheme", "benefit", "person", "act", "thing", "place", "ask")
BASE = (
    "text_cosine",
    "text_covers_question",
    "question_covers_text",
    "document_covers_question",
    "second_text",
    "third_text",
    "concept_cosine",
    "text_covers_concepts",
    "concepts_cover_text",
    "document_covers_concepts",
    "answer_covers_concepts",
    "ratio",
    "partial_ratio",
    "first_text",
    "first_text_covered",
    "best_text",
    "best_document",
    "best_concepts",
    "length_ratio",
)
NAMES = (
    *BASE,
    *(f"{sign}_{facet}" for sign in ("agree", "conflict", "extra") for facet in FACETS),
    *(f"long_{name}" for name in BASE),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """The candidates of one question and their features (one row each, columns as NAMES)."""

    numbers: Ints  # documents
    texts: Ints  # the text of each that fits best
    features: Floats
    long: float  # 0 short, 1 long


class Measure:
    """Finds candidates in a library and measures them."""

    def __init__(self, library: Library, facet_of: Sequence[str]) -> None:
        self.library = library
        count = library.concepts.shape[1]
        self._facets = np.zeros((count, len(FACETS)), np.float32)
        for concept, facet in enumerate(facet_of):
            self._facets[concept, FACETS.index(facet)] = 1.0
        many = len(library.owner) > LARGE
        self._most = int(len(library.owner) * COMMON) if many else None

    def __call__(self, question: Reading, allowed: Floats | None = None) -> Measured:
        lib = self.library
        asked = lib.rare
        default = float(np.log1p(len(lib.documents)))
        q_mass = max(1e-3, sum(w * asked.get(s, default) for s, w in question.grams.items()))
        known_mass = max(1e-3, sum(w * asked.get(s, 0.0) for s, w in question.grams.items()))
        c_mass = max(
            1e-3, sum(w * lib.rare_concepts.get(c, 0.0) for c, w in question.concepts.items())
        )
        grams = lib.text_grams.mass(question.grams, self._most)
        concepts = lib.text_concepts.mass(question.concepts)
        document = lib.document_grams.mass(question.grams, self._most) / np.float32(known_mass)
        cosine = grams / np.sqrt(lib.text_mass * np.float32(q_mass))
        concept_cosine = concepts / np.sqrt(lib.text_concept_mass * np.float32(c_mass))
        fit = cosine + np.float32(0.8) * concept_cosine
        best = np.maximum.reduceat(fit, lib.first) + np.float32(0.5) * document
        if allowed is not None:
            best = best * allowed
        numbers = _top(best, MOST)
        table = lib.table[numbers]
        there = table >= 0
        fits = np.where(there, fit[table], -1.0)
        which = fits.argmax(axis=1)
        rows = np.arange(len(numbers))
        texts = table[rows, which]
        long = min(1.0, max(0.0, (question.length - LONG[0]) / (LONG[1] - LONG[0])))
        sorted_fits = -np.sort(-fits, axis=1)
        width = sorted_fits.shape[1]
        firsts = lib.first[numbers]
        base = np.zeros((len(numbers), len(BASE)), np.float32)
        base[:, 0] = cosine[texts]
        base[:, 1] = grams[texts] / known_mass
        base[:, 2] = np.minimum(1.0, grams[texts] / lib.text_mass[texts])
        base[:, 3] = document[numbers]
        base[:, 4] = np.maximum(0.0, sorted_fits[:, 1]) if width > 1 else 0.0
        base[:, 5] = np.maximum(0.0, sorted_fits[:, 2]) if width > 2 else 0.0
        base[:, 6] = concept_cosine[texts]
        base[:, 7] = concepts[texts] / c_mass
        base[:, 8] = np.minimum(1.0, concepts[texts] / lib.text_concept_mass[texts])
        focus = question.plain[:FOCUS]
        plains = [lib.plain[t] for t in texts.tolist()]
        base[:, 11] = process.cdist([focus], plains, scorer=fuzz.ratio, dtype=np.float32)[0] / 100
        base[:, 12] = (
            process.cdist([focus], plains, scorer=fuzz.partial_ratio, dtype=np.float32)[0] / 100
        )
        base[:, 13] = fit[firsts]
        base[:, 14] = np.minimum(1.0, concepts[firsts] / lib.text_concept_mass[firsts])
        top = fits[rows, which]
        base[:, 15] = top / max(1e-3, float(top.max(initial=0.0)))
        base[:, 16] = base[:, 3] / max(1e-3, float(base[:, 3].max(initial=0.0)))
        base[:, 17] = base[:, 6] / max(1e-3, float(base[:, 6].max(initial=0.0)))
        lengths = np.array([len(p) for p in plains], np.float32)
        mine = max(1, len(question.plain))
        base[:, 18] = np.minimum(lengths, mine) / np.maximum(np.maximum(lengths, mine), 1)
        facets = self._compare(question, numbers, base)
        features = np.hstack((base, facets, base * np.float32(long)))
        return Measured(numbers, texts, features, long)

    def _compare(self, question: Reading, numbers: Ints, base: Floats) -> Floats:
        """Agreement, conflict and surplus for every facet; fills the concept columns of `base`."""
        lib = self.library
        asked = np.zeros(lib.concepts.shape[1], np.float32)
        for concept, weight in question.concepts.items():
            asked[concept] = weight
        asked_mass = np.minimum(asked, 1.0) * lib.weights
        held_all = lib.concepts[numbers].astype(np.float32)
        held = np.maximum(held_all, 0.0)
        whole = max(1e-3, float(asked_mass.sum()))
        base[:, 9] = held @ asked_mass / whole
        base[:, 10] = np.abs(held_all) @ asked_mass / whole
        per_facet = asked_mass @ self._facets
        shared = (held * asked_mass) @ self._facets
        weighed = held * lib.weights
        mass = weighed @ self._facets
        extra = (weighed * (asked == 0)) @ self._facets
        agree = shared / np.maximum(per_facet, 1e-3)
        has_both = (per_facet > 0) & (mass > 0.5)
        conflict = np.where(has_both, np.maximum(0.0, 1.0 - 2.0 * agree), 0.0)
        return np.hstack((agree, conflict, extra / np.maximum(mass, 1.0))).astype(np.float32)


def _top(scores: Floats, most: int) -> Ints:
    """Numbers of the best scores, best first."""
    every = np.arange(len(scores))
    found = np.argpartition(scores, -most)[-most:] if len(scores) > most else every
    return found[np.argsort(-scores[found], kind="stable")].astype(np.int32)
