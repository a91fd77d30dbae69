"""What a channel is to the house: it delivers replies, and hands in what it hears.

Rule 1: an adapter is two conversions and one call; it decides nothing and remembers nothing.
Rule 2: `Inbox.heard` returns after the commit; only then may the platform be told "received".
Rule 3: whatever the platform answers becomes delivered, or one `Undeliverable`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol, runtime_checkable

from starlette.routing import BaseRoute

from bot.engine.types import Address, Message, Reply
from bot.store.evidence import Piece
from bot.store.wechat_nonces import Nonce


class Undeliverable(Exception):
    """A reply could not be delivered.

    `permanent`: never try this person again on this channel (blocked, gone, refused).
    `retry_after`: seconds for which the platform asks the whole lane to pause.
    `uncertain`: the call may have arrived (a time-out); trying again may repeat it.
    `rest`: seconds for which this person's words wait, without that it counts as a try.
    `unheard`: while they wait, the person does not know of it.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        uncertain: bool = False,
        rest: float | None = None,
        unheard: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.retry_after = retry_after
        self.uncertain = uncertain
        self.rest = rest
        self.unheard = unheard


class Unfetchable(Exception):
    """A file that a citizen sent could not be fetched.

    `permanent`: the platform has it no longer. `too_large`: than was asked for.
    """

    def __init__(self, reason: str, *, permanent: bool = False, too_large: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.too_large = too_large


class Unkept(ValueError):
    """A file was not taken in. `why` is for us, `say` for whoever sent it."""

    def __init__(self, why: str, say: str) -> None:
        super().__init__(why)
        self.why = why
        self.say = say


class Keeping(Protocol):
    """Where a channel puts a file that was sent to it; the evidence room is one."""

    @property
    def most_bytes(self) -> int: ...

    def refusal(self, why: str) -> Unkept: ...

    async def keep(self, sender: Address, data: bytes) -> Piece:
        """Raises Unkept."""

    async def drop(self, id: str) -> None:
        """As if it had never come."""


# A channel's own handle and the most bytes → the bytes. Raises Unfetchable.
Fetch = Callable[[str, int], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Limits:
    """What the platform allows."""

    text: int  # longest text of one message, in `unit`
    unit: Literal["characters", "utf16", "bytes"] = "characters"
    buttons: bool = True  # False: choices are shown as numbers in the text
    per_second: float = 30.0  # messages to all people together
    per_person: float = 1.0  # seconds between messages to one person, in bulk
    at_once: int = 4  # calls on the wire; a crash may repeat as many
    paid_per_second: int = 0  # messages of broadcasts to all people together, paid for; 0: none is


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a conversation as it happened, for a page that is opened again."""

    id: int
    at: datetime
    text: str
    reply: Reply | None = None  # None: the citizen's own words (masked)


CaseAction = Literal["reply", "need", "claim", "note", "close"]


class Inbox(Protocol):
    """Where channels hand in what they hear; the host is one."""

    async def heard(self, message: Message) -> bool:
        """True once the turn is committed; False if this message was handled before."""

    async def answer(self, message: Message, grace: timedelta, nonce: Nonce | None = None) -> bool:
        """As `heard`; the turn's replies are kept from the sender for `grace`.

        So whoever asked can take them with its own answer; what nobody takes is sent after it.
        Raises Replayed if `nonce` came before with something else, to any process.
        """

    async def staff_said(self, request: int, text: str, token: str) -> bool:
        """A staff member's words to the citizen of a hand-over; False if it is not open.

        `token` makes it once: the same token is sent once however often it arrives.
        """

    async def staff_closed(self, request: int) -> bool:
        """A staff member has ended a hand-over; False if it is not open."""

    async def staff_worked(
        self, number: str, action: CaseAction, text: str, token: str, by: str
    ) -> bool:
        """What a staff member, `by`, did with a consultation; False if it cannot be done now."""

    async def lines(self, address: Address, after: int = 0) -> Sequence[Line]:
        """What was said at an address, oldest first, ids above `after` (at most 200)."""

    async def rejected(self, channel: str, message_id: str, reason: str) -> None:
        """Note that something unreadable arrived, so that it is not read again."""


class Channel(Protocol):
    """One platform."""

    @property
    def name(self) -> str: ...

    @property
    def limits(self) -> Limits: ...

    async def deliver(self, user: str, reply: Reply, key: str) -> None:
        """Send one reply. `key` is the same on every try. Raises Undeliverable."""

    async def run(self, inbox: Inbox) -> None:
        """Listen until cancelled (a channel that is called by routes returns at once)."""

    def routes(self, inbox: Inbox) -> Sequence[BaseRoute]:
        """The web routes by which the platform calls us (none: an empty list)."""


@runtime_checkable
class PaidChannel(Channel, Protocol):
    """A platform that sends beyond its free pace, for a fee."""

    async def deliver_paid(self, user: str, reply: Reply, key: str) -> None:
        """As `deliver`. Raises Undeliverable."""
