"""The field's words as reviewed data: which wordings mean the same thing.

Rule 1: a *concept* has a name and wordings; found wordings become the name, on both sides.
Rule 2: a *cue* is a wording that only hints at a concept: it counts, but the words stay.
Rule 3: of wordings that overlap, the leftmost counts, of these the longest.
Rule 4: two distant words together can mean a concept that neither means alone (`together`).
Rule 5: what is neither a concept nor noise is left to the characters.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from typing import Any

from .normalise import normalise, normalise_all

OUTSIDE, ABUSE, CHAT, NOISE = "outside", "abuse", "chat", "noise"
_TABLES = frozenset(
    [
        "concepts",
        "cues",
        "implies",
        "together",
        "noise",
        "abuse",
        "chat",
        "outside",
        "authority",
        "repair",
        "aspects",
    ]
)
IMPLIED = 0.6  # weight of a concept that another one implies
CUED = 0.7  # weight of a concept that is only hinted at


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one wording stands for. `rest` is what the characters become ("" drops them)."""

    concepts: tuple[tuple[int, float], ...] = ()
    rest: str | None = None  # None: the words stay
    mark: str = ""  # outside, abuse, chat or noise


@dataclass(frozen=True, slots=True)
class Hit:
    """A wording found in a text: where, which words, what they mean."""

    start: int
    words: str
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class Together:
    """`first` and `then` within `within` characters of each other, in any order, mean `concept`."""

    first: tuple[str, ...]
    then: tuple[str, ...]
    within: int
    concept: int

    def near(self, text: str, at: int, length: int) -> bool:
        """Whether an earlier word stands around the later one at `at`."""
        around = text[max(0, at - self.within) : at + length + self.within]
        for word in self.first:  # noqa: SIM110 — half a million times at a start
            if word in around:
                return True
        return False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All wordings, ready to be found in a text."""

    names: tuple[str, ...]  # concept id → name
    facets: tuple[str, ...]  # facet id → name
    facet_of: tuple[int, ...]  # concept id → facet id
    meanings: Mapping[str, Meaning]
    implied: Mapping[int, tuple[int, ...]]
    authorities: Mapping[str, str]  # words of another field → whose matter it is
    aspects: Mapping[str, str]  # concept name → materials, channels, time_limit …
    sounds_like: tuple[str, ...]  # words that are often mistyped by sound
    never_repaired: frozenset[str]
    digest: str  # of the file that it was read from
    _lengths: Mapping[str, tuple[int, ...]]  # first two characters → lengths to try, longest first
    _later: re.Pattern[str]  # the longest later word of a `together` at each place
    _pairs: Mapping[str, tuple[tuple[str, Together], ...]]  # later word → what begins like it

    @staticmethod
    def read(where: str, table: Mapping[str, Any]) -> Lexicon:
        """A parsed lexicon file. Raises ValueError naming file, table, line and reason."""
        return _Reader(where, table).lexicon()

    def hits(self, text: str) -> list[Hit]:
        """Wordings in normalised text, from left to right, without overlaps."""
        found: list[Hit] = []
        lengths, meanings = self._lengths, self.meanings
        at, end = 0, len(text)
        while at < end:
            for length in lengths.get(text[at : at + 2], ()) or lengths.get(text[at], ()):
                words = text[at : at + length]
                meaning = meanings.get(words)
                if meaning and (not words[0].isascii() or _whole(text, at, length)):
                    found.append(Hit(at, words, meaning))
                    at += length - 1
                    break
            at += 1
        return found

    def concepts(self, text: str, hits: Sequence[Hit]) -> dict[int, float]:
        """Concept id → weight (0–1) for a text and its hits."""
        found: dict[int, float] = {}
        for hit in hits:
            for concept, weight in hit.meaning.concepts:
                found[concept] = max(found.get(concept, 0.0), weight)
        for later in self._later.finditer(text):
            for word, pair in self._pairs[later[1]]:
                if pair.concept not in found and pair.near(text, later.start(), len(word)):
                    found[pair.concept] = 1.0
        for concept, weight in list(found.items()):
            for implied in self.implied.get(concept, ()):
                found[implied] = max(found.get(implied, 0.0), weight * IMPLIED)
        return found


def _whole(text: str, at: int, length: int) -> bool:
    """Latin words and numbers count only when they stand alone."""
    before, after = text[at - 1 : at], text[at + length : at + length + 1]
    return not (before.isascii() and before.isalnum()) and not (after.isascii() and after.isalnum())


def _lengths(words: Iterable[str]) -> dict[str, tuple[int, ...]]:
    gathered: dict[str, set[int]] = {}
    for word in words:
        gathered.setdefault(word[:2], set()).add(len(word))
        if len(word) == 1:
            gathered[word].add(1)
    singles = {word for word in gathered if len(word) == 1}
    for start, found in gathered.items():
        if len(start) == 2 and start[0] in singles:
            found.add(1)
    return {start: tuple(sorted(found, reverse=True)) for start, found in gathered.items()}


def _anywhere(words: Collection[str]) -> re.Pattern[str]:
    """Finds at every place the longest of `words` that begins there."""
    if not words:
        return re.compile(r"(?!)")
    ordered = sorted(words, key=len, reverse=True)
    first = "".join(sorted({word[0] for word in words}))  # most places begin none of them
    return re.compile(f"(?=[{re.escape(first)}])(?=({'|'.join(map(re.escape, ordered))}))")


def _begun(together: Sequence[Together]) -> dict[str, tuple[tuple[str, Together], ...]]:
    """For each later word the pairs of it and of the later words that it begins with."""
    begins: dict[str, list[tuple[str, Together]]] = {}
    for pair in together:
        for word in pair.then:
            begins.setdefault(word, []).append((word, pair))
    return {
        word: tuple(
            chain.from_iterable(begins.get(word[:end], ()) for end in range(1, len(word) + 1))
        )
        for word in begins
    }


class _Reader:
    """Turns the parsed file into a Lexicon, and says what is wrong with it."""

    def __init__(self, where: str, table: Mapping[str, Any]) -> None:
        self.where = where
        self.table = table
        self.names: list[str] = []
        self.facets: list[str] = []
        self.facet_of: list[int] = []
        self.ids: dict[str, int] = {}
        self.parts: dict[str, dict[int, float]] = {}  # wording → concepts
        self.kept: set[str] = set()  # cues: the words stay
        self.marks: dict[str, str] = {}

    def bad(self, key: str, reason: str) -> ValueError:
        return ValueError(f"{self.where}: {key}: {reason}")

    def lexicon(self) -> Lexicon:
        for extra in sorted(set(self.table) - set(_TABLES)):
            raise self.bad(extra, f"unknown table; there are {' '.join(sorted(_TABLES))}")
        self.read_concepts()
        self.read_cues()
        implied = {
            self.known("implies", c): self.all_known("implies", v) for c, v in self.rows("implies")
        }
        together = tuple(self.read_together())
        authorities = self.read_marks()
        meanings = {word: self.meaning(word) for word in (*self.parts, *self.marks)}
        repair = self.table.get("repair", {})
        return Lexicon(
            names=tuple(self.names),
            facets=tuple(self.facets),
            facet_of=tuple(self.facet_of),
            meanings=meanings,
            implied=implied,
            authorities=authorities,
            aspects={
                name: key
                for key, names in self.rows("aspects")
                for name in names
                if self.known(f"aspects.{key}", name) is not None
            },
            sounds_like=(
                *self.words("repair.words", repair.get("words", [])),
                *(word for word in self.parts if len(word) >= 3),
            ),
            never_repaired=frozenset(self.words("repair.never", repair.get("never", []))),
            digest=sha256(repr(self.table).encode()).hexdigest(),
            _lengths=_lengths(meanings),
            _later=_anywhere({word for pair in together for word in pair.then}),
            _pairs=_begun(together),
        )

    def rows(self, name: str) -> Iterator[tuple[str, Any]]:
        table = self.table.get(name, {})
        if not isinstance(table, Mapping):
            raise self.bad(name, "a table is needed")
        yield from table.items()

    def words(self, key: str, value: object) -> list[str]:
        """Normalised wordings. Raises ValueError unless it is a list of texts, each once."""
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            raise self.bad(key, "a list of texts is needed")
        if repeated := sorted({v for v in value if value.count(v) > 1}):
            raise self.bad(key, f"{repeated[0]} stands twice")
        return normalise_all(value)

    def read_concepts(self) -> None:
        for facet, concepts in self.rows("concepts"):
            self.facets.append(facet)
            if not isinstance(concepts, Mapping):
                raise self.bad(f"concepts.{facet}", "a table of names and wordings is needed")
            for name, value in concepts.items():
                key = f"concepts.{facet}.{name}"
                if name in self.ids:
                    raise self.bad(key, "this concept stands twice")
                self.ids[name] = len(self.names)
                self.names.append(name)
                self.facet_of.append(len(self.facets) - 1)
                for word in dict.fromkeys([normalise(name), *self.words(key, value)]):
                    self.parts.setdefault(word, {})[self.ids[name]] = 1.0

    def read_cues(self) -> None:
        for name, value in self.rows("cues"):
            concept = self.known("cues", name)
            for word in self.words(f"cues.{name}", value):
                if word not in self.parts:
                    self.kept.add(word)
                self.parts.setdefault(word, {}).setdefault(concept, CUED)

    def known(self, key: str, name: str) -> int:
        if name not in self.ids:
            raise self.bad(key, f"there is no concept {name}")
        return self.ids[name]

    def all_known(self, key: str, names: object) -> tuple[int, ...]:
        if not isinstance(names, list):
            raise self.bad(key, "a list of concepts is needed")
        return tuple(self.known(key, name) for name in names)

    def read_together(self) -> Iterator[Together]:
        rows = self.table.get("together", [])
        for number, row in enumerate(rows, 1):
            key = f"together {number}"
            if not isinstance(row, Mapping) or set(row) - {"first", "then", "within", "means"}:
                raise self.bad(key, "first, then, within and means are needed")
            within = row.get("within", 8)
            if not isinstance(within, int) or not 0 < within <= 20:
                raise self.bad(key, "within: 1 to 20 characters")
            first = tuple(self.words(key, row.get("first")))
            then = tuple(self.words(key, row.get("then")))
            yield Together(first, then, within, self.known(key, str(row.get("means"))))

    def read_marks(self) -> dict[str, str]:
        authorities: dict[str, str] = {}
        for mark in (NOISE, ABUSE, CHAT):
            self.mark(mark, mark, self.table.get(mark, {}).get("words", []))
        for field, value in self.rows(OUTSIDE):
            self.mark(OUTSIDE, f"outside.{field}", value)
        for authority, value in self.rows("authority"):
            key = f"authority.{authority}"
            self.mark(OUTSIDE, key, value)
            authorities.update(dict.fromkeys(self.words(key, value), authority))
        return authorities

    def mark(self, mark: str, key: str, value: object) -> None:
        for word in self.words(key, value):
            if mark == NOISE and word in self.parts:
                raise self.bad(key, f"{word} is a wording of a concept as well")
            if self.marks.setdefault(word, mark) != mark:
                raise self.bad(key, f"{word} is marked {self.marks[word]} as well")

    def meaning(self, word: str) -> Meaning:
        parts = self.parts.get(word, {})
        mark = self.marks.get(word, "")
        if mark == NOISE:
            return Meaning(rest="", mark=mark)
        rest = None
        if parts and word not in self.kept:
            rest = "".join(self.names[c] for c, weight in parts.items() if weight == 1.0)
        return Meaning(tuple(parts.items()), rest, mark)
