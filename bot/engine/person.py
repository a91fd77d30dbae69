"""One person at several addresses, and what a person may ask of their own data.

Errands and what comes of them; the words are in `linking` and `rights`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.engine.kept import FormProgress


@dataclass(frozen=True, slots=True)
class LinkWanted:
    """Make a code by which another address of the same person can be linked."""


@dataclass(frozen=True, slots=True)
class LinkMade:
    """The six digits; good for ten minutes, once."""

    code: str


@dataclass(frozen=True, slots=True)
class LinkTried:
    """The citizen types a code at another address."""

    code: str


@dataclass(frozen=True, slots=True)
class LinkTold:
    """`linked`: from now on one person; what was begun there comes along."""

    outcome: Literal["linked", "wrong", "locked", "same"]
    channel: str = ""  # the other address's
    begun: tuple[FormProgress, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkCut:
    """This address stands alone again."""


@dataclass(frozen=True, slots=True)
class LinkEnded:
    done: bool  # False: it was linked with nothing


@dataclass(frozen=True, slots=True)
class DataWanted:
    """Everything that is kept of this person."""


@dataclass(frozen=True, slots=True)
class DataGathered:
    """As JSON in a file, and how many rows of what."""

    text: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class DataErased:
    """Delete what may go."""


@dataclass(frozen=True, slots=True)
class DataGone:
    """How many rows of what went, and what stays by law."""

    gone: dict[str, int]
    kept: dict[str, int]


PersonErrand = LinkWanted | LinkTried | LinkCut | DataWanted | DataErased
PersonEvent = LinkMade | LinkTold | LinkEnded | DataGathered | DataGone
