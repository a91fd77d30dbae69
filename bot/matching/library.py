"""All that can be found, read once: every text of every document as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from .index import Floats, Ints, Postings, rarity, totals
from .reading import Reader, Reading
from .types import Document

TEXTS = 24  # of one document that are used; more would only repeat
IN_ANSWER = 0.35  # weight of a concept that only the answer names
Sign = TypeVar("Sign", str, int)


class Library:
    """Documents, their readings, and where each sign occurs."""

    def __init__(self, documents: Sequence[Document], reader: Reader) -> None:
        self.documents = tuple(documents)
        self.number = {d.id: n for n, d in enumerate(documents)}
        if len(self.number) != len(documents):
            raise ValueError("two documents have the same id")
        texts = [(n, reader.entry(t)) for n, d in enumerate(documents) for t in _texts(d)]
        readings = [reading for _, reading in texts]
        self.plain = [reading.plain for reading in readings]
        self.owner: Ints = np.array([n for n, _ in texts], np.int32)
        self.first: Ints = np.searchsorted(self.owner, np.arange(len(documents))).astype(np.int32)
        self._pairs = {r.text[i : i + 2] for r in readings for i in range(len(r.text) - 1)}
        self._read_grams(readings)
        self._read_concepts(readings, reader)
        self.table = self._table()

    def _read_grams(self, readings: list[Reading]) -> None:
        rows = [_once(r.grams) for r in readings]
        together = self._by_document(rows)
        self.rare: dict[str, float] = rarity(together)
        self.text_grams = Postings(rows, self.rare)
        self.text_mass: Floats = totals(rows, self.rare)
        self.document_grams = Postings([_grown(r) for r in together], self.rare)

    def _read_concepts(self, readings: list[Reading], reader: Reader) -> None:
        rows = [r.concepts for r in readings]
        together = self._by_document(rows)
        self.rare_concepts: dict[int, float] = rarity(together)
        self.text_concepts = Postings(rows, self.rare_concepts)
        self.text_concept_mass: Floats = totals(rows, self.rare_concepts)
        lexicon = reader.lexicon
        count = max(1, len(lexicon.names))
        self.weights: Floats = np.array(
            [self.rare_concepts.get(c, 0.0) for c in range(count)], np.float32
        )
        self.concepts = np.zeros((len(self.documents), count), np.float16)
        sizes = np.diff(np.append(self.first, len(rows)))
        for number, found in enumerate(together):
            asked = rows[self.first[number]]
            for concept, total in found.items():
                share = total / sizes[number]
                self.concepts[number, concept] = max(share, asked.get(concept, 0.0))
        for number, document in enumerate(self.documents):
            if document.answer:
                for concept in reader.entry(document.answer).concepts:
                    if not self.concepts[number, concept]:
                        self.concepts[number, concept] = -IN_ANSWER

    def _by_document(self, rows: Sequence[Mapping[Sign, float]]) -> list[dict[Sign, float]]:
        gathered: list[dict[Sign, float]] = [{} for _ in self.documents]
        for number, row in zip(self.owner.tolist(), rows, strict=True):
            into = gathered[number]
            for sign, weight in row.items():
                into[sign] = into.get(sign, 0.0) + weight
        return gathered

    def _table(self) -> Ints:
        """Document → numbers of its texts, filled up with -1."""
        sizes = np.diff(np.append(self.first, len(self.owner)))
        table = np.full((len(self.documents), int(sizes.max(initial=1))), -1, np.int32)
        for number, (start, size) in enumerate(zip(self.first, sizes, strict=True)):
            table[number, :size] = np.arange(start, start + size)
        return table

    def is_word(self, words: str) -> bool:
        """Whether the documents themselves write this stretch."""
        return all(words[i : i + 2] in self._pairs for i in range(len(words) - 1))


def _texts(document: Document) -> Iterable[str]:
    yield document.question
    yield from document.asks[: TEXTS - 1]


def _once(signs: Mapping[str, float]) -> dict[str, float]:
    """A text of ours counts a sign once."""
    return dict.fromkeys(signs, 1.0)


def _grown(signs: Mapping[str, float]) -> dict[str, float]:
    """How firmly a document holds a sign: 0.7 when one wording has it, at most 1."""
    return {sign: n / (n + 0.42) for sign, n in signs.items()}
