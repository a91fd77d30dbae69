"""What followers send to a WeChat account: fetched while WeChat has it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.channels.base import Unfetchable
from bot.store.engine import Store
from tests.wechat_double.bench import Bench, connected


@pytest.fixture
async def bench(sqlite_url: str) -> AsyncIterator[Bench]:
    async with Store(sqlite_url) as store, connected(store) as made:
        made.api.sent["media-1"] = b"picture"
        yield made


async def test_a_picture_is_fetched_also_when_the_token_has_just_ended(bench: Bench) -> None:
    assert await bench.channel.fetch("media-1", 10) == b"picture"
    bench.api.end_tokens()
    assert await bench.channel.fetch("media-1", 10) == b"picture"


async def test_what_wechat_has_no_longer_is_gone(bench: Bench) -> None:
    with pytest.raises(Unfetchable) as told:
        await bench.channel.fetch("media-2", 10)
    assert told.value.permanent


async def test_what_is_too_large_is_not_read_to_its_end(bench: Bench) -> None:
    with pytest.raises(Unfetchable) as told:
        await bench.channel.fetch("media-1", 3)
    assert told.value.too_large


@pytest.mark.parametrize("fault", ["cut", "refused", "502", -1, 45011])
async def test_a_fault_on_the_way_is_tried_again(bench: Bench, fault: int | str) -> None:
    bench.api.faults["/cgi-bin/media/get"] = [fault]
    with pytest.raises(Unfetchable) as told:
        await bench.channel.fetch("media-1", 10)
    assert not told.value.permanent
    assert await bench.channel.fetch("media-1", 10) == b"picture"


async def test_an_account_that_may_not_fetch_says_so_for_good(bench: Bench) -> None:
    bench.api.faults["/cgi-bin/media/get"] = [48001]
    with pytest.raises(Unfetchable) as told:
        await bench.channel.fetch("media-1", 10)
    assert told.value.permanent
