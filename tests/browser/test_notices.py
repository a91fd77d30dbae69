"""A notice at the desk in a real Chromium: written, looked at, tried on oneself, approved by a second
person, watched on its way, taken back, accounted for.

PICTURES=docs/images keeps what it looks like on a telephone and on a desktop.
"""

from __future__ import annotations

import asyncio
import csv
import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from playwright.async_api import Page, expect

from bot.casework import Casework
from bot.channels.webchat import WebchatChannel
from bot.clock import wall_clock
from bot.desk.desk import desk
from bot.desk.office import Options
from bot.desk.passwords import Passwords
from bot.desk.tokens import kept, new_token
from bot.engine import words
from bot.engine.advance import advance
from bot.engine.notice import Content, Part
from bot.engine.playbook import Playbook
from bot.engine.preferences import Preferences, PreferencesChanged
from bot.engine.privacy import guard
from bot.engine.types import Address, Reply
from bot.host import Host
from bot.keys import kept_keys
from bot.notices import Notices
from bot.outbox import Sender
from bot.store import broadcasts, preferences, staff, staff_sessions
from bot.store.broadcasts import CALENDAR, Draft
from bot.store.engine import Store
from bot.web import create_app
from handlers.contents import playbook
from scheduler import broadcasts as paging
from tests.browser.chat import Chat
from tests.browser.conftest import PHONE
from tests.stage import FAST, FakeChannel
from tests.web_visitors import House, house

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PEOPLE = 60
PACE = replace(FAST, per_second=12.0)  # slow enough to be watched
PICTURES = os.environ.get("PICTURES")


@dataclass(frozen=True)
class Press:
    house: House
    author: str  # cookies
    second: str

    @property
    def url(self) -> str:
        return f"{self.house.site.address}/desk"


@pytest.fixture(scope="module")
def book() -> Playbook:
    return playbook()


@pytest_asyncio.fixture(loop_scope="session")
async def press(
    book: Playbook, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Press]:
    monkeypatch.setattr(paging, "LOOK", 0.1)
    chat, telegram = WebchatChannel(reread=0.1), FakeChannel("telegram", PACE)
    async with Store(sqlite_url) as store:
        sender = Sender(store, [chat, telegram], wall_clock, lambda: 0.5, name="one")
        async with Host(
            store,
            wall_clock,
            partial(advance, book),
            guard,
            apology=Reply("error", words.APOLOGY),
            office=lambda: book.office,
            wake=sender.wake,
        ) as host:
            pages = desk(
                store,
                host,
                wall_clock,
                kept_keys(tmp_path / "keys.toml"),
                Options(poll=timedelta(milliseconds=300)),
                Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)),
                casework=Casework(host, lambda: book.office),
                notices=Notices(host, lambda: book.regions),
                objections=lambda one: [],
                book=lambda: book,
            )
            await _subscribed(store)
            cookies = [await _signed_in(store, name) for name in ("王芳", "李强")]
            working = [asyncio.create_task(one) for one in (sender.run(), paging.sending(host))]
            async with house(host, chat, create_app([chat], host, routes=pages)) as one:
                yield Press(one, *cookies)
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)


async def _subscribed(store: Store) -> None:
    wanted = Preferences(topics=("失业",), quiet_from="00:00", quiet_until="00:00")
    changed = PreferencesChanged(wanted, "subscribed", "已订阅")
    people = [(Address("telegram", str(n)), changed) for n in range(PEOPLE)]
    due = wall_clock() + timedelta(days=9)
    parts = (
        Part(
            "失业保险金标准（上海）：2175 → 2265 元/月（2026-07-01 起）",
            ("失业",),
            ("上海",),
            local=True,
        ),
        Part(
            "法定退休年龄按渐进式延迟的办法继续执行，每人不同；回复“算退休时间”看您自己的。",
            ("养老",),
        ),
    )
    content = Content("与您有关的变化：", "", parts=parts)
    async with store.write() as tx:
        await preferences.change(tx, people, wall_clock())
        yearly = Draft(content, about="january", due=due, at=due)
        await broadcasts.put(tx, yearly, CALENDAR, wall_clock())


async def _signed_in(store: Store, name: str) -> str:
    token, now = new_token(), wall_clock()
    async with store.write() as tx:
        number = await staff.add(tx, name, "supervisor", now)
        assert number is not None
        until = now + timedelta(hours=1)
        await staff_sessions.begin(tx, kept(token), number, "in", "::1", "test", now, until)
    return token


async def at_desk(profile: Any, press: Press, cookie: str, **options: Any) -> Page:
    context = await profile(**options)
    await context.add_cookies([{"name": "desk", "value": cookie, "url": press.url}])
    page: Page = await context.new_page()
    return page


