"""The whole program as a process: web chat over HTTP, Telegram against the stand-in, killed and back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx

from tests.serving import serving
from tests.telegram_double.judge import judge
from tests.telegram_double.people import Citizen, Group
from tests.telegram_double.wire import BotApi

HOME = Path(__file__).parent.parent
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Program:
    """`python -m bot` with a database of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.port = free_port()
        self.log = folder / "log"
        self._environ = {
            **os.environ,
            "BOT_DATABASE_URL": f"sqlite+aiosqlite:///{folder}/bot.db",
            "BOT_WEB_PORT": str(self.port),
            **settings,
        }
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, *words: str) -> None:
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", *words, cwd=HOME, env=self._environ, stderr=log
            )
        async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(90):
            while True:
                assert self._process.returncode is None, self.log.read_text()
                with contextlib.suppress(httpx.TransportError):
                    if (await client.get(f"{self.url}/health")).status_code == 200:
                        return
                await asyncio.sleep(0.05)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self._process is not None
        self._process.send_signal(number)
        async with asyncio.timeout(60):
            return await self._process.wait()


@contextlib.asynccontextmanager
async def program(folder: Path, **settings: str) -> AsyncIterator[Program]:
    made = Program(folder, **settings)
    await made.start()
    try:
        yield made
    finally:
        with contextlib.suppress(ProcessLookupError):
            await made.end(signal.SIGKILL)


async def told(client: httpx.AsyncClient, most: int, after: int = 0) -> list[dict[str, Any]]:
    """The next `most` lines of the visitor's conversation."""
    found: list[dict[str, Any]] = []
    async with (
        asyncio.timeout(60),
        client.stream("GET", f"/chat/events?after={after}", headers=SAME_SITE) as stream,
    ):
        async for line in stream.aiter_lines():
            if line.startswith("data:"):
                found.append(json.loads(line.removeprefix("data:")))
            if len(found) == most:
                break
    return found


async def say(client: httpx.AsyncClient, id: str, text: str) -> int:
    body = {"id": id, "text": text}
    return (await client.post("/chat/messages", json=body, headers=SAME_SITE)).status_code


ID = "00000000-0000-4000-8000-00000000000"


async def test_a_visitor_is_answered_and_finds_it_again_after_a_crash(tmp_path: Path) -> None:
    async with program(tmp_path) as bot:
        async with httpx.AsyncClient(base_url=bot.url, trust_env=False) as client:
            await client.get("/")
            assert await say(client, ID + "1", "失业金怎么申领") == 202
            lines = await told(client, 2)
            assert lines[0]["text"] == "失业金怎么申领"
            assert lines[1]["entry"] == "SB02"
            await bot.end(signal.SIGKILL)
            await bot.start()
            assert await told(client, 2) == lines
            assert await say(client, ID + "1", "失业金怎么申领") == 202  # sent again: a repeat
            assert await say(client, ID + "2", "要什么材料") == 202
            more = await told(client, 2, after=lines[1]["id"])
            assert more[0]["text"] == "要什么材料"
            assert more[1]["entry"] == "SB02"
        assert await bot.end() == 0
    log = bot.log.read_text()
    assert "失业金" not in log
    assert "turn channel=webchat" in log


async def test_a_citizen_on_telegram_and_staff_in_their_group(tmp_path: Path) -> None:
    api = BotApi()
    citizen, staff = Citizen(api), Group(api)
    async with serving(api) as address:
        settings = {
            "BOT_TELEGRAM_TOKEN": api.token,
            "BOT_TELEGRAM_API_BASE": address,
            "BOT_TELEGRAM_STAFF_CHAT": str(staff.id),
        }
        async with program(tmp_path, **settings) as bot, asyncio.timeout(120):
            await citizen.says("失业金怎么申领")
            await api.until(lambda: len(citizen.texts) >= 1)
            assert "身份证或社会保障卡" in citizen.texts[0]
            await citizen.taps("转人工")
            await api.until(lambda: len(staff.received) >= 1 and len(citizen.texts) >= 2)
            capsule = staff.received[0]
            assert capsule["text"].startswith("#H1")
            assert "失业金怎么申领" in capsule["text"]
            await staff.says("请带身份证到窗口。", to=capsule)
            await api.until(lambda: "请带身份证到窗口。" in citizen.texts)
            await citizen.says("周末开门吗")
            await api.until(lambda: len(staff.received) >= 2)
            assert "周末开门吗" in staff.received[1]["text"]
            await staff.says("/close", to=capsule)
            await api.until(lambda: any("已结束" in text for text in citizen.texts))
            await api.confirmed()
            assert await bot.end() == 0
        assert api.token not in bot.log.read_text()
        assert "周末" not in bot.log.read_text()
    judge(api)


async def test_what_waited_while_the_program_was_dead_is_answered_once(tmp_path: Path) -> None:
    api = BotApi()
    citizen = Citizen(api)
    async with serving(api) as address:
        settings = {"BOT_TELEGRAM_TOKEN": api.token, "BOT_TELEGRAM_API_BASE": address}
        async with program(tmp_path, **settings) as bot, asyncio.timeout(120):
            await citizen.says("菜单")
            await api.until(lambda: len(citizen.texts) >= 1)
            await bot.end(signal.SIGKILL)
            await citizen.says("帮助")
            await citizen.says("失业金怎么申领")
            await bot.start()
            await api.until(lambda: any("身份证或社会保障卡" in text for text in citizen.texts))
            await api.confirmed()
            assert await bot.end() == 0
    menu, *later = [text for text in citizen.texts if "请选一项" in text]
    assert len(later) <= 1  # it may have been on the wire when the program died
    helped, answered = [text for text in citizen.texts if text != menu]
    assert "转人工：找工作人员" in helped
    assert "身份证或社会保障卡" in answered


async def test_bad_settings_are_told_all_at_once(tmp_path: Path) -> None:
    environ = {
        **os.environ,
        "BOT_WEB_PORT": "many",
        "BOT_DATABASE_URL": "mysql://x",
        "BOT_FOO": "1",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", cwd=HOME, env=environ, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    assert process.returncode == 2
    for name in (b"BOT_WEB_PORT", b"BOT_DATABASE_URL", b"BOT_FOO"):
        assert name in said


async def test_data_are_read_again_without_a_pause(tmp_path: Path) -> None:
    async with program(tmp_path) as bot:
        assert bot._process is not None
        bot._process.send_signal(signal.SIGHUP)
        async with asyncio.timeout(60):
            while "reloaded entries=" not in bot.log.read_text():  # noqa: ASYNC110 — a log has no event
                await asyncio.sleep(0.05)
        assert await bot.end() == 0
