"""Pictures and calendar files on the web: the visitor's own, drawn when fetched, kept by nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import httpx
import pytest

from bot.engine.types import Message, Reply
from bot.rendering import render
from tests.talking import TalkingInbox
from tests.test_rendering import AGENDA, BARS
from tests.web_visitors import house, listening, say, visiting


def drawing(message: Message) -> Sequence[Reply]:
    return (Reply("result", "每月约 2228元。", charts=(BARS,), agenda=AGENDA),)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with visiting(TalkingInbox(drawing)) as one:
        await one.get("/")
        await say(one, "算养老金")
        yield one


async def test_a_line_names_its_files_with_their_words() -> None:
    async with house(TalkingInbox(drawing)) as home, home.visitor() as client:
        await client.get("/")
        await say(client, "算养老金")
        async with listening(client) as events:
            lines = await events.until("ready")
    assert lines[1].data["files"] == [
        {"kind": "image", "name": "pension.png", "words": BARS.words(), "href": "chat/files/2/0"},
        {
            "kind": "file",
            "name": "retirement_age.ics",
            "words": AGENDA.words(),
            "href": "chat/files/2/1",
        },
    ]


async def test_a_picture_is_shown_and_a_calendar_downloaded(client: httpx.AsyncClient) -> None:
    picture, calendar = [await client.get(f"/chat/files/2/{n}") for n in (0, 1)]
    assert picture.content == render(BARS).data
    assert picture.headers["content-type"] == "image/png"
    assert picture.headers["content-disposition"] == 'inline; filename="pension.png"'
    assert calendar.content == render(AGENDA).data
    assert calendar.headers["content-type"] == "text/calendar; charset=utf-8"
    assert calendar.headers["content-disposition"] == 'attachment; filename="retirement_age.ics"'
    for answer in (picture, calendar):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("path", ["2/2", "1/0", "3/0", "99/0", "0/0"])
async def test_what_is_not_there_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(f"/chat/files/{path}")).status_code == 404


async def test_nobody_else_gets_it() -> None:
    inbox = TalkingInbox(drawing)
    async with visiting(inbox) as client:
        await client.get("/")
        await say(client, "算养老金")
        client.cookies.clear()
        assert (await client.get("/chat/files/2/0")).status_code == 401
        await client.get("/")
        assert (await client.get("/chat/files/2/0")).status_code == 404


async def test_what_cannot_be_drawn_is_not_found_and_the_page_has_its_words() -> None:
    odd = replace(BARS, title="😀")
    inbox = TalkingInbox(lambda message: (Reply("result", "好", charts=(odd,)),))
    async with visiting(inbox) as client:
        await client.get("/")
        await say(client, "算养老金")
        assert (await client.get("/chat/files/2/0")).status_code == 404
