"""What each address gets unasked: read set-wise, changed with a record of the consent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.preferences import TOPICS, UNLISTED, Preferences, PreferencesChanged
from bot.engine.types import Address
from bot.store.engine import on_both
from bot.store.tables import consents, preferences, subscriptions, unreachable

_ORDER = {topic: n for n, topic in enumerate((*TOPICS, *UNLISTED))}
_KEPT = ("region", "weekly", "quiet_from", "quiet_until", "off", "updated_at")

# How these addresses want it; who never said anything has no row.
_OF = select(preferences).where(
    preferences.c.channel.in_(bindparam("channels", expanding=True)),
    preferences.c.user.in_(bindparam("users", expanding=True)),
)
_TOPICS = select(subscriptions.c.channel, subscriptions.c.user, subscriptions.c.topic).where(
    subscriptions.c.channel.in_(bindparam("channels", expanding=True)),
    subscriptions.c.user.in_(bindparam("users", expanding=True)),
)
_KEEP = on_both(
    lambda insert: (row := insert(preferences)).on_conflict_do_update(
        index_elements=["channel", "user"], set_={name: row.excluded[name] for name in _KEPT}
    )
)
_SUBSCRIBE = on_both(lambda insert: insert(subscriptions).on_conflict_do_nothing())
_LEAVE = delete(subscriptions).where(
    subscriptions.c.channel == bindparam("of_channel"), subscriptions.c.user == bindparam("of_user")
)
_LEAVE_OTHERS = _LEAVE.where(subscriptions.c.topic.not_in(bindparam("kept", expanding=True)))

# Subscribers whom the platform no longer reaches.
_GONE = (
    select(subscriptions.c.channel, subscriptions.c.user)
    .join(
        unreachable,
        (unreachable.c.channel == subscriptions.c.channel)
        & (unreachable.c.user == subscriptions.c.user),
    )
    .distinct()
)


async def of(tx: AsyncConnection, addresses: Collection[Address]) -> dict[Address, Preferences]:
    """Each address's, the defaults for who never said anything."""
    wanted = {
        "channels": sorted({a.channel for a in addresses}),
        "users": sorted({a.user for a in addresses}),
    }
    found = {address: Preferences() for address in addresses}
    if not found:
        return found
    topics: dict[Address, list[str]] = {}
    for channel, user, topic in await tx.execute(_TOPICS, wanted):
        topics.setdefault(Address(channel, user), []).append(topic)
    for row in await tx.execute(_OF, wanted):
        address = Address(row.channel, row.user)
        if address in found:
            mine = sorted(topics.get(address, ()), key=lambda topic: _ORDER.get(topic, 99))
            found[address] = Preferences(
                topics=tuple(mine),
                region=row.region,
                weekly=row.weekly,
                quiet_from=row.quiet_from,
                quiet_until=row.quiet_until,
                off=tuple(row.off.split()),
            )
    return found


async def change(
    tx: AsyncConnection, changes: Sequence[tuple[Address, PreferencesChanged]], now: datetime
) -> None:
    """Writes each with what its person was told that they agreed to."""
    for to, changed in changes:
        at = {"channel": to.channel, "user": to.user}
        of = {"of_channel": to.channel, "of_user": to.user}
        after = changed.preferences
        row = {
            "region": after.region,
            "weekly": after.weekly,
            "quiet_from": after.quiet_from,
            "quiet_until": after.quiet_until,
            "off": " ".join(after.off),
            "updated_at": now,
        }
        await tx.execute(_KEEP[tx.dialect.name], {**at, **row})
        if after.topics:
            await tx.execute(_LEAVE_OTHERS, {**of, "kept": list(after.topics)})
            rows = [{**at, "topic": topic, "since": now} for topic in after.topics]
            await tx.execute(_SUBSCRIBE[tx.dialect.name], rows)
        else:
            await tx.execute(_LEAVE, of)
        await tx.execute(
            insert(consents), {**at, "at": now, "act": changed.act, "words": changed.words}
        )


async def forget_unreachable(tx: AsyncConnection, now: datetime) -> int:
    """Ends the subscriptions of addresses that refuse us; so many. Other addresses keep theirs."""
    gone = [{"channel": channel, "user": user} for channel, user in await tx.execute(_GONE)]
    if gone:
        await tx.execute(_LEAVE, [{"of_channel": g["channel"], "of_user": g["user"]} for g in gone])
        rows = [{**g, "at": now, "act": "unreachable", "words": ""} for g in gone]
        await tx.execute(insert(consents), rows)
    return len(gone)
