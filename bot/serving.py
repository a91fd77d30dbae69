"""The web server inside our own loop: open pages are let go before it waits for them."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable

import uvicorn
from starlette.applications import Starlette

GRACE = 3  # seconds that open requests get when the server stops


class Server(uvicorn.Server):
    """`before_stop` ends the streams that would otherwise keep the server waiting."""

    def __init__(
        self, app: Starlette, host: str, port: int, before_stop: Iterable[Callable[[], None]]
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                log_config=None,
                access_log=False,  # it would hold paths and addresses of people
                server_header=False,
                timeout_graceful_shutdown=GRACE,
            )
        )
        self._before_stop = tuple(before_stop)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for end in self._before_stop:
            end()
        await super().shutdown(sockets)
