"""A picture on its way: chosen in the chat, kept, filed with a consultation, seen at the desk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from playwright.async_api import FileChooser, Page, Route, expect

from bot.casework import Casework
from bot.channels.webchat import WebchatChannel
from bot.clock import wall_clock
from bot.desk.desk import desk
from bot.desk.office import Options
from bot.desk.passwords import Passwords
from bot.desk.tokens import kept, new_token
from bot.engine import words
from bot.engine.advance import advance
from bot.engine.playbook import Playbook
from bot.engine.privacy import guard
from bot.engine.types import Reply
from bot.evidence import EvidenceRoom, Limits
from bot.evidence.gathering import Gatherer
from bot.host import Host
from bot.keys import kept_keys
from bot.notices import Notices
from bot.store import staff, staff_sessions
from bot.store.engine import Store
from bot.web import create_app
from handlers.contents import playbook
from tests.browser.chat import Chat
from tests.browser.conftest import PATIENCE, PHONE, Watch
from tests.browser.test_access import overflows
from tests.citizens_files import HTML, encoded, picture
from tests.web_visitors import House, house

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PICTURE = {"name": "截图.png", "mimeType": "image/png", "buffer": encoded(picture(60, 40), "PNG")}


@dataclass(frozen=True)
class Home:
    house: House
    cookie: str  # of somebody at the desk

    @property
    def url(self) -> str:
        return self.house.site.address


@pytest.fixture(scope="module")
def book() -> Playbook:
    return playbook()


@pytest_asyncio.fixture(loop_scope="session")
async def home(book: Playbook, sqlite_url: str, tmp_path: Path) -> AsyncIterator[Home]:
    keys = kept_keys(tmp_path / "keys.toml")
    async with (
        Store(sqlite_url) as store,
        Host(
            store,
            wall_clock,
            partial(advance, book),
            guard,
            apology=Reply("error", words.APOLOGY),
            office=lambda: book.office,
        ) as host,
    ):
        room = EvidenceRoom(store, keys, tmp_path / "evidence", wall_clock, Limits(1_000_000))
        chat = WebchatChannel(reread=0.1, files=room)
        pages = desk(
            store,
            host,
            wall_clock,
            keys,
            Options(poll=timedelta(milliseconds=300)),
            Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)),
            casework=Casework(host, lambda: book.office),
            notices=Notices(host, lambda: book.regions),
            objections=lambda one: [],
            book=lambda: book,
            materials=Gatherer(room, host, {}),
        )
        async with house(host, chat, create_app([chat], host, routes=pages)) as one:
            yield Home(one, await _signed_in(store))


async def _signed_in(store: Store) -> str:
    token, now = new_token(), wall_clock()
    async with store.write() as tx:
        number = await staff.add(tx, "王芳", "agent", now)
        assert number is not None
        until = now + timedelta(hours=1)
        await staff_sessions.begin(tx, kept(token), number, "in", "::1", "test", now, until)
    return token


@dataclass(frozen=True)
class Sending:
    """A telephone on which files are chosen. It listens for the dialogue from the beginning: the
    browser takes a moment to hand it over to us."""

    chat: Chat
    dialogues: asyncio.Queue[FileChooser]

    @classmethod
    async def opened(cls, profile: Any, home: Home) -> Sending:
        context, dialogues = await profile(**PHONE), asyncio.Queue[FileChooser]()
        page = await context.new_page()
        page.on("filechooser", dialogues.put_nowait)
        await page.goto(home.url)
        chat = Chat(page)
        await expect(chat.log.locator(".bot")).to_have_count(1)
        return cls(chat, dialogues)

    async def choose(self, file: Any) -> None:
        """By keyboard: onto the button, Enter, and the system's own dialogue."""
        await self.chat.page.get_by_role("button", name="附件").focus()
        await self.chat.page.keyboard.press("Enter")
        async with asyncio.timeout(PATIENCE / 1_000):
            await (await self.dialogues.get()).set_files(file)


async def test_a_picture_goes_with_a_consultation_to_the_desk(home: Home, profile: Any) -> None:
    phone = await Sending.opened(profile, home)
    chat = phone.chat
    described = await chat.page.locator("#attachable").inner_text()
    assert "不超过 1 MB" in described
    assert await overflows(chat.page) == []
    await phone.choose(PICTURE)
    await expect(chat.log.get_by_text("［附件］")).to_be_visible()
    await expect(chat.log.get_by_text("暂存为证据 1")).to_be_visible()
    await chat.tap("是")
    await expect(chat.log.get_by_text("1 份截图会一起提交")).to_be_visible()
    await chat.say("2023年10月养老保险没有缴费记录")
    await expect(chat.log.get_by_text("单位名称").last).to_be_visible()
    await chat.say("直接提交")
    await expect(chat.log.get_by_text("查询码").last).to_be_visible()

    office = await profile()
    await office.add_cookies([{"name": "desk", "value": home.cookie, "url": home.url}])
    clerk: Page = await office.new_page()
    await clerk.goto(f"{home.url}/desk/cases")
    await clerk.locator("table a[href^='/desk/cases/']").first.click()
    link = clerk.get_by_role("link", name="材料 1")
    await expect(clerk.get_by_text("PNG 图片")).to_be_visible()
    async with office.expect_page() as opening:
        await link.click()
    seen = await opening.value
    await expect(seen.locator("img")).to_be_visible()
    assert await seen.evaluate("document.images[0].naturalWidth") == 60


async def test_what_is_refused_says_so_and_the_next_one_goes(
    home: Home, profile: Any, watch: Watch
) -> None:
    watch.expected = ("422", "ERR_FAILED")
    phone = await Sending.opened(profile, home)
    chat = phone.chat
    bad = [
        ("page.png", HTML, "可以发 PNG"),
        ("nothing.png", b"", "这个文件是空的"),
        ("large.png", b"x" * 1_000_001, "超过 1 MB"),
    ]
    for name, data, said in bad:
        await phone.choose({"name": name, "mimeType": "image/png", "buffer": data})
        await expect(chat.state).to_contain_text(said)

    async def cut(route: Route) -> None:
        await route.abort()

    await chat.page.route("**/chat/uploads*", cut)
    await phone.choose(PICTURE)
    await expect(chat.state).to_contain_text("附件没能发出")
    await chat.page.unroute("**/chat/uploads*")
    await expect(chat.log.locator(".me")).to_have_count(0)
    await phone.choose(PICTURE)
    await expect(chat.log.get_by_text("暂存为证据 1")).to_be_visible()


async def test_an_upload_can_be_stopped_by_keyboard(home: Home, profile: Any) -> None:
    phone = await Sending.opened(profile, home)
    chat = phone.chat

    async def held(route: Route) -> None:
        """Never answered."""

    await chat.page.route("**/chat/uploads*", held)
    await phone.choose(PICTURE)
    await expect(chat.state).to_contain_text("正在上传 截图.png")
    attach = chat.page.get_by_role("button", name="附件")
    await expect(attach).to_be_disabled()
    assert await overflows(chat.page) == []
    stop = chat.page.get_by_role("button", name="停止上传")
    await stop.focus()
    await chat.page.keyboard.press("Enter")
    await expect(chat.state).to_contain_text("已停止上传")
    await expect(attach).to_be_focused()
    await expect(stop).to_be_hidden()
