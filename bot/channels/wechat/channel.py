"""The WeChat channel: callbacks are answered with the turn's words; the rest is pushed by plan."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import httpx
from starlette.routing import BaseRoute

from bot.channels.base import Inbox, Limits
from bot.channels.wechat.account import CHANNEL, Account
from bot.channels.wechat.api import Api, undeliverable
from bot.channels.wechat.client import Client, Unanswered, WechatError
from bot.channels.wechat.envelope import WINDOW
from bot.channels.wechat.files import Files
from bot.channels.wechat.massing import Massing
from bot.channels.wechat.people import People
from bot.channels.wechat.plans import Plans
from bot.channels.wechat.pushing import Pusher
from bot.channels.wechat.taking import Taking
from bot.channels.wechat.tokens import Tokens
from bot.channels.wechat.webhook import CUT, DEADLINE, Webhook
from bot.channels.wechat.wording import MOST
from bot.clock import Clock, wall_clock
from bot.engine.types import Reply
from bot.keys import Keys
from bot.store import wechat_answers, wechat_masses, wechat_nonces
from bot.store.engine import Store

API_BASE = "https://api.weixin.qq.com"
LIMITS = Limits(text=MOST, unit="bytes", buttons=False, per_second=30.0, per_person=1.0)
EVERY = 60.0  # seconds between looks at the token
REPEATED = timedelta(hours=1)  # after it nobody asks for an answer again
COUNTED = timedelta(days=90)  # mass messages count in their month
SIGNED = timedelta(seconds=3 * WINDOW)  # after it a timestamp is refused, also by a slow clock

log = logging.getLogger(__name__)


class WechatChannel:
    """One account. `keys` seal its access token and links to files at `public_url`; `transport`:
    another way to make HTTP requests."""

    def __init__(
        self,
        account: Account,
        store: Store,
        *,
        api_base: str = API_BASE,
        keys: Keys | None = None,
        public_url: str = "",
        clock: Clock = wall_clock,
        transport: httpx.AsyncBaseTransport | None = None,
        deadline: float = DEADLINE,
        cut: float = CUT,
        limits: Limits = LIMITS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._account = account
        self._store = store
        self._clock = clock
        self._client = Client(api_base, transport)
        self._tokens = Tokens(account, self._client, store, clock, keys=keys)
        self.api = Api(self._client, self._tokens, store, clock)
        self._massing = Massing(account, self.api, store, clock)
        self._files = Files(keys, public_url, store, clock)
        self._pusher = Pusher(
            account, self.api, Plans(account, store), self._massing, self._files, clock
        )
        self._deadline = deadline
        self._cut = cut
        self._limits = limits
        self._sleep = sleep

    @property
    def name(self) -> str:
        return CHANNEL

    @property
    def limits(self) -> Limits:
        return self._limits

    async def deliver(self, user: str, reply: Reply, key: str) -> None:
        """Send one reply, and what waits behind it for the same person. Raises Undeliverable."""
        try:
            await self._pusher.push(user, reply, key)
        except (WechatError, Unanswered) as error:  # of the token
            raise undeliverable(error) from error

    async def fetch(self, ref: str, most: int) -> bytes:
        """A picture that a follower sent. Raises Unfetchable."""
        return await self.api.fetch(ref, most)

    def routes(self, inbox: Inbox) -> Sequence[BaseRoute]:
        account, store, clock = self._account, self._store, self._clock
        webhook = Webhook(
            account,
            inbox,
            Taking(account, store, self._files, clock),
            People(account, store, clock),
            self._massing,
            clock,
            self._deadline,
            self._cut,
        )
        return [*webhook.routes(), *self._files.routes()]

    async def run(self, inbox: Inbox) -> None:
        """Says what the account may not do, and keeps the token fresh until cancelled."""
        self._introduce()
        while True:
            await self.upkeep()
            await self._sleep(EVERY)

    async def upkeep(self) -> None:
        """A fresh token before the old one ends; mass messages that have gathered; what nobody asks
        for again is forgotten."""
        try:
            async with self._store.write() as tx:
                await wechat_answers.forget(tx, self._clock() - REPEATED)
                await wechat_nonces.forget(tx, self._clock() - SIGNED)
                await wechat_masses.forget(tx, self._clock() - COUNTED)
            if self._account.may_push:
                await self._tokens.get()
                await self._massing.step()
        except (WechatError, Unanswered) as error:
            log.warning("wechat upkeep put off error=%s", error)
        except Exception as error:  # the loop must live; the database may come back
            log.error("wechat upkeep error=%s", type(error).__name__)

    async def close(self) -> None:
        await self._client.close()

    def _introduce(self) -> None:
        account = self._account
        if not account.may_push:
            log.warning(
                "wechat account=unverified: it may only answer; staff's replies and notices wait "
                "until the person writes. 认证后在 settings.toml 的 [wechat] 里改 account"
            )
        elif not (account.may_notice and (account.template or account.subscription)):
            log.warning(
                "wechat account=%s without a notice: outside 48 hours nobody learns that a reply "
                "waits. See docs/wechat.md, 模板消息",
                account.kind,
            )
