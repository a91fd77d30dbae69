"""匿名: told where it was asked and nowhere else, found by its code only, never asked who it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.engine import words
from bot.engine.case import CaseFiled
from bot.engine.types import Message, Turn
from bot.store import cases, links
from bot.store.engine import Store
from tests import case_office
from tests.case_office import BOOK, CODE, LI, NUMBER, ZHANG, Office, filing, opened

TELEPHONE = ("手机号", "12333", "打电话", "联系方式")


@pytest.fixture
async def office(store: Store, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    """What “file …” files is anonymous."""

    def unnamed(*given: object) -> Turn:
        turn = filing(*given)  # type: ignore[arg-type]  # as the host gives them
        if isinstance(turn.errand, CaseFiled):
            return replace(turn, errand=CaseFiled(replace(turn.errand.draft, anonymous=True)))
        return turn

    monkeypatch.setattr(case_office, "filing", unnamed)
    async with opened(store, book=replace(BOOK, sealed_on=frozenset({"webchat"}))) as made:
        yield made


def asks_nothing(text: str) -> bool:
    return not any(word in text for word in TELEPHONE)


async def choices(office: Office) -> list[str]:
    lines = await office.host.lines(ZHANG)
    return [c.send for line in lines if line.reply for c in line.reply.choices]


async def test_the_receipt_offers_no_telephone_and_no_list_that_lacks_it(office: Office) -> None:
    (receipt,) = await office.says(ZHANG, "file 窗口态度差")
    assert f"已匿名提交，编号 {NUMBER}" in receipt
    assert f"查询码 {CODE}" in receipt
    assert asks_nothing(receipt)
    assert await choices(office) == ["/menu"]
    assert NUMBER not in (await office.says(ZHANG, "我的咨询"))[0]


async def test_a_number_for_it_is_not_taken(office: Office) -> None:
    await office.says(ZHANG, "file 窗口态度差")
    await office.says(ZHANG, f"/contact_for {NUMBER}")
    sealed = Message("s", ZHANG, "138****8000", office.clock[0], sealed=("sealed",))
    await office.host.heard(sealed)
    assert words.CONTACT_ANONYMOUS.format(number=NUMBER) in (await office.told(ZHANG))[-1]


async def test_only_the_code_shows_it_even_to_whoever_asked(office: Office) -> None:
    await office.says(ZHANG, "file 窗口态度差")
    (said,) = await office.says(ZHANG, f"查 {NUMBER}")
    assert "查询码" in said
    assert "态度" not in said
    assert "窗口态度差" in (await office.says(ZHANG, CODE))[0]


async def test_every_nudge_comes_here_and_asks_for_no_contact(office: Office) -> None:
    await office.says(ZHANG, "file 窗口态度差")
    before = len(await office.told(ZHANG))
    await office.passes(days=1)
    await office.passes(days=1)
    await office.casework.need(NUMBER, "是哪个窗口？", "t", "小王")
    await office.passes(days=2)
    await office.says(ZHANG, "是三号窗口那一位")
    await office.passes(days=3)
    await office.casework.answer(NUMBER, "已批评教育。", "u", "小王")
    await office.passes(days=1)
    told = (await office.told(ZHANG))[before:]
    for part in (
        "已提交 24 小时",
        "是哪个窗口",
        "还在等您补充",
        "没有在承诺的时间内",
        "回复“查看”",
    ):
        assert any(part in text for text in told), part
    assert all(asks_nothing(text) for text in told), told
    assert not any(send.startswith(("/call", "/contact")) for send in await choices(office))


async def test_what_a_nudge_tells_to_say_works(office: Office) -> None:
    await office.says(ZHANG, "file 窗口态度差")
    assert f"已为 {NUMBER} 登记催办" in (await office.says(ZHANG, "催一下"))[0]
    await office.casework.answer(NUMBER, "已批评教育。", "t", "小王")
    assert "已批评教育" in (await office.says(ZHANG, "查看"))[0]
    assert "谢谢" in (await office.says(ZHANG, "满意"))[0]


async def test_its_answer_is_read_although_another_case_is_listed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_office, "filing", filing)
    await office.says(ZHANG, "file 社保转移")
    await office.casework.answer(NUMBER, "请带身份证。", "t", "小王")
    async with office.store.write() as tx:
        await cases.change(tx, NUMBER, {"anonymous": True})
    await office.says(ZHANG, "file 社保卡")
    await office.casework.answer("20261123002", "请到银行。", "t", "小王")
    await office.casework.answer(NUMBER, "户口本也要。", "u", "小王")
    assert "户口本也要" in (await office.says(ZHANG, "查看"))[0]


async def test_a_linked_address_is_told_nothing_of_it(office: Office) -> None:
    from bot.passing import _matters

    await office.says(ZHANG, "file 窗口态度差")
    async with office.store.write() as tx:
        await links.join(tx, LI, ZHANG, str(ZHANG))
    await office.casework.answer(NUMBER, "已批评教育。", "t", "小王")
    assert await office.told(LI) == []
    async with office.store.read() as tx:
        kept = await cases.one(tx, NUMBER)
    assert kept
    assert not _matters(kept.case, "answered")
    assert _matters(replace(kept.case, anonymous=False), "answered")
