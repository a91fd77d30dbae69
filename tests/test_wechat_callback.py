"""Nobody but WeChat is answered at /wechat, and everything that it sends gets a kind answer."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import httpx
import pytest
from werobot.utils import get_signature

from bot.channels.wechat.envelope import REMEMBERED, Nonces, Refused
from bot.channels.wechat.wording import LINK
from bot.clock import CHINA
from bot.engine.types import Choice, Message, Reply
from bot.store.engine import Store
from bot.store.wechat_nonces import Nonce
from tests.wechat_double import Phone, Seal
from tests.wechat_double.bench import (
    APP_ID,
    KEY,
    OLD_KEY,
    SERVICE,
    TOKEN,
    Bench,
    connected,
)
from tests.wechat_double.mutants import documents, queries

FUZZ = int(os.environ.get("WECHAT_FUZZ", "400"))
PLAIN = replace(SERVICE, aes_keys=())


class Kept(list[Message]):
    """What the bot heard; it echoes words, or says which attachment came."""

    def __call__(self, message: Message) -> Sequence[Reply]:
        self.append(message)
        said = message.text or (message.attachment.kind if message.attachment else "")
        return (Reply("answer", f"收到：{said}"),)


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
async def bench(sqlite_url: str, kept: Kept) -> AsyncIterator[Bench]:
    async with Store(sqlite_url) as store, connected(store, talk=kept) as made:
        yield made


@asynccontextmanager
async def in_clear(url: str, kept: Kept) -> AsyncIterator[Bench]:
    async with Store(url) as store, connected(store, PLAIN, kept, seal_key=None) as made:
        yield made


async def verify(bench: Bench, **changes: str) -> httpx.Response:
    stamp = str(int(bench.now.timestamp()))
    query = {"timestamp": stamp, "nonce": "n1", "echostr": "8231906745"}
    query["signature"] = bench.platform.seal.sign(stamp, "n1")
    return await bench.platform.http.get("/wechat", params=query | changes)


async def test_the_address_is_verified_with_what_wechat_sent(bench: Bench) -> None:
    answer = await verify(bench)
    assert (answer.status_code, answer.text) == (200, "8231906745")


@pytest.mark.parametrize(
    "changes",
    [{"signature": "0" * 40}, {"signature": ""}, {"nonce": "n2"}, {"timestamp": "1"}],
)
async def test_who_cannot_sign_does_not_get_it_back(bench: Bench, changes: dict[str, str]) -> None:
    answer = await verify(bench, **changes)
    assert (answer.status_code, answer.text) == (403, "")


# --- the envelope -----------------------------------------------------------------------------


async def test_plain_mode_is_read_and_answered_in_clear(sqlite_url: str, kept: Kept) -> None:
    async with in_clear(sqlite_url, kept) as bench:
        assert await bench.phone.says("医保") == "收到：医保"


async def test_compatible_mode_is_read_from_what_is_encrypted(bench: Bench, kept: Kept) -> None:
    bench.platform.compatible = True
    assert await bench.phone.says("医保") == "收到：医保"
    query, body = bench.platform.sealed(bench.phone.message("text", Content="真"))
    answer = await bench.platform.post(query, body.replace("真", "假"))
    assert answer
    assert kept[-1].text == "真"


async def test_with_a_key_nothing_in_clear_is_taken(bench: Bench, kept: Kept) -> None:
    clear = Seal(TOKEN, APP_ID, None)
    stamp = str(int(bench.now.timestamp()))
    for more in ({}, {"encrypt_type": "raw"}, {"encrypt_type": "aes"}):
        query, body = clear.close(bench.phone.message("text", Content="假"), stamp, "n")
        answer = await bench.platform.post(query | more, body)
        assert answer
        assert "收到" not in answer.text
    assert kept == []


async def test_without_a_key_nothing_encrypted_is_taken(sqlite_url: str, kept: Kept) -> None:
    async with Store(sqlite_url) as store, connected(store, PLAIN, kept) as bench:
        query, body = bench.platform.sealed(bench.phone.message("text", Content="好"))
        answer = await bench.platform.post(query, body)
        assert answer
        assert answer.status_code == 403
        assert kept == []


async def test_during_a_change_of_keys_both_are_taken_and_each_is_answered_in_kind(
    sqlite_url: str, kept: Kept
) -> None:
    both = replace(SERVICE, aes_keys=(KEY, OLD_KEY))
    async with Store(sqlite_url) as store, connected(store, both, kept) as bench:
        assert await bench.phone.says("新") == "收到：新"
        bench.platform.seal = Seal(TOKEN, APP_ID, OLD_KEY)
        assert await bench.phone.says("旧") == "收到：旧"


async def test_what_is_for_another_account_is_not_taken(bench: Bench, kept: Kept) -> None:
    bench.platform.seal = Seal(TOKEN, "wxffffffffffffffff", KEY)
    query, body = bench.platform.sealed(bench.phone.message("text", Content="好"))
    answer = await bench.platform.post(query, body)
    assert answer
    assert answer.text == "success"
    assert kept == []


@pytest.mark.parametrize("seconds", [-1e9, -301, 301, 86_400])
async def test_an_old_or_future_signature_is_refused(
    bench: Bench, kept: Kept, seconds: float
) -> None:
    stamp = str(int((bench.now + timedelta(seconds=seconds)).timestamp()))
    query, body = bench.platform.seal.close(bench.phone.message("text"), stamp, "n")
    answer = await bench.platform.post(query, body)
    assert answer
    assert answer.status_code == 403
    assert kept == []


async def test_a_nonce_is_good_for_one_message_three_times_within_a_minute(
    sqlite_url: str, kept: Kept
) -> None:
    async with in_clear(sqlite_url, kept) as bench:
        query, body = bench.platform.sealed(bench.phone.message("text", Content="一"))
        other = bench.phone.message("text", Content="换了话")
        codes = []
        for posted in (body, other, body, body, body):
            answer = await bench.platform.post(query, posted)
            assert answer
            codes.append(answer.status_code)
        assert codes == [200, 403, 200, 200, 403]
        query, body = bench.platform.sealed(bench.phone.message("text", Content="二"))
        await bench.platform.post(query, body)
        bench.now += timedelta(seconds=61)
        answer = await bench.platform.post(query, body)
        assert answer
        assert answer.status_code == 403
        assert [message.text for message in kept] == ["一", "二"]


def test_nonces_are_forgotten_oldest_first() -> None:
    now = datetime(2026, 11, 23, tzinfo=CHINA)
    nonces = Nonces()
    for n in range(REMEMBERED + 1):
        nonces.check(Nonce(f"1:{n}", "a"), now)
    nonces.check(Nonce("1:0", "b"), now)  # forgotten: taken as new
    with pytest.raises(Refused):
        nonces.check(Nonce(f"1:{REMEMBERED}", "b"), now)


async def test_a_body_over_64_kilobytes_is_refused(bench: Bench, kept: Kept) -> None:
    query, body = bench.platform.sealed(bench.phone.message("text", Content="好" * 30_000))
    for headers in ({}, {"Transfer-Encoding": "chunked"}):
        answer = await bench.platform.http.post(
            "/wechat", params=query, content=body.encode(), headers=headers
        )
        assert answer.status_code == 413
    assert kept == []


# --- all that people send ---------------------------------------------------------------------

MESSAGES = [
    ("text", {"Content": "退休"}, "退休"),
    ("voice", {"MediaId": "v", "Recognition": "失业金怎么领"}, "失业金怎么领"),
    ("voice", {"MediaId": "v"}, "voice"),
    ("image", {"MediaId": "p", "PicUrl": "http://x"}, "image"),
    ("video", {"MediaId": "v"}, "video"),
    ("shortvideo", {"MediaId": "v"}, "video"),
    ("location", {"Location_X": "28.2", "Location_Y": "112.9", "Label": "长沙"}, "location"),
    ("link", {"Title": "社保新规", "Url": "http://x"}, "社保新规"),
    ("file", {"Title": "表格.pdf"}, "file"),
    ("miniprogrampage", {"Title": "小程序"}, "file"),
]


@pytest.mark.parametrize(("kind", "fields", "heard"), MESSAGES)
async def test_every_kind_of_message_is_heard(
    bench: Bench, kind: str, fields: dict[str, str], heard: str
) -> None:
    assert await bench.phone.sends(kind, **fields) == f"收到：{heard}"


async def test_an_attachment_keeps_its_handle_for_staff(bench: Bench, kept: Kept) -> None:
    await bench.phone.sends("image", MediaId="media-1", PicUrl="http://x")
    assert kept[-1].attachment
    assert kept[-1].attachment.ref == "media-1"


async def test_following_by_a_code_opens_what_the_code_is_for(bench: Bench, kept: Kept) -> None:
    assert await bench.phone.follows() == "收到：/start"
    assert await bench.phone.follows("guide_transfer") == "收到：/start guide_transfer"
    assert await bench.phone._event("SCAN", None, EventKey="ZY03") == "收到：/start ZY03"
    assert await bench.phone.taps_menu("转人工") == "收到：转人工"


@pytest.mark.parametrize("event", ["VIEW", "LOCATION", "TEMPLATESENDJOBFINISH", "something_new"])
async def test_events_without_words_are_answered_with_success(
    bench: Bench, kept: Kept, event: str
) -> None:
    query, body = bench.platform.sealed(bench.phone.event(event, EventKey="http://x"))
    answer = await bench.platform.post(query, body)
    assert answer
    assert (answer.status_code, answer.text) == (200, "success")
    assert kept == []


async def test_a_tapped_link_means_the_same_next_week_and_one_never_sent_is_words(
    sqlite_url: str, kept: Kept
) -> None:
    def talk(message: Message) -> Sequence[Reply]:
        kept.append(message)
        return (Reply("answer", "选吧", (Choice("带我办", "/guide transfer"),)),)

    async with Store(sqlite_url) as store, connected(store, talk=talk) as bench:
        await bench.phone.says("办事")
        await bench.later(days=7)
        await bench.phone.taps("带我办")
        assert kept[-1].text == "/guide transfer"
        await bench.phone.says("别的", bizmsgmenuid="999")
        assert kept[-1].text == "别的"
        assert LINK.split("?")[0] in bench.phone.seen[-1]


ALPHABET = "社保医养老失业工伤生育卡金abcXYZ ，？!😀𠮷<>&\"'"

# --- an independent implementation, and fuzz --------------------------------------------------


async def test_four_hundred_messages_encrypted_by_another_implementation(
    bench: Bench, kept: Kept
) -> None:
    async def person(number: int) -> None:
        chance, phone = Random(number), Phone(bench.platform, f"o{number}")
        for n in range(10):
            kind, fields, heard = MESSAGES[n]
            if kind == "text":
                length = chance.randrange(1, 400)
                heard = f"{n}" + "".join(chance.choice(ALPHABET) for _ in range(length)) + "。"
                fields = {"Content": heard}
            assert await phone.sends(kind, **fields) == f"收到：{heard}"

    await asyncio.gather(*(person(number) for number in range(40)))
    assert len(kept) == 400
    assert {message.sender.user for message in kept} == {f"o{n}" for n in range(40)}


async def test_broken_xml_of_wechat_never_raises(sqlite_url: str, kept: Kept) -> None:
    """`WECHAT_FUZZ` says how many."""
    seen: Counter[int | str] = Counter()
    async with in_clear(sqlite_url, kept) as bench:
        for n, body in enumerate(documents(bench.phone, FUZZ // 2, 11)):
            stamp = str(int(bench.now.timestamp()))
            query = {"timestamp": stamp, "nonce": str(n)}
            query["signature"] = bench.platform.seal.sign(stamp, str(n))
            answer = await bench.platform.http.post("/wechat", params=query, content=body)
            seen[answer.status_code] += 1
            seen["answered"] += answer.text not in ("", "success")
    assert seen[200] == FUZZ // 2
    assert 0 < seen["answered"] < FUZZ // 2


async def test_nothing_is_answered_without_a_valid_signature(bench: Bench, kept: Kept) -> None:
    chance = Random(12)
    for body in documents(bench.phone, FUZZ // 2, 13):
        query, sealed = bench.platform.sealed("<xml><MsgType>text</MsgType></xml>")
        chosen = chance.choice((body, sealed.encode()))
        answer = await bench.platform.http.post(
            "/wechat", params=queries(query, chance), content=chosen
        )
        assert answer.status_code in (200, 403)
        assert answer.text in ("", "success")
    assert kept == []


async def test_deep_and_bomb_like_documents_are_refused_quickly(
    sqlite_url: str, kept: Kept
) -> None:
    bombs = [
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><xml><Content>&b;</Content></xml>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml></xml>',
        "<xml>" + "<a>" * 9_000 + "</a>" * 9_000 + "</xml>",
        "<xml><MsgType>text</MsgType><MsgType>text</MsgType></xml>",
        "<xml/>",
        "<xml></xml>",
        "",
    ]
    async with in_clear(sqlite_url, kept) as bench:
        for n, bomb in enumerate(bombs):
            stamp = str(int(bench.now.timestamp()))
            query = {"timestamp": stamp, "nonce": str(n)}
            query["signature"] = get_signature(TOKEN, stamp, str(n))
            answer = await bench.platform.http.post("/wechat", params=query, content=bomb)
            assert (answer.status_code, answer.text) == (200, "success")
    assert kept == []
