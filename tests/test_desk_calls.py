"""The desk's list of calls: whom nothing reached, the number by a noted click, what came of it."""

from __future__ import annotations

import pytest

from bot.engine.case import CaseDraft
from bot.engine.types import Address
from bot.keys import read_keys
from bot.store import calls, case_file, cases
from bot.store.calls import Asked
from bot.store.cases import Filing
from bot.store.engine import Store
from tests.desk_house import Bureau

ZHANG = Address("wechat", "zhang")


@pytest.fixture
async def bureau(store: Store) -> Bureau:
    return Bureau(store)


async def on_the_list(bureau: Bureau, title: str, why: str, telephone: str = "") -> str:
    """A case whose answer did not arrive."""
    now = bureau.clock()
    sealed = read_keys(bureau.ring).seal(telephone, f"contact:{ZHANG}") if telephone else ""
    draft = CaseDraft("procedure", title, title, title, now, region="长沙", contact=sealed)
    async with bureau.store.write() as tx:
        (case,) = await cases.file(tx, [Filing(str(ZHANG), ZHANG, draft, "123456")], now)
        values = {"state": "answered", "answers": 1, "answer": "可以转。", "read": False}
        await cases.change(tx, case.number, {**values, "answered_at": now})
        await calls.ask(tx, Asked(case.number, f"k{case.number}", "answered", "wechat", why), now)
    return case.number


async def told(bureau: Bureau, number: str) -> list[tuple[str, str, str]]:
    async with bureau.store.read() as tx:
        return [(e.kind, e.by, e.text) for e in await case_file.history(tx, number)]


async def test_the_list_says_whom_and_why_and_shows_no_number(bureau: Bureau) -> None:
    number = await on_the_list(bureau, "社保转移", "43004 not a follower", "13800138000")
    await on_the_list(bureau, "补缴", "waits, and nobody was told")
    clerk = await bureau.clerk("xiaowang", "agent")
    shown = (await clerk.get("/desk/calls")).text
    for said in (number, "长沙", "社保转移", "已有答复", "微信：没有关注公众号", "没有留电话"):
        assert said in shown
    assert "微信现在不让主动发" in shown
    assert "13800138000" not in shown
    assert "<strong>2</strong> 要打电话的" in (await clerk.get("/desk/")).text
    case = (await clerk.get(f"/desk/cases/{number}")).text
    assert "要打电话告诉对方" in case
    seen = await clerk.post("/desk/calls", f"/desk/cases/{number}/contact")
    assert "13800138000" in seen.text
    assert ("xiaowang", "contact_seen", f"case:{number}") in await bureau.acts()


async def test_who_was_reached_leaves_the_list_and_knows_the_answer(bureau: Bureau) -> None:
    number = await on_the_list(bureau, "社保转移", "43004", "13800138000")
    clerk = await bureau.clerk("xiaowang", "agent")
    done = await clerk.post("/desk/calls", f"/desk/calls/{number}/reached", note="本人接的")
    assert done.headers["location"] == "/desk/calls"
    shown = (await clerk.get("/desk/calls")).text
    assert "打通了" in shown
    assert "没有要打电话的" in shown
    assert ("called", "xiaowang", "本人接的") in await told(bureau, number)
    assert ("xiaowang", "call_reached", f"case:{number}") in await bureau.acts()
    async with bureau.store.read() as tx:
        kept = await cases.one(tx, number)
    assert kept
    assert kept.case.read
    case = (await clerk.get(f"/desk/cases/{number}")).text
    assert "打通了电话" in case
    assert "要打电话告诉对方" not in case


async def test_who_was_not_reached_stays_behind_the_others(bureau: Bureau) -> None:
    one = await on_the_list(bureau, "社保转移", "43004")
    bureau.clock.turn(minutes=1)
    two = await on_the_list(bureau, "补缴", "43004")
    bureau.clock.turn(minutes=1)
    clerk = await bureau.clerk("xiaowang", "agent")
    await clerk.post("/desk/calls", f"/desk/calls/{one}/missed", note="没人接")
    shown = (await clerk.get("/desk/calls")).text
    assert "没打通 1 次" in shown
    assert shown.index(f"/desk/cases/{two}") < shown.index(f"/desk/cases/{one}")
    assert ("not_reached", "xiaowang", "没人接") in await told(bureau, one)
    assert ("xiaowang", "call_missed", f"case:{one}") in await bureau.acts()


async def test_a_second_click_says_that_it_is_done(bureau: Bureau) -> None:
    number = await on_the_list(bureau, "社保转移", "43004")
    other = await on_the_list(bureau, "补缴", "43004")
    clerk = await bureau.clerk("xiaowang", "agent")
    for what in ("reached", "reached", "missed"):
        await clerk.post(f"/desk/cases/{other}", f"/desk/calls/{number}/{what}")
    assert "同事刚打过" in (await clerk.get("/desk/calls")).text
    assert [kind for kind, _, _ in await told(bureau, number)].count("called") == 1


async def test_an_auditor_neither_sees_nor_calls(bureau: Bureau) -> None:
    number = await on_the_list(bureau, "社保转移", "43004")
    auditor = await bureau.clerk("shenji", "auditor")
    assert (await auditor.get("/desk/calls")).status_code == 403
    done = await auditor.post("/desk/account", f"/desk/calls/{number}/reached")
    assert done.status_code == 403
    async with bureau.store.read() as tx:
        assert await calls.wants(tx, number)


async def test_a_note_that_is_too_long_is_refused(bureau: Bureau) -> None:
    number = await on_the_list(bureau, "社保转移", "43004")
    clerk = await bureau.clerk("xiaowang", "agent")
    done = await clerk.post("/desk/calls", f"/desk/calls/{number}/reached", note="长" * 501)
    assert done.status_code == 400
    async with bureau.store.read() as tx:
        assert await calls.wants(tx, number)


async def test_a_letter_to_the_head_is_called_about_only_by_who_may_read_it(bureau: Bureau) -> None:
    number = await on_the_list(bureau, "反映窗口", "43004")
    async with bureau.store.write() as tx:
        await cases.change(tx, number, {"for_head": True})
    clerk, lead = await bureau.clerk("xiaowu", "agent"), await bureau.clerk("zhao", "supervisor")
    assert "反映窗口" not in (await clerk.get("/desk/calls")).text
    assert "<strong>0</strong> 要打电话的" in (await clerk.get("/desk/")).text
    assert "反映窗口" in (await lead.get("/desk/calls")).text
    for came in ("reached", "missed"):
        refused = await clerk.post("/desk/account", f"/desk/calls/{number}/{came}")
        assert refused.status_code == 403
