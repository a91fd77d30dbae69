"""The Telegram channel: replies go out by the Bot API, updates come in by polling or webhook.

Rule 1: plain text only. Markup would let a citizen's own words break the message.
Rule 2: a reply may take several calls; a try with the same key goes on after the last that arrived.
Rule 3: the staff's group is never given up: whoever runs the bot mends it, and the log says so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from starlette.routing import BaseRoute, Route
from telegram.constants import ChatAction
from telegram.error import BadRequest, ChatMigrated, InvalidToken, TelegramError
from telegram.request import BaseRequest

from bot.channels.base import Inbox, Limits, Undeliverable
from bot.channels.telegram.attachments import fetched
from bot.channels.telegram.client import UPDATES, Client
from bot.channels.telegram.faults import Unreadable, asked, described, undeliverable
from bot.channels.telegram.intake import Intake, StaffNotes
from bot.channels.telegram.newest import Newest
from bot.channels.telegram.patience import Patience, Sleep
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.reading import CHANNEL
from bot.channels.telegram.sending import Call, calls
from bot.channels.telegram.staff_room import StaffRoom
from bot.channels.telegram.topics import Shelf, Topics
from bot.channels.telegram.webhook import PATH, SECRET_FORM, Webhook
from bot.clock import Clock, wall_clock
from bot.engine.types import Reply

log = logging.getLogger(__name__)

SILENT = StaffNotes()
LIMITS = Limits(text=4096, unit="utf16", buttons=True, per_second=30.0, per_person=1.0, at_once=8)


class TelegramChannel:
    """One bot. With `public_url` Telegram calls us at `<public_url>/telegram`, else we poll.

    `webhook_secret`: 16–256 of A–Z a–z 0–9 _ -, needed with `public_url`; Telegram shows it on
    every call. `staff_chat`: id of the group in which staff answer. `commands`: name and what it
    does, for the menu beside the input line. `topics`: where those of a staff group are kept. `request`: another way to make HTTP requests.
    `at_once`: calls on the wire. `paid_per_second`: messages of broadcasts that are paid for.

    Raises ValueError if there is a `public_url` but no such secret.
    """

    def __init__(
        self,
        token: str,
        *,
        api_base: str = "https://api.telegram.org",
        public_url: str | None = None,
        webhook_secret: str | None = None,
        staff_chat: int | None = None,
        staff_notes: StaffNotes = SILENT,
        commands: Sequence[tuple[str, str]] = (),
        topics: Shelf | None = None,
        at_once: int = LIMITS.at_once,
        paid_per_second: int = 0,
        request: BaseRequest | None = None,
        clock: Clock = wall_clock,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        if public_url and not SECRET_FORM.fullmatch(webhook_secret or ""):
            raise ValueError("webhook_secret: 16–256 letters, digits, _ or - are needed")
        self._client = Client(token, api_base, request)
        self._limits = replace(LIMITS, at_once=at_once, paid_per_second=paid_per_second)
        self._public_url = public_url
        self._secret = webhook_secret or ""
        self._room = StaffRoom(staff_chat)
        self._notes = staff_notes
        self._commands = commands
        self._topics = Topics(self._client, topics, clock, staff_notes.topic)
        self._clock = clock
        self._patience = Patience(sleep)
        self._done = Newest()  # calls that arrived, by key of an unfinished reply
        self._intakes: list[Intake] = []

    @property
    def name(self) -> str:
        return CHANNEL

    @property
    def limits(self) -> Limits:
        return self._limits

    # --- out ----------------------------------------------------------------------------------

    async def deliver(self, user: str, reply: Reply, key: str) -> None:
        """Send one reply to a person's or a group's id. Raises Undeliverable."""
        async with self._place(user, reply):
            await self._deliver(user, reply, key)

    async def deliver_paid(self, user: str, reply: Reply, key: str) -> None:
        """As `deliver`, beyond the free pace. Raises Undeliverable."""
        await self._deliver(user, reply, key, paid=True)

    async def _deliver(self, user: str, reply: Reply, key: str, *, paid: bool = False) -> None:
        chat = self._chat(user)
        planned = calls(reply, LIMITS, to_staff=chat == self._room.chat, paid=paid)
        if not planned:
            log.error("telegram reply is empty kind=%s", reply.kind)
        for count in range(self._done[key], len(planned)):
            await self._make(planned[count], chat)
            self._done[key] = count + 1
        self._done.forget(key)

    async def fetch(self, ref: str, most: int) -> bytes:
        """A file that a citizen sent. Raises Unfetchable."""
        return await fetched(self._client, ref, most)

    @asynccontextmanager
    async def _place(self, user: str, reply: Reply) -> AsyncIterator[None]:
        """In the staff's group the topic of the case that it is about. Raises Undeliverable."""
        chat = self._chat(user)
        if chat != self._room.chat:
            yield
            return
        try:
            async with self._topics.about(chat, reply.text):
                yield
        except TelegramError as error:
            raise self._failure(error, chat) from error

    def _chat(self, user: str) -> int:
        """Raises Undeliverable."""
        room = self._room.chat_for(user)
        try:
            return room if room is not None else int(user)
        except ValueError:
            raise Undeliverable("not an address of Telegram", permanent=True) from None

    async def _make(self, call: Call, chat: int) -> None:
        """Raises Undeliverable."""
        try:
            await asked(call.make(self._client, chat))
        except Unreadable as error:  # the answer describes what was sent, so it was sent
            log.warning("telegram answer unreadable error=%s", error.message)
        except TelegramError as error:
            failure = self._failure(error, chat)
            if not (call.dispensable and isinstance(error, BadRequest) and not failure.permanent):
                raise failure from error

    def _failure(self, error: TelegramError, chat: int) -> Undeliverable:
        failure = undeliverable(error)
        if isinstance(error, InvalidToken):
            log.error("telegram token refused: set BOT_TELEGRAM_TOKEN to what @BotFather shows")
        elif chat == self._room.chat:
            return self._staff_failure(error, failure)
        elif isinstance(error, BadRequest) and not failure.permanent:
            log.error("telegram refused what we sent reason=%r", failure.reason)
        return failure

    def _staff_failure(self, error: TelegramError, failure: Undeliverable) -> Undeliverable:
        if isinstance(error, ChatMigrated):
            self._room.moved(error.new_chat_id)
        elif failure.permanent:
            log.error("telegram staff group unreachable, add the bot: reason=%r", failure.reason)
        failure.permanent = False
        return failure

    # --- in -----------------------------------------------------------------------------------

    async def run(self, inbox: Inbox) -> None:
        """Poll until cancelled, or tell Telegram where to call and return."""
        if self._public_url:
            await self._until_done(self._set_webhook)
            await self._introduce()
            return
        await self._until_done(self._client.delete_webhook)
        await self._introduce()
        await Poller(self._client, self._intake(inbox), self._patience).run()

    def routes(self, inbox: Inbox) -> Sequence[BaseRoute]:
        if not self._public_url:
            return []
        webhook = Webhook(self._intake(inbox), self._secret)
        return [Route(PATH, webhook.answer, methods=["POST"])]

    async def close(self) -> None:
        """After the last delivery: end what is said aside, close the connections."""
        for intake in self._intakes:
            await intake.close()
        await self._client.close_connections()

    def _intake(self, inbox: Inbox) -> Intake:
        intake = Intake(self._client, inbox, self._room, self._notes, self._clock, self._topics)
        self._intakes.append(intake)
        return intake

    async def _set_webhook(self) -> bool:
        address = f"{(self._public_url or '').rstrip('/')}{PATH}"
        return await self._client.set_webhook(
            address, allowed_updates=UPDATES, secret_token=self._secret
        )

    async def _until_done(self, call: Callable[[], Awaitable[object]]) -> None:
        while True:
            try:
                await asked(call())
            except TelegramError as error:
                await self._patience.after(error)
            else:
                self._patience.restored()
                return

    async def _introduce(self) -> None:
        """The menu of commands; and whether the staff's group can be written to."""
        try:
            if self._commands:
                await asked(self._client.set_my_commands(self._commands))
        except TelegramError as error:
            log.warning("telegram commands not set reason=%r", described(error))
        try:
            if self._room.chat is not None:
                # shows for a moment that the bot types: fails as a message would, but sends none
                await asked(self._client.send_chat_action(self._room.chat, ChatAction.TYPING))
                await self._topics.look(self._room.chat)
        except TelegramError as error:
            self._failure(error, self._room.chat or 0)
