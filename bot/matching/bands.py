"""When to answer, when to ask back, when to refuse: probabilities and the reason for a refusal.

Rule 1: answer only when the first is probably right and clearly ahead of the second.
Rule 2: ask back whenever the matter is probably ours; a question back is never wrong.
Rule 3: a refusal says why, so that its sentence can show a way out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .followups import pointing
from .lexicon import ABUSE, CHAT, OUTSIDE, Lexicon
from .reading import Reading
from .types import Band, Candidate, RefusalReason

_READABLE = re.compile("[\u3400-\u9fff]|[a-z]{2}")


@dataclass(frozen=True, slots=True)
class Bands:
    """Where the bands begin (probabilities, 0–1)."""

    answer: float = 0.82  # the first is right
    margin: float = 0.1  # by which the first leads the second
    clarify: float = 0.3  # the question is ours to answer

    def __post_init__(self) -> None:
        for name in ("answer", "margin", "clarify"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"matching.{name}: between 0 and 1 (e.g. 0.7)")

    def band(self, candidates: tuple[Candidate, ...], answerable: float) -> Band:
        """The band for ranked candidates."""
        if not candidates:
            return "refuse"
        first = candidates[0].score
        second = candidates[1].score if len(candidates) > 1 else 0.0
        if answerable >= self.clarify and first >= self.answer and first - second >= self.margin:
            return "answer"
        return "clarify" if answerable >= self.clarify else "refuse"


def authority(question: Reading, lexicon: Lexicon) -> str | None:
    """Whose matter the question is: the authority whose words are most of it."""
    weight: dict[str, int] = {}
    for hit in question.hits:
        name = lexicon.authorities.get(hit.words)
        if name and hit.meaning.mark == OUTSIDE:
            weight[name] = weight.get(name, 0) + len(hit.words)
    return max(weight, key=lambda name: weight[name]) if weight else None


def reason(question: Reading, lexicon: Lexicon, typed: frozenset[int]) -> RefusalReason:
    """Why there is no answer."""
    marks = {hit.meaning.mark for hit in question.hits}
    if ABUSE in marks:
        return "abuse"
    if authority(question, lexicon):
        return "other_authority"
    if OUTSIDE in marks or CHAT in marks:
        return "off_topic"
    if pointing(question):
        return "too_vague"
    if not _READABLE.search(question.text):
        return "unreadable"
    if any(concept in typed for concept in question.concepts) or question.length <= 2:
        return "too_vague"
    if question.text.isascii() and not question.known:
        return "unreadable"
    return "off_topic"
