"""The app around the channels: health, numbers, headers, and what it says when something is wrong."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from bot.channels.webchat import WebchatChannel
from bot.web import Metric, create_app
from tests.talking import TalkingInbox
from tests.web_visitors import OURS, client_of, house


def client(**options: Any) -> httpx.AsyncClient:
    return client_of(create_app([WebchatChannel()], TalkingInbox(), **options))


async def well() -> bool:
    return True


async def unwell() -> bool:
    return False


async def gone() -> bool:
    raise ConnectionError("postgresql://bot:secret@db refused")


async def test_health_is_whether_the_bot_can_keep_what_it_hears(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for healthy, status in ((None, 200), (well, 200), (unwell, 503), (gone, 503)):
        async with client(healthy=healthy) as visitor:
            answer = await visitor.get("/health")
        assert answer.status_code == status
        assert answer.json() == {"status": "ok" if status == 200 else "unwell"}
    assert "secret" not in caplog.text
    assert "health unknown error=ConnectionError" in caplog.text


async def test_numbers_are_told_as_prometheus_reads_them() -> None:
    def numbers() -> list[Metric]:
        return [
            Metric("bot_turns_total", "Turns committed.", 1_234_567),
            Metric("bot_outbox_waiting", "Rows not yet sent.", 3, "gauge"),
        ]

    async with client(metrics=numbers) as visitor:
        answer = await visitor.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.text.splitlines() == [
        "# HELP bot_turns_total Turns committed.",
        "# TYPE bot_turns_total counter",
        "bot_turns_total 1234567",
        "# HELP bot_outbox_waiting Rows not yet sent.",
        "# TYPE bot_outbox_waiting gauge",
        "bot_outbox_waiting 3",
    ]


async def test_without_numbers_there_is_no_page_for_them() -> None:
    async with client() as visitor:
        assert (await visitor.get("/metrics")).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/chat.js", 200),
        ("GET", "/health", 200),
        ("GET", "/nowhere", 404),
        ("GET", "/chat/messages", 405),
        ("PUT", "/", 405),
        ("POST", "/chat/messages", 401),
        ("GET", "/chat/events", 401),
    ],
)
async def test_every_answer_is_strict(method: str, path: str, status: int) -> None:
    async with client() as visitor:
        answer = await visitor.request(method, path)
    assert answer.status_code == status
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "camera=()" in answer.headers["permissions-policy"]
    assert "strict-transport-security" not in answer.headers


async def test_over_https_browsers_are_told_to_stay_there() -> None:
    async with client(https=True) as visitor:
        answer = await visitor.get("/")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_a_page_that_is_not_there_says_where_to_go() -> None:
    async with client() as visitor:
        assert "12333" in (await visitor.get("/nowhere")).text
        assert "12333" in (await visitor.put("/")).text


async def broken(request: Request) -> Response:
    raise RuntimeError("my number is 11010519491231002X")


async def broken_halfway(request: Request) -> Response:
    async def words() -> AsyncIterator[str]:
        yield "one"
        raise RuntimeError("my number is 11010519491231002X")

    return StreamingResponse(words())


async def test_what_breaks_is_told_without_its_words_and_others_go_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with client(routes=[Route("/broken", broken)]) as visitor:
        answer = await visitor.get("/broken")
        assert answer.status_code == 500
        assert "12333" in answer.text
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert (await visitor.get("/health")).status_code == 200
    assert "request failed path=/broken error=RuntimeError" in caplog.text
    assert "11010519491231002X" not in caplog.text + answer.text


async def test_what_breaks_halfway_is_cut_off(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    app = create_app([], TalkingInbox(), routes=[Route("/broken", broken_halfway)])
    async with house(TalkingInbox(), app=app) as home, home.visitor() as visitor:
        with pytest.raises(httpx.RemoteProtocolError):
            await visitor.get("/broken")
    assert "request failed path=/broken error=RuntimeError" in caplog.text
    assert "11010519491231002X" not in caplog.text


async def echoed(request: Request) -> Response:
    return Response(await request.body())


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_over_a_megabyte_is_refused(announced: bool) -> None:
    async def body() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b"x" * 10_000

    content = b"x" * 2_000_000 if announced else body()
    app = create_app([], TalkingInbox(), routes=[Route("/echo", echoed, methods=["POST"])])
    async with client_of(app) as visitor:
        answer = await visitor.post("/echo", content=content)
        assert answer.status_code == 413
        assert (await visitor.post("/echo", content=b"x" * 999_000)).status_code == 200


async def test_a_huge_message_gets_413_although_nobody_reads_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with house(TalkingInbox()) as home, home.visitor() as visitor:
        answer = await visitor.post("/chat/messages", content=b"x" * 2_000_000, headers=OURS)
        assert answer.status_code == 413
    assert "request failed" not in caplog.text
