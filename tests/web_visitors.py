"""Visitors of the web chat without a browser: an HTTP client that reads events, and a real server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette

from bot.channels.base import Inbox
from bot.channels.webchat import WebchatChannel
from bot.web import Server, create_app, server

OURS = {"Sec-Fetch-Site": "same-origin"}


class QuietServer(Server):
    """Leaves the signals to the test runner."""

    def __init__(self, config: uvicorn.Config, before_end: Callable[[], None]) -> None:
        super().__init__(config, before_end)
        self.ready = asyncio.Event()
        self.address = ""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.address = f"http://127.0.0.1:{self.servers[0].sockets[0].getsockname()[1]}"
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass(frozen=True)
class House:
    """A real server on a free port."""

    site: QuietServer
    serving: asyncio.Task[None]

    def visitor(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.site.address, headers=OURS, timeout=10)

    async def stop(self) -> None:
        self.site.should_exit = True
        await self.serving


@contextlib.asynccontextmanager
async def house(
    inbox: Inbox,
    channel: WebchatChannel | None = None,
    app: Starlette | None = None,
    port: int = 0,
    **options: Any,
) -> AsyncIterator[House]:
    channel = channel or WebchatChannel(**options)
    app = app or create_app([channel], inbox)
    config = server(app, "127.0.0.1", port, channel.end_streams).config
    site = QuietServer(config, channel.end_streams)
    one = House(site, asyncio.create_task(site.serve()))
    await site.ready.wait()
    try:
        yield one
    finally:
        await one.stop()


@contextlib.asynccontextmanager
async def visiting(
    inbox: Inbox, base: str = "http://chat.test", **options: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the app itself: everything but streams."""
    app = create_app([WebchatChannel(**options)], inbox)
    async with client_of(app, base) as client:
        yield client


def client_of(app: Starlette, base: str = "http://chat.test") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url=base, headers=OURS)


async def say(client: httpx.AsyncClient, text: str, id: str = "message-1") -> httpx.Response:
    return await client.post("/chat/messages", json={"id": id, "text": text})


@dataclass(frozen=True)
class Event:
    name: str
    data: Any
    id: str | None


class Events:
    """The events of one open stream, one after the other."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def next(self) -> Event | None:
        """None at the end. Comments are passed over, as a browser does."""
        told: dict[str, str] = {}
        async for line in self._lines:
            if line and not line.startswith(":"):
                key, _, value = line.partition(": ")
                told[key] = value
            elif not line and "data" in told:
                return _event(told)
        return None

    async def until(self, name: str) -> list[Event]:
        """All events before the first one of that name."""
        events = []
        while (event := await self.next()) and event.name != name:
            events.append(event)
        assert event is not None, f"the stream ended before {name}: {events}"
        return events

    async def line(self) -> Any:
        """The next line of the conversation."""
        while (event := await self.next()) and event.name != "message":
            pass
        assert event is not None, "the stream ended"
        return event.data


def _event(told: dict[str, str]) -> Event:
    name = told.get("event", "message")
    data = json.loads(told["data"]) if name == "message" else told["data"]
    return Event(name, data, told.get("id"))


@contextlib.asynccontextmanager
async def listening(
    client: httpx.AsyncClient, after: str = "", **headers: str
) -> AsyncIterator[Events]:
    path = "/chat/events" + (f"?after={after}" if after else "")
    async with client.stream("GET", path, headers=headers) as response:
        yield Events(response)
