"""Rows of bulk that a lane has set aside: claimed many at a time, marked just before each goes.

Rule 1: a claimed row still waits. Whoever pauses, cancels, takes or erases it need not know of the
        claim: the row then does not go.
Rule 2: a claim is known by its moment, which stands in `take_at`: whoever claims later has another.
Rule 3: only a marked row may be on the wire, so that a crash leaves no other in doubt.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, exists, or_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.outbox import DUE, TAKEN, Lane, Taken, number, taken_of
from bot.store.tables import lane_rests, outbox

_CLAIM = (
    update(outbox)
    .where(outbox.c.id == DUE.c.id)
    .values(
        state="waiting",
        doubtful=or_(outbox.c.doubtful, outbox.c.state == "sending"),
        take_at=bindparam("claimed_until"),
        worker=bindparam("by"),
    )
    .returning(*TAKEN)
)

_OURS = (
    outbox.c.id.in_(bindparam("ids", expanding=True)),
    outbox.c.state == "waiting",
    outbox.c.settled_at.is_(None),
    outbox.c.take_at.in_(bindparam("claims", expanding=True)),
)

# What goes now, unless the lane rests.
_MARK = (
    update(outbox)
    .where(
        *_OURS,
        ~exists().where(
            lane_rests.c.channel == outbox.c.channel,
            lane_rests.c.lane == outbox.c.lane,
            lane_rests.c.until > bindparam("now", type_=lane_rests.c.until.type),
        ),
    )
    .values(state="sending", attempts=outbox.c.attempts + 1, take_at=bindparam("lease_until"))
    .returning(outbox.c.id, outbox.c.attempts, outbox.c.line)
)

# What is anybody's again.
_RELEASE = update(outbox).where(*_OURS).values(take_at=bindparam("now"), worker=None)


async def claim(
    tx: AsyncConnection,
    lane: tuple[str, Lane],
    most: int,
    now: datetime,
    until: datetime,
    by: str | None,
) -> list[Taken]:
    """At most `most` due rows, set aside until then, in their order."""
    wanted = {
        "of_channel": lane[0],
        "of_lane": lane[1],
        "most": most,
        "now": now,
        "claimed_until": until,
        "by": by,
    }
    rows = [taken_of(row) for row in await tx.execute(_CLAIM, wanted)]
    return sorted(rows, key=lambda one: (one.not_before, one.id))


async def mark(
    tx: AsyncConnection, claimed: Mapping[Taken, datetime], now: datetime, until: datetime
) -> list[Taken]:
    """Those of them that are still ours and may go now, each with the moment of its claim."""
    wanted = {**_named(claimed), "now": now, "lease_until": until}
    marked = {row.id: row for row in await tx.execute(_MARK, wanted)}
    going = [
        replace(one, attempts=marked[one.id].attempts, line=marked[one.id].line)
        for one in claimed
        if one.id in marked
    ]
    await number(tx, [one for one in going if one.line is None], now)
    return going


async def release(tx: AsyncConnection, claimed: Mapping[Taken, datetime], now: datetime) -> None:
    if claimed:
        await tx.execute(_RELEASE, {**_named(claimed), "now": now})


def _named(claimed: Mapping[Taken, datetime]) -> dict[str, object]:
    ids: Sequence[int] = [one.id for one in claimed]
    claims: Collection[datetime] = set(claimed.values())
    return {"ids": ids, "claims": list(claims)}
