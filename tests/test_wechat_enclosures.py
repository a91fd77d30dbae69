"""Files on WeChat: a link that opens one for a day, else its text, else how to get it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete

from bot.channels.wechat import Account
from bot.engine.enclosures import Agenda, Day, TextFile
from bot.engine.types import Reply
from bot.keys import Keys, new_key, read_keys
from bot.store import tables
from bot.store.engine import Store
from tests.wechat_double.bench import SERVICE, UNVERIFIED, Bench, connected
from tests.wechat_double.phone import Phone

RING = read_keys(new_key("k1"))
DAY = Day("a", "2029-05-01", "最晚告知单位")
AGENDA = Agenda("退休", (DAY,), "2026-11-23T10:00:00+08:00", "retirement")
DATA = TextFile("我的数据", '{"您说过的话": ["社保转移"]}', "my-data", "json")
HREF = re.compile(r'<a href="(https://bot\.example/wechat/files/[A-Za-z0-9_.=/-]+)">[^<]+</a>')
BASE = "https://bot.example"
WHO = "oWhoReadsTheFile"  # long enough not to stand in a link by chance


@asynccontextmanager
async def told(
    store: Store,
    reply: Reply,
    keys: Keys | None = RING,
    base: str = BASE,
    account: Account = SERVICE,
) -> AsyncIterator[tuple[Bench, str]]:
    """What a person reads who asked for it."""
    async with connected(store, account, lambda _: (reply,), keys=keys, public_url=base) as bench:
        bench.phone = Phone(bench.platform, WHO)
        first = await bench.phone.says("要文件")
        await bench.later(seconds=2)
        yield bench, "\n".join([first, *bench.phone.look()])


async def fetched(bench: Bench, url: str) -> tuple[int, str, str]:
    answer = await bench.platform.http.get(url.removeprefix(BASE))
    return answer.status_code, answer.headers["content-type"], answer.text


async def test_a_link_opens_the_file_for_a_day(store: Store) -> None:
    reply = Reply("result", "这是您的数据。", file=DATA)
    async with told(store, reply) as (bench, text):
        (url,) = HREF.findall(text)
        assert WHO not in url
        assert url.endswith("/my-data.json")
        assert await fetched(bench, url) == (200, "application/json", DATA.text)
        answer = await bench.platform.http.get(url.removeprefix(BASE))
        assert answer.headers["cache-control"] == "no-store"
        bench.now += timedelta(hours=23, minutes=59)
        assert (await fetched(bench, url))[0] == 200
        bench.now += timedelta(minutes=2)
        status, _, said = await fetched(bench, url)
        assert status == 404
        assert "再要一次" in said


@pytest.mark.parametrize("account", [SERVICE, UNVERIFIED])
async def test_days_for_the_calendar_are_told_and_linked_at_every_kind_of_account(
    sqlite_url: str, account: Account
) -> None:
    reply = Reply("result", "见下。", agenda=AGENDA)
    async with (
        Store(sqlite_url) as store,
        told(store, reply, account=account) as (bench, text),
    ):
        assert "2029-05-01 最晚告知单位" in text
        (url,) = HREF.findall(text)
        status, kind, file = await fetched(bench, url)
        assert (status, kind) == (200, "text/calendar; charset=utf-8")
        assert "DTSTART;VALUE=DATE:20290501" in file


async def test_nobody_can_make_a_link_and_what_was_erased_is_gone(store: Store) -> None:
    reply = Reply("result", "这是您的数据。", file=DATA)
    async with told(store, reply) as (bench, text):
        (url,) = HREF.findall(text)
        sealed = url.removeprefix(f"{BASE}/wechat/files/").split("/")[0]
        other = read_keys(new_key("k1")).seal("9999999999 0 turn:wechat:x:0", "wechat/file")
        wrong_place = RING.seal("9999999999 0 turn:wechat:x:0", "staff:1/totp")
        for bad in (sealed[:-4] + "AAAA", other, wrong_place, "x", "s1.k1."):
            assert (await fetched(bench, f"{BASE}/wechat/files/{bad}/my-data.json"))[0] == 404
        async with store.write() as tx:
            await tx.execute(delete(tables.outbox))
        assert (await fetched(bench, url))[0] == 404


@pytest.mark.parametrize(("keys", "base"), [(None, BASE), (RING, "")])
@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply("result", "这是您的数据。", file=DATA), DATA.text),
        (Reply("result", "见下。", file=replace(DATA, text="长" * 5_000)), "发“绑定”"),
        (Reply("result", "见下。", agenda=AGENDA), "要放进手机日历"),
    ],
    ids=["short", "long", "days"],
)
async def test_without_a_link_a_short_text_is_told_and_else_how_to_get_it(
    sqlite_url: str, keys: Keys | None, base: str, reply: Reply, said: str
) -> None:
    async with Store(sqlite_url) as store, told(store, reply, keys, base) as (bench, text):
        assert said in text
        assert len(text) < 400
        assert "<a href" not in text
        assert (await fetched(bench, f"{BASE}/wechat/files/x/y"))[0] == 404


async def test_what_is_pushed_has_its_link_as_well(sqlite_url: str) -> None:
    """In several parts, the link whole."""
    reply = Reply("result", "您可以去窗口办理。" * 300, file=DATA)
    async with Store(sqlite_url) as store, told(store, reply) as (bench, text):
        (url,) = HREF.findall(text)
        assert (await fetched(bench, url))[0] == 200
        assert all(len(seen.encode()) <= 2048 for seen in bench.phone.seen)
