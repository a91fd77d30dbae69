"""For everyone: small screens, large type, the keyboard alone, a screen reader, calm eyes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from bot.engine.types import Reply
from tests.browser.chat import GREETING, Chat, clerk
from tests.browser.conftest import PHONE
from tests.talking import TalkingInbox
from tests.web_visitors import House, house

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TARGET = 44  # CSS pixels, WCAG 2.5.5


@pytest_asyncio.fixture(loop_scope="session")
async def inbox() -> TalkingInbox:
    return TalkingInbox(clerk)


@pytest_asyncio.fixture(loop_scope="session")
async def home(inbox: TalkingInbox) -> AsyncIterator[House]:
    async with house(inbox, reread=0.1) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def phone(home: House, profile: Any) -> Chat:
    """A telephone, 360 pixels wide."""
    one = await Chat.opened(await profile(**PHONE), home.site.address)
    await one.hears(GREETING)
    return one


@pytest_asyncio.fixture(loop_scope="session")
async def desk(home: House, profile: Any) -> Chat:
    one = await Chat.opened(await profile(), home.site.address)
    await one.hears(GREETING)
    return one


async def overflows(page: Page) -> list[str]:
    """What is wider than the screen."""
    found: list[str] = await page.evaluate(
        """() => [document.documentElement, document.getElementById('talk')]
            .filter(e => e.scrollWidth > e.clientWidth).map(e => e.tagName)
            .concat([...document.querySelectorAll('body *')]
                .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
                .map(e => e.outerHTML.slice(0, 80)))"""
    )
    return found


@pytest.mark.parametrize("elder", [False, True])
async def test_nothing_is_wider_than_a_small_phone(phone: Chat, elder: bool) -> None:
    if elder:
        await phone.page.get_by_role("button", name="大字").click()
    await phone.say("长")
    await expect(phone.log.locator(".bot")).to_have_count(2)
    await phone.box.fill("很长的问题 " * 60 + "x" * 500)
    await phone.page.get_by_role("button", name="清空").click()
    assert await overflows(phone.page) == []
    assert await phone.page.evaluate("document.body.scrollHeight <= innerHeight")


@pytest.mark.parametrize("elder", [False, True])
async def test_whatever_can_be_pressed_is_large_enough_for_a_thumb(
    phone: Chat, elder: bool
) -> None:
    if elder:
        await phone.page.get_by_role("button", name="大字").click()
    await phone.page.get_by_role("button", name="清空").click()
    boxes = await phone.page.locator("button:visible, textarea:visible").evaluate_all(
        "all => all.map(e => [e.textContent, e.getBoundingClientRect()]).map(([t, r]) => [t, r.width, r.height])"
    )
    assert len(boxes) >= 9
    assert [b for b in boxes if b[1] < TARGET or b[2] < TARGET] == []


async def test_large_type_is_much_larger_and_stays_after_a_reload(phone: Chat) -> None:
    async def size() -> float:
        return float(
            await phone.log.locator(".words").first.evaluate(
                "e => parseFloat(getComputedStyle(e).fontSize)"
            )
        )

    toggle = phone.page.get_by_role("button", name="大字")
    assert await size() >= 16
    await toggle.click()
    assert await size() >= 22
    await expect(toggle).to_have_attribute("aria-pressed", "true")
    await phone.page.reload()
    await phone.hears(GREETING)
    assert await size() >= 22
    await toggle.click()
    assert await size() < 22


async def test_a_phone_does_not_open_its_keyboard_by_itself(phone: Chat, desk: Chat) -> None:
    await expect(phone.box).not_to_be_focused()
    await expect(desk.box).to_be_focused()


async def test_the_keyboard_alone_is_enough(desk: Chat, inbox: TalkingInbox) -> None:
    keys = desk.page.keyboard
    await keys.type("退休年龄")
    await keys.press("Enter")
    await desk.hears(GREETING, "退休年龄", "收到：退休年龄")
    await expect(desk.box).to_be_focused()
    for _ in range(3):  # 转人工, 菜单, then the newest choice
        await keys.press("Shift+Tab")
    await expect(desk.log.get_by_role("button", name="转人工")).to_be_focused()
    await keys.press("Shift+Tab")
    await keys.press("Space")
    await desk.hears(GREETING, "退休年龄", "收到：退休年龄", "常见问题", "请选一项：")
    await keys.press("Tab")
    await keys.press("Tab")
    await expect(desk.log.get_by_role("button", name="失业金怎么领")).to_be_focused()
    await keys.press("Enter")
    await expect(desk.log).to_contain_text("收到：/faq SY01")


async def test_the_keyboard_gets_past_a_long_conversation_at_once(phone: Chat) -> None:
    await phone.page.keyboard.press("Tab")
    skip = phone.page.get_by_role("link", name="跳到输入框")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    await phone.page.keyboard.press("Enter")
    await expect(phone.box).to_be_focused()


async def test_escape_leaves_the_question_whether_to_clear(desk: Chat) -> None:
    clear = desk.page.get_by_role("button", name="清空", exact=True).first
    await clear.click()
    await expect(clear).to_have_attribute("aria-expanded", "true")
    await expect(desk.page.locator("#leave-now")).to_be_focused()
    await desk.page.keyboard.press("Escape")
    await expect(desk.page.locator("#leaving")).to_be_hidden()
    await expect(clear).to_be_focused()


async def test_what_has_the_focus_can_be_seen(desk: Chat) -> None:
    seen = []
    for _ in range(12):
        await desk.page.keyboard.press("Tab")
        seen.append(
            await desk.page.evaluate(
                """() => { const e = document.activeElement, s = getComputedStyle(e);
                   return e === document.body || (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2) }"""
            )
        )
    assert all(seen)


async def test_a_screen_reader_finds_its_way(desk: Chat) -> None:
    tree = await desk.page.locator("body").aria_snapshot()
    for part in (
        '- link "跳到输入框"',
        "- banner:",
        '- heading "社保咨询助手" [level=1]',
        '- button "大字"',
        '- main "对话":',
        '- log "对话记录":',
        '- group "可以选":',
        '- button "常见问题"',
        "- contentinfo:",
        '- group "随时可用":',
        '- button "转人工"',
        '- textbox "请输入您的问题"',
        '- button "发送"',
    ):
        assert part in tree, tree
    assert await desk.page.evaluate("document.documentElement.lang") == "zh-CN"


async def test_new_lines_are_read_out_and_old_ones_are_not(desk: Chat) -> None:
    await expect(desk.log).to_have_attribute("aria-live", "polite")
    first = await desk.page.evaluate(
        'fetch(\'/\').then(r => r.text()).then(t => /id="log"[^>]*aria-live="off"/.test(t))'
    )
    assert first


async def test_every_line_says_whose_it_is(desk: Chat, inbox: TalkingInbox) -> None:
    await desk.say("在吗")
    inbox.add(inbox.visitor, "", Reply("staff", "在的"))
    await desk.hears(GREETING, "在吗", "收到：在吗", "在的")
    said = await desk.log.locator("article > p:first-child").all_text_contents()
    assert said == ["助手：", "您：", "助手：", "工作人员"]


async def test_who_wants_no_motion_gets_none(home: House, profile: Any) -> None:
    context = await profile(**PHONE, reduced_motion="reduce")
    chat = await Chat.opened(context, home.site.address)
    await chat.hears(GREETING)
    moving = await chat.page.evaluate(
        """() => { document.getElementById('typing').hidden = false;
            return [...document.querySelectorAll('*')].filter(e => {
              const s = getComputedStyle(e);
              return s.animationName !== 'none' || s.scrollBehavior === 'smooth' || s.transitionDuration !== '0s';
            }).length }"""
    )
    assert moving == 0


CONTRASTS = """() => {
  const rgb = c => { const m = c.match(/[\\d.]+/g).map(Number); return m.length > 3 && m[3] === 0 ? null : m };
  const light = ([r, g, b]) => { const f = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
    return .2126 * f(r) + .7152 * f(g) + .0722 * f(b) };
  const ground = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c) return c }
    return [255, 255, 255] };
  const told = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!(own || e.placeholder) || !e.getClientRects().length || ['SCRIPT', 'TEMPLATE'].includes(e.tagName)) continue;
    const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    told.push([e.className || e.id || e.tagName, (a + .05) / (b + .05)]);
  }
  return told }"""


async def test_every_text_has_enough_contrast(desk: Chat, inbox: TalkingInbox) -> None:
    text = "请拨打 12333，见 www.gov.cn\n依据：《社会保险法》"
    inbox.add(inbox.visitor, "", Reply("staff", text))
    await desk.hears(GREETING, text)
    await desk.page.get_by_role("button", name="清空").click()
    await desk.box.fill("字" * 4_001)
    await desk.page.evaluate("document.getElementById('state').textContent = '连接断开了'")
    found = dict(await desk.page.evaluate(CONTRASTS))
    assert {"words", "basis", "who", "over", "state", "hint"} <= set(found)
    assert {name: round(ratio, 2) for name, ratio in found.items() if ratio < 4.5} == {}


async def test_with_text_twice_as_large_nothing_is_lost(home: House, profile: Any) -> None:
    context = await profile(viewport={"width": 640, "height": 400}, device_scale_factor=2)
    chat = await Chat.opened(context, home.site.address)
    await chat.hears(GREETING)
    assert await overflows(chat.page) == []
    await expect(chat.box).to_be_in_viewport(ratio=1)
    await expect(chat.page.get_by_role("button", name="发送")).to_be_in_viewport(ratio=1)


async def test_without_scripts_there_is_a_telephone_number(home: House, profile: Any) -> None:
    context = await profile(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(home.site.address)
    await expect(page.get_by_role("link", name="12333")).to_be_visible()
