"""What was said at an address, both sides, in order."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import bindparam, literal, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.types import Address, Reply
from bot.store import plain
from bot.store.tables import heard, outbox

MOST = 200  # lines at a time

Said = tuple[int, datetime, str, Reply | None]  # number, when, words, and ours as a reply

log = logging.getLogger(__name__)

# The citizen's words and ours, merged by their number at this address.
_LINES = (
    union_all(
        select(heard.c.line, heard.c.at, heard.c.text, null().label("reply")).where(
            heard.c.channel == bindparam("of_channel"),
            heard.c.user == bindparam("of_user"),
            heard.c.line > bindparam("after"),
        ),
        select(outbox.c.line, outbox.c.not_before, literal(""), outbox.c.reply).where(
            outbox.c.channel == bindparam("of_channel"),
            outbox.c.user == bindparam("of_user"),
            outbox.c.line > bindparam("after"),
        ),
    )
    .order_by("line")
    .limit(MOST)
)


async def lines(tx: AsyncConnection, address: Address, after: int) -> list[Said]:
    wanted = {"of_channel": address.channel, "of_user": address.user, "after": after}
    rows = await tx.execute(_LINES, wanted)
    return [said for row in rows if (said := _said(row.line, row.at, row.text, row.reply))]


def _said(number: int, at: datetime, text: str, reply: str | None) -> Said | None:
    if reply is None:
        return number, at, text, None
    try:
        read = plain.loads(Reply, reply)
    except plain.Unreadable as error:
        log.error("reply unreadable line=%d error=%s", number, str(error).replace(" ", "_"))
        return None
    return number, at, read.text, read
