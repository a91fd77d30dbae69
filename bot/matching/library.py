"""All that can be found, read once: every text of every document as arrays."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from operator import add

import numpy as np
from numpy.typing import NDArray

from .index import Floats, Ints, Postings, Rows, rarity
from .likelihood import Likelihood, Written
from .reading import Asking, Reader, Reading
from .types import Document

TEXTS = 45  # of one document that are used; more would only repeat
IN_ANSWER = 0.35  # weight of a concept that only the answer names


class Library:
    """Documents, their readings, and where each sign occurs."""

    def __init__(self, documents: Sequence[Document], reader: Reader) -> None:
        self.documents = tuple(documents)
        self.number = {d.id: n for n, d in enumerate(documents)}
        if len(self.number) != len(documents):
            raise ValueError("two documents have the same id")
        texts = [(n, t) for n, d in enumerate(documents) for t in _texts(d)]
        self.owner: Ints = np.fromiter((n for n, _ in texts), np.int32, len(texts))
        self.first: Ints = np.searchsorted(self.owner, np.arange(len(documents))).astype(np.int32)
        self.sizes: Ints = np.diff(np.append(self.first, len(texts))).astype(np.int32)
        self.kinds = max(1, len(reader.lexicon.names))
        self._weigh(*self._read(reader.entries([t for _, t in texts])))
        self.plain_length: Floats = np.fromiter(map(len, self.plain), np.float32, len(self.plain))
        self._read_answers(reader)

    def _read(self, readings: Iterable[Reading]) -> tuple[_Held, _Held]:
        """Numbers for concepts (below `kinds`) and grams; which texts hold them. One at a time."""
        self.plain: list[str] = []
        self.signs: dict[str, int] = {}
        number, kinds = self.signs.setdefault, self.kinds
        grams, concepts = _Row(), _Row()
        written = []
        for reading in readings:
            self.plain.append(reading.plain)
            written.append(reading.text)
            grams.add([kinds + number(sign, len(self.signs)) for sign in reading.grams])
            concepts.add(reading.concepts, reading.concepts.values())
        self._written = "\n".join(written)
        self._pairs = frozenset(map(add, self._written, self._written[1:]))  # of characters
        self.closed = [closed(text) for text in written]
        self.wording = dict(zip(self.closed, self.owner.tolist(), strict=True))
        self.closed_length: Ints = np.fromiter(map(len, self.closed), np.int32, len(self.closed))
        return _Held.of(self, grams), _Held.of(self, concepts)

    def _weigh(self, grams: _Held, concepts: _Held) -> None:
        """Who holds each sign, and how much."""
        count, all_ = self.kinds + len(self.signs), len(self.documents)
        held = np.concatenate((concepts.held, grams.held))
        self.rare: Floats = rarity(np.bincount(held, minlength=count), all_)
        masses = [part.mass(self.rare, len(self.plain)) for part in (grams, concepts)]
        self.text_mass: Floats = np.stack(masses, axis=1)  # of grams and of concepts
        self.concepts = self._dense(concepts)
        # How firmly a document holds a sign: 0.7 when one wording has it, at most 1.
        firm = grams.times / (grams.times + np.float32(0.42))
        holds = self.concepts[concepts.documents, concepts.held].astype(np.float32)
        weights = np.concatenate((holds, firm)) * self.rare[held]
        documents = np.concatenate((concepts.documents, grams.documents))
        written = (concepts.written, grams.written)
        self.likelihood = Likelihood(written, self.rare, self.kinds, len(self.plain), all_)
        told = self.likelihood.by_pair
        self.postings = Postings(held, documents, weights, told, count, all_)
        parts = [(part.texts, part.signs, part.weights) for part in (grams, concepts)]
        self.rows = Rows((parts[0], parts[1]), self.first, len(self.plain))

    def _dense(self, concepts: _Held) -> NDArray[np.float16]:
        """Document x concept: how much of it is about that (0-1)."""
        dense = np.zeros((len(self.documents), self.kinds), np.float16)
        share = concepts.times / self.sizes[concepts.documents]
        dense[concepts.documents, concepts.held] = share
        asked = np.isin(concepts.texts, self.first)
        places = (self.owner[concepts.texts[asked]], concepts.signs[asked])
        np.maximum.at(dense, places, concepts.weights[asked].astype(np.float16))
        return dense

    def _read_answers(self, reader: Reader) -> None:
        answered = [n for n, d in enumerate(self.documents) if d.answer]
        answers = reader.concepts([self.documents[n].answer for n in answered])
        for number, found in zip(answered, answers, strict=True):
            row = self.concepts[number]
            row[[c for c in found if not row[c]]] = -IN_ANSWER

    def asked(self, question: Reading | Asking) -> tuple[list[int], list[float], float]:
        """Signs of a question (concepts first), their weights, and that of unknown grams."""
        signs, weights, unknown = list(question.concepts), list(question.concepts.values()), 0.0
        number, kinds = self.signs.get, self.kinds
        for sign, weight in question.grams.items():
            found = number(sign)
            if found is None:
                unknown += weight
            else:
                signs.append(kinds + found)
                weights.append(weight)
        return signs, weights, unknown

    def is_word(self, words: str) -> bool:
        """Whether the documents themselves write this stretch of two characters or more."""
        if not self._pairs.issuperset(map(add, words, words[1:])):
            return False  # the text is long to look through
        return len(words) == 2 or words in self._written


def closed(text: str) -> str:
    """Normalised words without the marks at their end."""
    return text.rstrip("?!。.,~ ")


def _texts(document: Document) -> Iterable[str]:
    yield document.question
    yield from document.asks[: TEXTS - 1]


class _Row:
    """The signs of one text after the other; without weights each weighs 1."""

    def __init__(self) -> None:
        self.signs, self.weights, self.sizes = array("i"), array("f"), array("i")

    def add(self, signs: Collection[int], weights: Iterable[float] = ()) -> None:
        self.signs.extend(signs)
        self.weights.extend(weights)
        self.sizes.append(len(signs))


@dataclass(frozen=True, slots=True)
class _Held:
    """Signs of one kind: in texts, and gathered by document."""

    texts: Ints
    signs: Ints
    weights: Floats
    held: Ints  # signs, each once a document
    documents: Ints
    times: Floats  # summed weight in the texts of the document
    places: Ints  # of each sign of a text: which of these

    @staticmethod
    def of(library: Library, row: _Row) -> _Held:
        signs = np.array(row.signs, np.int32)
        texts = np.repeat(np.arange(len(row.sizes), dtype=np.int32), row.sizes)
        weighed = (
            np.array(row.weights, np.float32) if row.weights else np.ones(len(signs), np.float32)
        )
        count = int(signs.max(initial=0)) + 1
        keys = library.owner[texts].astype(np.int64) * count + signs
        unique, inverse = np.unique(keys, return_inverse=True)
        times = np.bincount(inverse, weighed, len(unique)).astype(np.float32)
        held, documents = (unique % count).astype(np.int32), (unique // count).astype(np.int32)
        return _Held(texts, signs, weighed, held, documents, times, inverse)

    @property
    def written(self) -> Written:
        return Written(self.texts, self.signs, self.weights, self.places, self.documents)

    def mass(self, rare: Floats, count: int) -> Floats:
        """The whole weight of each text (at least a little, so that it divides)."""
        total = np.bincount(self.texts, self.weights * rare[self.signs], count)
        return np.maximum(total.astype(np.float32), np.float32(1e-3))
