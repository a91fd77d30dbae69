"""保存, 我的测算, 加入日历: kept results, on both databases, looked at again on other days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select

from bot.engine import words
from bot.engine.calculator import Ground
from bot.engine.parameters import Figure, Parameters
from bot.engine.playbook import Playbook
from bot.engine.preferences import Preferences, PreferencesChanged
from bot.engine.renewing import renewal
from bot.engine.saved import (
    MOST,
    ResultDraft,
    ResultDropped,
    ResultKept,
    ResultSaved,
    ResultsFound,
    ResultsGone,
    ResultsSought,
    SavedResult,
)
from bot.engine.types import Address, Reply, Turn
from bot.rendering import render
from bot.renewals import key_of, renewals, settle
from bot.store import plain, preferences, saved_results, tables
from bot.store.engine import Store
from handlers.calculating import load_calculators
from scheduler.renewals import renew
from tests.small_world import small_book
from tests.talk import MONDAY, Talk
from tests.test_calculators import CALCULATORS, GROUND

ZHANG, LI = Address("webchat", "张三"), Address("telegram", "1001")
DAY = MONDAY.date()


def book(ground: Ground = GROUND) -> Playbook:
    made = CALCULATORS.values() if ground is GROUND else load_calculators(ground)
    return replace(small_book(), forms={f.name: f for f in (c.form(ground) for c in made)})


def raised(name: str, region: str, since: date, amount: str) -> Ground:
    """The same figures with one more, from a day on."""
    parameter = GROUND.parameters[name]
    old = parameter.on(DAY, region)
    new = replace(old, since=since, until=None, amount=Decimal(amount), source="《新的通知》")
    figures = tuple(
        replace(f, until=since - timedelta(days=1)) if f == old else f for f in parameter.figures
    )
    changed: Figure = new
    by_name = {**GROUND.parameters.by_name, name: replace(parameter, figures=(*figures, changed))}
    return replace(GROUND, parameters=Parameters(by_name))


def pension() -> Talk:
    citizen = Talk(book())
    for said in ("/form calc_pension", "男", "1969-05", "湖南", "25年", "10万", "0.8"):
        citizen.say(said)
    return citizen


def saved(citizen: Talk, number: int = 12) -> SavedResult:
    """What the house keeps when 保存 is pressed."""
    errand = citizen.tap(words.SAVE).errand
    assert isinstance(errand, ResultSaved)
    return SavedResult(number, errand.draft, MONDAY)


def told(turn: Turn) -> str:
    return "\n".join(reply.text for reply in turn.replies)


# --- in a conversation ---------------------------------------------------------------------------


def test_a_result_offers_to_change_keep_remind_and_check_as_far_as_it_makes_sense() -> None:
    labels = [choice.label for choice in pension().state.offered]
    assert labels[:5] == ["改一个条件", "保存", "提醒我", "加入日历", "提交人工核对"]
    undated = Talk(book())
    undated.say("/form calc_contributions")
    for said in ("长沙", "8000"):
        turn = undated.say(said)
    assert turn.replies[0].kind == "result"
    labels = [choice.label for choice in turn.replies[0].choices]
    assert labels == ["改一个条件", "保存", "提交人工核对", "再算别的"]


def test_what_is_kept_is_the_inputs_in_words_and_the_ids_of_the_figures() -> None:
    draft = saved(pension()).draft
    assert draft.answers["born"] == "1969-05"
    assert draft.amount == "2495.68"
    ids = {(f.name, f.region, f.since) for f in draft.figures}
    assert ("pension_base.base", "湖南") in {(name, region) for name, region, _ in ids}
    assert all(f.amount and date.fromisoformat(f.since) for f in draft.figures)


def test_it_says_that_it_is_kept_and_under_which_number() -> None:
    citizen = pension()
    one = saved(citizen)
    heard = told(citizen.happens(ResultKept(ResultSaved(one.draft, "save"), one)))
    assert "测算编号 12" in heard
    assert "2495.68元" in heard
    assert [c.label for c in citizen.state.offered] == [words.MY_RESULTS, words.MENU_LABEL]


@pytest.mark.parametrize("said", ["保存", "保存这次测算", "存一下"])
def test_the_newest_result_is_kept_by_a_word(said: str) -> None:
    errand = pension().say(said).errand
    assert isinstance(errand, ResultSaved)
    assert errand.draft.form == "calc_pension"


def test_who_keeps_too_many_is_told_what_to_do() -> None:
    citizen = pension()
    draft = saved(citizen).draft
    heard = told(citizen.happens(ResultKept(ResultSaved(draft, "save"))))
    assert f"已经保存了 {MOST} 个" in heard


@pytest.mark.parametrize("said", ["我的测算", "看看我的测算", "我保存的测算"])
def test_my_results_are_asked_for_in_free_words(said: str) -> None:
    assert Talk(book()).say("我的测算").errand == ResultsSought("list")


def test_kept_results_are_listed_and_looked_at_again() -> None:
    citizen = pension()
    one = saved(citizen)
    heard = told(citizen.happens(ResultsFound(ResultsSought("list"), (one,))))
    assert "1. 企业职工养老金（2026-11-23）每月约 2495.68元" in heard
    assert citizen.say("1").errand == ResultsSought("look", 12)
    turn = citizen.happens(ResultsFound(ResultsSought("look", 12), (one,)))
    assert turn.replies[0].kind == "result"
    assert turn.replies[0].text.startswith("每月约 2495.68元")
    assert words.RESULT_SAME in turn.replies[0].text
    assert turn.replies[0].charts
    assert citizen.tap(words.CHANGE_ONE).replies[0].text == words.CHANGE_WHICH
    citizen.happens(ResultsFound(ResultsSought("look", 12), (one,)))
    assert citizen.tap(words.DELETE).errand == ResultDropped(12)
    assert told(citizen.happens(ResultsGone(ResultDropped(12), 1))) == words.RESULTS_GONE


def test_nothing_kept_and_nothing_found_have_a_way_on() -> None:
    citizen = Talk(book())
    assert told(citizen.happens(ResultsFound(ResultsSought("list")))) == words.NO_RESULTS
    assert citizen.state.offered[0].send == "/calculators"
    assert told(citizen.happens(ResultsFound(ResultsSought("look", 9)))) == words.RESULT_NOT_THERE
    assert told(citizen.happens(ResultsGone(ResultDropped(9), 0))) == words.RESULT_NOT_THERE


def test_an_old_result_whose_questions_changed_is_shown_as_it_was() -> None:
    citizen = pension()
    one = saved(citizen)
    old = replace(one, draft=replace(one.draft, answers={"born": "1969-05"}))
    turn = citizen.happens(ResultsFound(ResultsSought("look", 12), (old,)))
    assert "每月约 2495.68元" in told(turn)
    assert words.RESULT_OLD in told(turn)


def test_a_result_that_is_gone_from_the_conversation_is_asked_for_again() -> None:
    citizen = Talk(book())
    for command in ("/save calc_pension", "/calendar calc_pension", "/check calc_pension"):
        turn = citizen.say(command)
        assert turn.errand is None
        assert turn.replies
    assert citizen.say("/result x").replies[0].text == words.OLD_BUTTON


def test_a_check_keeps_the_result_first_and_names_it() -> None:
    citizen = pension()
    errand = citizen.tap(words.CHECK_BY_HAND).errand
    assert isinstance(errand, ResultSaved)
    assert errand.why == "check"
    turn = citizen.happens(ResultKept(errand, SavedResult(12, errand.draft, MONDAY)))
    assert turn.effects or turn.replies  # without a form of consultations: the hand-over has it
    assert any("测算编号 12" in getattr(effect, "capsule", "") for effect in turn.effects)


def test_the_days_of_a_result_come_as_a_calendar_file() -> None:
    citizen = Talk(book())
    for said in ("/form calc_retirement_age", "男", "1975-06"):
        citizen.say(said)
    turn = citizen.tap(words.TO_CALENDAR)
    agenda = turn.replies[0].agenda
    assert agenda is not None
    events = Calendar.from_ical(render(agenda).data).walk("VEVENT")
    assert [f"{e.decoded('dtstart')}" for e in events] == [day.day for day in agenda.days]
    assert "2038-02-01 法定退休：2038年2月" in turn.replies[0].text
    assert citizen.say("加入日历").replies[0].agenda == agenda


# --- when a figure changes -----------------------------------------------------------------------


def test_a_figure_that_rose_is_told_with_the_amount_before_and_after() -> None:
    one = saved(pension())
    after = book(raised("pension_base.base", "湖南", date(2027, 1, 1), "8000"))
    found = renewal(after, one, date(2027, 1, 8))
    assert found is not None
    # (8000 × 1.8 ÷ 2 × 25 × 1%) + 100000 ÷ 130.8 = 1800 + 764.53
    assert found.draft.amount == "2564.53"
    assert found.gap == Decimal("68.85")
    said = found.words()
    assert "已按新参数更新：2495.68元→2564.53元（＋68.85元）" in said
    assert "计发基数 7694→8000" in said


def test_before_its_day_and_on_other_days_nothing_has_changed() -> None:
    one = saved(pension())
    after = book(raised("pension_base.base", "湖南", date(2027, 1, 1), "8000"))
    assert renewal(after, one, date(2026, 12, 31)) is None
    assert renewal(book(), one, date(2027, 1, 8)) is None


def test_a_changed_figure_shows_in_the_list_and_when_looked_at() -> None:
    citizen = pension()
    one = saved(citizen)
    citizen.book = book(raised("pension_base.base", "湖南", date(2027, 1, 1), "8000"))
    citizen.now = MONDAY + timedelta(days=50)
    assert words.RESULT_NEWER in told(citizen.happens(ResultsFound(ResultsSought("list"), (one,))))
    turn = citizen.happens(ResultsFound(ResultsSought("look", 12), (one,)))
    assert turn.replies[0].text.startswith("每月约 2564.53元")
    assert "2495.68元→2564.53元" in turn.replies[0].text


# --- the store, on both databases ------------------------------------------------------------------


def draft(n: int = 0, **changes: Any) -> ResultDraft:
    whole = {"headline": f"每月约 {n}元。", "amount": str(n), "worked_on": "2026-11-23"}
    return ResultDraft(
        "calc_pension", 1, "企业职工养老金", {"paid": f"{n}年"}, **{**whole, **changes}
    )


async def keep(store: Store, at: Address, one: ResultDraft) -> SavedResult | None:
    async with store.write() as tx:
        return (await saved_results.keep(tx, [at], ResultSaved(one, "save"), MONDAY)).result


async def test_the_same_inputs_are_kept_once_and_others_beside_them(store: Store) -> None:
    first = await keep(store, ZHANG, draft(1))
    again = await keep(store, ZHANG, draft(1, headline="每月约 9元。"))
    other = await keep(store, ZHANG, draft(2))
    assert first
    assert again
    assert other
    assert first.number == again.number != other.number
    async with store.read() as tx:
        mine = await saved_results.own(tx, [ZHANG])
    assert [(r.number, r.draft.headline) for r in mine] == [
        (other.number, "每月约 2元。"),
        (first.number, "每月约 9元。"),
    ]
    assert mine[0].saved_at == MONDAY


async def test_only_ones_own_are_seen_and_deleted(store: Store) -> None:
    mine, theirs = await keep(store, ZHANG, draft(1)), await keep(store, LI, draft(1))
    assert mine
    assert theirs
    async with store.write() as tx:
        assert await saved_results.own(tx, [ZHANG], theirs.number) == []
        assert await saved_results.drop(tx, [ZHANG], theirs.number) == 0
        assert len(await saved_results.own(tx, [ZHANG, LI])) == 2
        assert await saved_results.drop(tx, [ZHANG]) == 1
        assert [r.number for r in await saved_results.own(tx, [LI])] == [theirs.number]


async def test_nobody_keeps_more_than_can_be_looked_through(store: Store) -> None:
    for n in range(MOST):
        assert await keep(store, ZHANG, draft(n))
    assert await keep(store, ZHANG, draft(MOST)) is None
    assert await keep(store, ZHANG, draft(3))  # these inputs are kept already
    assert await keep(store, LI, draft(MOST))


async def test_everybodys_changed_results_are_found_and_told_once(store: Store) -> None:
    one = saved(pension()).draft
    await keep(store, ZHANG, one)
    await keep(store, LI, replace(one, answers={**one.answers, "paid": "300个月"}))
    await keep(store, LI, draft(5))  # its inputs no longer work out: passed over
    after = book(raised("pension_base.base", "湖南", date(2027, 1, 1), "8000"))
    day = date(2027, 1, 8)
    found = [pair async for pair in renewals(store, after, day)]
    assert [(at, r.gap) for at, r in found] == [(ZHANG, Decimal("68.85")), (LI, Decimal("68.85"))]
    assert len({key_of(r) for _, r in found}) == 2
    async with store.write() as tx:
        assert await settle(tx, found[0][1])
        assert not await settle(tx, found[0][1])
    assert [at async for at, _ in renewals(store, after, day)] == [LI]


async def test_each_morning_whoever_wants_notices_is_told_of_a_changed_result_once(
    store: Store,
) -> None:
    one = saved(pension()).draft
    await keep(store, ZHANG, one)
    await keep(store, LI, one)
    off = PreferencesChanged(Preferences(off=("notices",)), "changed", "不收通知")
    async with store.write() as tx:
        await preferences.change(tx, [(LI, off)], MONDAY)
    after = book(raised("pension_base.base", "湖南", date(2027, 1, 1), "8000"))
    morning = MONDAY.replace(year=2027, month=1, day=8, hour=7)
    assert await renew(store, book(), morning) == 0
    assert await renew(store, after, morning) == 1
    assert await renew(store, after, morning + timedelta(days=1)) == 0
    async with store.read() as tx:
        rows = (await tx.execute(select(tables.outbox))).all()
    assert [(row.user, row.lane, row.not_before.hour) for row in rows] == [("张三", "bulk", 8)]
    reply = plain.loads(Reply, rows[0].reply)
    assert reply.kind == "notice"
    assert "2495.68元→2564.53元" in reply.text
