"""What came in, once each: the repeat of a message ends here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.types import Address
from bot.store.engine import on_both
from bot.store.tables import heard

Kind = Literal["message", "failed", "rejected"]
Key = tuple[str, str]  # channel, message id


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as it is kept: `text` is masked. `line` is its place at the address."""

    sender: Address
    message_id: str
    at: datetime
    text: str
    kind: Kind = "message"
    line: int | None = None

    @property
    def key(self) -> Key:
        return self.sender.channel, self.message_id


# Writes down what is new, and says which that was.
_HEAR = on_both(
    lambda insert: (
        insert(heard).on_conflict_do_nothing().returning(heard.c.channel, heard.c.message_id)
    )
)

# Gives a message its place again, after a race for the conversation was lost.
_PLACE = (
    update(heard)
    .where(heard.c.channel == bindparam("of_channel"), heard.c.message_id == bindparam("of_id"))
    .values(line=bindparam("to_line"))
)


async def hear(tx: AsyncConnection, messages: Sequence[Heard]) -> set[Key]:
    """The keys that were not known before."""
    if not messages:
        return set()
    # Always in the same order, so that two processes never wait for each other in a circle.
    rows = [_row(message) for message in sorted(messages, key=lambda m: m.key)]
    new = await tx.execute(_HEAR[tx.dialect.name], rows)
    return {(channel, message_id) for channel, message_id in new}


async def place(tx: AsyncConnection, lines: Sequence[tuple[Key, int]]) -> None:
    if lines:
        rows = [{"of_channel": c, "of_id": i, "to_line": line} for (c, i), line in sorted(lines)]
        await tx.execute(_PLACE, rows)


def _row(message: Heard) -> dict[str, object]:
    return {
        "channel": message.sender.channel,
        "message_id": message.message_id,
        "user": message.sender.user,
        "at": message.at,
        "kind": message.kind,
        "text": message.text,
        "line": message.line,
    }
