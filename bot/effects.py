"""Effects become rows: sorted by kind over a whole batch, written set-wise.

Staff read a hand-over as a message that opens with `#H<id>`; an answer to that message is mapped
back by this line. A consultation opens with `#C<number>` in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine import words as words_of
from bot.engine.preferences import PreferencesChanged
from bot.engine.types import (
    Address,
    AlarmsCancelled,
    AlarmSet,
    AlarmsHurried,
    AnswerRated,
    AnswerServed,
    Effect,
    LectureAsked,
    QuestionMissed,
    Reply,
    StaffDismissed,
    StaffMessaged,
    StaffRequested,
    StaffTold,
    StaleAnswerGiven,
)
from bot.store import alarms, handoffs, lectures, missed, preferences, ratings, reviews, served
from bot.store.alarms import AlarmChange
from bot.store.outbox import Outgoing


@dataclass(slots=True)
class Effects:
    """The effects of a batch by kind. `key` names the turn that a message to staff came from."""

    requested: list[tuple[Address, str]] = field(default_factory=list)
    messaged: list[tuple[Address, str, StaffMessaged]] = field(default_factory=list)
    dismissed: list[Address] = field(default_factory=list)
    missed: list[tuple[Address, QuestionMissed]] = field(default_factory=list)
    rated: list[tuple[Address, AnswerRated]] = field(default_factory=list)
    asked: list[tuple[Address, LectureAsked]] = field(default_factory=list)
    served: list[tuple[Address, AnswerServed]] = field(default_factory=list)
    stale: list[StaleAnswerGiven] = field(default_factory=list)
    cases: list[tuple[str, StaffTold]] = field(default_factory=list)
    alarms: list[tuple[Address, AlarmChange]] = field(default_factory=list)
    preferred: list[tuple[Address, PreferencesChanged]] = field(default_factory=list)

    def add(self, citizen: Address, key: str, effects: Sequence[Effect]) -> None:
        for effect in effects:
            match effect:
                case StaffRequested():
                    self.requested.append((citizen, effect.capsule))
                case StaffMessaged():
                    self.messaged.append((citizen, key, effect))
                case StaffDismissed():
                    self.dismissed.append(citizen)
                case QuestionMissed():
                    self.missed.append((citizen, effect))
                case AnswerRated():
                    self.rated.append((citizen, effect))
                case LectureAsked():
                    self.asked.append((citizen, effect))
                case AnswerServed():
                    self.served.append((citizen, effect))
                case StaleAnswerGiven():
                    self.stale.append(effect)
                case StaffTold():
                    self.cases.append((key, effect))
                case AlarmSet() | AlarmsCancelled() | AlarmsHurried():
                    self.alarms.append((citizen, effect))
                case PreferencesChanged():
                    self.preferred.append((citizen, effect))
                case _:
                    assert_never(effect)

    async def write(
        self, tx: AsyncConnection, staff: Address | None, now: datetime
    ) -> list[Outgoing]:
        """Writes the rows; what is to be sent to `staff` (None: they read on the desk)."""
        filed = await handoffs.request(tx, self.requested, now)
        words = await self._words(tx)
        await handoffs.append(
            tx,
            [(number, words_of.ADDED_LINE.format(text=reply.text)) for number, _, reply in words],
        )
        await handoffs.dismiss(tx, self.dismissed, now)
        await missed.miss(tx, self.missed, now)
        await ratings.rate(tx, self.rated, now)
        await lectures.ask(tx, self.asked, now)
        await served.serve(tx, self.served, now)
        await reviews.ask(tx, self.stale, now)
        await alarms.change(tx, self.alarms, now)
        await preferences.change(tx, self.preferred, now)
        if staff is None:
            return []
        capsules = [
            _to_staff(staff, number, f"handoff:{number}", Reply("handoff", capsule))
            for number, capsule in filed
        ]
        more = [
            _to_staff(staff, number, f"handoff:{number}:{key}", reply)
            for number, key, reply in words
        ]
        return capsules + more + [_about_case(staff, key, told) for key, told in self.cases]

    async def _words(self, tx: AsyncConnection) -> list[tuple[int, str, Reply]]:
        """More words of citizens, each with its hand-over; words without one are dropped."""
        unnamed = {citizen for citizen, _, said in self.messaged if said.request is None}
        newest = await handoffs.newest(tx, unnamed)
        numbered = (
            (said.request or newest.get(citizen), f"{key}:{n}", said)
            for n, (citizen, key, said) in enumerate(self.messaged)
        )
        return [(number, key, _words(said)) for number, key, said in numbered if number]


def _words(said: StaffMessaged) -> Reply:
    attachments = (said.attachment,) if said.attachment else ()
    return Reply("handoff", said.text, attachments=attachments)


def _about_case(staff: Address, key: str, told: StaffTold) -> Outgoing:
    """`#C<number>`: an answer to the message is an answer to the case."""
    marked = Reply("handoff", f"#C{told.number}\n{told.text}")
    return Outgoing(staff, marked, origin="case", key=f"case:{told.number}:staff:{key}")


def _to_staff(staff: Address, number: int, key: str, reply: Reply) -> Outgoing:
    marked = Reply("handoff", f"#H{number}\n{reply.text}", attachments=reply.attachments)
    return Outgoing(staff, marked, origin="handoff", key=key)
