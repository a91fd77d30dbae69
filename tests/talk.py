"""A conversation with the engine alone: every turn goes through JSON and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count

from bot.clock import CHINA
from bot.engine.advance import advance
from bot.engine.playbook import Playbook
from bot.engine.types import (
    Address,
    Attachment,
    Conversation,
    Event,
    Message,
    QueueFound,
    QueueSought,
    Turn,
)
from bot.matching.types import Candidate, Found
from bot.store.state import from_json, to_json

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=CHINA)
ZHANG = Address("webchat", "zhangsan")


@dataclass
class Talk:
    """One citizen's conversation; `now` may be moved."""

    book: Playbook
    now: datetime = MONDAY
    state: Conversation = field(default_factory=Conversation)
    _ids: count[int] = field(default_factory=count)

    def say(self, text: str, attachment: Attachment | None = None) -> Turn:
        message = Message(str(next(self._ids)), ZHANG, text, self.now, attachment)
        return self.happens(message)

    def happens(self, event: Event) -> Turn:
        turn = advance(self.book, self.state, event, self.now)
        self.state = from_json(to_json(turn.conversation))
        assert self.state == turn.conversation, "something lives only in memory"
        if not isinstance(turn.errand, QueueSought):
            return turn
        after = self.happens(QueueFound(0))  # nobody else waits
        return replace(after, effects=(*turn.effects, *after.effects))

    def heard(self, text: str) -> str:
        """What the bot says to `text`, all replies joined."""
        return "\n".join(reply.text for reply in self.say(text).replies)

    def tap(self, label: str) -> Turn:
        """Press the offered choice whose label holds `label`."""
        return self.say(next(c.send for c in self.state.offered if label in c.label))


@dataclass(frozen=True)
class Knows:
    """A search that knows some texts by heart, for tests of the conversation alone."""

    sure: Mapping[str, str] = field(default_factory=dict)
    leaning: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def search(
        self,
        text: str,
        *,
        region: str | None = None,
        topic: str | None = None,
        limit: int = 10,
        verbatim: bool = True,
    ) -> Found:
        if text in self.sure:
            return Found("answer", (Candidate(self.sure[text], 0.95),), 0.95)
        return Found("refuse", (), 0.01)

    def leans(self, text: str) -> tuple[str, ...]:
        return self.leaning.get(text, ())

    def why(self, text: str, id: str) -> tuple[str, ...]:
        return ()
