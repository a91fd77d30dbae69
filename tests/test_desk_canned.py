"""Canned replies at the desk, and the first page: what waits for whom."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bot.engine.notice import Content
from bot.store import case_file, cases
from bot.store.broadcasts import Draft
from bot.store.engine import Store
from tests.desk_house import Bureau, Clerk
from tests.test_desk_cases import LI, ZHANG, act, filed


@pytest.fixture
async def bureau(store: Store) -> Bureau:
    return Bureau(store)


async def titles(bureau: Bureau) -> list[tuple[str, str]]:
    async with bureau.store.read() as tx:
        return [(one.title, one.text) for one in await case_file.canned(tx)]


async def test_a_reply_is_kept_for_other_cases_and_filled_in_there(bureau: Bureau) -> None:
    one, two = await filed(bureau, "社保转移"), await filed(bureau, "缴费记录", LI)
    clerk = await bureau.clerk("xiaowang", "agent")
    page = await act(clerk, one, "canned", text=f"{one} 已转交核对。", canned="转交核对")
    assert "常用答复已保存" in page.text
    assert f">{one} 已转交核对。</textarea>" in page.text, "what was being written stays"
    assert await titles(bureau) == [("转交核对", "{编号} 已转交核对。")]
    assert f"{two} 已转交核对。" in (await clerk.get(f"/desk/cases/{two}")).text
    assert "已有同名" in (await act(clerk, one, "canned", text="别的", canned="转交核对")).text
    assert "要有名字" in (await act(clerk, one, "canned", text="别的", canned="")).text
    assert len(await titles(bureau)) == 1


async def test_canned_replies_are_written_changed_and_dropped(bureau: Bureau) -> None:
    clerk, other = await bureau.clerk("xiaowang", "agent"), await bureau.clerk("xiaoli", "agent")
    lead = await bureau.clerk("laoli", "supervisor")
    here = "/desk/canned"
    await clerk.post(here, here, title="问候", text="您好。")
    await clerk.post(here, here, title="问候", text="又一个。")
    await clerk.post(here, here, title="空的", text="")
    assert await titles(bureau) == [("问候", "您好。")]
    refused = await other.post(here, f"{here}/1", title="问候", text="改了。")
    assert refused.status_code == 403
    await lead.post(here, f"{here}/1", title="问候语", text="您好，我来帮您看。")
    assert await titles(bureau) == [("问候语", "您好，我来帮您看。")]
    assert (await lead.post(here, f"{here}/9/drop")).status_code == 404
    await lead.post(here, f"{here}/1/drop")
    assert await titles(bureau) == []
    acts = [(name, action) for name, action, _ in await bureau.acts() if "canned" in action]
    assert acts == [
        ("xiaowang", "canned_kept"),
        ("laoli", "canned_kept"),
        ("laoli", "canned_dropped"),
    ]


async def counts(clerk: Clerk) -> dict[str, int]:
    shown = (await clerk.get("/desk/")).text
    found = re.findall(r"<strong>(\d+)</strong> ([^<]+)</a>", shown)
    return {label: int(count) for count, label in found if count != "0"}


async def test_the_first_page_counts_what_waits_for_whom(bureau: Bureau) -> None:
    agent, lead = await bureau.clerk("xiaowang", "agent"), await bureau.clerk("laoli", "supervisor")
    assert await counts(agent) == {}
    assert "现在没有等您的事" in (await agent.get("/desk/")).text
    mine = await filed(bureau, "社保转移")
    late = await filed(bureau, "工伤认定", LI)
    await filed(bureau, "新来的事", ZHANG)
    await act(agent, mine, "claim")
    past = bureau.clock() - timedelta(hours=1)
    async with bureau.store.write() as tx:
        await cases.change(tx, late, {"promised_at": past})
    await bureau.notices.draft(Draft(Content("标题", "内容", topics=("失业",))), "xiaoli")
    await bureau.notices.draft(Draft(Content("标题", "内容", topics=("失业",))), "laoli")
    assert await counts(agent) == {"我在办的": 1, "没人认领": 2, "全部超期": 1}
    assert await counts(lead) == {"没人认领": 2, "全部超期": 1, "公告等您审批": 1}
    table = (await agent.get("/desk/cases?unclaimed=1")).text.split('id="list"')[1]
    assert mine not in table
    assert late in table


async def test_whoever_answers_nobody_goes_to_what_they_may_see(bureau: Bureau) -> None:
    auditor = await bureau.clerk("shenji", "auditor")
    assert (await auditor.get("/desk/")).headers["location"] == "/desk/numbers"
