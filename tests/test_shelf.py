"""Reloading: everybody is answered meanwhile, and bad files change nothing."""

from __future__ import annotations

import asyncio
import logging
import threading
from datetime import datetime

import pytest

from bot.clock import CHINA
from bot.engine.parameters import BadData
from bot.engine.playbook import Playbook
from bot.engine.types import Address, Conversation, Message
from bot.shelf import Shelf
from tests.small_world import small_book

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=CHINA)


def says(shelf: Shelf) -> str:
    message = Message("1", Address("webchat", "a"), "菜单", NOW)
    return shelf.advance(Conversation(), message, NOW).replies[0].kind


async def test_people_are_answered_from_the_old_book_until_the_new_one_is_read() -> None:
    reading, may_end = threading.Event(), threading.Event()
    old, new = small_book(), small_book()
    books = [old]

    def read() -> Playbook:
        if books:
            return books.pop()
        reading.set()
        assert may_end.wait(10)
        return new

    shelf = Shelf(read)
    reload = asyncio.create_task(shelf.reload())
    async with asyncio.timeout(10):
        await asyncio.to_thread(reading.wait)
        for _ in range(20):
            assert says(shelf) == "menu"
            await asyncio.sleep(0)
        assert shelf.book is old
        assert not reload.done()
        may_end.set()
        assert await reload
    assert shelf.book is new
    assert says(shelf) == "menu"


async def test_bad_files_leave_the_old_book_and_say_what_is_wrong(
    caplog: pytest.LogCaptureFixture,
) -> None:
    books = [small_book()]

    def read() -> Playbook:
        if books:
            return books.pop()
        raise BadData("retirement.toml: entry TX01: answer: a text is needed")

    shelf = Shelf(read)
    kept = shelf.book
    with caplog.at_level(logging.ERROR):
        assert not await shelf.reload()
    assert shelf.book is kept
    assert "retirement.toml: entry TX01: answer: a text is needed" in caplog.text
    assert says(shelf) == "menu"
