"""A conversation as text and back: what the bot remembers of a person is this and no more."""

from __future__ import annotations

import logging

from bot.engine.types import Conversation
from bot.store import plain

log = logging.getLogger(__name__)

NOTHING = "{}"  # the state of somebody who has not yet said anything


def to_json(conversation: Conversation) -> str:
    return plain.dumps(conversation)


def from_json(text: str) -> Conversation:
    """What was remembered. A state that cannot be read starts fresh: people go on, staff read."""
    if text == NOTHING:
        return Conversation()
    try:
        return plain.loads(Conversation, text)
    except plain.Unreadable as error:
        log.error("state unreadable error=%s bytes=%d", str(error).replace(" ", "_"), len(text))
        return Conversation()
