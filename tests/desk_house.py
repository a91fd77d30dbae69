"""A desk for tests: real store, a clock that is turned, a stand-in for the host, and clerks who sign in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
import pyotp
from argon2 import PasswordHasher
from starlette.applications import Starlette

from bot.channels.base import Line
from bot.clock import CHINA
from bot.desk import members
from bot.desk.arriving import totp_place
from bot.desk.desk import desk
from bot.desk.office import Along, Options
from bot.desk.passwords import Passwords
from bot.desk.tokens import kept, new_token
from bot.engine.advance import advance
from bot.engine.privacy import guard
from bot.engine.types import Address, Reply
from bot.evidence.gathering import Gatherer
from bot.host import Host
from bot.keys import new_key, read_keys
from bot.notices import Notices
from bot.store import audit, staff, staff_sessions
from bot.store.engine import Store
from bot.web import create_app
from tests.small_world import small_book
from tests.talking import TalkingInbox
from tests.web_visitors import OURS

BOOK = small_book()
PASSWORD = "correct horse battery"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Turned:
    """A clock that a test turns."""

    now: datetime = datetime(2026, 11, 23, 10, 0, tzinfo=CHINA)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class FakeCitizens:
    """Keeps what staff say, once for each token, to those hand-overs that are open."""

    store: Store
    open: set[int] = field(default_factory=set)
    said: list[tuple[int, str]] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    talk: list[Line] = field(default_factory=list)

    async def staff_said(
        self, request: int, text: str, token: str, along: Along | None = None
    ) -> bool:
        if request not in self.open:
            return False
        if token not in self.known:
            self.known.add(token)
            self.said.append((request, text))
            await self._along(along)
        return True

    async def staff_closed(self, request: int, along: Along | None = None) -> bool:
        if request not in self.open:
            return False
        self.open.discard(request)
        await self._along(along)
        return True

    async def lines(self, address: Address, after: int = 0) -> Sequence[Line]:
        return [line for line in self.talk if line.id > after]

    async def _along(self, along: Along | None) -> None:
        if along:
            async with self.store.write() as tx:
                await along(tx)


async def nothing(*_: object) -> None:
    """Notes nothing."""


@dataclass
class Bureau:
    """The app of the desk, and the people at it."""

    store: Store
    clock: Turned = field(default_factory=Turned)
    ring: str = field(default_factory=lambda: new_key("k1"))
    options: Options = field(default_factory=Options)
    base: str = "http://desk.test"
    materials: Gatherer | None = None

    def __post_init__(self) -> None:
        self.book = BOOK
        self.citizens = FakeCitizens(self.store)
        self.host = Host(
            self.store,
            self.clock,
            lambda was, event, now: advance(self.book, was, event, now),
            guard,
            apology=Reply("error", "sorry"),
            office=lambda: BOOK.office,
        )
        self.objections: list[str] = []
        self.notices = Notices(self.host, lambda: BOOK.regions)
        self.app = self.made()

    def made(self) -> Starlette:
        routes = desk(
            self.store,
            self.citizens,
            self.clock,
            read_keys(self.ring),
            self.options,
            Passwords(CHEAP),
            casework=self.host.casework,
            notices=self.notices,
            objections=lambda one: self.objections,
            book=lambda: self.book,
            materials=self.materials,
        )
        return create_app([], TalkingInbox(), routes=routes)

    async def invited(self, name: str, role: str) -> str:
        """The token of the one-time link of somebody new."""
        async with self.store.write() as tx:
            return await members.add(tx, name, role, self.clock(), self.options, nothing)

    def visitor(self, name: str = "", address: str = "192.0.2.1") -> Clerk:
        return Clerk(self, name, address)

    async def clerk(self, name: str = "wang", role: str = "admin") -> Clerk:
        """Somebody who is signed in, a telephone enrolled: as if it had gone through the pages."""
        one, now = self.visitor(name), self.clock()
        one.secret, token = pyotp.random_base32(), new_token()
        async with self.store.write() as tx:
            number = await staff.add(tx, name, role, now)
            assert number is not None
            await staff.set_password(tx, number, CHEAP.hash(PASSWORD))
            sealed = read_keys(self.ring).seal(one.secret, totp_place(number))
            await staff.begin_enrolment(tx, number, sealed)
            await staff.enrol(tx, number, sealed, ["unused"], now)
            until = now + self.options.longest
            await staff_sessions.begin(
                tx, kept(token), number, "in", one.address, "test", now, until
            )
        one.http.cookies.set("__Host-desk" if self.options.public_url else "desk", token)
        return one

    async def newcomer(self, name: str = "wang", role: str = "admin") -> Clerk:
        """Somebody who has come in through the pages, with recovery codes."""
        one = self.visitor(name)
        await one.arrive(await self.invited(name, role))
        return one

    async def acts(self) -> list[tuple[str, str, str]]:
        """What was noted, the newest last: who, what, about what."""
        async with self.store.read() as tx:
            noted = await audit.page(tx, audit.Wanted(), 0, 1_000)
        return [(one.act.name, one.act.action, one.act.subject) for one in reversed(noted)]


class Clerk:
    """A browser with its cookies, and the telephone beside it."""

    def __init__(self, bureau: Bureau, name: str, address: str = "192.0.2.1") -> None:
        self.bureau = bureau
        self.name = name
        self.address = address
        self.secret = ""
        self.recovery: list[str] = []
        transport = httpx.ASGITransport(bureau.app, client=(address, 1))
        self.http = httpx.AsyncClient(transport=transport, base_url=bureau.base, headers=OURS)

    async def get(self, path: str, **more: object) -> httpx.Response:
        return await self.http.get(path, **more)  # type: ignore[arg-type] # as httpx takes them

    async def post(self, page: str, path: str, **fields: str) -> httpx.Response:
        """Opens `page`, and sends its form to `path`."""
        shown = await self.get(page)
        return await self.send(path, csrf_in(shown), **fields)

    async def send(self, path: str, csrf: str, **fields: str) -> httpx.Response:
        return await self.http.post(path, data={"csrf": csrf} | fields)

    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(self.bureau.clock())

    async def next_code(self) -> str:
        """One that was not used yet."""
        self.bureau.clock.turn(seconds=30)
        return self.code()

    async def arrive(self, token: str) -> None:
        """The first sign-in, from the link to the recovery codes."""
        here = f"/desk/welcome/{token}"
        await self.post(here, here, password=PASSWORD, again=PASSWORD)
        shown = await self.get("/desk/sign-in/enrol")
        self.secret = secret_in(shown)
        code = await self.next_code()
        done = await self.send("/desk/sign-in/enrol", csrf_in(shown), code=code)
        assert done.status_code == 200, done.text
        self.recovery = re.findall(r"<li><code>([a-z0-9-]+)</code>", done.text)

    async def tell_password(self, password: str = PASSWORD) -> httpx.Response:
        return await self.post("/desk/sign-in", "/desk/sign-in", name=self.name, password=password)

    async def tell_code(self, code: str) -> httpx.Response:
        return await self.post("/desk/sign-in/code", "/desk/sign-in/code", code=code)

    async def sign_in(self) -> httpx.Response:
        await self.tell_password()
        return await self.tell_code(await self.next_code())

    async def is_in(self) -> bool:
        return (await self.get("/desk/account")).status_code == 200


def csrf_in(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page.text)
    assert found, page.text
    return found[1]


def secret_in(page: httpx.Response) -> str:
    found = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page.text)
    assert found, page.text
    return found[1].replace(" ", "")
