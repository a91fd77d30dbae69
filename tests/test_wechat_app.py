"""The whole program on WeChat: as a process that is killed and comes back, and as two of them."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from starlette.requests import Request
from starlette.responses import Response

from bot.app import handoffs
from bot.clock import wall_clock
from bot.engine.types import Address
from bot.settings import load
from bot.store.engine import Store
from bot.wechat import wechat
from tests.serving import serving
from tests.test_app import program
from tests.wechat_double import Phone, Platform, Seal, WechatApi
from tests.wechat_double.bench import APP_ID, FIELDS, KEY, SECRET, TOKEN, connected
from tests.wechat_double.phone import on_a_port


@asynccontextmanager
async def platform(api: WechatApi) -> AsyncIterator[str]:
    """The stand-in's API on a port of its own."""

    async def app(scope: dict[str, object], receive: object, send: object) -> None:
        request = Request(scope, receive)  # type: ignore[arg-type]  # ASGI's own
        asked = httpx.Request(request.method, str(request.url), content=await request.body())
        told = await api._serve(asked)
        await Response(told.content, told.status_code)(scope, receive, send)  # type: ignore[arg-type]  # as above

    async with serving(app) as address:
        yield address


async def test_the_program_answers_pushes_and_repeats_itself_after_a_kill(tmp_path: Path) -> None:
    api = WechatApi(wall_clock, APP_ID, SECRET, "service", {"T1": set(FIELDS)})
    async with platform(api) as address:
        chosen = {
            "BOT_WECHAT_APP_ID": APP_ID,
            "BOT_WECHAT_SECRET": SECRET,
            "BOT_WECHAT_TOKEN": TOKEN,
            "BOT_WECHAT_AES_KEY": KEY,
            "BOT_WECHAT_ACCOUNT": "service",
            "BOT_WECHAT_TEMPLATE": "T1",
            "BOT_WECHAT_API_BASE": address,
        }
        database = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
        settings = load(tmp_path / "none.toml", {**chosen, "BOT_DATABASE_URL": database})
        async with program(tmp_path, **chosen) as bot, on_a_port(bot.url) as http:
            servers = Platform(api, Seal(TOKEN, APP_ID, KEY), http, cut=60)
            phone = Phone(servers, "o1")
            assert "社保咨询助手" in (await phone.follows() or await pushed(phone))
            first = await phone.says("转人工")
            query, body = servers.last
            await bot.end(signal.SIGKILL)
            await bot.start()
            again = await servers.post(query, body)
            assert again is not None
            assert servers._seen(again) == first
            assert await handoffs(settings, print, ("1", "您好，您的材料齐了。"), None) == 0
            assert (await pushed(phone)).endswith("您好，您的材料齐了。")
            assert await bot.end() == 0
            assert "材料" not in bot.log.read_text()
        lines: list[str] = []
        assert await wechat(settings, "check", lines.append) == 2  # no public_url and no menu yet
        assert await wechat(settings, "menu", lines.append) == 0
        assert len(api.menu) == 3
        assert SECRET not in "".join(lines)


async def pushed(phone: Phone) -> str:
    """What another process sends sooner or later."""
    async with asyncio.timeout(60):
        while not phone.look():  # noqa: ASYNC110 — a phone has no event
            await asyncio.sleep(0.05)
    return phone.seen[-1]


async def test_two_processes_that_hear_the_same_message_tell_the_same_words(store_url: str) -> None:
    async with (
        Store(store_url) as one,
        Store(store_url) as two,
        connected(one) as first,
        connected(two) as second,
    ):
        for n in range(10):
            query, body = first.platform.sealed(first.phone.message("text", Content=f"{n}"))
            answers = await asyncio.gather(
                *(bench.platform.post(query, body) for bench in (first, second))
            )
            told = [first.platform._seen(answer) for answer in answers if answer]
            assert told == [f"收到：{n}"] * 2
        lines = await first.host.lines(Address("wechat", "o1"))
        assert len(lines) == 20
