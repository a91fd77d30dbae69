"""The webhook: only Telegram may call it, and 200 means committed."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bot.channels.telegram import TelegramChannel
from tests.inboxes import KeptInbox
from tests.serving import serving
from tests.telegram_double import Bench, connected
from tests.telegram_double.recorded import mutations, raw

SECRET = "aB3-made_up_for_the_tests"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
PUBLIC = "https://bot.example.gov.cn"


@contextlib.asynccontextmanager
async def called() -> AsyncIterator[tuple[Bench, httpx.AsyncClient]]:
    """The bench in webhook mode, and whoever calls it."""
    async with connected(public_url=PUBLIC + "/", webhook_secret=SECRET) as bench:
        app = Starlette(routes=list(bench.channel.routes(bench.inbox)))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as client:
            bench.api.post = client
            yield bench, client


async def post(client: httpx.AsyncClient, content: Any, secret: str | None = SECRET) -> int:
    headers = {} if secret is None else {HEADER: secret}
    return (await client.post("/telegram", content=content, headers=headers)).status_code


async def test_telegram_calls_and_the_answer_goes_back() -> None:
    async with called() as (bench, _):
        await bench.channel.run(bench.inbox)
        number = await bench.citizen.says("退休年龄")
        await bench.api.until(lambda: not bench.api.updates)
        assert [m.id for m in bench.inbox.messages] == [str(number)]
        [call] = bench.api.made("setWebhook")
        assert call.params["url"] == "https://bot.example.gov.cn/telegram"
        assert call.params["secret_token"] == SECRET
        assert bench.api.made("getUpdates") == []


async def test_the_webhook_is_set_again_until_telegram_takes_it() -> None:
    async with called() as (bench, _):
        bench.api.refuse("setWebhook", 400, "Bad Request: bad webhook: Failed to resolve host")
        await bench.channel.run(bench.inbox)
        assert bench.api.webhook is not None
        assert bench.pauses == [1.0]


async def test_an_update_that_could_not_be_committed_gets_500_and_comes_again() -> None:
    async with called() as (bench, _):
        bench.inbox.failures["失业金"] = 2
        await bench.channel.run(bench.inbox)
        number = await bench.citizen.says("失业金")
        await bench.api.until(lambda: not bench.api.updates)
        assert bench.inbox.texts == ["失业金"]
        assert bench.api.offered[number] == 3


async def test_the_same_update_twice_at_once_is_one_message() -> None:
    async with called() as (bench, client):
        body = json.dumps(raw("text"))
        assert await asyncio.gather(*(post(client, body) for _ in range(5))) == [200] * 5
        assert len(bench.inbox.messages) == 1


# --- who may call -----------------------------------------------------------------------------


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET[:-1], SECRET + "x", SECRET.lower()])
async def test_without_the_secret_nothing_is_read(secret: str | None) -> None:
    async with called() as (bench, client):
        assert await post(client, json.dumps(raw("text")), secret) == 401
        assert bench.inbox.messages == []
        assert bench.inbox.rejections == []


async def test_a_secret_in_odd_letters_is_refused_and_not_an_error() -> None:
    async with called() as (_, client):
        headers = [(HEADER.encode(), "密".encode())]
        answer = await client.post("/telegram", content=b"{}", headers=headers)
        assert answer.status_code == 401


async def test_a_flood_of_guesses_does_not_flood_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with called() as (_, client):
        for _ in range(100):
            await post(client, b"", "guess")
    counts = [r.args for r in caplog.records if "refused" in r.msg]
    assert counts == [(1,), (2,), (4,), (8,), (16,), (32,), (64,)]


async def test_only_post_is_taken() -> None:
    async with called() as (_, client):
        assert (await client.get("/telegram", headers={HEADER: SECRET})).status_code == 405


@pytest.mark.parametrize("secret", [None, "", "short", "has a space in it here", "x" * 257])
def test_a_webhook_without_a_proper_secret_does_not_start(secret: str | None) -> None:
    with pytest.raises(ValueError, match="webhook_secret"):
        TelegramChannel("1:x", public_url=PUBLIC, webhook_secret=secret)


def test_a_bot_that_polls_has_no_route() -> None:
    assert TelegramChannel("1:x").routes(KeptInbox()) == []


# --- what may come ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"[]", b"\xff\xfe", b'"\\ud800"', b"[" * 200_000, b"1" * 5000],
    ids=["empty", "cut", "null", "list", "not utf-8", "surrogate", "nested", "long number"],
)
async def test_what_is_no_update_gets_200_and_is_noted(body: bytes) -> None:
    async with called() as (bench, client):
        assert await post(client, body) == 200
        [(name, reason)] = bench.inbox.rejections
        assert name.startswith("raw-")
        assert reason.startswith("malformed")


async def test_a_thousand_mutated_updates_all_get_200() -> None:
    async with called() as (bench, client):
        updates = mutations(11, 1000)
        for update in updates:
            assert await post(client, json.dumps(update)) == 200
        heard = {message.id for message in bench.inbox.messages}
        assert heard
        assert bench.inbox.rejections


async def test_one_million_bytes_are_read_and_one_more_is_not() -> None:
    async with called() as (bench, client):
        update = json.dumps(raw("text")).encode()
        assert await post(client, update.ljust(1_000_000)) == 200
        assert await post(client, update.ljust(1_000_001)) == 413
        assert len(bench.inbox.messages) == 1


async def test_a_body_without_end_is_cut_off_at_the_limit() -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 65_536
            yield b" " * 65_536

    async with called() as (_, client):
        assert await post(client, endless()) == 413
    assert taken < 1_200_000


async def test_a_caller_who_announces_too_much_is_cut_off_before_a_byte_is_read() -> None:
    async with connected(public_url=PUBLIC, webhook_secret=SECRET) as bench:
        app = Starlette(routes=list(bench.channel.routes(bench.inbox)))
        async with serving(app) as address:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", int(address.rsplit(":")[-1])
            )
            head = f"POST /telegram HTTP/1.1\r\nHost: x\r\n{HEADER}: {SECRET}\r\n"
            writer.write(f"{head}Content-Length: 50000000\r\n\r\n".encode())
            said = await reader.read()  # until the other side closes
            writer.close()
        assert said.startswith(b"HTTP/1.1 413 ")


async def test_a_caller_who_hangs_up_in_the_middle_leaves_nothing_behind() -> None:
    async with connected(public_url=PUBLIC, webhook_secret=SECRET) as bench:
        app = Starlette(routes=list(bench.channel.routes(bench.inbox)))
        ended = asyncio.Event()

        async def watched(scope: Any, receive: Any, send: Any) -> None:
            try:
                await app(scope, receive, send)
            finally:
                ended.set()

        async with serving(watched) as address:
            _, writer = await asyncio.open_connection("127.0.0.1", int(address.rsplit(":")[-1]))
            head = f"POST /telegram HTTP/1.1\r\nHost: x\r\n{HEADER}: {SECRET}\r\n"
            writer.write(f'{head}Content-Length: 500\r\n\r\n{{"update_id"'.encode())
            await writer.drain()
            writer.close()
            await asyncio.wait_for(ended.wait(), 10)
        assert bench.inbox.messages == []
        assert bench.inbox.rejections == []
