"""The desk in a real Chromium: the first sign-in, a hand-over answered and ended, the citizen beside it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pyotp
import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from playwright.async_api import Page, expect

from bot.app import staff as staff_command
from bot.casework import Casework
from bot.channels.webchat import WebchatChannel
from bot.clock import wall_clock
from bot.desk.desk import desk
from bot.desk.office import Options
from bot.desk.passwords import Passwords
from bot.engine import words
from bot.engine.advance import advance
from bot.engine.case import CaseDraft
from bot.engine.knowledge import Basis, Entry
from bot.engine.notice import Content
from bot.engine.offpeak import HalfDay
from bot.engine.playbook import Playbook
from bot.engine.privacy import guard
from bot.engine.publications import table, written
from bot.engine.types import Address, QuestionMissed, Reply
from bot.host import Host
from bot.keys import kept_keys
from bot.notices import Notices
from bot.settings import Database, Settings
from bot.store import broadcasts, calls, case_file, cases, half_days, missed, published
from bot.store.broadcasts import Draft
from bot.store.calls import Asked
from bot.store.cases import Filing
from bot.store.engine import Store
from bot.web import create_app
from handlers.contents import playbook
from tests.browser.chat import Chat
from tests.browser.conftest import PHONE, Watch
from tests.browser.test_access import TARGET
from tests.web_visitors import House, house

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

QUICK = Options(poll=timedelta(milliseconds=300))
PASSWORD = "一句好记的话 2026 年"


@pytest.fixture(scope="module")
def book() -> Playbook:
    return playbook()


@pytest_asyncio.fixture(loop_scope="session")
async def home(book: Playbook, sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    apology = Reply("error", words.APOLOGY)
    async with (
        Store(sqlite_url) as store,
        Host(
            store,
            wall_clock,
            partial(advance, book),
            guard,
            apology=apology,
            office=lambda: book.office,
        ) as host,
    ):
        cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        keys = kept_keys(tmp_path / "keys.toml")
        chat = WebchatChannel(reread=0.1)
        casework = Casework(host, lambda: book.office)
        pages = desk(
            store,
            host,
            wall_clock,
            keys,
            QUICK,
            cheap,
            casework=casework,
            notices=Notices(host, lambda: book.regions),
            objections=lambda one: [],
            book=lambda: book,
        )
        app = create_app([chat], host, routes=pages)
        async with house(host, chat, app) as one:
            yield one


async def link_for(sqlite_url: str, home: House, *told: str) -> str:
    """The one-time link that the command prints, at the address of the test's server."""
    said: list[str] = []
    url = sqlite_url.replace("sqlite://", "sqlite+aiosqlite://")
    settings = Settings(database=Database(url=url))
    assert await staff_command(settings, said.append, list(told)) == 0
    (path,) = re.findall(r"/desk/welcome/[\w-]{43}", "\n".join(said))
    return f"{home.site.address}{path}"


