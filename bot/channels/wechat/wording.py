"""Replies in the words that WeChat takes: 2,048 bytes a message, choices as numbers and links.

Rule 1: the numbers mean what was offered last; so only the last choices of a message are numbered.
Rule 2: a link carries a number of its own (`msgmenuid`) that means the same next week.
Rule 3: a file is a link if there is one, else its text where that is short, else how to get it.
Rule 4: replies that follow each other share a message while they fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.channels.wechat.account import Account, Choices
from bot.engine import words
from bot.engine.enclosures import Agenda, Chart, Enclosure, TextFile
from bot.engine.splitting import length, split
from bot.engine.text import clean, numbered
from bot.engine.types import Attachment, Choice, Reply
from bot.rendering import enclosed_kind

MOST = 2048  # bytes of one text message; measured by developers, not in WeChat's documents
BETWEEN = "\n\n"
ROOM = MOST - max(length(BETWEEN + hint, "bytes") for hint in words.WECHAT_HINTS)
FILE_MOST = 3 * ROOM  # bytes of a file that is told as text
FILE = '<a href="{url}">{label}</a>'
LINK = '<a href="weixin://bizmsgmenu?msgmenucontent={label}&msgmenuid={number}">{label}</a>'
_PLAIN_LABEL = re.compile(r"[^\s<>\"'&#%?=+\\/]+")  # what stands in a link without being escaped


Picture = Attachment | Chart


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of a row: a text or a picture, and how many of the row's parts have gone with it."""

    row: int  # its place among the rows
    part: str | Picture
    done: int
    last: bool  # nothing of this row is left


@dataclass(frozen=True, slots=True)
class Sheet:
    """One message: texts that share it, or one picture."""

    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        return BETWEEN.join(piece.part for piece in self.pieces if isinstance(piece.part, str))

    @property
    def picture(self) -> Picture | None:
        part = self.pieces[0].part
        return None if isinstance(part, str) else part


def sheets(
    replies: Sequence[Reply],
    done: Sequence[int],
    numbers: Mapping[str, int],
    account: Account,
    links: Sequence[Mapping[int, str]] = (),
) -> list[Sheet]:
    """`replies` in as few messages as they fit; `done`: parts of each that have arrived already.

    `links`: for each reply, addresses of its enclosures by their place.
    """
    last = max((n for n, reply in enumerate(replies) if reply.choices), default=-1)
    found: list[list[Piece]] = []
    room = 0
    for row, reply in enumerate(replies):
        opened = links[row] if links else {}
        whole = parts(reply, numbers, account, opened, counted=row == last)
        for n, part in enumerate(whole[done[row] :], done[row] + 1):
            piece = Piece(row, part, n, n == len(whole))
            size = length(part, "bytes") + len(BETWEEN) if isinstance(part, str) else ROOM
            if size > room:
                found.append([])
                room = ROOM + len(BETWEEN)
            found[-1].append(piece)
            room -= size if isinstance(part, str) else room
    return [Sheet(tuple(pieces)) for pieces in found]


def parts(
    reply: Reply,
    numbers: Mapping[str, int],
    account: Account,
    links: Mapping[int, str] | None = None,
    *,
    counted: bool = True,
) -> list[str | Picture]:
    """A reply as texts of at most `ROOM` bytes and then its pictures; never empty.

    Links to files and then the choices stand under the last text. What cannot be a picture here is
    said in words.
    """
    shown = pictures(reply, account)
    left = [(n, one) for n, one in enumerate(reply.enclosures) if one not in shown]
    opened = links or {}
    said = [_in_words(one, n in opened) for n, one in left]
    ways = [
        FILE.format(url=opened[n], label=words.WECHAT_FILE_LINK[enclosed_kind(one)])
        for n, one in left
        if n in opened
    ]
    found = split(clean("\n\n".join([reply.text, *said])), ROOM, "bytes")
    for block in [*ways, *_blocks(reply.choices, numbers, account.choices, counted)]:
        joined = "\n\n".join([*found[-1:], block])
        if length(joined, "bytes") <= ROOM:
            found[-1:] = [joined]
        else:
            found.append(block)
    return [*found, *shown] or [words.WECHAT_WORDLESS]


def pictures(reply: Reply, account: Account) -> list[Picture]:
    """What goes as a picture: only where the account may write unasked."""
    if not account.may_push:
        return []
    again = [a for a in reply.attachments if a.kind == "image" and a.ref]
    return [*again, *(e for e in reply.enclosures if isinstance(e, Chart))]


def _in_words(one: Enclosure, linked: bool) -> str:
    match one:
        case TextFile() if not linked:
            short = length(one.text, "bytes") <= FILE_MOST
            return f"{one.title}\n{one.text}" if short else words.WECHAT_FILE.format(what=one.title)
        case Agenda() if not linked:
            return f"{one.words()}\n{words.WECHAT_AGENDA}"
        case _:
            return one.words()


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
