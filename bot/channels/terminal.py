"""The terminal channel: replies are printed, choices as numbers to type, pictures in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.routing import BaseRoute

from bot.channels.base import Inbox, Limits
from bot.engine.text import with_numbers
from bot.engine.types import Reply
from bot.rendering import file_name

CHANNEL = "terminal"
LIMITS = Limits(text=100_000, buttons=False, per_second=1_000.0, per_person=0.0)


class TerminalChannel:
    """`show` gets the words of one reply; whoever reads the keyboard hands in what is typed."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show

    @property
    def name(self) -> str:
        return CHANNEL

    @property
    def limits(self) -> Limits:
        return LIMITS

    async def deliver(self, user: str, reply: Reply, key: str) -> None:
        carried = [f"〔{file_name(one)}〕{one.words()}" for one in reply.enclosures]
        self._show("\n".join([*carried, with_numbers(reply.text, reply.choices)]))

    async def run(self, inbox: Inbox) -> None:
        """Somebody else reads the keyboard."""

    def routes(self, inbox: Inbox) -> Sequence[BaseRoute]:
        return []
