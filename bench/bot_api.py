"""Telegram's Bot API as a broadcast meets it, in a process of its own: its work is not the bot's.

    python -m bench.bot_api [--per-second 30] [--strict] [--faulty]

It says its address in one line. `--strict`: what would be one more than `--per-second` in any second is
refused with 429. `--faulty`: some people have blocked the bot, some calls go wrong in Telegram's ways.
GET /seen tells what came in.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import socket
import time
from collections import Counter, deque
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from starlette.types import Receive, Scope, Send

LATENCY = 0.06  # seconds that a call takes
HANG = 3.0  # seconds; longer than the caller waits
FAULTS = {  # share of calls
    "bad_gateway": 0.01,
    "cut": 0.003,  # it arrived, the connection broke before the answer
    "hung": 0.001,  # it did not arrive
    "too_many": 0.0005,
}
BLOCKED = 100  # each so many-th person has blocked the bot
GONE = 499  # each so many-th one's chat is not found

Answer = tuple[int, dict[str, Any]]


class BotApi:
    """`calls`: when each came in, in seconds. `seen`: how often each person got something."""

    def __init__(self, per_second: int, *, strict: bool, faulty: bool) -> None:
        self.seen: Counter[str] = Counter()
        self.calls: list[float] = []
        self.refused = 0
        self.paid = 0
        self._per_second = per_second
        self._strict = strict
        self._faulty = faulty
        self._window: deque[float] = deque()
        self._chance = random.Random(7)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while (part := await receive()).get("more_body") or part.get("body"):
            body += part.get("body", b"")
            if not part.get("more_body"):
                break
        if scope["path"] == "/seen":
            await _say(send, 200, self._told())
            return
        given = {key: values[0] for key, values in parse_qs(body.decode()).items()}
        await self._take(given, send)

    async def _take(self, given: dict[str, str], send: Send) -> None:
        await asyncio.sleep(LATENCY / 2)
        user = given["chat_id"]
        if refusal := self._too_fast():
            await _say(send, *refusal)
            return
        fault = self._fault(user) if self._faulty else None
        if fault == "hung":
            await asyncio.sleep(HANG)
        if isinstance(fault, tuple) or fault == "hung":
            await _say(send, *(fault if isinstance(fault, tuple) else (504, {})))
            return
        self.seen[user] += 1
        self.paid += given.get("allow_paid_broadcast") == "true"
        await asyncio.sleep(LATENCY / 2)
        chat = {"id": int(user), "type": "private", "first_name": "张"}
        message = {"message_id": 1, "date": 1_795_429_800, "chat": chat, "text": given["text"]}
        await _say(send, 200, {"ok": True, "result": message}, cut=fault == "cut")

    def _too_fast(self) -> Answer | None:
        now = time.monotonic()
        self.calls.append(now)
        while self._window and self._window[0] <= now - 1.0:
            self._window.popleft()
        if self._strict and len(self._window) >= self._per_second:
            self.refused += 1
            return _refusal(429, "Too Many Requests: retry after 1", retry_after=1)
        self._window.append(now)
        return None

    def _fault(self, user: str) -> Answer | str | None:
        if int(user) % BLOCKED == 0:
            return _refusal(403, "Forbidden: bot was blocked by the user")
        if int(user) % GONE == 0:
            return _refusal(400, "Bad Request: chat not found")
        roll = self._chance.random()
        for kind, share in FAULTS.items():
            if (roll := roll - share) < 0:
                return _REFUSALS.get(kind, kind)
        return None

    def _told(self) -> dict[str, Any]:
        told = {"seen": self.seen, "calls": self.calls, "refused": self.refused}
        return {**told, "paid": self.paid}


def _refusal(code: int, description: str, **parameters: int) -> Answer:
    told = {"ok": False, "error_code": code, "description": description}
    return code, {**told, **({"parameters": parameters} if parameters else {})}


_REFUSALS: dict[str, Answer] = {
    "bad_gateway": _refusal(502, "Bad Gateway"),
    "too_many": _refusal(429, "Too Many Requests: retry after 1", retry_after=1),
}


async def _say(send: Send, status: int, told: dict[str, Any], *, cut: bool = False) -> None:
    body = json.dumps(told).encode()
    length = len(body) + (100 if cut else 0)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % length)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": cut})


def main() -> None:
    given = argparse.ArgumentParser()
    given.add_argument("--per-second", type=int, default=30)
    given.add_argument("--strict", action="store_true")
    given.add_argument("--faulty", action="store_true")
    chosen = given.parse_args()
    api = BotApi(chosen.per_second, strict=chosen.strict, faulty=chosen.faulty)
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        print(f"http://127.0.0.1:{port.getsockname()[1]}", flush=True)
        config = uvicorn.Config(api, log_config=None, lifespan="off", ws="none", access_log=False)
        uvicorn.Server(config).run([port])


if __name__ == "__main__":
    main()
