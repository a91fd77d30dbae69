"""From an update to the house: read it, hand it in, and come back only when that is committed.

Rule 1: `take` returns when the update is heard or noted as rejected; if it raises, nothing was
        committed and the platform must offer the update again.
Rule 2: what the platform is told besides (a tap was seen, a note to staff) never delays the commit
        and may fail.
Rule 3: an update that cannot be committed time after time, while the store works, is noted as
        rejected: it must not stop those behind it.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, assert_never

from telegram import Bot
from telegram.error import TelegramError

from bot.channels.base import Inbox
from bot.channels.telegram.faults import asked
from bot.channels.telegram.newest import Newest
from bot.channels.telegram.reading import (
    CHANNEL,
    Arrived,
    Heard,
    Ignored,
    Reading,
    StaffClosed,
    StaffInTopic,
    StaffMoved,
    StaffSaid,
    StaffWordless,
    StaffWorked,
    of_case,
    read,
)
from bot.channels.telegram.records import opened
from bot.channels.telegram.staff_room import StaffRoom
from bot.channels.telegram.topics import Topics
from bot.clock import Clock

log = logging.getLogger(__name__)

MOST_TRIES = 20  # when polling, a minute and a half with the pauses in between


@dataclass(frozen=True, slots=True)
class StaffNotes:
    """What staff read in their group when their words did not go out; empty: nothing."""

    not_open: str = ""  # the hand-over has ended
    words_only: str = ""  # only words can be passed on
    case_not_open: str = ""  # it cannot be done with that consultation now
    topic: str = ""  # first in the topic of a consultation: what is said in it reaches the citizen


class Intake:
    """What polling and the webhook share."""

    def __init__(
        self,
        bot: Bot,
        inbox: Inbox,
        room: StaffRoom,
        notes: StaffNotes,
        clock: Clock,
        topics: Topics,
    ) -> None:
        self._bot = bot
        self._inbox = inbox
        self._room = room
        self._notes = notes
        self._clock = clock
        self._topics = topics
        self._tries = Newest()
        self._asides: set[asyncio.Task[None]] = set()

    def read(self, raw: object) -> Arrived:
        return read(raw, self._room.chat, self._clock())

    async def take(self, arrived: Arrived) -> None:
        """Return after the commit. Raises whatever kept the inbox from committing."""
        try:
            await self._hand_in(arrived)
        except Exception as error:
            self._tries[arrived.id] += 1
            log.error("telegram uncommitted tries=%d %s", self._tries[arrived.id], told(error))
            if self._tries[arrived.id] < MOST_TRIES:
                raise
            await self._inbox.rejected(CHANNEL, arrived.id, "could not be handled")
        self._tries.forget(arrived.id)

    async def _hand_in(self, arrived: Arrived) -> None:
        said = arrived.reading
        if isinstance(said, StaffInTopic):
            await self._do(arrived.id, await self._of_topic(said), said.thread)
        else:
            await self._do(arrived.id, said, None)

    async def _of_topic(self, said: StaffInTopic) -> StaffWorked | StaffWordless | Ignored:
        """What was done with the consultation that the topic belongs to."""
        chat = self._room.chat
        number = await self._topics.number(chat, said.thread) if chat is not None else None
        if number is None:
            return Ignored("talk among staff")
        return of_case(number, said.text, said.token, said.by)

    async def _do(self, id: str, reading: Reading, thread: int | None) -> None:
        inbox = self._inbox
        match reading:
            case Heard(message, tap):
                self._tap_seen(tap)
                await inbox.heard(await opened(self._bot, message))
            case StaffSaid(request, text, token):
                if not await inbox.staff_said(request, text, token):
                    self._note(self._notes.not_open)
            case StaffClosed(request):
                if not await inbox.staff_closed(request):
                    self._note(self._notes.not_open)
            case StaffWorked(number, action, text, token, by):
                if not await inbox.staff_worked(number, action, text, token, by):
                    self._note(self._notes.case_not_open, thread)
            case StaffWordless():
                await inbox.rejected(CHANNEL, id, "staff sent no words")
                self._note(self._notes.words_only, thread)
            case StaffMoved(chat):
                await inbox.rejected(CHANNEL, id, "the staff group moved")
                self._room.moved(chat)
            case Ignored(reason, tap):
                self._tap_seen(tap)
                await inbox.rejected(CHANNEL, id, reason)
            case StaffInTopic():
                raise LookupError("a topic's words without its case")
            case _:
                assert_never(reading)

    def _tap_seen(self, tap: str | None) -> None:
        """Ends the button's waiting sign."""
        if tap is not None:
            self._aside(self._bot.answer_callback_query(tap))

    def _note(self, words: str, thread: int | None = None) -> None:
        if words and self._room.chat is not None:
            said = self._bot.send_message(self._room.chat, words, message_thread_id=thread)
            self._aside(said)

    def _aside(self, call: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(_try(call))
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)

    async def close(self) -> None:
        """Let what is said aside come to its end (each has its time-out)."""
        await asyncio.gather(*self._asides)


async def _try(call: Coroutine[Any, Any, object]) -> None:
    try:
        await asked(call)
    except TelegramError as error:  # "query is too old" is usual after an outage
        log.info("telegram aside failed error=%s", type(error).__name__)


def told(error: BaseException) -> str:
    """Type and place of an error, without its words: a driver's error quotes what was written."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "?"
    return f"error={type(error).__name__} at={place}"
