"""Which addresses are one person's. Somebody who never linked any is a person alone."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.types import Address
from bot.store.tables import people

# Whose these addresses are, as far as they were linked.
_PERSONS = select(people.c.channel, people.c.user, people.c.person).where(
    people.c.channel.in_(bindparam("channels", expanding=True)),
    people.c.user.in_(bindparam("users", expanding=True)),
)


_ADDRESSES = select(people.c.channel, people.c.user).where(
    people.c.person == bindparam("of_person")
)


async def addresses(tx: AsyncConnection, at: Address, person: str) -> list[Address]:
    """All addresses of the person at `at`, that one first."""
    linked = [Address(*row) for row in await tx.execute(_ADDRESSES, {"of_person": person})]
    return [at, *(other for other in linked if other != at)]


async def persons(tx: AsyncConnection, addresses: Collection[Address]) -> dict[Address, str]:
    """The person of each address, as text."""
    wanted = {
        "channels": sorted({a.channel for a in addresses}),
        "users": sorted({a.user for a in addresses}),
    }
    linked = {Address(c, u): person for c, u, person in await tx.execute(_PERSONS, wanted)}
    return {address: linked.get(address, str(address)) for address in addresses}
