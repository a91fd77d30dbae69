"""The corner button on somebody else's page, whose policy is as strict as ours.

Names below `localhost` are this machine, trusted as https is, and each is a site of its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, FrameLocator, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from bot.engine.types import Reply
from tests.browser.chat import GREETING, clerk
from tests.browser.conftest import DESKTOP, PHONE, Watch
from tests.talking import TalkingInbox
from tests.web_visitors import House, house

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PAGE = """<!doctype html><html lang="zh-CN"><title>某市人社局</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><h1>某市人社局</h1>
<a href="#x">办事大厅</a><script src="{chat}/widget.js" async></script></html>"""


def named(home: House, name: str) -> str:
    return home.site.address.replace("127.0.0.1", f"{name}.localhost")


@pytest_asyncio.fixture(loop_scope="session")
async def inbox() -> TalkingInbox:
    return TalkingInbox(clerk)


Visit = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(loop_scope="session")
async def visit(inbox: TalkingInbox, profile: Any) -> AsyncIterator[Visit]:
    """Opens the bureau's page; `sites` are those that may frame the chat."""
    async with AsyncExitStack() as stack:
        chat = ""

        async def page_of_the_bureau(request: Request) -> HTMLResponse:
            policy = f"default-src 'none'; script-src {chat}; frame-src {chat}"
            headers = {"Content-Security-Policy": policy}
            return HTMLResponse(PAGE.format(chat=chat), headers=headers)

        site = Starlette(routes=[Route("/", page_of_the_bureau)])
        bureau = await stack.enter_async_context(house(inbox, app=site))

        async def open_page(
            context: BrowserContext | None = None,
            sites: tuple[str, ...] | None = None,
            public_url: str = "https://chat.localhost",
        ) -> Page:
            nonlocal chat
            origins = (named(bureau, "rsj"),) if sites is None else sites
            one = house(inbox, embed_origins=origins, public_url=public_url, reread=0.1)
            chat = named(await stack.enter_async_context(one), "chat")
            page = await (context or await profile(**DESKTOP)).new_page()
            await page.goto(named(bureau, "rsj"))
            return page

        yield open_page


def frame(page: Page) -> FrameLocator:
    return page.frame_locator("iframe[title=社保咨询]")


async def test_the_button_opens_the_chat_and_a_citizen_can_talk_there(
    visit: Visit, inbox: TalkingInbox
) -> None:
    page = await visit()
    button = page.get_by_role("button", name="社保咨询")
    await expect(button).to_have_attribute("aria-expanded", "false")
    assert await page.locator("iframe").count() == 0  # nothing is loaded before
    await button.click()
    inside = frame(page)
    await expect(inside.get_by_role("log")).to_contain_text(GREETING)
    await inside.get_by_label("请输入您的问题").fill("退休年龄")
    await inside.get_by_role("button", name="发送").click()
    await expect(inside.get_by_role("log")).to_contain_text("收到：退休年龄")
    assert inbox.texts == ["/start", "退休年龄"]


async def test_the_frame_keeps_the_conversation_for_the_site_alone(
    visit: Visit, inbox: TalkingInbox, profile: Any
) -> None:
    context = await profile(**DESKTOP)
    page = await visit(context)
    await page.get_by_role("button", name="社保咨询").click()
    await expect(frame(page).get_by_role("log")).to_contain_text(GREETING)
    (cookie,) = await context.cookies()
    assert cookie["name"] == "__Host-chat"
    assert cookie["httpOnly"]
    assert cookie["secure"]
    assert cookie["sameSite"] == "None"
    assert "rsj.localhost" in str(cookie.get("partitionKey"))
    await page.reload()
    await page.get_by_role("button", name="社保咨询").click()
    await expect(frame(page).get_by_role("log")).to_contain_text(GREETING)
    assert inbox.texts == ["/start"]


async def test_the_keyboard_opens_it_and_escape_closes_it(visit: Visit) -> None:
    page = await visit()
    button = page.get_by_role("button", name="社保咨询")
    await button.wait_for()
    for _ in range(2):
        await page.keyboard.press("Tab")
    await expect(button).to_be_focused()
    await page.keyboard.press("Enter")
    inside = frame(page)
    await expect(inside.get_by_role("log")).to_contain_text(GREETING)
    await expect(inside.get_by_label("请输入您的问题")).to_be_focused()
    await expect(page.get_by_role("button", name="收起咨询")).to_have_attribute(
        "aria-expanded", "true"
    )
    await page.keyboard.press("Escape")
    await expect(page.locator("iframe")).to_be_hidden()
    await expect(button).to_be_focused()


async def test_a_reply_that_comes_while_it_is_closed_is_told_on_the_button(
    visit: Visit, inbox: TalkingInbox
) -> None:
    page = await visit()
    await page.get_by_role("button", name="社保咨询").click()
    await expect(frame(page).get_by_role("log")).to_contain_text(GREETING)
    await frame(page).get_by_role("button", name="收起").click()
    inbox.add(inbox.visitor, "", Reply("staff", "您好"))
    await expect(page.get_by_role("button", name="社保咨询")).to_have_text("社保咨询（有新回复）")


async def test_on_a_phone_it_fills_the_screen_and_can_be_closed(visit: Visit, profile: Any) -> None:
    page = await visit(await profile(**PHONE))
    await page.get_by_role("button", name="社保咨询").tap()
    box = await page.locator("iframe").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 360, "height": 740}
    await frame(page).get_by_role("button", name="收起").tap()
    await expect(page.locator("iframe")).to_be_hidden()
    await expect(page.get_by_role("button", name="社保咨询")).to_be_in_viewport(ratio=1)


async def test_a_site_that_is_not_named_gets_no_chat(
    visit: Visit, inbox: TalkingInbox, watch: Watch
) -> None:
    watch.expected = ("frame-ancestors",)
    page = await visit(sites=("https://somewhere.example.gov.cn",))
    async with page.expect_console_message(lambda told: "frame-ancestors" in told.text):
        await page.get_by_role("button", name="社保咨询").click()
    assert inbox.texts == []


async def test_a_forged_message_from_another_frame_closes_nothing(visit: Visit) -> None:
    page = await visit()
    await page.get_by_role("button", name="社保咨询").click()
    await expect(frame(page).get_by_role("log")).to_contain_text(GREETING)
    await page.evaluate("postMessage({shebao: 'close'}, '*')")
    await page.evaluate("new Promise(done => setTimeout(done))")
    await expect(page.locator("iframe")).to_be_visible()
