"""How a text is read: characters and concepts, each with a weight.

Rule 1: questions and entries are read the same way.
Rule 2: a known wording becomes the name of its concept before characters are counted.
Rule 3: numbers and Latin words are one sign each.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from .lexicon import Hit, Lexicon
from .normalise import normalise
from .sentences import Clause, clauses
from .sounds import Sounds

K = TypeVar("K", str, int)
_SIGN = re.compile(r"[a-z]+|\d+(?:\.\d+)?%?|[^\W_]")
_PARTICLES = frozenset("的了吗呢啊吧呀嘛哦呗啦咧喔诶哎唉嗯噶嘞哈")
_SPLIT = re.compile(r"[^\w%]+")
AGAIN = 0.5  # what a repeated sign adds, each time half of the last


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as signs: character 1- and 2-grams and concepts, with weights (0–2)."""

    text: str  # normalised and repaired
    plain: str  # canonical words without noise, of the clauses that ask
    grams: dict[str, float]
    concepts: dict[int, float]
    hits: tuple[Hit, ...]
    length: int  # signs
    known: int  # characters inside wordings


class Reader:
    """Reads texts with one lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.sounds = Sounds(lexicon.sounds_like, lexicon.never_repaired)

    def entry(self, text: str) -> Reading:
        """A text of ours: no slips, no story."""
        text = normalise(text)
        return self._read(text, [Clause(text, 1.0)])

    def question(self, text: str, is_word: Callable[[str], bool]) -> Reading:
        """A citizen's words."""
        text = self.sounds.repaired(normalise(text), is_word)
        return self._read(text, clauses(text))

    def _read(self, text: str, parts: list[Clause]) -> Reading:
        grams: dict[str, float] = {}
        concepts: dict[int, float] = {}
        hits: list[Hit] = []
        plain: list[str] = []
        length = known = 0
        for part in parts:
            if not part.weight:
                continue
            found = self.lexicon.hits(part.text)
            hits.extend(found)
            canonical = _canonical(part.text, found)
            signs = count(canonical, part.weight, grams)
            length += signs
            known += sum(len(hit.words) for hit in found if hit.meaning.concepts)
            if part.weight == 1.0:
                plain.append(_SPLIT.sub("", canonical))
            for concept, weight in self.lexicon.concepts(part.text, found).items():
                _add(concepts, concept, weight * part.weight)
        return Reading(
            text, "".join(plain) or text[:80], grams, concepts, tuple(hits), length, known
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


def count(text: str, weight: float, grams: dict[str, float]) -> int:
    """Adds the 1- and 2-grams of `text`; the number of signs."""
    total = 0
    for stretch in _SPLIT.split(text):
        before = ""
        for sign in _SIGN.findall(stretch):
            if sign in _PARTICLES:
                continue
            _add(grams, sign, weight)
            if before:
                _add(grams, before + sign, weight)
            before = sign
            total += 1
    return total


def _add(into: dict[K, float], key: K, weight: float) -> None:
    """Saturating: a sign that comes again adds less each time."""
    was = into.get(key)
    into[key] = weight if was is None else was + (2.0 - was) * AGAIN * weight * 0.5
