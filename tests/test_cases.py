"""Consultations on both databases: numbers without a gap, seen by their asker only, told once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.engine.case import CaseDraft
from bot.engine.types import Address, Message, Reply
from bot.store import cases, plain, tables
from bot.store.engine import Store
from scheduler.service_levels import Owners, watch
from scheduler.upkeep import upkeep
from tests.case_office import CODE, LI, NUMBER, ZHANG, Office, opened
from tests.talk import MONDAY

LAOLI = Owners("laoli")
QUIET = {"warned": 0, "escalated": 0, "unresolved": 0, "red_15": 0, "red_60": 0, "red_90": 0}


@pytest.fixture
async def office(store: Store) -> AsyncIterator[Office]:
    async with opened(store) as made:
        yield made


async def _numbers(store: Store) -> list[str]:
    async with store.read() as tx:
        found = await tx.execute(select(tables.cases.c.number).order_by(tables.cases.c.number))
        return list(found.scalars())


async def test_the_receipt_names_number_date_and_code(office: Office) -> None:
    (receipt,) = await office.says(ZHANG, "file 社保转移")
    for part in (NUMBER, "3 个工作日内（11月26日 周四 17:30 前）", CODE, "社保转移"):
        assert part in receipt


async def test_numbers_have_no_gap_when_many_file_at_once(store: Store) -> None:
    async with opened(store) as one, opened(store) as two:
        people = [Address("webchat", f"p{n}") for n in range(60)]
        await asyncio.gather(
            *(
                (one if n % 2 else two).host.heard(Message(f"m{n}", who, "file x", MONDAY))
                for n, who in enumerate(people)
            )
        )
    assert await _numbers(store) == [f"20261123{n:03d}" for n in range(1, 61)]


async def test_a_filing_that_is_rolled_back_leaves_no_gap(store: Store) -> None:
    draft = CaseDraft("policy", "x", "x", "x", MONDAY)
    filing = cases.Filing(str(ZHANG), ZHANG, draft, CODE)
    with pytest.raises(ZeroDivisionError):
        async with store.write() as tx:
            await cases.file(tx, [filing], MONDAY)
            raise ZeroDivisionError
    async with store.write() as tx:
        (case,) = await cases.file(tx, [filing], MONDAY)
    assert case.number == NUMBER


async def test_the_thousandth_of_a_day_has_a_number(store: Store) -> None:
    draft = CaseDraft("policy", "x", "x", "x", MONDAY)
    async with store.write() as tx:
        filed = await cases.file(tx, [cases.Filing(str(ZHANG), ZHANG, draft, CODE)] * 1_001, MONDAY)
    assert [filed[998].number, filed[999].number] == ["20261123999", "202611231000"]


async def test_a_number_is_useless_to_strangers(office: Office) -> None:
    await office.says(ZHANG, "file 我的私事")
    (said,) = await office.says(LI, f"查 {NUMBER}")
    assert "6 位查询码" in said
    assert "私事" not in said
    (said,) = await office.says(LI, "我的咨询")
    assert NUMBER not in said
    for wish in (f"/answer {NUMBER}", f"/urge {NUMBER}", f"/withdraw {NUMBER} yes"):
        (said,) = await office.says(LI, wish)
        assert "不在您的账号下" in said


async def test_the_query_code_opens_it_and_wrong_ones_lock_it_for_the_day(office: Office) -> None:
    await office.says(ZHANG, "file 我的私事")
    await office.says(LI, f"查 {NUMBER}")
    (said,) = await office.says(LI, CODE)
    assert "私事" in said
    for wrong in range(100_000, 100_000 + cases.CODE_TRIES):
        said = (await office.says(LI, f"查 {NUMBER} {wrong}"))[0]
    assert "明天再试" in said
    assert "明天再试" in (await office.says(LI, f"查 {NUMBER} {CODE}"))[0]
    assert "私事" in (await office.says(ZHANG, f"查 {NUMBER}"))[0], "its asker is not locked out"
    await office.passes(days=1)
    assert "私事" in (await office.says(LI, f"查 {NUMBER} {CODE}"))[0]


@pytest.mark.parametrize(
    "typed",
    [
        "查 20261123001",
        "２０２６１１２３００１",
        "#20261123 001",
        "查询20261123001进度",
        "上一个咨询",
    ],
)
async def test_a_case_is_found_by_its_number_in_any_form(office: Office, typed: str) -> None:
    await office.says(ZHANG, "file 社保转移")
    (said,) = await office.says(ZHANG, typed)
    assert f"{NUMBER} 处理中" in said


async def test_an_answer_is_told_once_however_often_it_is_sent(office: Office) -> None:
    await office.says(ZHANG, "file 社保转移")
    for _ in range(2):
        assert await office.casework.answer(NUMBER, "请带身份证。", "token", "小王")
    answers = [text for text in await office.told(ZHANG) if "请带身份证" in text]
    assert len(answers) == 1
    assert "已有答复" in answers[0]
    assert "已回复，未读" in (await office.says(ZHANG, "我的咨询"))[0]
    assert "请带身份证" in (await office.says(ZHANG, "查看"))[0]
    assert "未读" not in (await office.says(ZHANG, "我的咨询"))[0]


async def test_a_rating_counts_once_and_a_bad_one_goes_to_review(office: Office) -> None:
    await office.says(ZHANG, "file 社保转移")
    await office.casework.answer(NUMBER, "请带身份证。", "token", "小王")
    (said,) = await office.says(ZHANG, "不满意")
    assert "已转负责人复核" in said
    assert "11月24日" in said
    (said,) = await office.says(ZHANG, "没回答到点")
    assert "记下了" in said
    assert "已经评价过" in (await office.says(ZHANG, f"/rate {NUMBER} 1 good"))[0]
    async with office.store.read() as tx:
        ratings = list(await tx.execute(select(tables.case_ratings.c.rating)))
        escalated = await tx.execute(select(tables.cases.c.escalated_at, tables.cases.c.state))
        assert [*ratings[0]] == ["bad"]
        assert escalated.one() == (MONDAY, "taken")
    await office.casework.answer(NUMBER, "带社保卡也行。", "next", "负责人")
    assert "谢谢" in (await office.says(ZHANG, "满意"))[0], "each answer has a rating of its own"


async def test_urging_works_once_a_day(office: Office) -> None:
    await office.says(ZHANG, "file 社保转移")
    assert "已催 1 次" in (await office.says(ZHANG, "催一下"))[0]
    assert "已经催过" in (await office.says(ZHANG, "怎么还没回复"))[0]
    await office.passes(days=1)
    assert "登记催办" in (await office.says(ZHANG, "催办"))[0]


async def test_words_after_an_answer_stay_under_the_same_number(office: Office) -> None:
    await office.says(ZHANG, "file 社保转移")
    await office.casework.answer(NUMBER, "请到窗口办理。", "token", "小王")
    (said,) = await office.says(ZHANG, "那个窗口具体在哪一条街上面")
    assert f"追问附在 {NUMBER}" in said
    assert "11月24日 周二 17:30" in said
    (said,) = await office.says(ZHANG, "追问：要不要带户口本")
    assert f"已补充到 {NUMBER}" in said, "it is open again: this is more of the same"
    async with office.store.read() as tx:
        kinds = await tx.execute(
            select(tables.case_events.c.kind).order_by(tables.case_events.c.id)
        )
        assert list(kinds.scalars()) == ["filed", "answered", "follow_up", "supplement"]


async def test_a_follow_up_is_possible_for_fifteen_days(office: Office) -> None:
    await office.says(ZHANG, "file 社保转移")
    await office.casework.answer(NUMBER, "请到窗口办理。", "token", "小王")
    await office.passes(days=16)
    assert "超过 15 天" in (await office.says(ZHANG, "追问：还是不明白"))[0]


async def test_merged_cases_are_answered_together_and_privately(office: Office) -> None:
    await office.says(ZHANG, "file 系统升级")
    await office.says(LI, "file 网站打不开")
    async with office.store.write() as tx:
        await cases.change(tx, "20261123002", {"merged_into": NUMBER})
    await office.casework.answer(NUMBER, "明天恢复。", "token", "小王")
    assert "20261123002 已有答复" in (await office.told(LI))[-1]
    assert NUMBER not in (await office.told(LI))[-1]
    assert f"{NUMBER} 已有答复" in (await office.told(ZHANG))[-1]


async def test_staff_may_ask_and_the_reply_goes_under_the_case(office: Office) -> None:
    await office.says(ZHANG, "file 社保转移")
    assert await office.casework.claim(NUMBER, "小王")
    assert "已有工作人员受理" in (await office.told(ZHANG))[-1]
    await office.casework.need(NUMBER, "请问哪一年离职？", "token", "小王")
    assert "请问哪一年离职" in (await office.told(ZHANG))[-1]
    assert "待您补充" in (await office.says(ZHANG, "我的咨询"))[0]
    (said,) = await office.says(ZHANG, "大概是去年六月份的事情")
    assert "已补充" in said
    async with office.store.read() as tx:
        kept = await cases.one(tx, NUMBER)
    assert kept
    assert (kept.case.state, kept.case.wanted) == ("taken", "")


async def test_a_withdrawn_case_is_left_in_peace(office: Office) -> None:
    await office.says(ZHANG, "file 社保转移")
    assert "确定撤回" in (await office.says(ZHANG, "撤回咨询"))[0]
    await office.says(ZHANG, "撤回")
    assert not await office.casework.answer(NUMBER, "太晚了", "token", "小王")
    before = await office.told(ZHANG)
    await office.passes(days=10)
    assert await office.told(ZHANG) == before


async def test_nudges_come_while_their_cause_is_there(office: Office) -> None:
    await office.says(ZHANG, "file 社保转移")
    await office.passes(hours=23)
    before = await office.told(ZHANG)
    await office.passes(hours=1)
    (day,) = (await office.told(ZHANG))[len(before) :]
    assert "已提交 24 小时" in day
    assert "12333" in day
    await office.casework.answer(NUMBER, "请带身份证。", "token", "小王")
    before = await office.told(ZHANG)
    await office.passes(days=1)
    (unread,) = (await office.told(ZHANG))[len(before) :]
    assert "查看" in unread
    await office.says(ZHANG, "查看")
    before = await office.told(ZHANG)
    await office.passes(days=3)
    (unrated,) = (await office.told(ZHANG))[len(before) :]
    assert "有帮助吗" in unrated
    await office.passes(days=30)
    assert len(await office.told(ZHANG)) == len(before) + 1, "nobody is asked twice"


async def test_a_process_that_was_down_tells_what_is_still_true_once(office: Office) -> None:
    await office.says(ZHANG, "file 社保转移")
    before = await office.told(ZHANG)
    await office.passes(days=5)
    late = (await office.told(ZHANG))[len(before) :]
    assert sum("升级至负责人" in text for text in late) == 1
    again = await office.told(ZHANG)
    await office.passes(minutes=1)
    assert await office.told(ZHANG) == again


async def test_nobody_is_woken_at_night(office: Office) -> None:
    await office.says(ZHANG, "file 社保转移")
    before = await office.told(ZHANG)
    await office.passes(hours=13)  # 23:00
    await office.passes(hours=24)
    assert await office.told(ZHANG) == before
    await office.passes(hours=9)
    assert len(await office.told(ZHANG)) > len(before)


async def test_the_usual_time_is_told_once_there_is_enough_of_it(office: Office) -> None:
    for n in range(1, 6):
        (receipt,) = await office.says(Address("webchat", f"p{n}"), "file 社保转移")
        assert "中位数" not in receipt
    await office.passes(days=1)
    for n in range(1, 6):
        assert await office.casework.answer(f"20261123{n:03d}", "好的。", "t", "小王")
    (receipt,) = await office.says(ZHANG, "file 社保转移")
    assert "实际中位数 1.0 个工作日" in receipt


# --- the staff's group ---------------------------------------------------------------------------


async def test_the_staff_group_hears_of_cases_and_answers_in_one_step(store: Store) -> None:
    group = Address("telegram", "-100")
    async with opened(store, staff=group) as office:
        await office.says(ZHANG, "file 社保转移")
        await office.says(ZHANG, "催一下")
        heard = await _to_staff(store)
        assert [text.splitlines()[0] for text in heard] == [f"#C{NUMBER}", f"#C{NUMBER}"]
        assert "社保转移" in heard[0]
        assert "催办" in heard[1]
        for _ in range(2):  # the same update twice
            assert await office.host.staff_worked(NUMBER, "reply", "请带身份证。", "u1", "李四")
        assert sum("请带身份证" in text for text in await office.told(ZHANG)) == 1
        assert not await office.host.staff_worked("20991231001", "claim", "", "u2", "李四")
        await office.says(ZHANG, "不满意")
        assert "请负责人复核" in (await _to_staff(store))[-1]


async def _to_staff(store: Store) -> list[str]:
    box = tables.outbox
    async with store.read() as tx:
        rows = await tx.execute(
            select(box.c.reply).where(box.c.origin == "case").order_by(box.c.id)
        )
        return [plain.loads(Reply, reply).text for (reply,) in rows]


# --- the line of those who wait for a person ------------------------------------------------------


async def test_who_asks_for_a_person_is_told_their_place_in_line(office: Office) -> None:
    (first,) = await office.says(ZHANG, "转人工")
    assert "前面" not in first
    (second,) = await office.says(LI, "转人工")
    assert "前面 1 位" in second
    assert "一般等" not in second, "nobody has been served yet"
    await office.passes(minutes=12)
    for request in (1, 2):
        assert await office.host.staff_said(request, "您好", f"t{request}")
    third = Address("webchat", "third")
    await office.says(third, "转人工")
    await office.passes(minutes=6)
    assert await office.host.staff_said(3, "您好", "t3")
    (fourth,) = await office.says(Address("webchat", "fourth"), "转人工")
    assert "最近一般等 12 分钟" in fourth


# --- the clock -----------------------------------------------------------------------------------


async def test_the_clock_warns_escalates_and_names_red_lines_once_each(store: Store) -> None:
    group = Address("telegram", "-100")
    async with opened(store, staff=group) as office:
        await office.says(ZHANG, "file 社保转移")
        assert await watch(office.host, LAOLI, group) == QUIET
        await office.passes(days=3, hours=4)  # 14:00, promised for 17:30
        assert await watch(office.host, LAOLI, group) == QUIET | {"warned": 1}
        assert await watch(office.host, LAOLI, group) == QUIET, "a restart tells nothing again"
        await office.passes(hours=5)
        assert await watch(office.host, LAOLI, group) == QUIET | {"escalated": 1}
        await office.passes(days=90)
        assert await watch(office.host, LAOLI, group) == QUIET | {
            **{"unresolved": 1, "red_15": 1, "red_60": 1, "red_90": 1}
        }
        async with store.read() as tx:
            found = await tx.execute(select(tables.cases.c.assignee))
            assert found.scalar_one() == "laoli"
        heard = "\n".join(await _to_staff(store))
        for words in (
            "快到承诺时间",
            "已升级",
            "过了办结期限",
            "超过 15 天",
            "超过 60 天",
            "单项否决",
        ):
            assert heard.count(words) == 1
        await office.casework.answer(NUMBER, "抱歉让您久等。", "t", "laoli")
        assert await watch(office.host, LAOLI, group) == QUIET


# --- what is kept --------------------------------------------------------------------------------


async def test_old_cases_are_closed_and_then_forgotten_with_all_that_is_theirs(
    office: Office,
) -> None:
    await office.says(ZHANG, "file 社保转移")
    await office.says(LI, "file 还没有答复")
    await office.casework.answer(NUMBER, "请带身份证。", "token", "小王")
    await office.says(ZHANG, "满意")
    tick = upkeep(office.store, lambda: office.clock[0], 180, 1_095).tick
    assert (await tick())["cases_closed"] == 0
    office.clock[0] += timedelta(days=16)
    assert (await tick())["cases_closed"] == 1
    office.clock[0] += timedelta(days=1_096)
    assert (await tick())["cases"] == 1
    async with office.store.read() as tx:
        for table in (tables.cases, tables.case_events):
            numbers = set((await tx.execute(select(table.c.number))).scalars())
            assert numbers == {"20261123002"}, "what is unanswered stays"
        assert not list(await tx.execute(select(tables.case_ratings)))
