"""A rehearsal on WeChat: people write by phone, through the real callback on a real port.

What a script expects of a reply is compared with the reply; that the phone shows it (its lines in
their order, its choices with their numbers) is asserted here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.channels.base import Channel
from bot.channels.wechat import Account, Notice, WechatChannel
from bot.engine.text import clean, numbered
from bot.engine.types import Address, Attachment, Choice, Reply
from bot.rehearsal.world import LIMITS, Told, World, shown
from bot.store import plain
from bot.store.engine import Store
from bot.store.tables import outbox
from bot.web import create_app
from tests.serving import serving
from tests.wechat_double.api import WechatApi
from tests.wechat_double.bench import APP_ID, FAST, FIELDS, KEY, SECRET, TOKEN
from tests.wechat_double.phone import LINK, Phone, Platform, on_a_port
from tests.wechat_double.seal import Seal

ACCOUNT = Account(APP_ID, SECRET, TOKEN, (KEY,), "service", template=Notice("T1", FIELDS))
CHANNEL = "wechat"
PATIENT = 60.0  # seconds: a busy machine is no fault of the dialogue
KINDS = {"sticker": "image", "file": "file"}


class WechatWorld(World):
    """Every message is answered at the first try."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.api = WechatApi(self._clock, APP_ID, SECRET, "service", {"T1": set(FIELDS)})
        self._platform = Platform(
            self.api, Seal(TOKEN, APP_ID, KEY), on_a_port("http://nowhere"), cut=PATIENT
        )
        self._phones: dict[str, Phone] = {}
        self._offered: dict[str, tuple[Choice, ...]] = {}
        self._known: set[str] = set()

    def platforms(self, store: Store) -> Sequence[Channel]:
        self._channel = WechatChannel(
            ACCOUNT,
            store,
            clock=self._clock,
            transport=self.api.transport,
            limits=FAST,
            deadline=PATIENT,
        )
        return [self._channel]

    async def start(self) -> None:
        await super().start()
        self._open.push_async_callback(self._channel.close)
        address = await self._open.enter_async_context(
            serving(create_app([self._channel], self._host))
        )
        http = await self._open.enter_async_context(on_a_port(address))
        self._platform.http = http

    # --- citizens ----------------------------------------------------------------------------

    async def says(
        self, who: Address, text: str, attachment: Attachment | None = None
    ) -> list[Told]:
        phone = self._phone(who.user)
        if attachment is not None:
            kind = KINDS.get(attachment.kind, attachment.kind)
            await phone.sends(kind, MediaId=attachment.ref, Title=attachment.name)
        elif choice := self._tapped(who.user, text):
            await phone.taps(choice.label)
        else:
            await phone.says(text)
        assert self._platform.posts == 1, "not at the first try"
        self._platform.posts = 0
        return await self.settle()

    async def repeats(self, who: Address) -> list[Told]:
        """WeChat asks again with the same message, and gets the same words."""
        query, body = self._platform.last
        again = await self._platform.post(query, body)
        assert again is not None
        assert self._platform._seen(again) == self._platform.last_seen
        self._platform.posts = 0
        return await self.settle()

    def _tapped(self, user: str, text: str) -> Choice | None:
        """A choice that stands on the screen as a link."""
        for choice in self._offered.get(user, ()):
            if choice.send == text != choice.label:
                linked = {
                    label for seen in self._phones[user].seen for _, _, label in LINK.findall(seen)
                }
                return choice if choice.label in linked else None
        return None

    def _phone(self, user: str) -> Phone:
        if user not in self._phones:
            self._phones[user] = Phone(self._platform, user)
        return self._phones[user]

    # --- time ----------------------------------------------------------------------------------

    async def settle(self) -> list[Told]:
        """Also what is read by 查看 when a notice says that a reply waits."""
        told = await super().settle()
        await self._sender.drain(self.now + timedelta(seconds=2))  # the rest of a long answer
        for phone in list(self._phones.values()):
            if any(text == "[template]" for text in phone.look()):
                await phone.says("查看")
                self._platform.posts = 0
                await self._sender.drain(self.now + timedelta(seconds=2))
                phone.look()
        return told + await self._arrived()

    async def _arrived(self) -> list[Told]:
        """The replies that were sent since the last time, and are on the phones."""
        async with self._store.read() as tx:
            rows = (
                await tx.execute(
                    select(outbox.c.id, outbox.c.key, outbox.c.user, outbox.c.reply)
                    .where(outbox.c.channel == CHANNEL, outbox.c.state == "sent")
                    .order_by(outbox.c.id)
                )
            ).all()
        told = []
        for row in [row for row in rows if row.key not in self._known]:
            self._known.add(row.key)
            reply = plain.loads(Reply, row.reply)
            self._check(row.user, reply)
            if reply.choices:
                self._offered[row.user] = reply.choices
            parts = shown(reply, LIMITS[CHANNEL])
            told += [Told(row.user, part, row.key.startswith("turn:")) for part in parts]
        return told

    def _check(self, user: str, reply: Reply) -> None:
        """The phone shows every line and every choice."""
        screen = "\n".join(LINK.sub(r"\3", seen) for seen in self._phone(user).seen)
        bare = re.sub(r"\s", "", screen)
        for line in clean(reply.text).splitlines():
            assert re.sub(r"\s", "", line) in bare, line
        for number, choice in numbered(reply.choices):
            label = re.sub(r"\s", "", choice.label)
            assert f"{number}{label}" in bare or f"·{label}" in bare, choice
