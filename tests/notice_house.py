"""A house for notices: subscribers by the hundred, a clock to turn, a platform that may refuse."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.engine.notice import Content
from bot.engine.preferences import Preferences, PreferencesChanged
from bot.engine.types import Address, Conversation, Event, FormProgress, NoticeGiven, Reply, Turn
from bot.host import Host
from bot.notices import Notices
from bot.outbox import Sender
from bot.store import preferences
from bot.store.broadcasts import Draft
from bot.store.conversations import Remembered, remember
from bot.store.engine import Store
from scheduler.alarms import ring
from scheduler.broadcasts import step
from tests.small_world import REGIONS
from tests.stage import FakeChannel
from tests.talk import MONDAY

AUTHOR, SECOND = "小王", "老李"


def telling(was: Conversation, event: Event, now: datetime) -> Turn:
    """Says the notice; an open form's question comes after it."""
    assert isinstance(event, NoticeGiven)
    question = (Reply("question", "again"),) if was.form else ()
    return Turn(was, (event.reply, *question))


@dataclass
class House:
    """`now` may be moved; `channel` keeps what it delivered."""

    store: Store
    now: datetime = MONDAY
    channel: FakeChannel = field(default_factory=lambda: FakeChannel("telegram"))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[House]:
        self.host = self.another_host()
        async with self.host:
            self.notices = Notices(self.host, lambda: REGIONS)
            self.sender = Sender(self.store, [self.channel], lambda: self.now, lambda: 0.5)
            yield self

    def another_host(self) -> Host:
        apology = Reply("error", "sorry")
        return Host(self.store, lambda: self.now, telling, lambda m: m, apology=apology)

    async def subscribe(self, users: Sequence[str], wanted: Preferences) -> None:
        changed = PreferencesChanged(wanted, "subscribed", "已订阅")
        async with self.store.write() as tx:
            await preferences.change(
                tx, [(Address("telegram", user), changed) for user in users], self.now
            )

    async def open_form(self, user: str) -> None:
        state = Conversation(form=FormProgress("f", 1))
        async with self.store.write() as tx:
            await remember(
                tx, [Remembered(Address("telegram", user), conversation=state)], self.now
            )

    async def publish(self, title: str = "通知", **more: object) -> int:
        """Drafted by one, approved by another."""
        number = await self.notices.draft(draft(title, **more), AUTHOR)
        assert await self.notices.approve(number, SECOND)
        return number

    async def settle(self) -> None:
        """Until nothing more can happen now."""
        more = True
        while more:
            await self.sender.drain(self.now)
            more = await ring(self.host) > 0
            await self.sender.drain(self.now)
            more |= await step(self.host)

    async def later(self, **away: float) -> None:
        self.now += timedelta(**away)
        await self.settle()

    async def states(self, number: int) -> dict[str, str]:
        """What became of each."""
        return {one.to.user: one.fate for one in await self.notices.recipients(number)}

    def told(self, title: str) -> list[str]:
        return sorted(user for user, text in self.channel.told if text.startswith(title))


def draft(title: str = "通知", **more: object) -> Draft:
    topics = more.pop("topics", ("失业",))
    return Draft(Content(title, "内容", topics=topics), **more)  # type: ignore[arg-type]  # as given


UNEMPLOYMENT = Preferences(topics=("失业",))
