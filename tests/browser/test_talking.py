"""A citizen talks to the bot in a real browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bot.channels.webchat.pace import Pace
from bot.engine.types import Reply
from tests.browser.chat import GREETING, Chat, clerk
from tests.browser.conftest import Watch
from tests.talking import TalkingInbox
from tests.web_visitors import House, house

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def inbox() -> TalkingInbox:
    return TalkingInbox(clerk)


@pytest_asyncio.fixture(loop_scope="session")
async def home(inbox: TalkingInbox) -> AsyncIterator[House]:
    async with house(inbox, reread=0.1) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def chat(home: House, profile: Any) -> Chat:
    """A citizen who has just been greeted."""
    one = await Chat.opened(await profile(), home.site.address)
    await one.hears(GREETING)
    return one


async def test_whoever_comes_first_is_greeted_once(chat: Chat, inbox: TalkingInbox) -> None:
    await expect(chat.page.locator("#typing")).to_be_hidden()
    await chat.page.reload()
    await chat.hears(GREETING)
    other = await Chat.opened(chat.page.context, chat.page.url)
    await other.hears(GREETING)
    assert inbox.texts == ["/start"]


async def test_a_question_is_sent_by_enter_and_answered(chat: Chat) -> None:
    await chat.say("失业金怎么领")
    await chat.hears(GREETING, "失业金怎么领", "收到：失业金怎么领")
    await chat.is_still()
    await expect(chat.box).to_have_value("")


async def test_a_question_is_sent_by_the_button(chat: Chat) -> None:
    await chat.box.fill("退休年龄")
    await chat.page.get_by_role("button", name="发送").click()
    await chat.hears(GREETING, "退休年龄", "收到：退休年龄")


async def test_shift_and_enter_begin_a_new_line(chat: Chat, inbox: TalkingInbox) -> None:
    await chat.box.press_sequentially("第一行")
    await chat.box.press("Shift+Enter")
    await chat.box.press_sequentially("第二行")
    await chat.box.press("Enter")
    await chat.hears(GREETING, "第一行\n第二行", "收到：第一行\n第二行")
    assert inbox.texts[-1] == "第一行\n第二行"
    shown = chat.log.locator(".me .words").last
    assert (await shown.inner_text()).splitlines() == ["第一行", "第二行"]


async def test_enter_that_ends_a_composition_sends_nothing(chat: Chat, inbox: TalkingInbox) -> None:
    await chat.box.fill("shi ye jin")
    for how in ({"isComposing": True}, {"keyCode": 229}):
        await chat.box.evaluate(
            "(box, how) => box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', ...how}))",
            how,
        )
    await chat.say("失业金")
    await chat.hears(GREETING, "失业金", "收到：失业金")
    assert inbox.texts == ["/start", "失业金"]


async def test_nothing_is_not_sent(chat: Chat, inbox: TalkingInbox) -> None:
    for nothing in ("", "   ", "\n\n"):
        await chat.say(nothing)
    await chat.say("在吗")
    await chat.hears(GREETING, "在吗", "收到：在吗")


async def test_a_pressed_choice_shows_its_label_and_says_what_it_means(
    chat: Chat, inbox: TalkingInbox
) -> None:
    await chat.tap("常见问题")
    await chat.hears(GREETING, "常见问题", "请选一项：")
    assert inbox.texts[-1] == "/topics"


async def test_a_choice_that_is_clicked_twice_is_one(chat: Chat, inbox: TalkingInbox) -> None:
    await chat.log.get_by_role("button", name="常见问题").dblclick()
    await chat.hears(GREETING, "常见问题", "请选一项：")
    assert inbox.texts.count("/topics") == 1


async def test_menu_and_human_are_always_there(chat: Chat) -> None:
    always = chat.page.get_by_role("group", name="随时可用")
    await always.get_by_role("button", name="菜单").click()
    await always.get_by_role("button", name="转人工").click()
    await chat.hears(GREETING, "菜单", "收到：菜单", "转人工", "收到：转人工")


async def test_the_conversation_is_still_there_after_a_reload(chat: Chat) -> None:
    await chat.tap("常见问题")
    await chat.say("退休年龄")
    said = (GREETING, "常见问题", "请选一项：", "退休年龄", "收到：退休年龄")
    await chat.hears(*said)
    await chat.page.reload()
    await chat.hears(*said)
    await chat.tap("失业金怎么领")
    await chat.hears(*said, "失业金怎么领", "收到：/faq SY01")


async def test_a_second_page_shows_the_same_conversation_as_it_goes_on(chat: Chat) -> None:
    other = await Chat.opened(chat.page.context, chat.page.url)
    await other.hears(GREETING)
    await chat.say("一")
    await other.hears(GREETING, "一", "收到：一")
    await other.say("二")
    for page in (chat, other):
        await page.hears(GREETING, "一", "收到：一", "二", "收到：二")
        await page.is_still()


async def test_two_quick_messages_arrive_in_order_and_once(chat: Chat, inbox: TalkingInbox) -> None:
    for text in "甲乙丙丁":
        await chat.say(text)
    await chat.hears(
        GREETING, "甲", "收到：甲", "乙", "收到：乙", "丙", "收到：丙", "丁", "收到：丁"
    )
    assert inbox.texts == ["/start", *"甲乙丙丁"]


async def test_a_message_without_a_connection_is_kept_and_sent_once_when_it_is_back(
    chat: Chat, inbox: TalkingInbox, watch: Watch
) -> None:
    watch.expected = ("ERR_INTERNET_DISCONNECTED",)
    await chat.page.context.set_offline(True)
    await expect(chat.state).to_contain_text("连接断开了")
    await chat.say("断网时说的")
    await expect(chat.pending).to_contain_text("断网时说的")
    await expect(chat.pending).to_contain_text("还没发出，连上后自动发送")
    assert inbox.texts == ["/start"]
    await chat.page.context.set_offline(False)
    await chat.hears(GREETING, "断网时说的", "收到：断网时说的")
    await chat.is_still()
    await expect(chat.state).to_have_text("")
    assert inbox.texts == ["/start", "断网时说的"]


async def test_a_message_that_could_not_be_kept_survives_a_reload(
    chat: Chat, inbox: TalkingInbox, watch: Watch
) -> None:
    watch.expected = ("503", "ERR_INCOMPLETE_CHUNKED_ENCODING")
    inbox.heard, kept = _down, inbox.heard  # type: ignore[method-assign]
    await chat.say("还在吗")
    await expect(chat.pending).to_contain_text("还没发出")
    await chat.page.reload()
    await expect(chat.pending).to_contain_text("还在吗")
    inbox.heard = kept  # type: ignore[method-assign]
    await chat.hears(GREETING, "还在吗", "收到：还在吗")
    await chat.is_still()
    assert inbox.texts == ["/start", "还在吗"]


async def _down(message: object) -> bool:
    raise ConnectionError("gone")


async def test_an_answer_that_got_lost_on_the_way_makes_no_second_message(
    chat: Chat, inbox: TalkingInbox, watch: Watch
) -> None:
    watch.expected = ("ERR_FAILED",)

    async def loses_the_answer(route: Any) -> None:
        await route.fetch()
        await route.abort()
        await chat.page.unroute("**/chat/messages")

    await chat.page.route("**/chat/messages", loses_the_answer)
    await chat.say("收到没有")
    await chat.hears(GREETING, "收到没有", "收到：收到没有")
    await chat.is_still()
    assert inbox.texts == ["/start", "收到没有"]


async def test_who_writes_too_fast_is_told_and_the_message_is_sent_later(
    profile: Any, watch: Watch
) -> None:
    watch.expected = ("429",)
    now, inbox = [0.0], TalkingInbox(clerk)
    async with house(inbox, pace=Pace(most=2, now=lambda: now[0]), reread=0.1) as home:
        chat = await Chat.opened(await profile(), home.site.address)
        await chat.hears(GREETING)
        await chat.say("一")
        await chat.hears(GREETING, "一", "收到：一")
        now[0] = 59.5
        await chat.say("二")
        await expect(chat.state).to_contain_text("您发得有点快")
        now[0] = 61
        await chat.hears(GREETING, "一", "收到：一", "二", "收到：二")
        await chat.is_still()


async def test_what_is_refused_for_good_goes_back_into_the_box(
    chat: Chat, inbox: TalkingInbox, watch: Watch
) -> None:
    watch.expected = ("413",)
    too_long = "字" * 3_000 + "😀" * 900
    await chat.page.route(
        "**/chat/messages",
        lambda route: route.fulfill(
            status=413, json={"error": "too_long", "say": "请分成几条发。"}
        ),
    )
    await chat.say(too_long)
    await expect(chat.state).to_have_text("请分成几条发。")
    await expect(chat.box).to_have_value(too_long)
    await chat.is_still()


async def test_the_page_connects_again_when_the_server_comes_back(
    chat: Chat, inbox: TalkingInbox, home: House, watch: Watch
) -> None:
    watch.expected = ("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING")
    await home.stop()
    await expect(chat.state).to_contain_text("连接断开了")
    await chat.say("重启时说的")
    await expect(chat.pending).to_contain_text("还没发出")
    async with house(inbox, port=_port(home), reread=0.1):
        await chat.hears(GREETING, "重启时说的", "收到：重启时说的")
        await expect(chat.state).to_have_text("")
        await chat.page.close()


def _port(home: House) -> int:
    return int(home.site.address.rpartition(":")[2])


async def test_staff_are_named_and_a_line_from_elsewhere_appears_by_itself(
    chat: Chat, inbox: TalkingInbox
) -> None:
    inbox.add(inbox.visitor, "", Reply("staff", "您好，我看到您的问题了。"))
    await chat.hears(GREETING, "您好，我看到您的问题了。")
    await expect(chat.log.locator(".staff .who")).to_have_text("工作人员")


async def test_the_page_that_was_opened_first_rests_when_there_are_four(chat: Chat) -> None:
    pages = [chat] + [await Chat.opened(chat.page.context, chat.page.url) for _ in range(3)]
    for page in pages:
        await page.hears(GREETING)
    await expect(chat.state).to_contain_text("另一个页面继续")
    await pages[3].say("在第四页说的")
    await pages[3].hears(GREETING, "在第四页说的", "收到：在第四页说的")
    await chat.page.get_by_role("button", name="在这里继续").click()
    await chat.hears(GREETING, "在第四页说的", "收到：在第四页说的")
    await expect(chat.state).to_have_text("")


async def test_who_clears_the_conversation_is_somebody_new(chat: Chat, inbox: TalkingInbox) -> None:
    other = await Chat.opened(chat.page.context, chat.page.url)
    await chat.say("我的秘密")
    await other.hears(GREETING, "我的秘密", "收到：我的秘密")
    before = inbox.visitor
    await chat.page.bring_to_front()  # a page behind another is drawn once a second
    await chat.page.get_by_role("button", name="清空").click()
    await expect(chat.page.get_by_text("公用电脑用完请清空")).to_be_visible()
    await chat.page.get_by_role("button", name="先不清空").click()
    await chat.hears(GREETING, "我的秘密", "收到：我的秘密")
    await chat.page.get_by_role("button", name="清空").click()
    await chat.page.locator("#leave-now").click()
    for page in (chat, other):
        await page.hears(GREETING)
    assert inbox.visitor != before


async def test_without_a_cookie_the_page_says_what_to_do(chat: Chat, watch: Watch) -> None:
    watch.expected = ("401",)
    await chat.page.context.clear_cookies()
    await chat.say("在吗")
    await expect(chat.state).to_contain_text("请刷新页面")
    await expect(chat.pending).to_contain_text("在吗")
    await chat.page.reload()
    await expect(chat.log).to_contain_text("收到：在吗")


@pytest.mark.parametrize("count", [3_600, 4_000, 4_001])
async def test_a_long_text_is_counted_and_a_too_long_one_not_sent(
    chat: Chat, inbox: TalkingInbox, count: int
) -> None:
    await chat.say("字" * count)
    if count <= 4_000:
        await expect(chat.log).to_contain_text("收到：字字")
    else:
        await expect(chat.page.locator("#count")).to_have_text("超出 1 字，请删减后再发")
        assert await chat.box.get_attribute("aria-invalid") == "true"
        await asyncio.sleep(0)
        assert inbox.texts == ["/start"]
        await chat.box.fill("字" * 3_600)
        await expect(chat.page.locator("#count")).to_have_text("3600/4000")
