"""What a visitor posts: read strictly, committed, only then received."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator

import httpx
import pytest

from bot.channels.webchat.pace import Pace
from bot.engine.types import Address
from tests.talking import TalkingInbox
from tests.web_visitors import say, visiting


@pytest.fixture
def inbox() -> TalkingInbox:
    return TalkingInbox()


@pytest.fixture
async def visitor(inbox: TalkingInbox) -> AsyncIterator[httpx.AsyncClient]:
    async with visiting(inbox) as client:
        await client.get("/")
        yield client


async def test_a_message_is_received_after_it_was_heard(
    inbox: TalkingInbox, visitor: httpx.AsyncClient
) -> None:
    answer = await say(visitor, " 失业金怎么领\r\n", "4f7c2f0e-6a34-4b58-9d4c-0d6f6c1a2b3c")
    assert answer.status_code == 202
    (message,) = inbox.heard_all
    assert message.text == "失业金怎么领"
    assert message.sender.channel == "webchat"
    assert message.id == f"{message.sender.user}:4f7c2f0e-6a34-4b58-9d4c-0d6f6c1a2b3c"
    assert message.at.tzinfo is not None


async def test_a_message_is_answered_once_however_often_it_is_sent(
    inbox: TalkingInbox, visitor: httpx.AsyncClient
) -> None:
    answers = [await say(visitor, "退休年龄", "message-7") for _ in range(3)]
    assert [a.status_code for a in answers] == [202, 202, 202]
    assert inbox.texts == ["退休年龄"]


async def test_what_could_not_be_kept_is_asked_for_again_and_then_kept(
    inbox: TalkingInbox, visitor: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    inbox.down = 1
    refused = await say(visitor, "退休年龄", "message-8")
    assert (refused.status_code, refused.json()["error"]) == (503, "fault")
    assert int(refused.headers["Retry-After"]) > 0
    assert "秘密" not in refused.text + caplog.text
    assert (await say(visitor, "退休年龄", "message-8")).status_code == 202
    assert inbox.texts == ["退休年龄"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "unreadable"),
        (b"not json", "unreadable"),
        (b'{"id": "message-1", "text": "half', "unreadable"),
        (b'{"id": "message-1", "text": "\xff\xfe"}', "unreadable"),
        ('{"id": "message-1", "text": "退休"}'.encode("utf-16"), "unreadable"),
        (b'{"id": "message-1", "text": "\\ud83d"}', "unreadable"),
        (b'{"id": "message-1"}', "unreadable"),
        (b'{"id": "message-1", "text": 5}', "unreadable"),
        (b'{"id": "message-1", "text": null}', "unreadable"),
        (b'{"text": "x"}', "unreadable"),
        (b'{"id": 12345678, "text": "x"}', "unreadable"),
        (b'{"id": "short", "text": "x"}', "unreadable"),
        (b'{"id": "' + b"x" * 65 + b'", "text": "x"}', "unreadable"),
        (b'{"id": "message:1", "text": "x"}', "unreadable"),
        (b'{"id": "message-1\\n", "text": "x"}', "unreadable"),
        (b'["message-1", "x"]', "unreadable"),
        (b"null", "unreadable"),
        (b"[" * 50_000, "unreadable"),
        (b'{"id": "message-1", "text": "x", "n": ' + b"1" * 5_000 + b"}", "unreadable"),
        (b'{"id": "message-1", "text": "' + b"x" * 65_536 + b'"}', "too_long"),
    ],
)
async def test_what_cannot_be_read_is_refused_with_a_sentence_and_the_next_message_works(
    inbox: TalkingInbox, visitor: httpx.AsyncClient, body: bytes, reason: str
) -> None:
    headers = {"Content-Type": "application/json"}
    refused = await visitor.post("/chat/messages", content=body, headers=headers)
    assert refused.json()["error"] == reason
    assert refused.status_code == {"unreadable": 400, "too_long": 413}[reason]
    assert "请" in refused.json()["say"]
    assert not inbox.heard_all
    assert (await say(visitor, "退休年龄")).status_code == 202


async def test_a_body_that_does_not_say_how_long_it_is_is_cut_off_at_64_kb(
    inbox: TalkingInbox, visitor: httpx.AsyncClient
) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1_000):
            sent += 16_384
            yield b"x" * 16_384

    headers = {"Content-Type": "application/json"}
    refused = await visitor.post("/chat/messages", content=endless(), headers=headers)
    assert refused.json()["error"] == "too_long"
    assert sent <= 5 * 16_384


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_only_json_is_read_because_a_form_of_another_site_cannot_send_it(
    inbox: TalkingInbox, visitor: httpx.AsyncClient, kind: str
) -> None:
    body = json.dumps({"id": "message-1", "text": "x"}).encode()
    refused = await visitor.post(
        "/chat/messages", content=body, headers={"Content-Type": kind} if kind else {}
    )
    assert (refused.status_code, refused.json()["error"]) == (415, "not_json")
    assert not inbox.heard_all


async def test_json_that_names_its_encoding_is_json(
    inbox: TalkingInbox, visitor: httpx.AsyncClient
) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    body = '{"id": "message-1", "text": "退休"}'.encode()
    answer = await visitor.post("/chat/messages", content=body, headers=headers)
    assert answer.status_code == 202


@pytest.mark.parametrize("text", ["", "   ", "\u0000\u202e", "😀", "字" * 4_001])
async def test_odd_words_are_the_bots_to_answer(
    inbox: TalkingInbox, visitor: httpx.AsyncClient, text: str
) -> None:
    assert (await say(visitor, text)).status_code == 202
    assert "\x00" not in inbox.texts[0]


@pytest.mark.parametrize("path", ["/chat/messages", "/chat/leave"])
async def test_a_page_of_another_site_can_do_nothing(
    inbox: TalkingInbox, visitor: httpx.AsyncClient, path: str
) -> None:
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://evil.chat.test"},
    ):
        answer = await visitor.post(
            path, json={"id": "message-1", "text": "转人工"}, headers=headers
        )
        assert (answer.status_code, answer.json()["error"]) == (403, "foreign")
        assert "set-cookie" not in answer.headers
    assert not inbox.heard_all


async def test_a_stranger_is_told_to_open_the_page_first(inbox: TalkingInbox) -> None:
    async with visiting(inbox) as client:
        answer = await say(client, "退休年龄")
    assert (answer.status_code, answer.json()["error"]) == (401, "unknown_visitor")
    assert not inbox.heard_all


async def test_the_twenty_first_message_within_a_minute_waits_and_others_do_not(
    inbox: TalkingInbox,
) -> None:
    now = 0.0
    async with visiting(inbox, pace=Pace(now=lambda: now)) as client:
        await client.get("/")
        for n in range(20):
            assert (await say(client, "在吗", f"message-{n}")).status_code == 202
            now += 1.0
        refused = await say(client, "在吗", "message-20")
        assert (refused.status_code, refused.json()["error"]) == (429, "too_fast")
        assert refused.headers["Retry-After"] == "40"
        assert "40 秒" in refused.json()["say"]

        first = client.cookies
        client.cookies = httpx.Cookies()
        await client.get("/")
        assert (await say(client, "我是别人", "message-21")).status_code == 202

        client.cookies = first
        now += 40.0
        assert (await say(client, "在吗", "message-20")).status_code == 202
    assert inbox.texts.count("在吗") == 21


async def test_what_is_refused_does_not_count_towards_the_twenty(inbox: TalkingInbox) -> None:
    async with visiting(inbox, pace=Pace(most=1, now=lambda: 0.0)) as client:
        await client.get("/")
        for _ in range(3):
            refused = await client.post("/chat/messages", json={"id": "message-1"})
            assert refused.status_code == 400
        assert (await say(client, "在吗")).status_code == 202


def test_the_pace_remembers_so_many_visitors_and_no_more() -> None:
    pace = Pace(most=1, visitors=2, now=lambda: 0.0)
    assert pace.wait("a") == 0
    assert pace.wait("a") == 60
    assert pace.wait("b") == pace.wait("c") == 0  # c makes the pace forget a
    assert pace.wait("a") == 0


async def test_the_log_says_why_and_never_what(
    inbox: TalkingInbox, visitor: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot")
    await visitor.post("/chat/messages", json={"id": "x", "text": "11010519491231002X"})
    assert "webchat refused reason=unreadable status=400" in caplog.text
    assert "11010519491231002X" not in caplog.text


async def test_two_visitors_have_two_conversations(inbox: TalkingInbox) -> None:
    addresses: set[Address] = set()
    for _ in range(2):
        async with visiting(inbox) as client:
            await client.get("/")
            await say(client, "退休年龄")
            addresses.add(inbox.visitor)
    assert len(addresses) == 2
    assert inbox.texts == ["退休年龄", "退休年龄"]  # the same id of two visitors is two messages
