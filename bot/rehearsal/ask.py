"""`ask`: one question, one reply."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from bot.clock import CHINA
from bot.engine.advance import advance
from bot.engine.playbook import Playbook
from bot.engine.text import with_numbers
from bot.engine.types import Address, Conversation, Message, Turn
from bot.rehearsal.world import world

TEN = time(10, 0)
STRANGER = Address("webchat", "ask")


def ask(book: Playbook, question: str, day: date, region: str | None = None) -> Turn:
    """The turn of a stranger's first message at ten o'clock on `day`."""
    now = datetime.combine(day, TEN, CHINA)
    profile = {"region": region} if region else {}
    message = Message("1", STRANGER, question, now)
    turn = advance(book, Conversation(profile=profile), message, now)
    return turn if turn.errand is None else asyncio.run(_in_a_house(book, turn, question, now))


async def _in_a_house(book: Playbook, turn: Turn, question: str, now: datetime) -> Turn:
    """A wish that only a house can finish (我的咨询): in an empty one, for nobody has come yet."""
    async with world(book, now) as made:
        told = await made.says(STRANGER, question)
    return replace(turn, replies=tuple(one.reply for one in told if one.to == STRANGER.user))


def as_object(turn: Turn) -> dict[str, Any]:
    """The stable form of a reply (see docs/outside-door.md)."""
    first = turn.replies[0]
    found = turn.found
    return {
        "kind": first.kind,
        "entry": first.entry,
        "score": round(found.score, 4) if found else None,
        "candidates": [
            {"entry": c.id, "score": round(c.score, 4)} for c in (found.candidates if found else ())
        ],
        "text": "\n\n".join(reply.text for reply in turn.replies),
        "choices": [choice.label for choice in turn.replies[-1].choices],
    }


def shown(turn: Turn, as_json: bool) -> str:
    if as_json:
        return json.dumps(as_object(turn), ensure_ascii=False)
    return "\n\n".join(with_numbers(reply.text, reply.choices) for reply in turn.replies)