async def filled(sqlite_url: str) -> str:
    """A consultation that needs a call and a notice, both wordy; the consultation's number."""
    now, words_of_many = wall_clock(), "很长的话" * 40
    asked = CaseDraft(
        *("procedure", words_of_many, words_of_many, "x" * 300, now),
        region="长沙",
        contact="s",
        urgent=True,
        for_head=True,
        resolve_by=now,
    )
    week = [HalfDay(n // 2, n % 2, 8, 30 * n + 1, 1_000, 10_000) for n in range(10)]
    content = Content(words_of_many[:60], "x" * 300, words_of_many, topics=("失业",))
    async with Store(sqlite_url) as store, store.write() as tx:
        one = Address("webchat", "one")
        (case,) = await cases.file(tx, [Filing(str(one), one, asked, "123456")], now)
        await cases.change(tx, case.number, {"state": "needs_info"})
        await calls.ask(tx, Asked(case.number, "k", "needs_info", "wechat", "waits"), now)
        await broadcasts.put(tx, Draft(content), "某人", now)
        await half_days.keep(tx, week, now)
        await missed.miss(tx, [(one, QuestionMissed("x" * 300, "refuse"))], now)
        await case_file.keep_canned(tx, "x" * 40, words_of_many, "某人", now)
        entry = table(Entry("SB99", "x" * 60, words_of_many, now.date(), (Basis("x" * 300),)))
        await published.propose(tx, written(entry), None, "某人", now)
    return case.number


async def arrive(page: Page, link: str) -> None:
    """The first sign-in, by keyboard alone."""
    await page.goto(link)
    await expect(page.get_by_label("密码", exact=True)).to_be_focused()
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.get_by_text("扫不了？手工输入").click()
    secret = (await page.locator(".secret").inner_text()).replace(" ", "")
    box = await page.locator("svg.qr").bounding_box()
    assert box
    assert box["width"] > 150
    await page.get_by_label("6 位动态码").fill(pyotp.TOTP(secret).now())
    await page.get_by_role("button", name="完成").click()
    await expect(page.locator(".codes li")).to_have_count(10)
    await page.get_by_role("link", name="已收好，进入工作台").click()


async def test_staff_answer_a_citizen_who_reads_it_and_answers_back(
    home: House, sqlite_url: str, profile: Any
) -> None:
    clerk: Page = await (await profile()).new_page()
    await arrive(clerk, await link_for(sqlite_url, home, "add", "王芳", "agent"))
    await clerk.get_by_role("link", name="转人工", exact=True).click()
    await expect(clerk.get_by_text("没有人在等")).to_be_visible()

    citizen = await Chat.opened(await profile(**PHONE), home.site.address)
    await expect(citizen.log.locator(".bot")).to_have_count(1)  # the greeting
    await citizen.say("失业金怎么领")
    await expect(citizen.log.locator(".bot")).to_have_count(2)
    await citizen.say("转人工")
    await expect(citizen.log.locator(".bot")).to_have_count(3)

    await expect(clerk.get_by_text("有 1 人在等")).to_be_visible()  # without a reload
    await clerk.get_by_role("link", name="H1").click()
    await expect(clerk.get_by_role("log")).to_contain_text("失业金怎么领")
    box = clerk.get_by_label("回复", exact=True)
    await box.fill("您好，我是王芳。\n请问您在哪里参保？")
    await box.press("Control+Enter")
    await expect(clerk.get_by_role("status")).to_have_text("回复已发出。")
    said = citizen.log.locator(".staff .words")
    await expect(said).to_have_text(["您好，我是王芳。\n请问您在哪里参保？"])

    await box.fill("还没写完")
    await citizen.say("长沙")
    await expect(clerk.locator(".line.citizen").last).to_contain_text("长沙")
    await expect(box).to_have_value("还没写完")  # what is being written stays

    await clerk.get_by_role("button", name="结束这次人工服务").click()
    await expect(clerk.get_by_role("status")).to_contain_text("已结束")
    await expect(citizen.log.locator(".bot").last).to_contain_text("人工")
    await citizen.is_still()

    await clerk.get_by_role("button", name="退出").click()
    await expect(clerk.get_by_role("status")).to_have_text("您已退出工作台。")
    await clerk.goto(f"{home.site.address}/desk/handoffs")
    await expect(clerk.get_by_label("用户名")).to_be_focused()


async def test_a_consultation_is_claimed_answered_by_one_key_and_rated(
    home: House, sqlite_url: str, profile: Any
) -> None:
    citizen = await Chat.opened(await profile(**PHONE), home.site.address)
    await citizen.say("提交咨询")
    await expect(citizen.log.locator(".bot").last).to_contain_text("说说您的问题")
    await citizen.say("去年从株洲调到长沙上班，株洲的缴费还没有转过来")
    await expect(citizen.log.locator(".bot").last).to_contain_text("这个问题已有解答")
    await citizen.log.get_by_role("button", name="还是要提交咨询").click()
    await expect(citizen.log.locator(".bot").last).to_contain_text("我理解为")
    await citizen.say("直接提交")
    await expect(citizen.log).to_contain_text("已提交，编号")

    clerk: Page = await (await profile()).new_page()
    await arrive(clerk, await link_for(sqlite_url, home, "add", "王芳", "agent"))
    await clerk.get_by_role("link", name="咨询", exact=True).click()
    await clerk.locator("#list a").click()
    await clerk.get_by_role("button", name="认领").click()
    await expect(clerk.get_by_role("status")).to_contain_text("已认领")
    await expect(citizen.log).to_contain_text("已有工作人员受理")

    box = clerk.get_by_label("答复", exact=True)
    suggested = clerk.get_by_label("可以参考").locator("details").first
    await suggested.locator("summary").click()
    await suggested.get_by_role("button", name="放进答复").click()
    await expect(box).not_to_have_value("")
    await expect(box).to_be_focused()
    await box.fill("请在“掌上12333”提交转移申请。")
    await box.press("Control+Enter")
    await expect(clerk.get_by_role("status")).to_contain_text("答复已发出")
    await expect(citizen.log.locator(".words").last).to_contain_text(
        "请在“掌上12333”提交转移申请。"
    )

    await citizen.tap("满意")
    lately = clerk.locator("#lately")
    await expect(lately).to_contain_text("评价 满意")  # without a reload
    await citizen.is_still()


@pytest.mark.parametrize("options", [PHONE, {}], ids=["phone", "desktop"])
async def test_every_page_fits_the_screen_and_the_thumb(
    home: House, sqlite_url: str, profile: Any, watch: Watch, options: dict[str, Any]
) -> None:
    watch.expected = ("404",)  # of the page that is not there
    page: Page = await (await profile(**options)).new_page()
    await arrive(page, await link_for(sqlite_url, home, "add", "很长的名字" * 8, "admin"))
    citizen = await Chat.opened(await profile(), home.site.address)
    await expect(citizen.log.locator(".bot")).to_have_count(1)  # the greeting
    await citizen.say("x" * 300 + "很长的话" * 100)
    await citizen.say("转人工")
    await expect(citizen.log.locator(".bot")).to_have_count(3)
    number = await filled(sqlite_url)
    least = TARGET if options else 40
    for path in (
        *("handoffs", "handoffs/1", "cases", f"cases/{number}", "calls", "notices", "notices/new"),
        *("", "canned", "notices/1", "knowledge", "knowledge/new", "knowledge/proposals/1"),
        *("numbers", "people", "people/1", "audit", "account", "nowhere"),
    ):
        await page.goto(f"{home.site.address}/desk/{path}")
        wide: list[str] = await page.evaluate(
            "() => [...document.querySelectorAll('body *')].filter(e =>"
            " e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.unseen, thead'))"
            ".map(e => e.outerHTML.slice(0, 90))"
        )
        assert wide == [], path
        pressed = (
            "button:visible, .button:visible, select:visible, label:visible:has([type=checkbox]),"
            " input:visible:not(.unseen, [type=checkbox])"
        )
        low = await page.locator(f"main :is({pressed})").evaluate_all(
            "(all, least) => all.map(e => [e.outerHTML.slice(0, 90),"
            " e.getBoundingClientRect().height]).filter(([, h]) => h < least)",
            least,
        )
        assert low == [], path
        unnamed = await page.locator(
            "input:visible, select:visible, textarea:visible"
        ).evaluate_all(
            "all => all.filter(e => !e.labels.length && !e.ariaLabel"
            " && e.ariaHidden !== 'true').map(e => e.outerHTML)"
        )
        assert unnamed == [], path
