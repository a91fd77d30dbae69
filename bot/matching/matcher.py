"""Text in, ranked documents and a band out. Built once; any number of threads may search.

Rule 1: any text is accepted, and the answer is always a band, never an exception.
Rule 2: a document of a region is only found for its region; the nationwide one is the fallback.
Rule 3: entries of another field are found by characters, without our words and weights.
Rule 4: a question that an entry has word for word, or but for a slip, finds that entry.
Rule 5: what counted can be said in words (`why`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from .bands import Bands, authority, reason
from .features import Measure, Measured
from .followups import leaning
from .index import Floats
from .lexicon import Lexicon
from .library import Library, closed
from .normalise import normalise, normalise_all
from .rank import ASK, Weights, elsewhere, evidence, load, probability, shares
from .reading import Reader, Reading
from .several import of_normalised
from .types import Candidate, Document, Found
from .verbatim import likeness

NATIONWIDE = "全国"
OURS = "人社"
FURTHER = 10  # candidates at most
AHEAD = 0.4  # worth that a document of the person's own region is ahead of the nationwide one
VERBATIM = 3.0  # worth that the very words of a document are
WORD_FOR_WORD = 0.9  # how likely the first is right at least, when it has them
TURNS = 64  # texts whose reading is kept
FEW = 50  # documents; so few are always taken for ours
SAMPLE = 200  # documents that are looked at to tell
OURS_FROM = 0.3  # share that names a scheme or a benefit (ours: 0.8; general questions: 0.04)
FIELD = ("scheme", "benefit")
_WEIGHTS = load()
LibraryOf = Callable[[Sequence[Document], Reader], Library]


class Matcher:
    """Finds documents for questions."""

    def __init__(
        self,
        documents: Sequence[Document],
        lexicon: Lexicon,
        bands: Bands = Bands(),  # noqa: B008 — frozen
        weights: Weights = _WEIGHTS,
        library: LibraryOf = Library,
    ) -> None:
        """`library` makes or finds the one of these documents."""
        self._ours = _of_our_field(documents, lexicon)
        if not self._ours:  # our words would only mislead
            lexicon = Lexicon.read("", {})
        self.lexicon = lexicon
        self.bands = bands
        self.weights = weights if self._ours else replace(weights, rank=elsewhere())
        self.reader = Reader(lexicon)
        self.library = library(documents, self.reader)
        facets = [lexicon.facets[f] for f in lexicon.facet_of]
        self.typed = frozenset(c for c, facet in enumerate(facets) if facet != ASK)
        self._measure = Measure(self.library, facets, weights.surplus_of(lexicon.names))
        self._regional = {
            n: d.region for n, d in enumerate(documents) if d.region not in ("", NATIONWIDE)
        }
        self._regions = frozenset(self._regional.values())
        self._everywhere = np.ones(len(documents), np.float32)
        self._everywhere[list(self._regional)] = 0.0
        # A turn looks at the same words several times.
        self._read = lru_cache(maxsize=TURNS)(self._reading)

    def search(
        self,
        text: str,
        *,
        region: str | None = None,
        topic: str | None = None,
        limit: int = FURTHER,
        verbatim: bool = True,
    ) -> Found:
        """The ranking for `text`, from a person in `region` whose conversation is on `topic`.

        `verbatim`: a text that a document has word for word puts it ahead."""
        if topic in self.library.number and self.leans(text):
            return Found("answer", (Candidate(str(topic), 1.0),), 1.0)
        text = normalise(text)
        question = self._read(text)
        if not question.grams or not self.library.documents:
            return Found("refuse", (), 0.0, reason(question, self.lexicon, self.typed))
        measured = self._measure(question, self._allowed(question, region))
        worth = self._preferred(measured.features @ self.weights.rank, measured)
        verbatim = verbatim and self._ours
        if verbatim:
            worth = self._verbatim(worth, measured, text)
        order = np.argsort(-worth, kind="stable").tolist()
        share = shares(worth)
        seen = evidence(question, measured, worth, share, order, self.typed)
        answerable, right = self._sure(seen, measured.features[order[0]])
        if verbatim and self.library.wording.get(closed(text)) == measured.numbers[order[0]]:
            answerable, right = max(answerable, WORD_FOR_WORD), max(right, WORD_FOR_WORD)
        candidates = tuple(self._candidates(measured, share, order[:limit], right))
        return self._found(question, candidates, answerable)

    def _sure(self, seen: Floats, first: Floats) -> tuple[float, float]:
        """How likely the question is ours to answer, and the first the right answer."""
        if not self._ours:
            alike = float(min(1.0, first[0]))  # nothing better was learned there
            return alike, alike
        answerable = probability(self.weights.answerable, seen)
        return answerable, min(answerable, probability(self.weights.right, seen))

    def leans(self, text: str) -> tuple[str, ...]:
        """The aspects that a text asks for when it has no subject of its own, else none."""
        return leaning(self._read(normalise(text)), self.lexicon, self.typed)

    def why(self, text: str, document: str) -> tuple[str, ...]:
        """The words of `text` that speak for `document`, weightiest first (为什么是这条)."""
        number = self.library.number[document]
        question = self._read(normalise(text))
        held = self.library.concepts[number]
        rare = self.library.rare
        found = {
            hit.words: max(float(rare[c]) for c, _ in hit.meaning.concepts if held[c] > 0)
            for hit in question.hits
            if any(held[c] > 0 for c, _ in hit.meaning.concepts)
        }
        return tuple(sorted(found, key=lambda words: -found[words]))

    def _reading(self, text: str) -> Reading:
        return self.reader.question(text, self.library.is_word)

    def _allowed(self, question: Reading, region: str | None) -> Floats | None:
        """1 for documents that may be found here, 0 for those of other regions."""
        if not self._regional:
            return None
        where = f"{region or ''} {question.text}"
        here = {name for name in self._regions if name in where}
        if not here:
            return self._everywhere
        allowed = self._everywhere.copy()
        allowed[[number for number, name in self._regional.items() if name in here]] = 1.0
        return allowed

    def _preferred(self, worth: Floats, measured: Measured) -> Floats:
        """`worth` with the documents of the person's own region ahead."""
        if not self._regional:
            return worth
        ahead = [AHEAD if n in self._regional else 0.0 for n in measured.numbers.tolist()]
        return worth + np.array(ahead, np.float32)

    def _verbatim(self, worth: Floats, measured: Measured, text: str) -> Floats:
        """`worth` with the document ahead that has the text word for word, or but for a slip;
        a region's own stays first."""
        first = worth.argmax()
        decided = (worth > worth[first] - VERBATIM).sum() == 1
        if decided or int(measured.numbers[first]) in self._regional:
            return worth
        alike = likeness(closed(text), self.library, measured.numbers)
        return worth + np.float32(VERBATIM) * alike

    def _candidates(
        self, measured: Measured, share: Floats, order: list[int], right: float
    ) -> Iterator[Candidate]:
        """The likeliest with their probabilities, `right` being that of the first."""
        scale = right / max(1e-6, float(share[order[0]]))
        for place in order:
            document = self.library.documents[measured.numbers[place]]
            yield Candidate(document.id, min(1.0, float(share[place]) * scale))

    def _found(
        self, question: Reading, candidates: tuple[Candidate, ...], answerable: float
    ) -> Found:
        parts = of_normalised(question.typed)
        band = self.bands.band(candidates, answerable)
        if band == "refuse":
            why = reason(question, self.lexicon, self.typed)
            whose = authority(question, self.lexicon) if why == "other_authority" else None
            return Found(band, candidates, answerable, why, whose, parts)
        first = self.library.documents[self.library.number[candidates[0].id]]
        whose = first.body if band == "answer" and first.body != OURS else None
        return Found(band, candidates, answerable, None, whose, parts)


def _of_our_field(documents: Sequence[Document], lexicon: Lexicon) -> bool:
    """Whether the entries are about what the lexicon is about, by a look at some of them."""
    if len(documents) < FEW:
        return True
    some = documents[:: max(1, len(documents) // SAMPLE)]
    named = {c for c, f in enumerate(lexicon.facet_of) if lexicon.facets[f] in FIELD}
    texts = normalise_all([document.question for document in some])
    found = (lexicon.concepts(text, lexicon.hits(text)) for text in texts)
    return sum(not named.isdisjoint(about) for about in found) >= OURS_FROM * len(some)
