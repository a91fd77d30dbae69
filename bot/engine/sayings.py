"""Short exchanges kept as data (`faq_data/smalltalk.toml`): small talk, urgent words, scams, heat.

A rule fires when the text holds one word of each of its `all` groups and no word of `none`; small
talk fires only when it is the whole text. The first rule that fires wins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.engine.parameters import BadData
from bot.engine.text import plain
from bot.engine.types import REPLY_KINDS, Choice, ReplyKind


@dataclass(frozen=True, slots=True)
class Saying:
    name: str
    kind: ReplyKind
    text: str
    whole: frozenset[str] = frozenset()  # the whole text, folded
    all: tuple[tuple[str, ...], ...] = ()
    none: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    entry: str | None = None

    def fires(self, folded: str) -> bool:
        if folded in self.whole:
            return True
        return (
            bool(self.all)
            and all(any(word in folded for word in group) for group in self.all)
            and not any(word in folded for word in self.none)
        )


@dataclass(frozen=True, slots=True)
class Sayings:
    urgent: tuple[Saying, ...]  # before anything is looked up
    smalltalk: tuple[Saying, ...]
    heat: tuple[str, ...]  # words that tell distress

    def heated(self, text: str) -> bool:
        return any(word in text for word in self.heat) or "！！" in text or "!!" in text


def first(sayings: Sequence[Saying], text: str) -> Saying | None:
    folded = plain(text)
    return next((saying for saying in sayings if saying.fires(folded)), None)


def read_sayings(where: str, table: Mapping[str, Any]) -> Sayings:
    """Raises BadData."""
    return Sayings(
        urgent=tuple(_read(where, row) for row in table.get("urgent", ())),
        smalltalk=tuple(_read(where, row) for row in table.get("smalltalk", ())),
        heat=tuple(table.get("heat", ())),
    )


def _read(where: str, row: Mapping[str, Any]) -> Saying:
    at = f"{where}: {row.get('name', '?')}"
    for extra in sorted(set(row) - set(Saying.__slots__)):
        raise BadData(f"{at}: {extra}: unknown field")
    if row.get("kind") not in REPLY_KINDS:
        raise BadData(f"{at}: kind: one of {' '.join(REPLY_KINDS)}")
    if not isinstance(row.get("text"), str) or not (row.get("whole") or row.get("all")):
        raise BadData(f"{at}: text and one of whole, all are needed")
    try:
        choices = tuple(Choice(c["label"], c["send"]) for c in row.get("choices", ()))
    except (KeyError, ValueError) as error:
        raise BadData(f"{at}: choices: {error}") from None
    return Saying(
        name=row["name"],
        kind=row["kind"],
        text=row["text"].strip(),
        whole=frozenset(plain(word) for word in row.get("whole", ())),
        all=tuple(tuple(plain(word) for word in group) for group in row.get("all", ())),
        none=tuple(plain(word) for word in row.get("none", ())),
        choices=choices,
        entry=row.get("entry"),
    )
