"""One person at several addresses; what they may see and delete of their own data. Both databases."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select

from bot.engine.types import Address, AlarmSet
from bot.store import alarms, links, plain, tables
from bot.store.engine import Store
from bot.store.rights import STAYS, THEIRS, WORKING
from tests.case_office import CODE, LI, NUMBER, ZHANG, Office, opened
from tests.talk import MONDAY

PHONE = Address("telegram", "4711")


@pytest.fixture
async def office(store: Store) -> AsyncIterator[Office]:
    async with opened(store) as made:
        yield made


async def test_what_was_begun_in_one_channel_goes_on_in_another(office: Office) -> None:
    await office.says(ZHANG, "file 社保转移")
    await office.says(ZHANG, "查缴费")
    await office.says(ZHANG, "长沙")
    await office.says(ZHANG, "取消")
    (said,) = await office.says(ZHANG, "绑定")
    assert CODE in said
    assert "不在您的账号下" in (await office.says(PHONE, f"查 {NUMBER}"))[0]
    (said,) = await office.says(PHONE, f"绑定 {CODE}")
    assert "已绑定" in said
    assert "社保转移" in (await office.says(PHONE, f"查 {NUMBER}"))[0]
    await office.says(PHONE, "解除绑定")
    assert "不在您的账号下" in (await office.says(PHONE, f"查 {NUMBER}"))[0]
    assert "社保转移" in (await office.says(ZHANG, f"查 {NUMBER}"))[0]


async def test_an_open_form_comes_along(office: Office) -> None:
    await office.says(ZHANG, "/form case")
    await office.says(ZHANG, "长沙")
    await office.says(ZHANG, "菜单")  # kept as a draft
    await office.says(ZHANG, "绑定")
    (said,) = await office.says(PHONE, f"绑定 {CODE}")
    assert "查缴费" in said
    (said,) = await office.says(PHONE, "继续")
    assert "哪个险种" in said


async def test_a_code_works_once_and_for_ten_minutes(office: Office) -> None:
    await office.says(ZHANG, "绑定")
    assert "已绑定" in (await office.says(PHONE, f"绑定 {CODE}"))[0]
    assert "不对" in (await office.says(LI, f"绑定 {CODE}"))[0]
    await office.says(ZHANG, "绑定")
    await office.passes(minutes=11)
    assert "不对" in (await office.says(LI, f"绑定 {CODE}"))[0]


async def test_three_wrong_codes_lock_an_address_for_the_day(office: Office) -> None:
    await office.says(ZHANG, "绑定")
    for n in range(links.TRIES):
        (said,) = await office.says(LI, f"绑定 {n:06d}")
    assert "明天再试" in said
    assert "明天再试" in (await office.says(LI, f"绑定 {CODE}"))[0]
    assert "已绑定" in (await office.says(PHONE, f"绑定 {CODE}"))[0], "others may go on"
    await office.passes(days=1)
    await office.says(ZHANG, "绑定")
    assert "已绑定" in (await office.says(LI, f"绑定 {CODE}"))[0]


async def test_guessing_from_many_addresses_voids_the_codes(office: Office) -> None:
    await office.says(ZHANG, "绑定")
    for n in range(links.ALL_TRIES):
        await office.says(Address("webchat", f"guess{n}"), f"绑定 {n:06d}")
    assert "不对" in (await office.says(PHONE, f"绑定 {CODE}"))[0]


# --- rights ---------------------------------------------------------------------------------------


def test_every_table_with_a_persons_address_is_spoken_of() -> None:
    with_address = {
        name
        for name, table in tables.metadata.tables.items()
        if {"channel", "user"} <= {*table.c.keys()}
    }
    assert with_address <= set(THEIRS) | set(STAYS) | WORKING


async def test_everything_kept_is_shown_and_nothing_of_others(office: Office) -> None:
    await office.says(LI, "file 李四的私事")
    await office.says(ZHANG, "file 社保转移")
    before = len(await office.host.lines(ZHANG))
    await office.says(ZHANG, "我的数据")
    (line,) = (await office.host.lines(ZHANG, before + 1))[-1:]
    assert line.reply
    assert line.reply.file
    assert "已提交的咨询 1 条" in line.reply.text
    kept = json.loads(line.reply.file.text)
    assert [row["title"] for row in kept["已提交的咨询"]] == ["社保转移"]
    assert "李四的私事" not in line.reply.file.text
    assert plain.loads(type(line.reply), plain.dumps(line.reply)) == line.reply


async def test_what_may_go_goes_at_once_with_a_receipt(office: Office) -> None:
    await office.says(LI, "我是李四")
    await office.says(ZHANG, "file 社保转移")
    await office.says(ZHANG, "悄悄话")
    async with office.store.write() as tx:
        await alarms.change(tx, [(ZHANG, AlarmSet("reminder", "x", MONDAY, "买菜"))], MONDAY)
    (said,) = await office.says(ZHANG, "删除我的数据")
    assert "确定删除吗" in said
    await office.says(ZHANG, "确定删除")
    (said,) = await office.told(ZHANG)
    assert "已于 2026-11-23 10:00 删除" in said
    assert "已提交的咨询 1 条" in said
    lines = await office.host.lines(ZHANG)
    assert ["悄悄话" in line.text for line in lines].count(True) == 0
    async with office.store.read() as tx:
        words = await tx.execute(
            select(func.count()).where(tables.heard.c.user == "zhang", tables.heard.c.text != "")
        )
        assert words.scalar() == 0
        left = await tx.execute(select(func.count()).where(tables.alarms.c.user == "zhang"))
        assert left.scalar() == 0
    assert any("我是李四" in line.text for line in await office.host.lines(LI))
    assert "社保转移" in (await office.says(ZHANG, "我的咨询"))[0]


async def test_a_message_that_was_heard_before_an_erasure_is_not_answered_again(
    office: Office,
) -> None:
    await office.says(ZHANG, "你好")
    await office.says(ZHANG, "/erase yes")
    office._said = 0
    assert await office.says(ZHANG, "你好") == []
