"""A telephone number that is left: sealed before anything sees it, opened by a noted click only."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.engine.types import Address, Message
from bot.keys import new_key, read_keys
from bot.sealing import place, sealing
from bot.store import cases, tables
from bot.store.engine import Store
from tests.case_office import BOOK, NUMBER, ZHANG, opened
from tests.talk import MONDAY

PHONE = "13800138000"
KEYS = read_keys(new_key("k1"))
GUARD = sealing(KEYS, {"webchat"})


def message(text: str, who: Address = ZHANG) -> Message:
    return Message("1", who, text, MONDAY)


def test_a_number_is_sealed_for_its_sender_where_it_may_be_kept() -> None:
    safe = GUARD(message(f"我的电话 {PHONE}"))
    assert PHONE not in safe.text
    (sealed,) = safe.sealed
    assert KEYS.open(sealed, place(ZHANG)) == PHONE


@pytest.mark.parametrize(
    "text", ["没有号码", "身份证 430102199003071234", "卡号 6222020200112233440"]
)
def test_nothing_else_is_sealed(text: str) -> None:
    assert GUARD(message(text)).sealed == ()


def test_nothing_is_sealed_where_it_may_not_be_kept() -> None:
    safe = GUARD(message(PHONE, Address("telegram", "1")))
    assert safe.sealed == ()
    assert PHONE not in safe.text


async def test_it_goes_from_the_chat_to_the_case_without_being_seen(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    book = replace(BOOK, sealed_on=frozenset({"webchat"}))
    async with opened(store, guard=GUARD, book=book) as office:
        await office.says(ZHANG, "file 社保转移")
        (said,) = await office.says(ZHANG, f"/contact_for {NUMBER}")
        assert "不想留" in said
        assert "11 位" in (await office.says(ZHANG, "138001"))[0]
        (said,) = await office.says(ZHANG, PHONE)
        assert "已加密保存" in said
        async with store.read() as tx:
            kept = (await tx.execute(select(tables.cases.c.contact))).scalar_one()
            assert KEYS.open(kept, place(ZHANG)) == PHONE
            for table in tables.metadata.sorted_tables:
                for row in await tx.execute(select(table)):
                    assert PHONE not in repr(row), table.name
        assert PHONE not in caplog.text


async def test_somebody_elses_case_takes_no_number(store: Store) -> None:
    book = replace(BOOK, sealed_on=frozenset({"webchat"}))
    other = Address("webchat", "li")
    async with opened(store, guard=GUARD, book=book) as office:
        await office.says(ZHANG, "file 社保转移")
        await office.says(other, f"/contact_for {NUMBER}")
        await office.says(other, PHONE)
        async with store.read() as tx:
            assert (await cases.one(tx, NUMBER)) is not None
            assert (await tx.execute(select(tables.cases.c.contact))).scalar_one() == ""


async def test_where_it_may_not_be_kept_nobody_is_asked(store: Store) -> None:
    async with opened(store) as office:
        await office.says(ZHANG, "file 社保转移")
        assert "这里不收手机号" in (await office.says(ZHANG, f"/contact_for {NUMBER}"))[0]
