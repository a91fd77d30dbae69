"""What callbacks tell of a person besides their words, and what a tapped link meant.

What changes something is told once: those methods raise Replayed for a nonce that was used.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from bot.channels.wechat.account import CHANNEL, Account
from bot.clock import Clock
from bot.engine.types import Address
from bot.logs import who
from bot.store import unreachable, wechat_choices, wechat_nonces, wechat_people
from bot.store.engine import Store
from bot.store.wechat_nonces import Nonce
from bot.store.wechat_people import Grant

ARRIVED = ("success", "")

log = logging.getLogger(__name__)


class People:
    """One account's."""

    def __init__(self, account: Account, store: Store, clock: Clock) -> None:
        self._account = account
        self._store = store
        self._clock = clock

    async def meant(self, number: int) -> str | None:
        """What a tapped link says; None if there was never such a link."""
        async with self._store.read() as tx:
            return await wechat_choices.send_of(tx, number)

    async def seen(self, nonce: Nonce) -> None:
        """Notes the nonce of what comes to no turn. Raises Replayed."""
        async with self._store.write() as tx:
            await wechat_nonces.use(tx, nonce, self._clock())

    async def wrote(self, user: str, grant: Grant) -> None:
        """They may be written to for a while."""
        async with self._store.write() as tx:
            await wechat_people.wrote(tx, {user: grant}, self._clock())

    async def left(self, user: str, nonce: Nonce) -> None:
        """They have unfollowed: nothing is sent until they write again."""
        address = Address(CHANNEL, user)
        async with self._store.write() as tx:
            await wechat_nonces.use(tx, nonce, self._clock())
            await unreachable.note(tx, {address: "unfollowed"}, self._clock())
            await wechat_people.closed(tx, user)
        log.info("wechat unfollowed who=%s", who(address))

    async def consented(self, user: str, templates: Mapping[str, int], nonce: Nonce) -> None:
        """Only the one template counts that we send."""
        ours = self._account.subscription
        times = templates.get(ours.template) if ours else None
        if times is None:
            return
        async with self._store.write() as tx:
            await wechat_nonces.use(tx, nonce, self._clock())
            if times < 0:
                await wechat_people.refused(tx, user)
            else:
                await wechat_people.consented(tx, user, times, self._clock())

    async def notice_ended(self, user: str, status: str, nonce: Nonce) -> None:
        """A notice that did not arrive may be sent again, by another way."""
        if status.lower() in ARRIVED:
            return
        log.warning(
            "wechat notice not delivered who=%s status=%r", who(Address(CHANNEL, user)), status[:40]
        )
        async with self._store.write() as tx:
            await wechat_nonces.use(tx, nonce, self._clock())
            await wechat_people.unnotice(tx, user)
