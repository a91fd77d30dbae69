"""Knowledge at the desk: what was not answered, and how an entry is proposed, checked and published."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import httpx
import pytest

from bot.desk.entry_form import in_words
from bot.desk.knowledge import _looking
from bot.engine.knowledge import Knowledge
from bot.engine.publications import overlaid
from bot.engine.types import Address, AnswerRated, Message, QuestionMissed, StaleAnswerGiven
from bot.publishing import Published
from bot.store import missed, ratings, reviews
from bot.store.engine import Store
from tests.desk_house import BOOK, Bureau, Clerk, csrf_in

ZHANG = Address("webchat", "zhang")
WORDS = {
    "question": "社保卡照片怎么换？",
    "asks": "社保卡换照片\n照片难看",
    "answer": "到银行网点换。",
    "basis_0_title": "《社会保障卡管理办法》",
    "basis_0_number": "人社部发〔2011〕47号",
    "basis_0_url": "https://www.mohrss.gov.cn/x",
    "region": "全国",
    "body": "人社",
    "checked": "2026-11-23",
    "leaf": "1",
}


@dataclass
class Editors:
    bureau: Bureau
    author: Clerk
    second: Clerk
    known: Published

    async def propose(self, page: str = "/desk/knowledge/new", **fields: str) -> httpx.Response:
        """Sends the form of `page`, waits for the check, and shows what came of it."""
        done = await self.author.post(page, page, **(WORDS | fields))
        if done.status_code == 200:
            return done
        await checked()
        return await self.author.get(done.headers["location"])

    async def press(self, clerk: Clerk, number: int, action: str, **fields: str) -> str:
        here = f"/desk/knowledge/proposals/{number}"
        shown = await clerk.get(here)
        read = re.findall(r'name="read" value="([^"]+)"', shown.text)
        more = {"read": read[0]} if read else {}
        done = await clerk.send(f"{here}/{action}", csrf_in(shown), **(more | fields))
        assert done.status_code == 303, done.text
        await checked()
        return (await clerk.get(done.headers["location"])).text

    async def reload(self) -> None:
        assert await self.known.refresh(self.bureau.store)
        entries = overlaid(BOOK.knowledge.entries, self.known.now)
        knowledge = Knowledge(entries, BOOK.knowledge.parameters)
        self.bureau.book = replace(self.bureau.book, knowledge=knowledge)

    async def asks(self, entry: str, id: str) -> str:
        """What a citizen reads."""
        host = self.bureau.host
        await host.heard(Message(id, ZHANG, f"/faq {entry}", self.bureau.clock()))
        lines = [line.reply.text for line in await host.lines(ZHANG) if line.reply]
        return lines[-1]


async def checked() -> None:
    while _looking:
        await asyncio.wait(set(_looking))


@pytest.fixture
async def editors(store: Store) -> AsyncIterator[Editors]:
    bureau = Bureau(store)
    author = await bureau.clerk("xiaowang", "supervisor")
    second = await bureau.clerk("laoli", "supervisor")
    async with bureau.host:
        yield Editors(bureau, author, second, Published())


async def test_a_new_entry_is_checked_approved_by_another_and_answers(editors: Editors) -> None:
    shown = await editors.propose()
    assert "检查通过" in shown.text
    assert "AA04" in shown.text, "the next free number of that section"
    assert "/approve" not in shown.text
    assert "自己写的" in await editors.press(editors.author, 1, "approve")
    assert "已发布" in await editors.press(editors.second, 1, "approve")
    await editors.reload()
    said = await editors.asks("AA04", "1")
    assert "到银行网点换。" in said
    assert "人社部发〔2011〕47号" in said
    acts = [action for _, action, _ in await editors.bureau.acts() if "entry" in action]
    assert acts == ["entry_proposed", "entry_published"]


async def test_what_takes_anothers_questions_is_not_published(editors: Editors) -> None:
    editors.bureau.objections = ["entry AA01: “领钱” wants AA01, AA04 takes it"]
    shown = await editors.propose()
    assert "问“领钱”本该答 AA01，会变成答 AA04。" in shown.text
    assert "没通过" in await editors.press(editors.second, 1, "approve")
    editors.bureau.objections = []
    assert "检查通过" in await editors.press(editors.author, 1, "look")
    assert "已发布" in await editors.press(editors.second, 1, "approve")


async def test_it_is_looked_at_again_when_something_else_was_published_since(
    editors: Editors,
) -> None:
    await editors.propose()
    await editors.propose(question="另一个问题？", asks="另一个")
    await editors.press(editors.second, 1, "approve")
    assert "重新检查" in await editors.press(editors.second, 2, "approve")
    assert "已发布" in await editors.press(editors.second, 2, "approve")


async def test_a_changed_rule_keeps_the_old_one_as_expired_and_tells_who_asked(
    editors: Editors,
) -> None:
    assert "AA01 的答案。" in await editors.asks("AA01", "1")
    page = "/desk/knowledge/entries/AA01/change"
    shown = await editors.propose(page, rule="1", effective_from="2026-11-20", answer="新答案。")
    assert "留作 AA01-20261120" in shown.text
    assert "请到公告里审批" in await editors.press(editors.second, 1, "approve")
    await editors.reload()
    assert "新答案。" in await editors.asks("AA01", "2")
    old = editors.bureau.book.knowledge["AA01-20261120"]
    assert (old.answer, str(old.effective_to)) == ("AA01 的答案。", "2026-11-19")
    assert old.superseded_by == "AA01"
    (notice,) = await editors.bureau.notices.listed()
    assert (notice.state, notice.author) == ("draft", "laoli")
    assert "AA01 的答案。" in notice.draft.content.body
    assert "新答案。" in notice.draft.content.body


async def test_what_is_withdrawn_gives_the_old_answer_again(editors: Editors) -> None:
    page = "/desk/knowledge/entries/AA01/change"
    await editors.propose(page, answer="写得更好。")
    await editors.press(editors.second, 1, "approve")
    await editors.reload()
    assert "写得更好。" in await editors.asks("AA01", "1")
    assert "已撤下" in await editors.press(editors.second, 1, "withdraw", why="写错了")
    await editors.reload()
    assert "AA01 的答案。" in await editors.asks("AA01", "2")


async def test_a_proposal_is_sent_back_or_mended_and_then_another_approves(
    editors: Editors,
) -> None:
    await editors.propose()
    read = await editors.second.get("/desk/knowledge/proposals/1")
    seen = re.findall(r'name="read" value="([^"]+)"', read.text)[0]
    page = "/desk/knowledge/proposals/1/change"
    assert "到银行网点换。" in (await editors.author.get(page)).text
    await editors.propose(page, answer="换了一种说法。")
    done = await editors.second.send(
        "/desk/knowledge/proposals/1/approve", csrf_in(read), read=seen
    )
    assert "已经变了" in (await editors.second.get(done.headers["location"])).text
    shown = await editors.press(editors.second, 1, "reject", why="缺文号")
    assert "缺文号" in shown
    assert "没有生效" in await editors.press(editors.second, 1, "withdraw", why="x")


BAD = (
    ({"answer": ""}, "答案：要写"),
    ({"asks": ""}, "问法：至少写一个"),
    ({"answer": "15天内办结。"}, "“15天”请用参数代替"),
    ({"basis_0_url": "https://example.com/x"}, "不是政府网站"),
    ({"basis_0_title": ""}, "依据：要写文件名"),
    ({"region": "火星"}, "没有“火星”"),
    ({"checked": "2026-12-01"}, "不能是以后"),
    ({"leaf": "99"}, "栏目：请选一个"),
)


async def test_what_is_no_good_entry_is_named_and_what_was_typed_stays(editors: Editors) -> None:
    for fields, said in BAD:
        shown = await editors.propose(time_limit="写好的时限", **fields)
        assert said in shown.text, fields
        assert "写好的时限" in shown.text


async def test_what_was_not_answered_well_is_listed(editors: Editors) -> None:
    now = editors.bureau.clock()
    async with editors.bureau.store.write() as tx:
        asked = [(ZHANG, QuestionMissed("<b>怪问题</b>", "refuse"))]
        await missed.miss(tx, asked * 2, now)
        await ratings.rate(tx, [(ZHANG, AnswerRated("AA02", solved=False))], now)
        await reviews.ask(tx, [StaleAnswerGiven("AA03")], now)
    shown = (await editors.author.get("/desk/knowledge")).text
    assert "&lt;b&gt;怪问题&lt;/b&gt;" in shown
    assert "AA02 的问题？" in shown
    assert "AA03 的问题？" in shown
    found = (await editors.author.get("/desk/knowledge?q=AA03-2024")).text
    assert "已失效" in found
    page = "/desk/knowledge"
    await editors.author.post(page, "/desk/knowledge/missed", text="<b>怪问题</b>")
    assert "怪问题" not in (await editors.author.get(page)).text
    entry = await editors.author.get("/desk/knowledge/entries/AA03-2024")
    assert "已失效的版本" in entry.text


async def test_an_agent_reads_and_does_not_write(editors: Editors) -> None:
    await editors.propose()
    agent = await editors.bureau.clerk("xiaoli", "agent")
    for path in ("", "/entries/AA01", "/proposals/1"):
        shown = await agent.get(f"/desk/knowledge{path}")
        assert shown.status_code == 200
        assert "/change" not in shown.text
    assert (await agent.get("/desk/knowledge/new")).status_code == 403
    done = await agent.send("/desk/knowledge/proposals/1/approve", csrf_in(shown))
    assert done.status_code == 403
    for path in ("entries/XX01", "proposals/9"):
        assert (await agent.get(f"/desk/knowledge/{path}")).status_code == 404


def test_a_wording_of_two_entries_names_both() -> None:
    said = in_words("entry AA01: asks: “领钱” is also a wording of AA04")
    assert said == "“领钱”同时是 AA01 和 AA04 的问法，请删掉一处。"


def test_a_line_that_nobody_foresaw_is_shown_as_it_is() -> None:
    assert in_words("something else") == "something else"
