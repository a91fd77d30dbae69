"""The access token: `stable_token` gives the same one to whoever asks; one is asked for at a time.

Rule 1: it is kept in the database, so that all processes share it and a restart costs no call.
Rule 2: it is renewed five minutes before its end; the old one serves while the new one is fetched.
Rule 3: with a key ring it is sealed there; a process that cannot open it asks for it anew.
Rule 4: a token that WeChat refuses is replaced once, not by force; refused again, people wait and
        the log says so. (A library that retried by itself made 486 calls in 23 seconds.)
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.channels.wechat.account import Account
from bot.channels.wechat.client import Client, Unanswered, WechatError
from bot.clock import Clock
from bot.keys import SCHEME, Keys, Unopenable
from bot.store import wechat_tokens as kept
from bot.store.engine import Store
from bot.store.wechat_tokens import Token

PATH = "/cgi-bin/stable_token"
RENEW = timedelta(minutes=5)  # before its end; then WeChat gives a new one, and takes both
FETCHING = timedelta(seconds=15)  # a process that asks for longer has died
LOOK = 0.2  # seconds between looks whether another process has fetched it
LOOKS = 60
REFUSALS = timedelta(seconds=30)  # a new token that is refused as soon is not replaced again

Sleep = Callable[[float], Awaitable[None]]

log = logging.getLogger(__name__)


class Tokens:
    """One account's token."""

    def __init__(
        self,
        account: Account,
        client: Client,
        store: Store,
        clock: Clock,
        sleep: Sleep = asyncio.sleep,
        keys: Keys | None = None,
    ) -> None:
        self._account = account
        self._client = client
        self._store = store
        self._clock = clock
        self._sleep = sleep
        self._keys = keys
        self._lock = asyncio.Lock()
        self._token: Token | None = None
        self._replaced_at: datetime | None = None

    async def get(self) -> str:
        """One that is good now. Raises WechatError or Unanswered."""
        if self._token and self._fresh(self._token):
            return self._token.value
        async with self._lock:
            if self._token and self._fresh(self._token):
                return self._token.value
            return (await self._renewed(lambda known: self._fresh(known))).value

    async def replace(self, refused: str) -> str | None:
        """Another one than that; None if it was replaced just now and is refused again.

        Raises WechatError or Unanswered.
        """
        async with self._lock:
            if self._token and self._token.value != refused:
                return self._token.value
            now = self._clock()
            if self._replaced_at and now - self._replaced_at < REFUSALS:
                return None
            self._replaced_at = now
            self._token = None
            new = await self._renewed(lambda known: known.value != refused and self._fresh(known))
            return new.value

    async def _renewed(self, good: Callable[[Token], bool]) -> Token:
        """What another process has fetched, or what we fetch."""
        for _ in range(LOOKS):
            now = self._clock()
            async with self._store.write() as tx:
                seen = await kept.known(tx, self._account.app_id)
                known = self._opened(seen)
                if known and good(known):
                    self._token = known
                    return known
                ours = await kept.claim(tx, self._account.app_id, seen, now, now + FETCHING)
            if ours:
                return await self._fetch()
            if self._token and now < self._token.until:
                return self._token  # it still serves while another process fetches
            await self._sleep(LOOK)
        raise Unanswered("no token", uncertain=False)

    async def _fetch(self) -> Token:
        """Asks WeChat, without force."""
        asked = {
            "grant_type": "client_credential",
            "appid": self._account.app_id,
            "secret": self._account.secret,
        }
        try:
            told = await self._client.post(PATH, asked)
            value, lasts = told.get("access_token"), told.get("expires_in")
            if not isinstance(value, str) or not isinstance(lasts, int):
                raise Unanswered("no token in the answer", uncertain=False)
        except BaseException as error:
            await self._gave_up(error)
            raise
        token = Token(value, self._clock() + timedelta(seconds=lasts))
        async with self._store.write() as tx:
            await kept.keep(tx, self._account.app_id, self._sealed(token))
        log.info("wechat token fetched lasts=%d", lasts)
        self._token = token
        return token

    async def _gave_up(self, error: BaseException) -> None:
        code = error.code if isinstance(error, WechatError) else type(error).__name__
        log.error("wechat token not given code=%s", code)
        async with self._store.write() as tx:
            await kept.give_up(tx, self._account.app_id)

    def _sealed(self, token: Token) -> Token:
        if self._keys is None:
            return token
        return replace(token, value=self._keys.seal(token.value, self._place))

    def _opened(self, token: Token | None) -> Token | None:
        """None if it was sealed with a key that we lack. One in clear is from before."""
        if token is None or not token.value.startswith(f"{SCHEME}."):
            return token
        if self._keys is None:
            return None
        try:
            return replace(token, value=self._keys.open(token.value, self._place))
        except Unopenable:
            return None

    @property
    def _place(self) -> str:
        return f"wechat:{self._account.app_id}/token"

    def _fresh(self, token: Token) -> bool:
        return self._clock() < token.until - RENEW
