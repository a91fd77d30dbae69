"""Notices to many followers in one call (群发), where the account may and a follower's quota allows.

Rule 1: a mass has one tag, made for it and taken away after it: its followers are exactly the rows
        that wait, each once, without those who left, sleep, or got it another way (docs/wechat.md).
Rule 2: a follower gets four a month, a 公众号 sends one a day: we count ours; what the office sends on
        WeChat's own page counts there, too, and we do not see it.
Rule 3: what offers choices does not go this way: its numbers would mean nothing.
Rule 4: nothing is sent twice: the platform drops a `clientmsgid` that it knows.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.channels.wechat import faults
from bot.channels.wechat.account import Account
from bot.channels.wechat.api import MASS, Api
from bot.channels.wechat.client import WechatError
from bot.channels.wechat.reading import MassEnded
from bot.channels.wechat.wording import MOST
from bot.clock import Clock
from bot.engine import words
from bot.engine.notifying.subscribing import LEAVE, MINE
from bot.engine.preferences import Preferences
from bot.engine.splitting import length
from bot.engine.text import clean
from bot.engine.types import Reply
from bot.store import broadcasts, wechat_masses, wechat_nonces, wechat_pauses
from bot.store.engine import Store
from bot.store.wechat_masses import Mass, Member
from bot.store.wechat_nonces import Nonce

A_MONTH = 4  # messages that a follower of a service account gets
A_DAY = {"service": 100, "subscription": 1}  # calls
QUIET = timedelta(minutes=2)  # nobody joined it for so long: it goes; longer than 撤回 works
LONGEST = timedelta(minutes=30)  # it goes, although some still join
LEFT = timedelta(minutes=10)  # a process that has not come further is gone
REPORTED = timedelta(days=1)  # by then the platform has told what came of it
AT_ONCE = 50  # followers in one call that tags
WHY = "（您订阅了"  # how the reason begins that differs from reader to reader
GATHERING, ACCEPTED, UNREPORTED = "mass gathering", "mass accepted", "mass unreported"
NOBODY = "mass of nobody"
REST = timedelta(days=1).total_seconds()

log = logging.getLogger(__name__)


def common(reply: Reply) -> str | None:
    """The words for everybody who gets this notice; None: it cannot go to many at once."""
    if any(choice not in (MINE, LEAVE) for choice in reply.choices) or reply.enclosures:
        return None
    lines = clean(reply.text).split("\n")
    if lines and lines[-1].startswith(WHY):
        lines[-1] = words.WECHAT_MASS_WHY
    text = "\n".join(lines)
    return text if length(text, "bytes") <= MOST else None


class Massing:
    """One account's masses: gathered by the pusher, sent by the worker."""

    def __init__(self, account: Account, api: Api, store: Store, clock: Clock) -> None:
        self._account = account
        self._api = api
        self._store = store
        self._clock = clock

    async def joins(self, user: str, reply: Reply, key: str, now: datetime) -> bool:
        """Whether this row of a notice goes with many others."""
        origin = _origin(key)
        text = common(reply) if self._account.may_mass and origin else None
        if text is None or origin is None:
            return False
        digest = hashlib.sha256(text.encode()).hexdigest()
        async with self._store.write() as tx:
            if MASS in await wechat_pauses.paused(tx, now):
                return False
            await broadcasts.held(tx, int(origin.partition(":")[2]))  # one joins after the other
            got = await wechat_masses.sent_to(tx, user, now)
            if self._account.kind == "service" and got >= A_MONTH:
                return False
            return await wechat_masses.gather(tx, origin, digest, text, Member(key, user), now)

    # --- sending -----------------------------------------------------------------------------------

    async def step(self) -> None:
        """Sends what has gathered. Raises WechatError or Unanswered: the rest comes next time."""
        if not self._account.may_mass:
            return
        now = self._clock()
        async with self._store.read() as tx:
            due = await wechat_masses.due(tx, now - QUIET, now - LONGEST, now - LEFT)
            old = await wechat_masses.unreported(tx, now - REPORTED)
        for mass in due:
            if await self._may_go(mass, now):
                await self._send(mass, now)
        for mass in old:
            async with self._store.write() as tx:
                await wechat_masses.ended(tx, mass.id, "uncertain", UNREPORTED, now)
        await self._drop_tags()

    async def _may_go(self, mass: Mass, now: datetime) -> bool:
        """Nobody is woken, and the day's quota is kept."""
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        async with self._store.read() as tx:
            one = await broadcasts.one(tx, int(mass.origin.partition(":")[2]))
            sent = await wechat_masses.sent_since(tx, midnight)
            paused = MASS in await wechat_pauses.paused(tx, now)
        urgent = one is not None and one.draft.urgent
        awake = bool(urgent) or Preferences().awake(now) == now
        return awake and not paused and sent < A_DAY[self._account.kind]

    async def _send(self, mass: Mass, now: datetime) -> None:
        async with self._store.write() as tx:
            members = await wechat_masses.take(tx, mass, now)
            if members is None:
                return
            if not members:  # they wrote meanwhile, or it was stopped
                await wechat_masses.ended(tx, mass.id, "uncertain", NOBODY, now)
                return
        try:
            tag = await self._tag(mass, [one.user for one in members])
            left = await self._tagged(tag, members)
            once = f"{mass.origin}-{mass.id}"
            msg_id = await self._api.mass(mass.text, tag, once) if left else None
        except WechatError as error:
            if error.code not in faults.BUSY | faults.TOKEN | faults.HURRY:
                await self._refused(mass, members, error.code, now)
            raise
        async with self._store.write() as tx:
            if left:
                await wechat_masses.accepted(tx, mass, left, msg_id, ACCEPTED, now)
            else:
                await wechat_masses.ended(tx, mass.id, "uncertain", NOBODY, now)
        log.info("wechat mass id=%d followers=%d", mass.id, len(left))

    async def _tag(self, mass: Mass, users: Sequence[str]) -> int:
        if mass.tag is not None:
            return mass.tag
        tag = await self._api.make_tag(f"公告{mass.origin.partition(':')[2]}-{mass.id}")
        async with self._store.write() as tx:
            await wechat_masses.tagged(tx, mass.id, tag)
        return tag

    async def _tagged(self, tag: int, members: Sequence[Member]) -> list[Member]:
        """Those who have the tag; whom the platform does not take goes another way."""
        left: list[Member] = []
        for n in range(0, len(members), AT_ONCE):
            left += await self._tag_some(tag, members[n : n + AT_ONCE])
        return left

    async def _tag_some(self, tag: int, some: Sequence[Member]) -> list[Member]:
        try:
            await self._api.tag(tag, [one.user for one in some])
        except WechatError as error:
            if error.code not in faults.UNTAGGED:
                raise
            if len(some) > 1:
                half = len(some) // 2
                first = await self._tag_some(tag, some[:half])
                return [*first, *await self._tag_some(tag, some[half:])]
            async with self._store.write() as tx:
                await wechat_masses.let_go(tx, some, f"{error.code} not tagged", self._clock())
            return []
        return list(some)

    async def _refused(
        self, mass: Mass, members: Sequence[Member], code: int, now: datetime
    ) -> None:
        """These words do not go this way; each follower gets them the next way."""
        async with self._store.write() as tx:
            await wechat_masses.refused(tx, mass.id, str(code), now)
            await wechat_masses.let_go(tx, members, f"{code} mass refused", now)
            if code in faults.NO_MASS:
                until = faults.midnight(now)
                await wechat_pauses.pause(tx, MASS, until)
        log.error("wechat mass refused id=%d code=%d", mass.id, code)

    async def _drop_tags(self) -> None:
        """An account has room for a hundred."""
        async with self._store.read() as tx:
            spare = await wechat_masses.spare_tags(tx)
        for mass, tag in spare:
            try:
                await self._api.drop_tag(tag)
            except WechatError as error:  # somebody did on WeChat's own page
                log.warning("wechat tag not dropped tag=%d code=%d", tag, error.code)
            async with self._store.write() as tx:
                await wechat_masses.untagged(tx, mass)

    # --- what came of it ---------------------------------------------------------------------------

    async def ended(self, told: MassEnded, nonce: Nonce) -> None:
        """MASSSENDJOBFINISH: how many got it, not who. Raises Replayed."""
        now = self._clock()
        async with self._store.write() as tx:
            await wechat_nonces.use(tx, nonce, now)
            mass = await wechat_masses.by_msg_id(tx, told.msg_id)
            if mass is None:
                return  # sent on WeChat's own page, or told twice
            size = await wechat_masses.size(tx, mass.id)
            if told.sent >= size:
                await wechat_masses.ended(tx, mass.id, "sent", "mass", now)
            elif told.sent:
                why = f"mass {told.sent}/{size}"
                await wechat_masses.ended(tx, mass.id, "uncertain", why, now)
            else:
                await wechat_masses.ended(tx, mass.id, "waiting", f"mass {told.status[:40]}", now)
        log.info(
            "wechat mass ended id=%d status=%r total=%d filtered=%d sent=%d failed=%d",
            mass.id,
            told.status[:40],
            told.total,
            told.total - told.filtered,
            told.sent,
            told.failed,
        )


def _origin(key: str) -> str | None:
    """`broadcast:12` of the row `broadcast:12:wechat:…`; None: no notice to many."""
    kind, _, rest = key.partition(":")
    number = rest.partition(":")[0]
    return f"{kind}:{number}" if kind == "broadcast" and number.isdecimal() else None
