"""Cuts a long text into messages that a platform takes, at the end of a sentence where it can.

Rule 1: nothing is lost but white space at the cuts.
Rule 2: no part is longer than the limit, counted as the platform counts.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Unit = Literal["characters", "utf16", "bytes"]

LEAST = 4  # one character in any unit: UTF-8 needs up to 4 bytes
_CLOSERS = "”’）」』》)\"'"
_BREAKS = (  # where a text may be cut, best first; the cut is at the end of the match
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(rf"[。！？；…!?]+[{_CLOSERS}]*|[.;](?=\s)"),
    re.compile(r"[，、：]|[,:](?=\s)|\s"),
)
_MARKS = "。！？；，、：…"
_GLUED = "\u200d\ufe0e\ufe0f"  # joiner and variation selectors stay with what they follow


def length(text: str, unit: Unit) -> int:
    """How long the platform finds `text`."""
    if unit == "bytes":
        return len(text.encode("utf-8", "surrogatepass"))
    astral = sum(char > "\uffff" for char in text) if unit == "utf16" else 0
    return len(text) + astral


def split(text: str, most: int, unit: Unit = "characters") -> list[str]:
    """`text` in parts of at most `most` units, in order; an empty list if there are no words.

    Raises ValueError if `most` is less than one character may need.
    """
    if most < LEAST:
        raise ValueError(f"a message of {most} {unit} holds nothing")
    parts = []
    rest = text.strip()
    while rest:
        at = _cut(rest, most, unit)
        parts.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return parts


def _cut(text: str, most: int, unit: Unit) -> int:
    """How many characters the first part takes."""
    fits = _fits(text, most, unit)
    if fits == len(text):
        return fits
    for pattern in _BREAKS:
        # one character more is looked at, so that a closing quote stays with its sentence
        ends = [m.end() for m in pattern.finditer(text[: fits + 1]) if m.end() <= fits]
        if ends and ends[-1] >= fits // 2:
            return ends[-1]
    return _whole_glyphs(text, fits)


def _fits(text: str, most: int, unit: Unit) -> int:
    """How many characters from the start are at most `most` units."""
    if length(text, unit) <= most:
        return len(text)
    left = most
    for count, char in enumerate(text):
        left -= length(char, unit)
        if left < 0:
            return count
    return len(text)


def _whole_glyphs(text: str, at: int) -> int:
    """The last place up to `at` that tears no emoji, accent or closing mark from what it follows."""
    for place in range(at, 0, -1):
        if not _joined(text[place - 1], text[place]):
            return place
    return at


def _joined(before: str, after: str) -> bool:
    skin = "\U0001f3fb" <= after <= "\U0001f3ff"
    glued = after in _GLUED or after in _CLOSERS or after in _MARKS or skin
    return before == "\u200d" or glued or unicodedata.combining(after) > 0