async def seen(page: Page, name: str) -> None:
    """On a telephone and on a desktop nothing is cut off."""
    for width, height, kind in ((360, 740, "phone"), (1280, 800, "desktop")):
        await page.set_viewport_size({"width": width, "height": height})
        wide: list[str] = await page.evaluate(
            "() => [...document.querySelectorAll('body *')].filter(e =>"
            " e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.unseen, thead'))"
            ".map(e => e.outerHTML.slice(0, 90))"
        )
        assert wide == [], (name, kind)
        if PICTURES:
            path = Path(PICTURES) / f"{name}-{kind}.png"
            await page.screenshot(path=path, full_page=True)


async def test_a_notice_is_written_tried_approved_watched_and_taken_back(
    press: Press, profile: Any
) -> None:
    author = await at_desk(profile, press, press.author)
    await author.goto(f"{press.url}/notices")
    await author.get_by_role("link", name="写公告").click()
    await author.get_by_label("标题").fill("上海失业保险金标准提高")
    await author.get_by_label("要点").fill(
        "第1—12个月每月 2265 元，多 90 元。\n从 2026 年 7 月起，自动补发，不用申请。"
    )
    await author.get_by_label("影响哪些人").fill("在上海领失业保险金的人")
    await author.get_by_label("官方链接").fill("https://rsj.sh.gov.cn/")
    await author.get_by_label("失业", exact=True).check()
    await seen(author, "desk-notice-write")
    await author.get_by_role("button", name="保存，看预览").click()
    await expect(author.get_by_role("status")).to_contain_text("等另一位同事审批")
    await expect(author.locator("main")).to_contain_text(f"{PEOPLE}")
    await expect(author.get_by_role("button", name="审批")).to_have_count(0)
    await seen(author, "desk-notice-draft")

    mine = await Chat.opened(await profile(**PHONE), press.house.site.address)
    await mine.say("绑定")
    code = mine.log.locator(".bot .words").last
    await expect(code).to_contain_text("绑定码")
    found = re.search(r"[0-9]{6}", await code.inner_text())
    assert found
    await author.get_by_text("试发给自己").click()
    await author.get_by_label("试发码").fill(found[0])
    await author.get_by_role("button", name="试发", exact=True).click()
    await expect(author.get_by_role("status")).to_contain_text("已试发")
    await expect(mine.log.locator(".words").last).to_contain_text("在上海领失业保险金的人")

    here = author.url
    second = await at_desk(profile, press, press.second)
    await second.goto(here)
    await second.get_by_role("button", name="审批，马上发").click()
    await expect(second.get_by_role("status")).to_contain_text("60 秒内可以撤回")
    await expect(author.get_by_role("button", name="撤回")).to_be_visible()  # without a reload
    sent = author.locator("#lately strong")
    await expect(sent).to_have_text(re.compile(r"^[1-9][0-9]?$"))
    some = await sent.inner_text()
    await seen(author, "desk-notice-running")
    await expect(sent).not_to_have_text(some)
    assert int(await sent.inner_text()) > int(some), "it counts on"

    await author.get_by_role("button", name="撤回").click()
    await expect(author.get_by_role("status")).to_contain_text("已撤回")
    await expect(author.locator("#lately")).to_contain_text("未发，已取消")
    await author.get_by_role("link", name="每个人的结果").click()
    await seen(author, "desk-notice-people")
    async with author.expect_download() as downloading:
        await author.get_by_role("link", name="导出 CSV").click()
    path = await (await downloading.value).path()
    rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    states = [row["结果"] for row in rows]
    assert len(rows) == PEOPLE
    assert {"已送达", "未发，已取消"} == set(states)
    await author.goto(f"{press.url}/notices")
    await expect(author.locator("tbody tr").first).to_contain_text("撤回")
    await seen(author, "desk-notices")


async def test_the_calendars_notice_waits_on_the_first_page_for_a_second_person(
    press: Press, profile: Any
) -> None:
    page = await at_desk(profile, press, press.second)
    await page.goto(f"{press.url}/")
    waits = page.get_by_role("link", name=re.compile("每年的公告等您审批"))
    await expect(waits).to_contain_text("1")
    await seen(page, "desk-home")
    await waits.click()
    await page.locator("tbody a").first.click()
    await expect(page.locator("main")).to_contain_text("这是日程里的公告")
    await expect(page.locator(".parts")).to_contain_text("失业 · 上海")
    await seen(page, "desk-notice-calendar")
    await page.get_by_role("button", name="审批，到时间发").click()
    await expect(page.locator("#lately")).to_contain_text("已排定")
    await page.goto(f"{press.url}/")
    await expect(page.get_by_role("link", name=re.compile("每年的公告"))).to_have_count(0)
