"""Text in, ranked documents and a band out. Built once; any number of threads may search.

Rule 1: any text is accepted, and the answer is always a band, never an exception.
Rule 2: a document of a region is only found for its region; the nationwide one is the fallback.
Rule 3: what counted can be said in words (`why`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from .bands import Bands, authority, reason
from .features import Measure, Measured
from .followups import leaning
from .index import Floats
from .lexicon import Lexicon
from .library import Library
from .rank import ASK, Weights, evidence, load, probability, shares
from .reading import Reader, Reading
from .several import parts
from .types import Candidate, Document, Found

NATIONWIDE = "全国"
OURS = "人社"
FURTHER = 10  # candidates at most
AHEAD = 0.4  # worth that a document of the person's own region is ahead of the nationwide one
_WEIGHTS = load()


class Matcher:
    """Finds documents for questions."""

    def __init__(
        self,
        documents: Sequence[Document],
        lexicon: Lexicon,
        bands: Bands = Bands(),  # noqa: B008 — frozen
        weights: Weights = _WEIGHTS,
    ) -> None:
        self.lexicon = lexicon
        self.bands = bands
        self.weights = weights
        self.reader = Reader(lexicon)
        self.library = Library(documents, self.reader)
        facets = [lexicon.facets[f] for f in lexicon.facet_of]
        self.typed = frozenset(c for c, facet in enumerate(facets) if facet != ASK)
        self._measure = Measure(self.library, facets)
        self._regional = {
            n: d.region for n, d in enumerate(documents) if d.region not in ("", NATIONWIDE)
        }
        self._regions = frozenset(self._regional.values())

    def search(
        self,
        text: str,
        *,
        region: str | None = None,
        topic: str | None = None,
        limit: int = FURTHER,
    ) -> Found:
        """The ranking for `text`, from a person in `region` whose conversation is on `topic`."""
        question = self._read(text)
        if topic in self.library.number and self.leans(text):
            return Found("answer", (Candidate(str(topic), 1.0),), 1.0)
        if not question.grams or not self.library.documents:
            return Found("refuse", (), 0.0, reason(question, self.lexicon, self.typed))
        measured = self._measure(question, self._allowed(question, region))
        worth = measured.features @ self.weights.rank
        worth = worth + self._preferred(measured)
        order = np.argsort(-worth, kind="stable").tolist()
        seen = evidence(question, measured, worth, order, self.library, self.typed)
        answerable = probability(self.weights.answerable, seen)
        right = min(answerable, probability(self.weights.right, seen))
        candidates = tuple(self._candidates(question, measured, worth, order[:limit], right))
        return replace(self._found(question, candidates, answerable), parts=parts(text))

    def leans(self, text: str) -> tuple[str, ...]:
        """The aspects that a text asks for when it has no subject of its own, else none."""
        return leaning(self._read(text), self.lexicon, self.typed)

    def why(self, text: str, document: str) -> tuple[str, ...]:
        """The words of `text` that speak for `document`, weightiest first (为什么是这条)."""
        number = self.library.number[document]
        question = self._read(text)
        held = self.library.concepts[number]
        rare = self.library.rare_concepts
        found = {
            hit.words: max(rare.get(c, 0.0) for c, _ in hit.meaning.concepts if held[c] > 0)
            for hit in question.hits
            if any(held[c] > 0 for c, _ in hit.meaning.concepts)
        }
        return tuple(sorted(found, key=lambda words: -found[words]))

    def _read(self, text: str) -> Reading:
        return self.reader.question(text, self.library.is_word)

    def _allowed(self, question: Reading, region: str | None) -> Floats | None:
        """1 for documents that may be found here, 0 for those of other regions."""
        if not self._regional:
            return None
        where = f"{region or ''} {question.text}"
        here = {name for name in self._regions if name in where}
        allowed = np.ones(len(self.library.documents), np.float32)
        for number, name in self._regional.items():
            if name not in here:
                allowed[number] = 0.0
        return allowed

    def _preferred(self, measured: Measured) -> Floats:
        ahead = [AHEAD if n in self._regional else 0.0 for n in measured.numbers.tolist()]
        return np.array(ahead, np.float32)

    def _candidates(
        self, question: Reading, measured: Measured, worth: Floats, order: list[int], right: float
    ) -> Iterator[Candidate]:
        share = shares(worth)
        scale = right / max(1e-6, float(share[order[0]])) if order else 0.0
        documents = self.library.documents
        words = [
            (h.words, [c for c, _ in h.meaning.concepts])
            for h in question.hits
            if h.meaning.concepts
        ]
        for place in order:
            number = int(measured.numbers[place])
            held = self.library.concepts[number]
            counted = dict.fromkeys(w for w, cs in words if any(held[c] > 0 for c in cs))
            yield Candidate(
                documents[number].id, min(1.0, float(share[place]) * scale), tuple(counted)
            )

    def _found(
        self, question: Reading, candidates: tuple[Candidate, ...], answerable: float
    ) -> Found:
        band = self.bands.band(candidates, answerable)
        if band == "refuse":
            why = reason(question, self.lexicon, self.typed)
            whose = authority(question, self.lexicon) if why == "other_authority" else None
            return Found(band, candidates, answerable, why, whose)
        first = self.library.documents[self.library.number[candidates[0].id]]
        whose = first.body if band == "answer" and first.body != OURS else None
        return Found(band, candidates, answerable, authority=whose)
