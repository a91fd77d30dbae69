"""Consultations at the desk: found, read, claimed, answered, merged; each step told and noted once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select, update

from bot.channels.base import Line
from bot.engine.case import CaseDraft, CaseKind
from bot.engine.promise import pledged, promised
from bot.engine.types import Address
from bot.store import case_file, case_queue, cases, tables
from bot.store.case_queue import Wanted
from bot.store.cases import Filing
from bot.store.engine import Store
from tests.desk_house import BOOK, Bureau, Clerk

ZHANG, LI = Address("webchat", "zhang"), Address("webchat", "li")
ONE, TWO = "20261123001", "20261123002"


@pytest.fixture
async def bureau(store: Store) -> Bureau:
    return Bureau(store)


async def filed(
    bureau: Bureau, text: str, who: Address = ZHANG, kind: CaseKind = "procedure", **more: object
) -> str:
    now = bureau.clock()
    pledge = pledged(BOOK.office, BOOK.service, now, 3)
    draft = CaseDraft(
        kind,
        text,
        text,
        text,
        pledge.until,
        region="长沙",
        warn_at=pledge.warn_at,
        resolve_by=promised(BOOK.office, now, 10),
        **more,  # type: ignore[arg-type]  # as the test says
    )
    async with bureau.store.write() as tx:
        (case,) = await cases.file(tx, [Filing(str(who), who, draft, "123456")], now)
    return case.number


async def told(bureau: Bureau, who: Address = ZHANG) -> list[str]:
    lines: Sequence[Line] = await bureau.host.lines(who)
    return [line.reply.text for line in lines if line.reply]


async def act(clerk: Clerk, number: str, action: str, **fields: str) -> httpx.Response:
    """Opens the case and presses a button of it; what the page says then."""
    page = await clerk.get(f"/desk/cases/{number}")
    token = re.search(r'name="token" value="([^"]+)"', page.text)
    csrf = re.search(r'name="csrf" value="([0-9a-f]{64})"', page.text)
    assert token
    assert csrf
    path = f"/desk/cases/{number}/{action}"
    done = await clerk.send(path, csrf[1], token=token[1], **fields)
    assert done.status_code == 303, done.text
    return await clerk.get(done.headers["location"])


async def state(bureau: Bureau, number: str) -> tuple[str, str | None]:
    async with bureau.store.read() as tx:
        one = await case_file.whole(tx, number)
    assert one
    return one.state, one.assignee


async def test_the_queue_shows_the_most_pressing_first(bureau: Bureau) -> None:
    await filed(bureau, "平常的事")
    await filed(bureau, "紧急的事", urgent=True)
    bureau.clock.turn(days=4)
    await filed(bureau, "新来的事")
    clerk = await bureau.clerk("xiaowang", "agent")
    shown = (await clerk.get("/desk/cases")).text
    at = [shown.index(text) for text in ("紧急的事", "平常的事", "新来的事")]
    assert at == sorted(at)
    assert "超期" in shown
    shown = (await clerk.get("/desk/cases?overdue=1")).text
    assert "平常的事" in shown
    assert "新来的事" not in shown


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("text=2026112300", {"社保转移", "工伤认定"}),
        (f"text={TWO}", {"工伤认定"}),
        ("text=转移", {"社保转移"}),
        ("text=100%25", set()),
        ("kind=complaint", {"工伤认定"}),
        ("region=长沙", {"社保转移", "工伤认定"}),
        ("region=北京", set()),
        ("status=answered", set()),
        ("mine=1", set()),
        ("status=nonsense&page=99", {"社保转移", "工伤认定"}),
    ],
)
async def test_the_queue_is_filtered_and_searched(
    bureau: Bureau, query: str, found: set[str]
) -> None:
    await filed(bureau, "社保转移")
    await filed(bureau, "工伤认定", LI, "complaint")
    clerk = await bureau.clerk("xiaowang", "agent")
    shown = (await clerk.get(f"/desk/cases?{query}")).text
    table = shown[shown.index('id="list"') :]
    assert {text for text in ("社保转移", "工伤认定") if text in table} == found


async def test_a_case_is_claimed_and_answered_and_the_citizen_told_once(bureau: Bureau) -> None:
    number = await filed(bureau, "社保转移")
    clerk = await bureau.clerk("xiaowang", "agent")
    page = await act(clerk, number, "claim")
    assert "已认领" in page.text
    assert await state(bureau, number) == ("taken", "xiaowang")
    assert "已有工作人员受理" in (await told(bureau))[-1]
    shown = await clerk.get(f"/desk/cases/{number}")
    token = re.search(r'name="token" value="([^"]+)"', shown.text)
    csrf = re.search(r'name="csrf" value="([0-9a-f]{64})"', shown.text)
    assert token
    assert csrf
    for _ in range(2):  # a double click
        await clerk.send(
            f"/desk/cases/{number}/reply", csrf[1], token=token[1], text="请带身份证。"
        )
    assert sum("请带身份证" in text for text in await told(bureau)) == 1
    assert (await state(bureau, number))[0] == "answered"
    acts = [action for _, action, subject in await bureau.acts() if subject == f"case:{number}"]
    assert acts.count("case_claimed") == 1
    assert acts.count("case_answered") == 1


async def test_what_is_half_written_is_kept_until_it_is_sent(bureau: Bureau) -> None:
    number = await filed(bureau, "社保转移")
    clerk = await bureau.clerk("xiaowang", "agent")
    await clerk.post(f"/desk/cases/{number}", f"/desk/cases/{number}/draft", text="我先写这些")
    assert ">我先写这些</textarea>" in (await clerk.get(f"/desk/cases/{number}")).text
    other = await bureau.clerk("xiaoli", "agent")
    assert "我先写这些" not in (await other.get(f"/desk/cases/{number}")).text
    await act(clerk, number, "reply", text="写完了")
    assert "></textarea>" in (await clerk.get(f"/desk/cases/{number}")).text


async def test_two_people_on_one_case_see_each_other(bureau: Bureau) -> None:
    number = await filed(bureau, "社保转移")
    one, two = await bureau.clerk("xiaowang", "agent"), await bureau.clerk("xiaoli", "agent")
    await one.get(f"/desk/cases/{number}")
    assert "xiaowang 也在看" in (await two.get(f"/desk/cases/{number}/lately")).text
    bureau.clock.turn(minutes=1)
    assert "也在看" not in (await two.get(f"/desk/cases/{number}/lately")).text


async def test_the_same_question_is_answered_once_for_all_who_asked(bureau: Bureau) -> None:
    one = await filed(bureau, "网上申报系统打不开")
    two = await filed(bureau, "网上申报系统打不开了", LI)
    clerk = await bureau.clerk("xiaowang", "agent")
    page = await clerk.get(f"/desk/cases/{one}")
    assert f"/desk/cases/{two}/merge" in page.text
    await act(clerk, two, "merge", into=one)
    assert "1 人也在问" in (await clerk.get("/desk/cases")).text
    await act(clerk, one, "reply", text="明天恢复。")
    assert f"{two} 已有答复" in (await told(bureau, LI))[-1]
    assert one not in (await told(bureau, LI))[-1]


async def test_a_case_is_not_merged_into_itself_or_into_one_that_waits(bureau: Bureau) -> None:
    one, two = await filed(bureau, "甲"), await filed(bureau, "乙", LI)
    clerk = await bureau.clerk("xiaowang", "agent")
    assert "没有生效" in (await act(clerk, one, "merge", into=one)).text
    await act(clerk, two, "merge", into=one)
    assert "没有生效" in (await act(clerk, one, "merge", into=two)).text
    assert "没有生效" in (await act(clerk, one, "merge", into="20201231001")).text


async def test_more_is_asked_noted_transferred_snoozed_and_closed(bureau: Bureau) -> None:
    number = await filed(bureau, "社保转移")
    clerk = await bureau.clerk("xiaowang", "agent")
    await act(clerk, number, "need", text="请问哪一年离职？")
    assert "请问哪一年离职" in (await told(bureau))[-1]
    assert (await state(bureau, number))[0] == "needs_info"
    before = await told(bureau)
    page = await act(clerk, number, "note", text="等对方回话")
    assert "等对方回话" in page.text
    assert await told(bureau) == before, "a note is for staff"
    await act(clerk, number, "transfer", department="稽核科")
    assert "已转到稽核科" in (await told(bureau))[-1]
    await act(clerk, number, "snooze", days="2")
    assert number not in (await clerk.get("/desk/cases")).text.split('id="list"')[1]
    bureau.clock.turn(days=2)
    await clerk.sign_in()
    assert number in (await clerk.get("/desk/cases")).text.split('id="list"')[1]
    await act(clerk, number, "close")
    assert "已办结" in (await told(bureau))[-1]
    await act(clerk, number, "reopen")
    assert (await state(bureau, number))[0] == "taken"


async def test_only_a_lead_assigns_and_only_to_people_who_work_here(bureau: Bureau) -> None:
    number = await filed(bureau, "社保转移")
    agent, lead = await bureau.clerk("xiaowang", "agent"), await bureau.clerk("laoli", "supervisor")
    shown = await agent.get(f"/desk/cases/{number}")
    assert "/assign" not in shown.text
    csrf = re.search(r'name="csrf" value="([0-9a-f]{64})"', shown.text)
    assert csrf
    refused = await agent.send(f"/desk/cases/{number}/assign", csrf[1], to="xiaowang")
    assert refused.status_code == 403
    await act(lead, number, "assign", to="xiaowang")
    assert await state(bureau, number) == ("taken", "xiaowang")
    shown = await lead.get(f"/desk/cases/{number}")
    csrf = re.search(r'name="csrf" value="([0-9a-f]{64})"', shown.text)
    assert csrf
    refused = await lead.send(f"/desk/cases/{number}/assign", csrf[1], to="nobody")
    assert refused.status_code == 400


async def test_an_auditor_reads_no_cases(bureau: Bureau) -> None:
    number = await filed(bureau, "我的私事")
    auditor = await bureau.clerk("shenji", "auditor")
    for path in ("/desk/cases", f"/desk/cases/{number}"):
        answer = await auditor.get(path)
        assert answer.status_code == 403
        assert "私事" not in answer.text


async def test_a_contact_is_shown_on_a_click_that_is_noted(bureau: Bureau) -> None:
    from bot.keys import read_keys

    sealed = read_keys(bureau.ring).seal("13800138000", f"contact:{ZHANG}")
    number = await filed(bureau, "社保转移", contact=sealed)
    clerk = await bureau.clerk("xiaowang", "agent")
    assert "13800138000" not in (await clerk.get(f"/desk/cases/{number}")).text
    shown = await clerk.post(f"/desk/cases/{number}", f"/desk/cases/{number}/contact")
    assert "13800138000" in shown.text
    assert ("xiaowang", "contact_seen", f"case:{number}") in await bureau.acts()


@pytest.mark.parametrize("number", ["20990101001", "x", "%27%20OR%201", "２０２６"])
async def test_a_case_that_is_not_there_says_so(bureau: Bureau, number: str) -> None:
    clerk = await bureau.clerk("xiaowang", "agent")
    assert (await clerk.get(f"/desk/cases/{number}")).status_code == 404


async def test_words_of_a_citizen_are_shown_as_words(bureau: Bureau) -> None:
    number = await filed(bureau, "<script>alert(1)</script>")
    clerk = await bureau.clerk("xiaowang", "agent")
    for path in ("/desk/cases", f"/desk/cases/{number}"):
        shown = (await clerk.get(path)).text
        assert "<script>alert" not in shown
        assert "&lt;script&gt;" in shown


async def test_the_count_of_a_long_queue_ends_somewhere(store: Store) -> None:
    bureau = Bureau(store)
    now = bureau.clock()
    draft = CaseDraft("policy", "x", "x", "x", now + timedelta(days=1))
    async with store.write() as tx:
        await cases.file(tx, [Filing(str(ZHANG), ZHANG, draft, "1")] * 300, now)
    async with store.read() as tx:
        assert await case_queue.counted(tx, Wanted(), now) == 300
        rows = await case_queue.listed(tx, Wanted(), now, 250, 100)
    assert len(rows) == 50
    async with store.write() as tx:
        await tx.execute(update(tables.cases).values(state="closed"))
        left = await tx.execute(select(tables.cases.c.number).limit(1))
        assert left.first()
    async with store.read() as tx:
        assert await case_queue.counted(tx, Wanted(), now) == 0


# --- numbers -------------------------------------------------------------------------------------


async def test_numbers_say_what_they_are_counted_from(bureau: Bureau) -> None:
    first = await filed(bureau, "社保转移")
    await filed(bureau, "工伤认定", LI, "complaint")
    withdrawn = await filed(bureau, "不问了")
    clerk = await bureau.clerk("laoli", "supervisor")
    await act(clerk, first, "reply", text="请带身份证。")
    async with bureau.store.write() as tx:
        await cases.change(tx, withdrawn, {"state": "withdrawn"})
        await cases.rate(tx, first, 1, "good", "", bureau.clock())
    bureau.clock.turn(days=20)
    await clerk.sign_in()
    shown = (await clerk.get("/desk/numbers")).text
    for part in ("2 件", "按承诺时间答复 1 ÷ 应答复 2", "满意 1 ÷ 评价 1", "超过 15 天 1"):
        assert part in shown
    rows = (await clerk.get("/desk/numbers.csv?by=kind")).text.splitlines()
    assert rows[1:] in (
        [
            "操作流程,1,1,1,100.0 %,1,1,100.0 %,1,1,1,100.0 %,100.0 %,0.0",
            "投诉建议,1,0,1,0.0 %,0,1,0.0 %,0,0,0,—,—,—",
        ],
        [
            "投诉建议,1,0,1,0.0 %,0,1,0.0 %,0,0,0,—,—,—",
            "操作流程,1,1,1,100.0 %,1,1,100.0 %,1,1,1,100.0 %,100.0 %,0.0",
        ],
    )


@pytest.mark.parametrize(
    "query", ["since=x&until=y", "since=2026-12-01&until=2026-01-01", "since=1000-01-01", "by=text"]
)
async def test_an_odd_period_shows_something_sensible(bureau: Bureau, query: str) -> None:
    clerk = await bureau.clerk("laoli", "supervisor")
    assert (await clerk.get(f"/desk/numbers?{query}")).status_code == 200
