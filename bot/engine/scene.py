"""One turn in the making: what is known when a message has arrived."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from bot.engine import words
from bot.engine.playbook import Playbook
from bot.engine.promise import Pledge, pledged
from bot.engine.types import (
    Choice,
    Conversation,
    Effect,
    Errand,
    Message,
    Reply,
    ReplyKind,
    Turn,
)
from bot.matching.types import Found

HUMAN = Choice(words.TO_HUMAN, "/human")
MENU = Choice(words.MENU_LABEL, "/menu")
LEAVE_MESSAGE = Choice(words.LEAVE_MESSAGE, "/form leave_message")


@dataclass(frozen=True, slots=True)
class Scene:
    """A message to one conversation. `text` is what is read: cleaned, or the `send` of a choice."""

    book: Playbook
    was: Conversation
    message: Message
    text: str
    now: datetime

    @property
    def today(self) -> date:
        return self.now.date()

    def region(self) -> str | None:
        """The place named in this message, else the one told before."""
        named = self.book.regions.named(self.text)
        return named[-1] if named else self.was.profile.get("region")

    def pledge(self, days: int) -> Pledge:
        """A promise of so many working days from now."""
        return pledged(self.book.office, self.book.service, self.now, days)

    def turn(
        self,
        *replies: Reply,
        effects: tuple[Effect, ...] = (),
        found: Found | None = None,
        errand: Errand | None = None,
        **changes: Any,
    ) -> Turn:
        """A turn with these replies; what the last of them offers is what "2" means from now on."""
        offered = next((r.choices for r in reversed(replies) if r.choices), ())
        if replies:
            changes.setdefault("offered", offered)
        return Turn(replace(self.was, **changes), replies, effects, found, errand)

    def say(self, kind: ReplyKind, text: str, *choices: Choice, **changes: Any) -> Turn:
        """A turn of one reply."""
        return self.turn(Reply(kind, text, choices), **changes)


def note(was: Conversation, line: str) -> tuple[str, ...]:
    """The recent lines with one more; the last eight are kept, 200 characters each."""
    return (*was.recent, line[:200])[-8:]
