"""What is remembered of each person, compared and set: nobody's turn overwrites another's."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.types import Address, Conversation
from bot.store.engine import on_both
from bot.store.state import NOTHING, from_json, to_json
from bot.store.tables import conversations, unreachable


@dataclass(frozen=True, slots=True)
class Remembered:
    """A conversation with its place in time: `version` 0 is somebody new.

    `said` is the number of the last line at this address. `unreachable`: the platform refused us
    there for good, some time before.
    """

    address: Address
    version: int = 0
    said: int = 0
    conversation: Conversation = field(default_factory=Conversation)
    unreachable: bool = False


# The states of many people, their rows held until the transaction ends (SQLite holds all anyway).
# Two lists and not pairs: SQLite reads the whole table for a list of pairs.
_RECALL = (
    select(
        conversations.c.channel,
        conversations.c.user,
        conversations.c.version,
        conversations.c.said,
        conversations.c.state,
        unreachable.c.since,
    )
    .outerjoin(
        unreachable,
        and_(
            unreachable.c.channel == conversations.c.channel,
            unreachable.c.user == conversations.c.user,
        ),
    )
    .where(
        conversations.c.channel.in_(bindparam("channels", expanding=True)),
        conversations.c.user.in_(bindparam("users", expanding=True)),
    )
    .order_by(conversations.c.channel, conversations.c.user)
    .with_for_update(of=conversations)
)

SILENCE = timedelta(minutes=15)  # after it an open form no longer keeps others from speaking

# What people were left with, and when.
_SPOKE = select(
    conversations.c.channel,
    conversations.c.user,
    conversations.c.state,
    conversations.c.updated_at,
).where(
    conversations.c.channel.in_(bindparam("channels", expanding=True)),
    conversations.c.user.in_(bindparam("users", expanding=True)),
)

# Writes new states; a row whose version moved on meanwhile stays as it is and is not returned.
_REMEMBER = on_both(
    lambda insert: (
        (row := insert(conversations))
        .on_conflict_do_update(
            index_elements=["channel", "user"],
            set_={name: row.excluded[name] for name in ("version", "said", "state", "updated_at")},
            where=conversations.c.version == row.excluded.version - 1,
        )
        .returning(conversations.c.channel, conversations.c.user)
    )
)

# Numbers more lines at an address. The version moves too, or a turn in work would number them again.
_SAY = on_both(
    lambda insert: (
        (row := insert(conversations))
        .on_conflict_do_update(
            index_elements=["channel", "user"],
            set_={
                "version": conversations.c.version + 1,
                "said": conversations.c.said + row.excluded.said,
            },
        )
        .returning(conversations.c.channel, conversations.c.user, conversations.c.said)
    )
)


async def recall(tx: AsyncConnection, addresses: Collection[Address]) -> dict[Address, Remembered]:
    """What is known of each; somebody new is there as well, with nothing."""
    wanted = {
        "channels": sorted({a.channel for a in addresses}),
        "users": sorted({a.user for a in addresses}),
    }
    known = {address: Remembered(address) for address in addresses}
    for channel, user, version, said, state, since in await tx.execute(_RECALL, wanted):
        address = Address(channel, user)
        if address in known:
            known[address] = Remembered(address, version, said, from_json(state), since is not None)
    return known


async def in_a_form(
    tx: AsyncConnection, addresses: Collection[Address], now: datetime
) -> dict[Address, datetime]:
    """Who has a form open, each with the moment from which it no longer keeps others from speaking."""
    wanted = {
        "channels": sorted({a.channel for a in addresses}),
        "users": sorted({a.user for a in addresses}),
    }
    if not addresses:
        return {}
    spoke = await tx.execute(_SPOKE, wanted)
    return {
        Address(channel, user): max(now, at + SILENCE)
        for channel, user, state, at in spoke
        if Address(channel, user) in addresses and '"form":' in state and from_json(state).form
    }


_PEEK = select(conversations.c.state).where(
    conversations.c.channel == bindparam("of_channel"),
    conversations.c.user == bindparam("of_user"),
)


async def peek(tx: AsyncConnection, address: Address) -> Conversation:
    """What is remembered there now, without holding it."""
    of = {"of_channel": address.channel, "of_user": address.user}
    state = (await tx.execute(_PEEK, of)).scalar()
    return from_json(state) if state else Conversation()


async def remember(tx: AsyncConnection, kept: Sequence[Remembered], now: datetime) -> set[Address]:
    """Writes each state as the next version; the addresses where nobody else was faster."""
    if not kept:
        return set()
    rows = [
        {
            "channel": one.address.channel,
            "user": one.address.user,
            "version": one.version + 1,
            "said": one.said,
            "state": to_json(one.conversation),
            "updated_at": now,
        }
        for one in sorted(kept, key=lambda k: str(k.address))
    ]
    written = await tx.execute(_REMEMBER[tx.dialect.name], rows)
    return {Address(channel, user) for channel, user in written}


async def say(tx: AsyncConnection, lines: dict[Address, int], now: datetime) -> dict[Address, int]:
    """Makes room for so many more lines at each address; the number of the last one."""
    rows = [
        {
            "channel": address.channel,
            "user": address.user,
            "version": 1,
            "said": lines[address],
            "state": NOTHING,
            "updated_at": now,
        }
        for address in sorted(lines, key=str)
    ]
    said = await tx.execute(_SAY[tx.dialect.name], rows)
    return {Address(channel, user): last for channel, user, last in said}
