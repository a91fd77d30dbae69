"""The whole bot behind the page: real knowledge, real host, real database."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bot.clock import wall_clock
from bot.engine import words
from bot.engine.advance import advance
from bot.engine.playbook import Playbook
from bot.engine.privacy import guard
from bot.engine.types import Reply
from bot.host import Host
from bot.store import handoffs
from bot.store.engine import Store
from handlers.contents import playbook
from tests.browser.chat import Chat
from tests.browser.conftest import PHONE
from tests.web_visitors import house

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.fixture(scope="module")
def book() -> Playbook:
    return playbook()


@pytest_asyncio.fixture(loop_scope="session")
async def store(sqlite_url: str) -> AsyncIterator[Store]:
    async with Store(sqlite_url) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def host(book: Playbook, store: Store) -> AsyncIterator[Host]:
    apology = Reply("error", words.APOLOGY)
    turn = partial(advance, book)
    async with Host(store, wall_clock, turn, guard, apology=apology) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def chat(host: Host, profile: Any) -> AsyncIterator[Chat]:
    async with house(host, reread=0.1) as home:
        one = await Chat.opened(await profile(**PHONE), home.site.address)
        await expect(one.log).to_contain_text("我是社保咨询助手")
        yield one


async def test_a_question_is_answered_with_what_the_answer_rests_on(chat: Chat) -> None:
    await chat.say("失业金怎么领")
    answer = chat.log.locator(".bot").last
    await expect(answer.locator(".basis").first).to_contain_text("依据：")
    await expect(answer.get_by_role("button", name="没有解决")).to_be_visible()
    await chat.tap("解决了")
    await expect(chat.log.locator(".me .words").last).to_have_text("解决了")
    await chat.is_still()


async def test_a_choice_is_the_same_as_the_words_for_it(chat: Chat) -> None:
    await chat.tap("常见问题")
    await expect(chat.log).to_contain_text("请选一项")
    await chat.say("1")
    await expect(chat.log.locator(".me")).to_have_count(2)
    await expect(chat.log.locator(".bot")).to_have_count(3)


async def test_a_personal_number_is_not_shown_again_nor_kept(chat: Chat, store: Store) -> None:
    await chat.say("我的身份证是11010519491231002X，退休年龄是多少")
    mine = chat.log.locator(".me .words").last
    await expect(mine).to_contain_text("****002X")
    await expect(chat.log).to_contain_text("已把您发的身份证号隐去")
    await chat.is_still()
    await chat.page.reload()
    await expect(mine).to_contain_text("****002X")
    assert "11010519491231002X" not in await chat.page.content()


async def test_whoever_asks_for_a_person_gets_one_and_reads_the_answer(
    chat: Chat, host: Host, store: Store
) -> None:
    await (
        chat.page.get_by_role("group", name="随时可用").get_by_role("button", name="转人工").click()
    )
    await expect(chat.log.locator(".bot")).to_have_count(2)
    async with store.read() as tx:
        (waiting,) = await handoffs.open_ones(tx)
    assert await host.staff_said(waiting.number, "您好，我来帮您看。", "token-1")
    staff = chat.log.locator(".staff")
    await expect(staff).to_contain_text("您好，我来帮您看。")
    await expect(staff.locator(".who")).to_have_text(re.compile("^工作人员$"))
    await chat.say("谢谢")
    await expect(chat.log.locator(".me .words").last).to_have_text("谢谢")
    await chat.is_still()
    await expect(chat.page.locator("#typing")).to_be_hidden()
