"""What becomes of a row after a call: sent, tried again later, uncertain, or given up.

Pure: the same row, error and chance give the same settlement.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.channels.base import Undeliverable
from bot.logs import kind, where
from bot.store.outbox import Settlement, Taken


@dataclass(frozen=True, slots=True)
class Sending:
    """Times in seconds."""

    lease: float = 20.0  # renewed while a call lasts; after a crash the rows are anybody's again
    call: float = 60.0  # a call that lasts longer may have arrived
    poll: float = 2.0  # between looks for rows that another process has put in
    first_wait: float = 2.0  # before the second try; doubled each time
    longest_wait: float = 600.0
    tries: int = 20  # then it is given up and kept as failed
    faults: int = 3  # tries when the fault is ours: the person's next rows wait behind it
    repeat_doubtful_bulk: bool = True  # False: a mass message that may have arrived is not repeated


def verdict(
    one: Taken, error: Exception | None, now: datetime, sending: Sending, chance: float
) -> Settlement:
    """`chance` (0–1) spreads the next tries of many rows."""
    if error is None:
        return Settlement(one.id, one.attempts, "sent", now)
    known = error if isinstance(error, Undeliverable) else None
    reason = known.reason if known else f"{kind(error)} {where(error)}"
    doubtful = one.doubtful or _may_have_arrived(error)
    if known and known.rest is not None:
        again = now + timedelta(seconds=known.rest)
        return Settlement(
            one.id, one.attempts, "waiting", now, again, reason, doubtful, known.unheard
        )
    most = sending.tries if known or isinstance(error, TimeoutError) else sending.faults
    if (known and known.permanent) or one.attempts >= most:
        return Settlement(one.id, one.attempts, "failed", now, error=reason, doubtful=doubtful)
    if doubtful and skips(one, sending):
        return Settlement(one.id, one.attempts, "uncertain", now, error=reason, doubtful=True)
    again = now + timedelta(seconds=_wait(one, known, sending, chance))
    return Settlement(one.id, one.attempts, "waiting", now, again, reason, doubtful)


def unsent(one: Taken, refusing: bool, now: datetime, sending: Sending) -> Settlement | None:
    """The settlement of a row that must not be sent at all; None: send it."""
    if refusing:
        return Settlement(one.id, one.attempts, "failed", now, error="unreachable")
    if one.doubtful and skips(one, sending):
        return Settlement(one.id, one.attempts, "uncertain", now, doubtful=True)
    return None


def skips(one: Taken, sending: Sending) -> bool:
    return one.lane == "bulk" and not sending.repeat_doubtful_bulk


def _may_have_arrived(error: Exception) -> bool:
    if isinstance(error, Undeliverable):
        return error.uncertain
    return isinstance(error, TimeoutError)


def _wait(one: Taken, known: Undeliverable | None, sending: Sending, chance: float) -> float:
    if known and known.retry_after is not None:
        return known.retry_after
    doubled = sending.first_wait * 2.0 ** min(one.attempts - 1, 20)
    return min(doubled, sending.longest_wait) * (0.75 + 0.5 * chance)
