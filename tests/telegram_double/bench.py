"""Our channel connected to the stand-in over a real port; every call is judged at the end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from telegram.request import HTTPXRequest

from bot.channels.telegram import TelegramChannel
from bot.clock import CHINA
from tests.inboxes import KeptInbox
from tests.serving import serving
from tests.telegram_double.judge import judge
from tests.telegram_double.people import Citizen, Group
from tests.telegram_double.wire import BotApi

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=CHINA)


@dataclass
class Bench:
    """The platform, our side of it, and who takes part. `pauses` are the waits asked for."""

    api: BotApi
    channel: TelegramChannel
    inbox: KeptInbox
    citizen: Citizen
    staff: Group
    pauses: list[float] = field(default_factory=list)
    paused: asyncio.Event = field(default_factory=asyncio.Event)

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """While the channel polls."""
        task = asyncio.create_task(self.channel.run(self.inbox))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


@contextlib.asynccontextmanager
async def connected(
    *, with_staff: bool = False, patience: float = 5.0, **options: Any
) -> AsyncIterator[Bench]:
    """`patience`: seconds that our side waits for an answer. `options` go to the channel."""
    api = BotApi()
    citizen, staff = Citizen(api), Group(api)
    pauses: list[float] = []
    paused = asyncio.Event()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        paused.set()
        await asyncio.sleep(0)

    async with serving(api) as address:
        channel = TelegramChannel(
            api.token,
            api_base=address,
            staff_chat=staff.id if with_staff else None,
            request=HTTPXRequest(read_timeout=patience, httpx_kwargs={"trust_env": False}),
            sleep=pause,
            **{"clock": lambda: NOW} | options,
        )
        try:
            yield Bench(api, channel, KeptInbox(), citizen, staff, pauses, paused)
        finally:
            await channel.close()
    judge(api)
