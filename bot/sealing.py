"""The guard at the door: personal numbers are masked; a telephone number may be kept, sealed.

Rule 1: the engine, the store and the log see masks and sealed texts, never the number.
Rule 2: only on channels where a protected field may be collected; elsewhere nothing is sealed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from bot.engine.privacy import find, guard
from bot.engine.types import Address, Message
from bot.keys import Keys

MOBILE = "手机号"


def place(citizen: Address) -> str:
    """What a contact is sealed with: it opens for this citizen's row only."""
    return f"contact:{citizen}"


def sealing(keys: Keys, channels: Collection[str]) -> Callable[[Message], Message]:
    """A guard that seals telephone numbers on these channels."""

    def guarded(message: Message) -> Message:
        safe = guard(message)
        if MOBILE not in safe.hidden or message.sender.channel not in channels:
            return safe
        numbers = (
            message.text[one.start : one.end] for one in find(message.text) if one.kind == MOBILE
        )
        where = place(message.sender)
        return replace(safe, sealed=tuple(keys.seal(number, where) for number in numbers))

    return guarded
