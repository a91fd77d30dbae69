"""An answer that WeChat refuses: by the next of its ways, else somebody has to call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.channels.wechat import Account
from bot.engine.case import CaseDraft
from bot.engine.types import Address, Reply
from bot.passing import origin_of
from bot.store import calls, cases
from bot.store.cases import Filing
from bot.store.engine import Store
from bot.store.outbox import Outgoing, put
from tests.wechat_double.bench import SERVICE, UNVERIFIED, Bench, connected

SEND, TEMPLATE = "/cgi-bin/message/custom/send", "/cgi-bin/message/template/send"
O1 = Address("wechat", "o1")
WITHOUT_NOTICE = replace(SERVICE, template=None)


@pytest.fixture
async def light(sqlite_url: str) -> AsyncIterator[Store]:
    async with Store(sqlite_url) as opened:
        yield opened


async def answered(bench: Bench) -> None:
    """A case of this person's is answered, and the answer on its way."""
    draft = CaseDraft("procedure", "社保转移", "社保转移", "社保转移", bench.now)
    async with bench.store.write() as tx:
        (case,) = await cases.file(tx, [Filing(str(O1), O1, draft, "123456")], bench.now)
        values = {"state": "answered", "answers": 1, "answer": "可以转。", "read": False}
        await cases.change(tx, case.number, {**values, "answered_at": bench.now})
        origin = origin_of(case.number, "answered")
        await put(tx, [Outgoing(O1, Reply("staff", "可以转。"), origin, "a:0")], bench.now)
    await bench.sender.drain(bench.now)


async def whys(bench: Bench) -> list[str]:
    async with bench.store.read() as tx:
        return [one.why for one in await calls.listed(tx, 0, 10)]


@pytest.mark.parametrize("code", [43004, 40003, 43019, 46004, 48002, 45015, 45047, 48001])
async def test_whatever_wechat_refuses_for_good_is_a_call_where_there_is_no_other_way(
    light: Store, code: int
) -> None:
    async with connected(light, WITHOUT_NOTICE) as bench:
        await bench.phone.says("转人工")
        bench.api.faults[SEND] = [code]
        await answered(bench)
        assert len(await whys(bench)) == 1


@pytest.mark.parametrize("code", [45015, 45047, 48001])
async def test_who_was_told_that_an_answer_waits_is_not_called(light: Store, code: int) -> None:
    async with connected(light) as bench:
        await bench.phone.says("转人工")
        bench.api.faults[SEND] = [code]
        await answered(bench)
        assert bench.phone.look() == ["[template]"]
        assert await whys(bench) == []
        await bench.later(days=31)  # and never read it
        assert await whys(bench) == ["unread for 30 days"]


async def test_who_refuses_the_notice_too_is_called(store: Store) -> None:
    async with connected(store) as bench:
        await bench.phone.says("转人工")
        await bench.later(hours=49)
        bench.api.faults[TEMPLATE] = [48001]
        await answered(bench)
        assert await whys(bench) == ["waits, and nobody was told"]


@pytest.mark.parametrize("account", [WITHOUT_NOTICE, UNVERIFIED])
async def test_who_comes_back_and_reads_it_needs_no_call(store: Store, account: Account) -> None:
    async with connected(store, account) as bench:
        await bench.phone.says("转人工")
        await bench.later(hours=49)
        await answered(bench)
        assert len(await whys(bench)) == 1
        assert await bench.phone.says("查看") == "可以转。"
        assert await whys(bench) == []


async def test_within_the_window_nobody_is_called(light: Store) -> None:
    async with connected(light, WITHOUT_NOTICE) as bench:
        await bench.phone.says("转人工")
        await answered(bench)
        assert bench.phone.look() == ["可以转。"]
        assert await whys(bench) == []
