"""What every page works with, handed in at the start."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.casework import Casework
from bot.channels.base import Line
from bot.clock import Clock
from bot.desk.looks import Looks
from bot.desk.navigation import Entry
from bot.desk.passwords import Passwords
from bot.engine.playbook import Playbook
from bot.engine.publications import Publication
from bot.engine.types import Address
from bot.evidence.gathering import Gatherer
from bot.keys import Keys
from bot.notices import Notices
from bot.store.engine import Store

Along = Callable[[AsyncConnection], Awaitable[None]]  # written in the same transaction


class Citizens(Protocol):
    """The way to the people outside; the host is one."""

    async def staff_said(
        self, request: int, text: str, token: str, along: Along | None = None
    ) -> bool: ...

    async def staff_closed(self, request: int, along: Along | None = None) -> bool: ...

    async def lines(self, address: Address, after: int = 0) -> Sequence[Line]: ...


@dataclass(frozen=True, slots=True)
class Options:
    """`public_url`: https address under which staff reach the desk; empty: as the request says."""

    public_url: str = ""
    idle: timedelta = timedelta(minutes=60)  # without a click, then sign in again
    longest: timedelta = timedelta(hours=12)  # however busy
    lock_after: int = 5  # failures of one account
    lock_after_address: int = 30  # failures from one address: an office shares it
    lock_for: timedelta = timedelta(minutes=15)
    invite_for: timedelta = timedelta(hours=72)
    poll: timedelta = timedelta(seconds=4)  # an open page asks for what is new


@dataclass(frozen=True, slots=True)
class Office:
    store: Store
    citizens: Citizens
    casework: Casework
    notices: Notices
    objections: Callable[[Publication], list[str]]  # what speaks against an entry; some seconds
    book: Callable[[], Playbook]
    clock: Clock
    keys: Keys
    options: Options
    passwords: Passwords
    looks: Looks
    menu: tuple[Entry, ...]
    materials: Gatherer | None = None  # None: nothing of what citizens send is kept
