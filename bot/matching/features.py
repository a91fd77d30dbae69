"""What speaks for and against each candidate, as numbers that a person can read.

Rule 1: every feature lies between 0 and 1 (some between -1 and 1, the likelihoods between -2 and 0).
Rule 2: all candidates of one question are measured at once, in arrays.
Rule 3: the names here are the names in the weights file; a new feature needs new weights.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz

from .index import Floats, Holders, Ints
from .library import Library
from .likelihood import ANSWERED
from .reading import Reading

MOST = 24  # candidates that are looked at closely
TEXTS = 250  # of theirs
FOCUS = 60  # characters of a question that are compared letter by letter
LONG = (20.0, 120.0)  # signs: where a question begins to be long, and where it is
LIKELIER = 5.0  # a logarithm of likelihood counts a fifth when candidates are found
NEAR = 0.8  # what concepts count beside characters when candidates are found
COMMON = 0.03  # share of documents above which a sign is too common to find by, in large libraries
LARGE = 8000  # documents
_FIT = np.array((1.0, 0.8), np.float32)  # the same when texts of a candidate are compared

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
    "first_text",
    "first_text_covered",
    "best_text",
    "best_document",
    "best_concepts",
    "length_ratio",
    "clause",
    "best_clause",
    "surplus",
    "likelihood",
    "likelihood_each",
)
NAMES = (
    *BASE,
    *(f"{sign}_{facet}" for sign in ("agree", "conflict", "extra") for facet in FACETS),
    *(f"long_{name}" for name in BASE),
)

CLAUSE = BASE.index("clause")
LIKELY = BASE.index("likelihood")


@dataclass(frozen=True, slots=True)
class Measured:
    """The candidates of one question and their features (one row each, columns as NAMES)."""

    numbers: Ints  # documents
    texts: Ints  # the text of each that fits best
    features: Floats
    long: float  # 0 short, 1 long
    unknown: float  # share of the question's grams that no document has


@dataclass(frozen=True, slots=True)
class Weighed:
    """A question as the library weighs it."""

    signs: Floats  # weight by sign, rarity included
    concepts: Ints  # those it holds
    weights: Floats  # of these, rarity not included
    known_mass: Floats  # of grams that the library knows; of concepts
    mass: Floats  # of all grams; of concepts
    concept_mass: float
    unknown: float  # share of the grams that no document has
    asked: list[int]  # all signs
    holders: Holders  # of these


class Measure:
    """Finds candidates in a library and measures them."""

    def __init__(self, library: Library, facet_of: Sequence[str], surplus: Floats) -> None:
        self.library = library
        self._surplus = surplus
        self._facets = np.zeros((library.kinds, len(FACETS)), np.float32)
        for concept, facet in enumerate(facet_of):
            self._facets[concept, FACETS.index(facet)] = 1.0
        self._default = math.log1p(len(library.documents))  # rarity of a sign that nobody holds
        many = len(library.documents) > LARGE
        self._most = int(len(library.documents) * COMMON) if many else None
        weighed = library.rare[: library.kinds, None] * self._facets
        weighed = np.concatenate((weighed, surplus[:, None]), axis=1)
        # How much each document holds of each facet (in parts: float32 takes twice the memory).
        parts = np.array_split(library.concepts, 1 + len(library.documents) // 4096)
        held = np.vstack([np.maximum(part, 0).astype(np.float32) @ weighed for part in parts])
        self._held, self._extra = held[:, :-1], held[:, -1]

    def __call__(self, question: Reading, allowed: Floats | None = None) -> Measured:
        lib = self.library
        signs, weights, unknown = lib.asked(question)
        about = len(question.concepts)
        asked = np.array(signs, np.int32)
        plain = np.array(weights, np.float32)
        weighed = plain * lib.rare[asked]
        concept_mass = max(1e-3, float(weighed[:about].sum()))
        known_mass = max(1e-3, float(weighed[about:].sum()))
        # Characters and concepts in one sum, each as a share of what was asked.
        plain_shares = plain.astype(np.float64)
        plain_shares[:about] *= NEAR / concept_mass
        plain_shares[about:] /= known_mass
        tells = lib.likelihood.asked(asked, plain)
        holders = lib.postings.of(signs, self._most)
        best, told = holders.both(plain_shares, tells)
        told = lib.likelihood.of(told, tells)
        numbers = self._candidates(best + told / LIKELIER, allowed)
        by_sign = np.zeros(len(lib.rare), np.float32)
        by_sign[asked] = weighed
        known = np.array((known_mass, concept_mass), np.float32)
        mass = np.array((known_mass + unknown * self._default, concept_mass), np.float32)
        unknown /= sum(question.grams.values()) or 1.0
        seen = Weighed(
            by_sign,
            asked[:about],
            plain[:about],
            known,
            mass,
            concept_mass,
            unknown,
            signs,
            holders,
        )
        answered = lib.concepts[numbers[:, None], asked[:about]] < 0
        told = told[numbers] + (answered * tells[:about]).sum(axis=1) * ANSWERED
        likely = _likely(told, float(tells.sum()))
        return self._closely(question, seen, numbers, best[numbers], likely)

    def _candidates(self, near: Floats, allowed: Floats | None) -> Ints:
        """The nearest, best first; fewer where each has many texts."""
        if allowed is not None:
            near = np.where(allowed > 0, near, -np.inf)
        numbers = _top(near, MOST)
        if allowed is not None:
            numbers = numbers[allowed[numbers] > 0]
        return numbers[: max(1, int(np.searchsorted(self.library.sizes[numbers].cumsum(), TEXTS)))]

    def _clause(self, question: Reading, asked: Weighed, numbers: Ints) -> Floats:
        """How well the clause that fits a candidate best fits it (0 to about 1)."""
        lib = self.library
        place = {sign: n for n, sign in enumerate(asked.asked)}
        said = np.zeros((len(place), len(question.clauses)), np.float32)
        masses = np.zeros(len(question.clauses), np.float32)
        for n, clause in enumerate(question.clauses):
            signs, weights, _ = lib.asked(clause)
            said[[place[sign] for sign in signs], n] = weights
            masses[n] = np.dot(lib.rare[signs], weights)
        fit = _evidence(asked.holders.table(numbers) @ said, masses)
        return np.asarray(fit.max(axis=1), np.float32)

    def _closely(
        self, question: Reading, asked: Weighed, numbers: Ints, near: Floats, likely: Floats
    ) -> Measured:
        """The features of the candidates `numbers`, found by `near`."""
        lib = self.library
        chosen = numbers.tolist()
        sizes = lib.sizes[numbers]
        begin = np.cumsum(sizes) - sizes  # where the texts of a candidate begin among all of theirs
        rows = np.repeat(np.arange(len(chosen)), sizes)
        within = np.arange(len(rows)) - begin[rows]
        texts = lib.first[numbers][rows] + within
        shared = lib.rows.shared(asked.signs, chosen)
        cosines = shared / np.sqrt(lib.text_mass[texts] * asked.mass)
        fit = cosines @ _FIT
        table = np.full((len(chosen), max(3, int(sizes.max(initial=0)))), -1.0, np.float32)
        table[rows, within] = fit
        best = begin + table.argmax(axis=1)
        table.sort(axis=1)
        fits = texts[best]
        base = np.zeros((len(chosen), len(BASE)), np.float32)
        common = shared[best]
        base[:, 0:7:6] = cosines[best]
        base[:, 1:8:6] = common / asked.known_mass
        base[:, 2:9:6] = np.minimum(1.0, common / lib.text_mass[fits])
        base[:, 4] = np.maximum(0.0, table[:, -2])
        base[:, 5] = np.maximum(0.0, table[:, -3])
        focus = question.plain[:FOCUS]
        plains = [lib.plain[t] for t in fits.tolist()]
        base[:, 11] = [fuzz.ratio(focus, plain) / 100 for plain in plains]
        base[:, 12] = fit[begin]
        base[:, 13] = np.minimum(1.0, shared[begin, 1] / lib.text_mass[texts[begin], 1])
        base[:, 14] = table[:, -1]
        lengths = lib.plain_length[fits]
        mine = max(1, len(question.plain))
        base[:, 17] = np.minimum(lengths, mine) / np.maximum(lengths, mine)
        base[:, LIKELY : LIKELY + 2] = likely
        facets = self._compare(asked, numbers, near, base)
        if question.clauses:
            base[:, CLAUSE] = self._clause(question, asked, numbers)
        base[:, CLAUSE + 1] = base[:, CLAUSE] / max(1e-3, float(base[:, CLAUSE].max(initial=0.0)))
        base[:, 15] = base[:, 3]
        base[:, 16] = base[:, 6]
        base[:, 14:17] /= np.maximum(1e-3, base[:, 14:17].max(axis=0, initial=0.0))
        long = min(1.0, max(0.0, (question.length - LONG[0]) / (LONG[1] - LONG[0])))
        features = np.concatenate((base, facets, base * np.float32(long)), axis=1)
        return Measured(numbers, fits, features, long, asked.unknown)

    def _compare(self, question: Weighed, numbers: Ints, near: Floats, base: Floats) -> Floats:
        """Agreement, conflict and surplus for every facet; fills what `base` has by document."""
        lib = self.library
        asked = question.concepts
        rare = lib.rare[asked]
        asked_mass = np.minimum(question.weights, 1.0) * rare
        held_all = lib.concepts[numbers[:, None], asked].astype(np.float32)
        held = np.maximum(held_all, 0.0)
        by_concepts = held @ (question.weights * rare)
        by_grams = np.maximum(0.0, near - by_concepts * (NEAR / question.concept_mass))
        base[:, 3] = by_grams
        mass = question.known_mass
        base[:, CLAUSE] = _evidence(by_grams * mass[0] + by_concepts, float(mass.sum()))
        whole = max(1e-3, float(asked_mass.sum()))
        base[:, 9] = held @ asked_mass / whole
        base[:, 10] = np.abs(held_all) @ asked_mass / whole
        facets = self._facets[asked]
        per_facet = asked_mass @ facets
        shared = (held * asked_mass) @ facets
        mass = self._held[numbers]
        extra = mass - (held * rare) @ facets
        agree = shared / np.maximum(per_facet, 1e-3)
        base[:, CLAUSE + 2] = self._extra[numbers] - held @ self._surplus[asked]
        has_both = (per_facet > 0) & (mass > 0.5)
        conflict = has_both * np.maximum(0.0, 1.0 - 2.0 * agree)
        return np.concatenate((agree, conflict, extra / np.maximum(mass, 1.0)), axis=1)


def _evidence(shared: Floats, mass: float | Floats) -> Floats:
    """What a clause of weight `mass` says by what it shares: more, if it is longer."""
    return np.asarray(shared / (8.0 * np.sqrt(np.maximum(1e-3, mass))), np.float32)


def _likely(told: Floats, asked: float) -> Floats:
    """How far behind the likeliest each candidate is: in all, and for what was asked (0 to -2)."""
    told = told - told.max(initial=-np.inf)
    shares = np.array((0.1, 0.5 / max(1e-6, asked)), np.float32)
    return np.asarray(np.maximum(told[:, None] * shares, np.float32(-2.0)), np.float32)


def _top(scores: Floats, most: int) -> Ints:
    """Numbers of the best scores, best first."""
    many = len(scores) > most
    found = np.argpartition(scores, -most)[-most:] if many else np.arange(len(scores))
    return found[np.argsort(-scores[found], kind="stable")].astype(np.int32)
