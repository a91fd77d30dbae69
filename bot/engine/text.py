"""Pure helpers for the words that go in and out: cleaning, numbering, splitting."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from bot.engine import words
from bot.engine.types import Choice

LONGEST_MESSAGE = 4000  # characters of one message that are read; the rest is dropped with a notice
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def clean(text: str) -> str:
    """Without control characters, bidi overrides and lone surrogates; ends trimmed."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


@lru_cache(maxsize=1024)
def plain(text: str) -> str:
    """For comparing short words: NFKC, lower case, no white space, no closing marks."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"\s+|[。.!?,,;;~…、!“”\"'【】\[\]]+", "", folded)


def numbered(choices: Sequence[Choice]) -> Iterator[tuple[str, Choice]]:
    """What to type for each choice: 1, 2, …; 9 goes back and 0 is the human where these are offered."""
    count = 0
    for choice in choices:
        if choice.label == words.TO_HUMAN:
            yield "0", choice
        elif choice.label == words.BACK and len(choices) <= 9:
            yield "9", choice
        else:
            count += 1
            yield str(count), choice


def with_numbers(text: str, choices: Sequence[Choice]) -> str:
    """`text` with its choices as numbered lines, for channels without buttons."""
    if not choices:
        return text
    lines = [f"{number} {choice.label}" for number, choice in numbered(choices)]
    return "\n".join([text, "", *lines, words.TYPE_NUMBER])
