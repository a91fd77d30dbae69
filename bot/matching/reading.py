"""How a text is read: characters and concepts, each with a weight.

Rule 1: questions and entries are read the same way.
Rule 2: a known wording becomes the name of its concept before characters are counted.
Rule 3: numbers and Latin words are one sign each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import add

from .lexicon import Hit, Lexicon
from .normalise import normalise_all
from .sentences import Clause, clauses
from .sounds import Sounds

_SIGN = re.compile(r"[a-z]+|\d+(?:\.\d+)?%?|[^\W_]")
_PARTICLES = frozenset("的了吗呢啊吧呀嘛哦呗啦咧喔诶哎唉嗯噶嘞哈")
_SPLIT = re.compile(r"[^\w%]+")
ASKS = 0.6  # weight from which a clause counts as asking
CLAUSES = 8  # that are looked at by themselves
AGAIN = 0.5  # what a repeated sign adds, each time half of the last


@dataclass(frozen=True, slots=True)
class Asking:
    """The signs of one clause."""

    grams: dict[str, float]
    concepts: dict[int, float]


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as signs: character 1- and 2-grams and concepts, with weights (0–2)."""

    typed: str  # normalised
    text: str  # also repaired
    plain: str  # canonical words without noise, of the clauses that ask
    grams: dict[str, float]
    concepts: dict[int, float]
    clauses: tuple[Asking, ...]  # the clauses that ask, when there are several
    hits: tuple[Hit, ...]
    length: int  # signs
    known: int  # characters inside wordings


class Reader:
    """Reads texts with one lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        # Without our words it is not our field; there a particle may tell two questions apart.
        self._passed_over = _PARTICLES if lexicon.names else frozenset()
        self.sounds = Sounds(lexicon.sounds_like, lexicon.never_repaired)

    def entries(self, texts: Sequence[str]) -> Iterator[Reading]:
        """Texts of ours: no slips, no story."""
        for text in normalise_all(texts):
            yield self._read(text, text, [Clause(text, 1.0)])

    def concepts(self, texts: Sequence[str]) -> Iterator[dict[int, float]]:
        """Only what texts of ours are about."""
        for text in normalise_all(texts):
            yield self.lexicon.concepts(text, self.lexicon.hits(text))

    def question(self, text: str, is_word: Callable[[str], bool]) -> Reading:
        """A citizen's words, normalised."""
        repaired = self.sounds.repaired(text, is_word)
        return self._read(text, repaired, clauses(repaired))

    def _read(self, typed: str, text: str, parts: list[Clause]) -> Reading:
        grams: dict[str, float] = {}
        concepts: dict[int, float] = {}
        hits: list[Hit] = []
        plain: list[str] = []
        asking: list[tuple[list[str], dict[int, float]]] = []
        length = known = 0
        for part in parts:
            if not part.weight:
                continue
            found = self.lexicon.hits(part.text)
            hits.extend(found)
            canonical = _canonical(part.text, found)
            about = self.lexicon.concepts(part.text, found)
            counted, signs = grams_of(canonical, self._passed_over)
            length += signs
            _count(counted, part.weight, grams)
            if part.weight >= ASKS and len(parts) > 1:
                asking.append((counted, about))
            known += sum(len(hit.words) for hit in found if hit.meaning.concepts)
            if part.weight == 1.0:
                plain.append(_SPLIT.sub("", canonical))
            for concept, weight in about.items():
                weight *= part.weight
                was = concepts.get(concept)
                concepts[concept] = weight if was is None else _more(was, weight)
        asking.sort(key=lambda clause: -len(set(clause[0])))
        return Reading(
            typed,
            text,
            "".join(plain) or text[:80],
            grams,
            concepts,
            tuple(Asking(_count(own, 1.0, {}), about) for own, about in asking[:CLAUSES]),
            tuple(hits),
            length,
            known,
        )


def _canonical(text: str, hits: list[Hit]) -> str:
    """`text` with every wording replaced by the name of its concept."""
    out: list[str] = []
    at = 0
    for hit in hits:
        if hit.meaning.rest is None:
            continue
        out.append(text[at : hit.start])
        out.append(hit.meaning.rest)
        at = hit.start + len(hit.words)
    out.append(text[at:])
    return "".join(out)


def grams_of(text: str, passed_over: frozenset[str]) -> tuple[list[str], int]:
    """The 1- and 2-grams of `text` without some signs, each as often as it stands there; the
    number of signs."""
    grams: list[str] = []
    total = 0
    for stretch in _SPLIT.split(text):
        signs = [sign for sign in _SIGN.findall(stretch) if sign not in passed_over]
        total += len(signs)
        grams += signs
        grams += map(add, signs, signs[1:])
    return grams, total


def _count(signs: list[str], weight: float, grams: dict[str, float]) -> dict[str, float]:
    """Adds `signs` to `grams`."""
    for sign in signs:
        was = grams.get(sign)
        grams[sign] = weight if was is None else _more(was, weight)
    return grams


def _more(was: float, weight: float) -> float:
    """Saturating: a sign that comes again adds less each time."""
    return was + (2.0 - was) * AGAIN * weight * 0.5
