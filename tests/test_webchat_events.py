"""The stream of what is said, on a real server: from the first line on, and after any break."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack

import httpx
import pytest

from bot.channels.webchat import WebchatChannel, telling
from bot.channels.webchat.streams import Streams
from bot.engine.types import Choice, Message, Reply
from tests.talking import TalkingInbox
from tests.web_visitors import Events, House, house, listening, say

NEVER = 3_600.0  # seconds: the stream does not read again by itself within a test
SOON = 0.02


def offering(message: Message) -> Sequence[Reply]:
    choice = Choice("怎么办", "/part ZY03 channels")
    return (Reply("answer", "第一行\n第二行", (choice,), "ZY03"), Reply("notice", "还有一句"))


@pytest.fixture
def inbox() -> TalkingInbox:
    return TalkingInbox()


@pytest.fixture(autouse=True)
async def in_time() -> AsyncIterator[None]:
    """A stream that never comes fails instead of hanging."""
    async with asyncio.timeout(30):
        yield


async def test_what_was_said_comes_first_and_then_ready() -> None:
    inbox = TalkingInbox(offering)
    async with house(inbox, reread=NEVER) as home, home.visitor() as client:
        await client.get("/")
        await say(client, "失业金怎么领")
        async with listening(client) as events:
            lines = await events.until("ready")
    assert [event.id for event in lines] == ["1", "2", "3"]
    assert lines[0].data == {
        "id": 1,
        "at": "2026-11-23T12:00:00+08:00",
        "who": "me",
        "kind": None,
        "text": "失业金怎么领",
        "choices": [],
        "entry": None,
        "files": [],
    }
    assert lines[1].data == {
        "id": 2,
        "at": "2026-11-23T12:00:00+08:00",
        "who": "bot",
        "kind": "answer",
        "text": "第一行\n第二行",
        "choices": [{"label": "怎么办", "send": "/part ZY03 channels"}],
        "entry": "ZY03",
        "files": [],
    }
    assert lines[2].data["kind"] == "notice"


async def test_a_stream_is_never_stored_and_never_held_back_by_a_proxy(
    inbox: TalkingInbox,
) -> None:
    async with house(inbox) as home, home.visitor() as client:
        await client.get("/")
        async with listening(client) as events:
            headers = events.response.headers
    assert headers["content-type"] == "text/event-stream; charset=utf-8"
    assert headers["cache-control"] == "no-store"
    assert headers["x-accel-buffering"] == "no"


async def test_a_reply_comes_at_once_to_every_page_of_the_visitor(inbox: TalkingInbox) -> None:
    async with house(inbox, reread=NEVER) as home, home.visitor() as client:
        await client.get("/")
        async with listening(client) as one, listening(client) as other:
            await one.until("ready")
            await other.until("ready")
            await say(client, "退休年龄")
            for page in (one, other):
                assert (await page.line())["text"] == "退休年龄"
                assert (await page.line())["text"] == "收到：退休年龄"


async def test_a_lost_connection_goes_on_after_the_last_line(inbox: TalkingInbox) -> None:
    async with house(inbox, reread=NEVER) as home, home.visitor() as client:
        await client.get("/")
        for n in range(3):
            await say(client, f"第 {n} 句", f"message-{n}")
        async with listening(client, **{"Last-Event-ID": "4"}) as events:
            assert [e.id for e in await events.until("ready")] == ["5", "6"]
        async with listening(client, after="5") as events:
            assert [e.id for e in await events.until("ready")] == ["6"]
        async with listening(client, after="1", **{"Last-Event-ID": "6"}) as events:
            assert await events.until("ready") == []


async def test_a_long_conversation_comes_whole(inbox: TalkingInbox) -> None:
    inbox.page = 5
    async with house(inbox, reread=NEVER) as home, home.visitor() as client:
        await client.get("/")
        for n in range(9):
            await say(client, "在吗", f"message-{n}")
        async with listening(client) as events:
            ids = [e.id for e in await events.until("ready")]
    assert ids == [str(n) for n in range(1, 19)]


async def test_a_line_that_another_process_wrote_comes_without_being_woken(
    inbox: TalkingInbox,
) -> None:
    async with house(inbox, reread=SOON) as home, home.visitor() as client:
        await client.get("/")
        await say(client, "转人工")
        async with listening(client) as events:
            await events.until("ready")
            inbox.add(inbox.visitor, "", Reply("staff", "您好，我是工作人员"))
            line = await events.line()
    assert (line["kind"], line["text"]) == ("staff", "您好，我是工作人员")


async def test_delivery_wakes_the_pages_of_that_visitor(inbox: TalkingInbox) -> None:
    channel = WebchatChannel(reread=NEVER)
    reply = Reply("notice", "您关注的政策有更新")
    async with house(inbox, channel) as home, home.visitor() as client:
        await client.get("/")
        await say(client, "在吗")
        async with listening(client) as events:
            await events.until("ready")
            inbox.add(inbox.visitor, reply.text, reply)
            await channel.deliver(inbox.visitor.user, reply, "broadcast:1")
            assert (await events.line())["text"] == reply.text


async def test_delivery_to_a_visitor_who_is_not_here_is_delivery() -> None:
    await WebchatChannel().deliver("nobody", Reply("notice", "您关注的政策有更新"), "broadcast:1")


async def test_nobody_sees_the_conversation_of_another(inbox: TalkingInbox) -> None:
    async with house(inbox, reread=NEVER) as home, home.visitor() as one, home.visitor() as other:
        await one.get("/")
        await other.get("/")
        await say(one, "我的秘密")
        async with listening(other) as events:
            assert await events.until("ready") == []


async def test_a_silent_stream_says_now_and_then_that_it_still_stands(
    inbox: TalkingInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "PING", SOON)
    async with house(inbox, reread=SOON) as home, home.visitor() as client:
        await client.get("/")
        async with listening(client) as events:
            await events.until("ready")
            raw = [line async for line in _some(events, 3)]
    assert raw == [": ping", "event: ping", "data: ping"]


async def _some(events: Events, most: int) -> AsyncIterator[str]:
    for _ in range(most):
        yield await anext(events._lines)


async def test_the_fourth_page_goes_on_and_the_first_is_put_to_rest(inbox: TalkingInbox) -> None:
    async with (
        house(inbox, reread=NEVER) as home,
        home.visitor() as client,
        AsyncExitStack() as stack,
    ):
        await client.get("/")
        pages = [await stack.enter_async_context(listening(client)) for _ in range(3)]
        for page in pages:
            await page.until("ready")
        newest = await stack.enter_async_context(listening(client))
        await newest.until("ready")
        await pages[0].until("moved")
        assert await pages[0].next() is None
        await say(client, "在吗")
        for page in (pages[1], pages[2], newest):
            assert (await page.line())["text"] == "在吗"


async def test_when_too_many_listen_the_next_is_asked_to_come_back(inbox: TalkingInbox) -> None:
    async with (
        house(inbox, streams=Streams(most=1)) as home,
        home.visitor() as one,
        home.visitor() as other,
    ):
        await one.get("/")
        await other.get("/")
        async with listening(one) as events:
            await events.until("ready")
            refused = await other.get("/chat/events")
        assert (refused.status_code, refused.json()["error"]) == (503, "crowded")
        assert int(refused.headers["Retry-After"]) > 0


async def test_a_page_that_goes_away_leaves_nothing_behind(inbox: TalkingInbox) -> None:
    streams = Streams()
    async with house(inbox, streams=streams, reread=SOON) as home, home.visitor() as client:
        await client.get("/")
        async with listening(client) as events:
            await events.until("ready")
            assert len(streams) == 1
        for _ in range(500):
            await asyncio.sleep(SOON if len(streams) else 0)
        assert len(streams) == 0


async def test_a_server_that_stops_ends_its_streams_and_takes_no_more(
    inbox: TalkingInbox, caplog: pytest.LogCaptureFixture
) -> None:
    streams = Streams()
    async with (
        house(inbox, streams=streams, reread=NEVER) as home,
        home.visitor() as client,
    ):
        home.site.config.timeout_graceful_shutdown = None  # it would wait for ever
        await client.get("/")
        async with listening(client) as events:
            await events.until("ready")
            stopping = asyncio.create_task(home.stop())
            assert await events.next() is None
        await stopping
    assert len(streams) == 0
    assert streams.open("somebody") is None
    assert "ERROR" not in caplog.text


async def test_a_database_that_goes_away_ends_the_stream_and_says_so_once(
    inbox: TalkingInbox, caplog: pytest.LogCaptureFixture
) -> None:
    async with house(inbox, reread=SOON) as home, home.visitor() as client:
        await client.get("/")
        async with listening(client) as events:
            await events.until("ready")
            inbox.down = 1
            with pytest.raises(httpx.RemoteProtocolError):
                await events.next()
        async with listening(client) as events:
            await events.until("ready")
    assert caplog.text.count("webchat stream broke error=ConnectionError") == 1
    assert "秘密" not in caplog.text


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "９", "9" * 19, "1 OR 1=1"])
async def test_a_line_number_that_is_none_is_refused(inbox: TalkingInbox, after: str) -> None:
    async with house(inbox) as home, home.visitor() as client:
        await client.get("/")
        refused = await client.get("/chat/events", params={"after": after})
    assert (refused.status_code, refused.json()["error"]) == (400, "unreadable")


async def test_a_stranger_hears_nothing(inbox: TalkingInbox, home_once: House) -> None:
    async with home_once.visitor() as client:
        refused = await client.get("/chat/events")
    assert (refused.status_code, refused.json()["error"]) == (401, "unknown_visitor")
    assert inbox.reads == 0


async def test_a_question_for_the_headers_alone_does_not_listen(
    inbox: TalkingInbox, home_once: House
) -> None:
    async with home_once.visitor() as client:
        await client.get("/")
        answer = await client.head("/chat/events")
    assert answer.status_code == 200
    assert inbox.reads == 0


@pytest.fixture
async def home_once(inbox: TalkingInbox) -> AsyncIterator[House]:
    async with house(inbox) as home:
        yield home
