"""What staff aim at, by kind: promised to the citizen, kept by the clock, counted in the numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.app import _owners, _service
from bot.clock import CHINA
from bot.engine.case import CaseFiled
from bot.engine.promise import Service, Target, pledged
from bot.engine.types import Address
from bot.settings import BadSettings, load
from bot.store import case_clock, cases, tables
from bot.store.engine import Store
from handlers.forms import consultation
from scheduler.service_levels import Owners, watch
from tests.case_office import BOOK, LI, NUMBER, ZHANG, opened
from tests.small_world import REGIONS
from tests.talk import MONDAY, Talk

OFFICE = BOOK.office
SERVICE = Service({"complaint": Target(5, 15), "head": Target(2, 4)}, warn_share=0.5)


def filed(*said: str, service: Service = SERVICE) -> CaseFiled:
    """What comes of a consultation told in these words."""
    form = consultation.form(REGIONS, OFFICE, service)
    talk = Talk(replace(BOOK, forms={form.name: form}, service=service))
    for text in said:
        turn = talk.say(text)
    assert isinstance(turn.errand, CaseFiled), turn.replies
    return turn.errand


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=CHINA)


# --- promised ------------------------------------------------------------------------------------


def test_each_kind_is_promised_its_own_days() -> None:
    usual = filed("提交咨询", "参保单位怎么查询", "直接提交").draft
    assert (usual.kind, usual.promised_at) == ("procedure", at(26, 17, 30))
    assert usual.resolve_by == at(7, 17, 30, month=12)
    complaint = filed("我要投诉窗口态度差", "直接提交").draft
    assert (complaint.kind, complaint.promised_at) == ("complaint", at(30, 17, 30))
    assert complaint.resolve_by == at(14, 17, 30, month=12)


def test_what_cannot_wait_is_promised_sooner_but_never_later() -> None:
    urgent = filed("提交咨询", "社保卡丢了怎么办", "直接提交", service=Service(urgent_days=1))
    assert urgent.draft.promised_at == at(24, 17, 30)
    slow = Service({"procedure": Target(1, 3)}, urgent_days=2)
    assert filed("提交咨询", "社保卡丢了怎么办", "直接提交", service=slow).draft.promised_at == at(
        24, 17, 30
    )


def test_a_promise_presses_once_its_share_of_working_time_is_used() -> None:
    pledge = pledged(OFFICE, SERVICE, MONDAY, 1)  # 13 hours: 6 today, 7 tomorrow
    assert (pledge.until, pledge.warn_at) == (at(24, 17, 30), at(24, 9, 30))
    night = pledged(OFFICE, SERVICE, at(27, 23), 1)  # Friday night: Monday's 7 hours count
    assert night.warn_at == at(30, 14)
    usual = pledged(OFFICE, Service(), MONDAY, 3)
    assert at(26, 11) < usual.warn_at < at(26, 14), "the last half-day, as it always was"


@pytest.mark.parametrize("minutes", [0, 1, 59, 60, 119, 120, 121, 359, 360, 361, 5_000])
def test_working_time_later_is_that_much_working_time_away(minutes: int) -> None:
    for since in (MONDAY, at(23, 12), at(23, 12, 30), at(22, 3), at(27, 17, 29)):
        later = OFFICE.later(since, minutes)
        assert OFFICE.worked(since, later) == minutes


# --- the clock -----------------------------------------------------------------------------------


async def test_a_follow_up_question_is_a_round_of_its_own(store: Store) -> None:
    owners = Owners("laoli")
    async with opened(store) as office:
        await office.says(ZHANG, "file 社保转移")
        await office.passes(days=4)
        assert (await watch(office.host, owners, None))["escalated"] == 1
        await office.casework.answer(NUMBER, "请带身份证。", "t", "laoli")
        await office.says(ZHANG, "追问：要不要户口本")
        assert (await watch(office.host, owners, None))["escalated"] == 0, "promised anew"
        office.clock[0] = at(30, 16)  # Friday's question is promised for Monday 17:30
        assert (await watch(office.host, owners, None))["warned"] == 1
        office.clock[0] += timedelta(hours=3)
        assert (await watch(office.host, owners, None))["escalated"] == 1
        await office.passes(hours=12)  # the citizen is told in the morning
        assert (await watch(office.host, owners, None))["escalated"] == 0


async def test_a_breach_is_seen_although_nobody_is_there_to_be_told(store: Store) -> None:
    async with opened(store) as office:
        await office.says(ZHANG, "file 社保转移")
        async with store.write() as tx:
            await tx.execute(tables.alarms.delete())  # whoever filed it had their data erased
        office.clock[0] += timedelta(days=4)
        assert (await watch(office.host, Owners("laoli"), None))["escalated"] == 1
        async with store.read() as tx:
            row = (await tx.execute(select(tables.cases))).one()
        assert (row.assignee, row.escalated_at) == ("laoli", office.clock[0])


async def test_what_went_over_goes_to_its_owner(store: Store) -> None:
    owners = Owners("all", {"complaint": "chen", "head": "wang"}, {"稽核科": "qian"})
    people = [Address("webchat", f"p{n}") for n in range(5)]
    about: list[dict[str, object]] = [
        {},
        {"kind": "complaint"},
        {"kind": "complaint", "department": "稽核科"},
        {"kind": "complaint", "for_head": True, "department": "稽核科"},
        {"department": "征缴科"},
    ]
    async with opened(store) as office:
        for who in people:
            await office.says(who, "file 社保转移")
        async with store.write() as tx:
            for n, values in enumerate(about, 1):
                if values:
                    await cases.change(tx, f"20261123{n:03d}", values)
        office.clock[0] += timedelta(days=4)
        await watch(office.host, owners, None)
        async with store.read() as tx:
            found = await tx.execute(
                select(tables.cases.c.assignee).order_by(tables.cases.c.number)
            )
        assert list(found.scalars()) == ["all", "chen", "qian", "wang", "all"]


async def test_what_staff_open_again_is_promised_again(store: Store) -> None:
    async with opened(store) as office:
        await office.says(ZHANG, "file 社保转移")
        await office.casework.close(NUMBER, "t", "xiaowang")
        await office.passes(days=7)
        assert await office.casework.reopen(NUMBER, "xiaowang")
        assert (await watch(office.host, Owners(), None))["escalated"] == 0
        async with store.read() as tx:
            kept = await cases.one(tx, NUMBER)
        assert kept
        assert kept.case.promised_at == at(1, 17, 30, month=12)


async def test_a_question_asked_late_does_not_break_the_day_aimed_at(store: Store) -> None:
    async with opened(store) as office:
        await office.says(ZHANG, "file 社保转移")
        await office.says(LI, "file 社保转移")
        await office.casework.answer(NUMBER, "请带身份证。", "t", "xiaowang")
        await office.passes(days=14)  # the tenth working day
        await office.says(ZHANG, "追问：要不要户口本")
        await office.passes(days=1)  # filed on the 23rd: due by the 7th of December at 17:30
        async with store.write() as tx:
            late = await case_clock.unresolved(tx, office.clock[0])
        assert [one.number for one in late] == ["20261123002"]


# --- settings ------------------------------------------------------------------------------------


def test_the_defaults_are_those_that_always_held() -> None:
    settings = load(Path("none.toml"), {})
    made, plain = _service(settings), Service()
    for kind in ("policy", "procedure", "account", "complaint"):
        assert made.target(kind) == plain.target(kind) == Target(3, 10)
    assert made.target("policy", for_head=True) == Target(3, 10)
    assert replace(made, targets={}) == plain
    assert _owners(settings).of_department == {}


def test_targets_come_from_the_file_and_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("[service]\nanswer_days = { complaint = 5 }\nurgent_days = 2\n")
    environ = {
        "BOT_SERVICE_RESOLUTION_DAYS": "complaint=15;head=5",
        "BOT_SERVICE_OWNER_OF_DEPARTMENT": "稽核科=qian",
    }
    settings = load(file, environ)
    made = _service(settings)
    assert made.target("complaint") == Target(5, 15)
    assert made.target("complaint", for_head=True) == Target(3, 5)
    assert made.target("complaint", urgent=True) == Target(2, 15)
    assert _owners(settings).of_department == {"稽核科": "qian"}


def test_wrong_targets_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(
        "[service]\nanswer_days = { policy = 0, polcy = 3, account = 'soon' }\nwarn_share = 85\n"
    )
    with pytest.raises(BadSettings) as told:
        load(file, {"BOT_SERVICE_FOLLOW_UP_DAYS": "none"})
    said = str(told.value)
    for part in (
        "settings.toml: service.answer_days.policy",
        "settings.toml: service.answer_days.polcy",
        "settings.toml: service.answer_days.account",
        "settings.toml: service.warn_share",
        "BOT_SERVICE_FOLLOW_UP_DAYS: service.follow_up_days",
    ):
        assert part in said, part
    assert len(said.splitlines()) == 5


def test_what_must_be_done_before_it_is_answered_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("[service]\nanswer_days = { policy = 12, head = 11 }\n")
    with pytest.raises(BadSettings, match="resolution_days below answer_days: policy, head"):
        load(file, {})
