"""Who was served which version of an answer, so that they can be told when it changes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.types import Address, AnswerServed
from bot.store.engine import on_both
from bot.store.tables import answer_versions, served_answers

# The version that a person has now is the last one that they were given.
_SERVE = on_both(
    lambda insert: (row := insert(served_answers)).on_conflict_do_update(
        index_elements=["channel", "user", "entry"],
        set_={"version": row.excluded.version, "at": row.excluded.at},
    )
)
_VERSION = on_both(lambda insert: insert(answer_versions).on_conflict_do_nothing())
_VERSIONS = (
    select(answer_versions.c.version, answer_versions.c.text)
    .where(
        answer_versions.c.entry == bindparam("of_entry"),
        select(served_answers.c.user)
        .where(
            served_answers.c.entry == answer_versions.c.entry,
            served_answers.c.version == answer_versions.c.version,
        )
        .exists(),
    )
    .order_by(answer_versions.c.since)
)
_TOLD = (
    update(served_answers)
    .where(
        served_answers.c.channel == bindparam("of_channel"),
        served_answers.c.user == bindparam("of_user"),
        served_answers.c.entry == bindparam("of_entry"),
    )
    .values(version=bindparam("to_version"))
)


async def serve(
    tx: AsyncConnection, served: Sequence[tuple[Address, AnswerServed]], now: datetime
) -> None:
    """The last of one turn, sorted: PostgreSQL takes a row once per statement, in our order."""
    last = {(at.channel, at.user, one.entry): one for at, one in served}
    versions = {(one.entry, one.version): one.text for one in last.values()}
    if not last:
        return
    await tx.execute(
        _VERSION[tx.dialect.name],
        [
            {"entry": entry, "version": version, "text": versions[entry, version], "since": now}
            for entry, version in sorted(versions)
        ],
    )
    await tx.execute(
        _SERVE[tx.dialect.name],
        [
            {
                "channel": channel,
                "user": user,
                "entry": entry,
                "version": last[channel, user, entry].version,
                "at": now,
            }
            for channel, user, entry in sorted(last)
        ],
    )


async def versions(tx: AsyncConnection, entry: str) -> dict[str, str]:
    """The versions that somebody has, with their words."""
    return {row.version: row.text for row in await tx.execute(_VERSIONS, {"of_entry": entry})}


async def told(tx: AsyncConnection, who: Collection[Address], entry: str, version: str) -> None:
    """They know this version now."""
    rows = [
        {"of_channel": a.channel, "of_user": a.user, "of_entry": entry, "to_version": version}
        for a in sorted(who, key=str)
    ]
    if rows:
        await tx.execute(_TOLD, rows)
