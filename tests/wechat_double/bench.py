"""A channel, a host and a sender on a real database, with the stand-in of WeChat around them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

import httpx

from bot.channels.base import Limits
from bot.channels.wechat import Account, Notice, WechatChannel
from bot.clock import CHINA
from bot.engine import words
from bot.engine.privacy import guard
from bot.engine.types import Address, Conversation, Event, Message, Reply, Turn
from bot.host import Host
from bot.keys import Keys
from bot.outbox import Sender
from bot.store.engine import Store
from bot.store.outbox import Outgoing, put
from bot.web import create_app
from tests.serving import serving
from tests.wechat_double.api import WechatApi
from tests.wechat_double.phone import Phone, Platform, on_a_port
from tests.wechat_double.seal import Seal

APP_ID, TOKEN, SECRET = "wx0123456789abcdef", "shebao2026", "s" * 32
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OLD_KEY = "G" + KEY[1:]
FIELDS = {"thing1": "您的咨询已有答复", "thing2": "回复“查看”阅读"}
SERVICE = Account(APP_ID, SECRET, TOKEN, (KEY,), "service", template=Notice("T1", FIELDS))
UNVERIFIED = replace(SERVICE, kind="unverified", template=None)
FAST = Limits(text=2048, unit="bytes", buttons=False, per_second=1e6, per_person=0.0, at_once=64)

Talk = Callable[[Message], Sequence[Reply]]


def echo(message: Message) -> Sequence[Reply]:
    return (Reply("answer", f"收到：{message.text}"),)


@dataclass
class Bench:
    """`now` is everybody's time."""

    store: Store
    api: WechatApi
    now: datetime = datetime(2026, 11, 23, 10, 0, tzinfo=CHINA)
    channel: WechatChannel = None  # type: ignore[assignment]  # made below, with this clock
    host: Host = None  # type: ignore[assignment]  # as above
    sender: Sender = None  # type: ignore[assignment]  # as above
    platform: Platform = None  # type: ignore[assignment]  # as above
    phone: Phone = None  # type: ignore[assignment]  # as above
    address: str = ""

    def clock(self) -> datetime:
        return self.now

    async def later(self, **span: float) -> None:
        """Moves the clock, and sends what is due then."""
        self.now += timedelta(**span)
        await self.sender.drain(self.now)

    async def staff_says(self, text: str, key: str, openid: str = "o1", lane: str = "talk") -> None:
        """Something to send that answers no message."""
        outgoing = Outgoing(Address("wechat", openid), Reply("staff", text), "staff", key, lane)  # type: ignore[arg-type]  # a lane
        async with self.store.write() as tx:
            await put(tx, [outgoing], self.now)
        await self.sender.drain(self.now)


@contextlib.asynccontextmanager
async def connected(
    store: Store,
    account: Account = SERVICE,
    talk: Talk = echo,
    *,
    advance: Callable[[Conversation, Event, datetime], Turn] | None = None,
    over_http: bool = False,
    deadline: float = 50.0,
    cut: float = 60.0,
    seal_key: str | None = KEY,
    keys: Keys | None = None,
    public_url: str = "",
) -> AsyncIterator[Bench]:
    """`talk`: what each message is answered with. `over_http`: on a real port.

    WeChat waits a minute unless a test is about its five seconds: machines are busy at times.
    """
    api = WechatApi(lambda: bench.now, APP_ID, SECRET, account.kind, {"T1": set(FIELDS)})
    api.subscriptions = {"S1": set(FIELDS)}
    bench = Bench(store, api)
    bench.channel = WechatChannel(
        account,
        store,
        clock=bench.clock,
        transport=api.transport,
        limits=FAST,
        deadline=deadline,
        cut=cut,
        keys=keys,
        public_url=public_url,
    )
    bench.sender = Sender(store, [bench.channel], bench.clock, Random(1).random)

    def answer(was: Conversation, event: Event, now: datetime) -> Turn:
        return Turn(was, tuple(talk(event)) if isinstance(event, Message) else ())

    async with contextlib.AsyncExitStack() as stack:
        bench.host = await stack.enter_async_context(
            Host(
                store, bench.clock, advance or answer, guard, apology=Reply("error", words.APOLOGY)
            )
        )
        stack.push_async_callback(bench.channel.close)
        app = create_app([bench.channel], bench.host)
        if over_http:
            bench.address = await stack.enter_async_context(serving(app))
            client = on_a_port(bench.address)
        else:
            bench.address = "http://wechat.test"
            asgi = httpx.ASGITransport(app)
            client = httpx.AsyncClient(transport=asgi, base_url=bench.address, timeout=60)
        http = await stack.enter_async_context(client)
        bench.platform = Platform(api, Seal(TOKEN, APP_ID, seal_key), http, cut=60.0)
        bench.phone = Phone(bench.platform, "o1")
        yield bench
