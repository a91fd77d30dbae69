"""How words are shown: literally, whole, with the few links that can be trusted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bot.engine.types import Choice, Reply
from tests.browser.chat import GREETING, Chat, clerk
from tests.talking import TalkingInbox
from tests.web_visitors import house

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def inbox() -> TalkingInbox:
    return TalkingInbox(clerk)


@pytest_asyncio.fixture(loop_scope="session")
async def chat(inbox: TalkingInbox, profile: Any) -> AsyncIterator[Chat]:
    async with house(inbox, reread=0.1) as home:
        one = await Chat.opened(await profile(), home.site.address)
        await one.hears(GREETING)
        yield one


ATTACKS = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "</div></article><svg/onload=alert(1)>",
    "<a href=javascript:alert(1)>gov.cn</a>",
    "{{constructor.constructor('alert(1)')()}} ${alert(1)}",
    "&lt;b&gt; &amp; \" ' `",
]


async def test_markup_is_shown_as_it_was_written_on_both_sides(
    chat: Chat, inbox: TalkingInbox
) -> None:
    dialogs: list[str] = []
    chat.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    said = [GREETING]
    for attack in ATTACKS:
        await chat.say(attack)
        said += [attack, f"收到：{attack}"]
        await chat.hears(*said)
    inbox.add(inbox.visitor, "", Reply("menu", "选", (Choice(ATTACKS[0], "/topics"),)))
    await chat.page.reload()
    await chat.hears(*said, "选")
    await expect(chat.log.get_by_role("button").last).to_have_text(ATTACKS[0])
    assert await chat.log.locator("img, script, svg, a, b").count() == 0
    assert dialogs == []


LINKS = [
    ("请拨打 12333。", {"12333": "tel:12333"}),
    ("医保12393，税务12366，", {"12393": "tel:12393", "12366": "tel:12366"}),
    (
        "人在外地拨 0731-12333 或 010-12345678",
        {"0731-12333": "tel:0731-12333", "010-12345678": "tel:010-12345678"},
    ),
    ("服务热线 400-820-8820", {"400-820-8820": "tel:400-820-8820"}),
    ("打开掌上12333，实发12333元，1.12333，￥12345，12333%，编号20261123001", {}),
    ("人社厅发〔12345〕号，第123456条，2026-11-23", {}),
    (
        "网址：https://www.mohrss.gov.cn/a/b?x=1&y=2。",
        {"https://www.mohrss.gov.cn/a/b?x=1&y=2": "https://www.mohrss.gov.cn/a/b?x=1&y=2"},
    ),
    (
        "见www.gov.cn，或si.12333.gov.cn。",
        {"www.gov.cn": "https://www.gov.cn/", "si.12333.gov.cn": "https://si.12333.gov.cn/"},
    ),
    ("（http://rst.hunan.gov.cn/）", {"http://rst.hunan.gov.cn/": "http://rst.hunan.gov.cn/"}),
    (
        "https://www.gov.cn.evil.com https://evilgov.cn https://evil.com/www.gov.cn "
        "https://www.gov.cn@evil.com a@b.gov.cn javascript:alert(1)//x.gov.cn.evil "
        "https://evil.com#.gov.cn ftp.gov.cn@evil.com http://gov.cn.com",
        {},
    ),
    (
        "依据：《社会保险法》 https://www.gov.cn/flfg",
        {"https://www.gov.cn/flfg": "https://www.gov.cn/flfg"},
    ),
]


@pytest.mark.parametrize(("text", "links"), LINKS)
async def test_only_telephone_numbers_of_authorities_and_gov_cn_are_links(
    chat: Chat, inbox: TalkingInbox, text: str, links: dict[str, str]
) -> None:
    inbox.add(inbox.visitor, "", Reply("answer", text))
    await chat.hears(GREETING, text)
    found = await chat.log.locator("a").evaluate_all(
        "links => Object.fromEntries(links.map(a => [a.textContent, a.href]))"
    )
    assert found == links


async def test_a_link_opens_apart_and_tells_the_other_site_nothing(
    chat: Chat, inbox: TalkingInbox
) -> None:
    inbox.add(inbox.visitor, "", Reply("answer", "见 www.gov.cn"))
    link = chat.log.locator("a")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    await expect(link).to_have_attribute("target", "_blank")


async def test_a_link_in_the_citizens_own_words_is_no_link(chat: Chat, inbox: TalkingInbox) -> None:
    await chat.say("www.gov.cn")
    await expect(chat.log.locator(".me .words")).to_have_text("www.gov.cn")
    assert await chat.log.locator(".me a").count() == 0


async def test_lines_are_kept_and_what_an_answer_rests_on_is_set_apart(
    chat: Chat, inbox: TalkingInbox
) -> None:
    text = "第一行\n\n  第二行\n依据：《社会保险法》第五条\n适用地区：全国　更新：2026-11-23\n解决了吗？"
    inbox.add(inbox.visitor, "", Reply("answer", text))
    await chat.hears(GREETING, text)
    words = chat.log.locator(".words").last
    assert await words.inner_text() == text
    assert await words.locator(".basis").all_inner_texts() == [
        "依据：《社会保险法》第五条",
        "适用地区：全国　更新：2026-11-23",
    ]


async def test_the_day_stands_above_lines_of_another_day(chat: Chat, inbox: TalkingInbox) -> None:
    await expect(chat.log.locator(".time")).to_contain_text("12:00")
    await expect(chat.log.locator(".time")).to_have_count(1)  # all lines here are of one minute
    await chat.say("在吗")
    await chat.hears(GREETING, "在吗", "收到：在吗")
    await expect(chat.log.locator(".time")).to_have_count(1)


async def test_a_long_answer_is_read_from_its_beginning(chat: Chat, inbox: TalkingInbox) -> None:
    await chat.say("长")
    await expect(chat.log.locator(".bot")).to_have_count(2)
    await expect(chat.log.locator(".me .words")).to_be_in_viewport(ratio=1)


async def test_a_reply_that_comes_while_the_page_still_glides_is_shown(
    chat: Chat, inbox: TalkingInbox
) -> None:
    await chat.say("长")
    await expect(chat.log.locator(".bot")).to_have_count(2)
    await chat.say("还有呢")  # from far above: the glide takes longer than the reply
    await expect(chat.log.locator(".bot")).to_have_count(3)
    await expect(chat.log.locator(".bot").last).to_be_in_viewport(ratio=1)
    await expect(chat.page.get_by_role("button", name="有新回复")).to_be_hidden()


async def test_who_reads_above_is_not_moved_but_told(chat: Chat, inbox: TalkingInbox) -> None:
    await chat.say("长")
    await expect(chat.log.locator(".bot")).to_have_count(2)
    await chat.page.locator("#talk").evaluate(
        "talk => talk.scrollTo({top: 0, behavior: 'instant'})"
    )
    inbox.add(inbox.visitor, "", Reply("staff", "我来了"))
    newer = chat.page.get_by_role("button", name="有新回复")
    await expect(newer).to_be_visible()
    assert await chat.page.locator("#talk").evaluate("talk => talk.scrollTop") == 0
    await newer.click()
    await expect(newer).to_be_hidden()


async def test_the_page_keeps_the_newest_four_hundred_lines(
    chat: Chat, inbox: TalkingInbox
) -> None:
    for n in range(500):
        inbox.add(inbox.visitor, "", Reply("notice", f"第 {n} 条"))
    await expect(chat.log.locator(".words").last).to_have_text("第 499 条")
    assert await chat.log.locator("> *").count() == 400
