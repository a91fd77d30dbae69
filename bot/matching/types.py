"""What the matcher takes and gives: documents in, ranked candidates and a band out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Band = Literal["answer", "clarify", "refuse"]
RefusalReason = Literal["off_topic", "too_vague", "other_authority", "abuse", "unreadable"]


@dataclass(frozen=True, slots=True)
class Document:
    """One thing that can be found. `asks` are other wordings of `question`."""

    id: str
    question: str
    asks: tuple[str, ...] = ()
    answer: str = ""
    region: str = "全国"
    body: str = "人社"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document and how likely it is the right one (0–1)."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """The ranking for one question. `score` (0–1) is how sure we are that the first is right."""

    band: Band
    candidates: tuple[Candidate, ...]  # best first, at most 10
    score: float
    reason: RefusalReason | None = None  # only when refused
    authority: str | None = None  # whose matter it is, when `reason` is other_authority or body is
    parts: tuple[str, ...] = ()  # the questions that one message held, when there were two or more
