"""The ASGI app: the channels' routes, /health and /metrics, and the headers that every answer has.

Rule 1: a route may say more about itself (a policy, a cache); what it does not say is strict.
Rule 2: what goes wrong is told to people in a sentence and to us in the log, never the other way.
"""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.channels.base import Channel, Inbox
from bot.engine import words
from bot.logs import kind, where

log = logging.getLogger(__name__)

MOST_BYTES = 1_000_000  # of one request
LAST_WORDS = 5  # seconds that open requests have after SIGTERM
STRICT = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}
A_YEAR = "max-age=31536000"

Healthy = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Metric:
    """One number for /metrics. `name` as Prometheus wants it, a counter's ending in `_total`."""

    name: str
    about: str
    value: float
    kind: Literal["counter", "gauge"] = "counter"

    def __str__(self) -> str:
        return (
            f"# HELP {self.name} {self.about}\n# TYPE {self.name} {self.kind}\n"
            f"{self.name} {self.value:.15g}\n"
        )


Metrics = Callable[[], Iterable[Metric]]


def create_app(
    channels: Iterable[Channel],
    inbox: Inbox,
    *,
    routes: Sequence[BaseRoute] = (),
    healthy: Healthy | None = None,
    metrics: Metrics | None = None,
    https: bool = False,
) -> Starlette:
    """`routes`: more than the channels'. `healthy`: whether the bot can keep what it hears.

    `metrics` None: there are none. `https`: people reach us over https only.
    """
    ours = [Route("/health", _Health(healthy).answer), *routes]
    if metrics is not None:
        ours.append(Route("/metrics", _Numbers(metrics).answer))
    headers = STRICT | ({"Strict-Transport-Security": A_YEAR} if https else {})
    return Starlette(
        routes=[route for channel in channels for route in channel.routes(inbox)] + ours,
        middleware=[Middleware(Edge, headers=headers)],
        exception_handlers={HTTPException: _refused},
        max_body_size=MOST_BYTES,
    )


class Edge:
    """Adds the headers that an answer has not set itself; answers for what raises below it.

    Starlette would raise it again, and the server would log it with its words: they may be a
    citizen's.
    """

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = _Answer(send, self._headers)
        try:
            await self._app(scope, receive, answer.send)
        except Exception as error:
            if answer.unsent:
                raise  # the body limit's own, or the connection's
            log.error(
                "request failed path=%s error=%s at=%s", scope["path"], kind(error), where(error)
            )
            if not answer.begun:
                sorry = PlainTextResponse(words.WEB_REFUSED["fault"], 500)
                await sorry(scope, receive, answer.send)


class _Answer:
    """One answer on its way. `unsent`: what was sent last did not get through."""

    def __init__(self, send: Send, headers: dict[str, str]) -> None:
        self._send = send
        self._headers = headers
        self.begun = False
        self.unsent = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            for name, value in self._headers.items():
                headers.setdefault(name, value)
        self.unsent = True
        await self._send(message)
        self.unsent = False


class _Health:
    def __init__(self, healthy: Healthy | None) -> None:
        self._healthy = healthy

    async def answer(self, request: Request) -> Response:
        """200 while the bot can keep what it hears, else 503."""
        well = await self._is_well()
        told = {"status": "ok" if well else "unwell"}
        return JSONResponse(told, 200 if well else 503, {"Cache-Control": "no-store"})

    async def _is_well(self) -> bool:
        try:
            return self._healthy is None or await self._healthy()
        except Exception as error:  # the web edge: whoever asks wants an answer
            log.error("health unknown error=%s at=%s", kind(error), where(error))
            return False


class _Numbers:
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def answer(self, request: Request) -> Response:
        told = "".join(str(metric) for metric in self._metrics())
        return PlainTextResponse(told, media_type="text/plain; version=0.0.4")


async def _refused(request: Request, error: Exception) -> Response:
    """What the router or the body limit refuses."""
    assert isinstance(error, HTTPException)
    said = {404: "not_found", 405: "not_offered", 413: "too_long"}.get(error.status_code)
    text = words.WEB_REFUSED[said or "unreadable"]
    return PlainTextResponse(text, error.status_code, error.headers)


class Server(uvicorn.Server):
    """Calls `before_end` when it is told to stop, before it waits for open requests.

    A stream of events never ends by itself: without this the server waits for its time-out.
    """

    def __init__(self, config: uvicorn.Config, before_end: Callable[[], None]) -> None:
        super().__init__(config)
        self._before_end = before_end

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to the program: uvicorn would kill it before the rest has ended."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._before_end()
        await super().shutdown(sockets)


def server(app: Starlette, host: str, port: int, before_end: Callable[[], None]) -> Server:
    """A server for `await server.serve()`. Proxies on this machine may tell who asks, and how."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=LAST_WORDS,
    )
    return Server(config, before_end)
