"""Replies in the words that WeChat takes: 2,048 bytes a message, choices as numbers and links.

Rule 1: the numbers mean what was offered last; so only the last choices of a message are numbered.
Rule 2: a link carries a number of its own (`msgmenuid`) that means the same next week.
Rule 3: replies that follow each other share a message while they fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.channels.wechat.account import Choices
from bot.engine import words
from bot.engine.splitting import length, split
from bot.engine.text import clean, numbered
from bot.engine.types import Attachment, Choice, Reply

MOST = 2048  # bytes of one text message; measured by developers, not in WeChat's documents
BETWEEN = "\n\n"
ROOM = MOST - max(length(BETWEEN + hint, "bytes") for hint in words.WECHAT_HINTS)
LINK = '<a href="weixin://bizmsgmenu?msgmenucontent={label}&msgmenuid={number}">{label}</a>'
_PLAIN_LABEL = re.compile(r"[^\s<>\"'&#%?=+\\/]+")  # what stands in a link without being escaped


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of a row: a text, and how many of the row's parts have gone with it."""

    row: int  # its place among the rows
    text: str
    done: int
    last: bool  # nothing of this row is left


@dataclass(frozen=True, slots=True)
class Sheet:
    """One message. `pieces` in their order."""

    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        return BETWEEN.join(piece.text for piece in self.pieces)

    @property
    def size(self) -> int:
        return length(self.text, "bytes")


def sheets(
    replies: Sequence[Reply],
    done: Sequence[int],
    numbers: Mapping[str, int],
    style: Choices,
) -> list[Sheet]:
    """`replies` in as few messages as they fit; `done`: parts of each that have arrived already."""
    last = max((n for n, reply in enumerate(replies) if reply.choices), default=-1)
    found: list[list[Piece]] = []
    size = 0
    for row, reply in enumerate(replies):
        texts = parts(reply, numbers, style, counted=row == last)
        for n in range(done[row], len(texts)):
            piece = Piece(row, texts[n], n + 1, n + 1 == len(texts))
            more = length(texts[n], "bytes") + len(BETWEEN)
            if not found or size + more > ROOM:
                found.append([])
                size = 0
            found[-1].append(piece)
            size += more
    return [Sheet(tuple(pieces)) for pieces in found]


def parts(
    reply: Reply, numbers: Mapping[str, int], style: Choices, *, counted: bool = True
) -> list[str]:
    """A reply in texts of at most `ROOM` bytes; never empty. The choices stand under the last."""
    found = split(clean(reply.text), ROOM, "bytes")
    for block in _blocks(reply.choices, numbers, style, counted):
        joined = "\n\n".join([*found[-1:], block])
        if length(joined, "bytes") <= ROOM:
            found[-1:] = [joined]
        else:
            found.append(block)
    return found or [words.WECHAT_WORDLESS]


def pictures(reply: Reply) -> list[Attachment]:
    """What can be sent again by WeChat's own handle."""
    return [a for a in reply.attachments if a.kind == "image" and a.ref]


def _blocks(
    choices: Sequence[Choice], numbers: Mapping[str, int], style: Choices, counted: bool
) -> list[str]:
    """The choices as lines; without links if these would not fit into a message."""
    if not choices:
        return []
    linked = "\n".join(_lines(choices, {} if style == "numbers" else numbers, counted))
    if length(linked, "bytes") <= ROOM:
        return [linked] if linked else []
    return split("\n".join(_lines(choices, {}, counted)), ROOM, "bytes")


def _lines(choices: Sequence[Choice], numbers: Mapping[str, int], counted: bool) -> Iterable[str]:
    for number, choice in numbered(choices):
        label = clean(choice.label)
        link = numbers.get(choice.send)
        if link is not None and _PLAIN_LABEL.fullmatch(label):
            shown = LINK.format(label=label, number=link)
            yield f"{number} {shown}" if counted else f"· {shown}"
        elif counted:
            yield f"{number} {label}"
    if counted:
        yield words.TYPE_NUMBER
