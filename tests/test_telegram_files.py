"""Pictures and calendar files of our own on Telegram: sent along, or said in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from telegram.error import BadRequest, TelegramError, TimedOut

from bot.channels.base import Undeliverable, Unfetchable
from bot.channels.telegram.attachments import fetched
from bot.engine.types import Choice, Reply
from bot.rendering import render
from tests.telegram_double import Fault, Refused, buttons, connected, utf16
from tests.test_records import Fetched, Holder
from tests.test_rendering import AGENDA, BARS

RESULT = Reply("result", "每月约 2228元。", (Choice("保存", "/save calc_pension"),), charts=(BARS,))


async def test_a_picture_comes_before_the_words_with_its_figures_below_it() -> None:
    async with connected() as bench:
        await bench.channel.deliver("1001", RESULT, "k")
        picture, words = bench.citizen.received
        assert picture["caption"] == BARS.words()
        assert bench.api.uploads[0].name == "pension.png"
        assert bench.api.uploads[0].data == render(BARS).data
        assert words["text"] == "每月约 2228元。"
        assert [b["text"] for b in buttons(words)] == ["保存"]


async def test_a_calendar_comes_as_a_document() -> None:
    async with connected() as bench:
        await bench.channel.deliver("1001", Reply("receipt", "做好了。", agenda=AGENDA), "k")
        document, _ = bench.citizen.received
        assert "document" in document
        assert "caption" not in document
        assert bench.api.uploads[0].name == "retirement_age.ics"
        assert bench.api.uploads[0].data.startswith(b"BEGIN:VCALENDAR")


async def test_a_picture_that_our_font_cannot_write_is_said_in_words() -> None:
    async with connected() as bench:
        chart = replace(BARS, title="😀")
        await bench.channel.deliver("1001", replace(RESULT, charts=(chart,)), "k")
        assert bench.citizen.texts == [chart.words(), "每月约 2228元。"]
        assert bench.api.uploads == []


async def test_a_picture_that_telegram_refuses_is_said_in_words() -> None:
    async with connected() as bench:
        bench.api.refuse("sendPhoto", 400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
        await bench.channel.deliver("1001", RESULT, "k")
        assert bench.citizen.texts == [BARS.words(), "每月约 2228元。"]


async def test_a_long_description_is_cut_to_what_telegram_takes_below_a_picture() -> None:
    chart = replace(BARS, note="缴费年限随着变。" * 200)
    async with connected() as bench:
        await bench.channel.deliver("1001", replace(RESULT, charts=(chart,)), "k")
        assert 900 < utf16(bench.citizen.received[0]["caption"]) <= 1024


@pytest.mark.parametrize(
    ("code", "description"),
    [(403, "Forbidden: bot was blocked by the user"), (400, "Bad Request: chat not found")],
)
async def test_someone_who_is_gone_is_gone_for_a_picture_too(code: int, description: str) -> None:
    async with connected() as bench:
        for method in ("sendPhoto", "sendMessage"):
            bench.api.refuse(method, code, description)
        with pytest.raises(Undeliverable) as caught:
            await bench.channel.deliver("1001", RESULT, "k")
        assert caught.value.permanent
        assert bench.citizen.received == []


async def test_a_pause_that_is_asked_for_a_picture_holds_the_lane() -> None:
    async with connected() as bench:
        fault = Fault(Refused(429, "Too Many Requests: retry after 9", retry_after=9))
        bench.api.fault("sendPhoto", fault)
        with pytest.raises(Undeliverable) as caught:
            await bench.channel.deliver("1001", RESULT, "k")
        assert caught.value.retry_after == 9.0


async def test_a_second_try_does_not_repeat_the_picture() -> None:
    async with connected() as bench:
        bench.api.refuse("sendMessage", 500, "Internal Server Error")
        with pytest.raises(Undeliverable):
            await bench.channel.deliver("1001", RESULT, "k")
        await bench.channel.deliver("1001", RESULT, "k")
        assert len(bench.api.made("sendPhoto")) == 1
        assert [m.get("text") for m in bench.citizen.received] == [None, "每月约 2228元。"]


# --- what citizens send ---------------------------------------------------------------------------


@pytest.mark.parametrize("ref", ["AgACAgUAAxkBAAIphoto", "animation:CgACAgUAAxkBAAIfilm"])
async def test_a_file_of_a_citizen_is_fetched(ref: str) -> None:
    bot: Any = Holder(Fetched(b"bytes", 5))
    assert await fetched(bot, ref, 10) == b"bytes"


@pytest.mark.parametrize(
    ("file", "permanent", "too_large"),
    [
        (Fetched(b"", 11), False, True),
        (Fetched(b"x" * 11), False, True),
        (BadRequest("File is too big"), True, True),
        (BadRequest("Wrong file_id or the file is temporarily unavailable"), True, False),
        (TimedOut(), False, False),
    ],
)
async def test_what_telegram_does_not_give_is_told(
    file: Fetched | TelegramError, permanent: bool, too_large: bool
) -> None:
    bot: Any = Holder(file)
    with pytest.raises(Unfetchable) as told:
        await fetched(bot, "AgACAgUAAxkBAAIphoto", 10)
    assert (told.value.permanent, told.value.too_large) == (permanent, too_large)


@pytest.mark.parametrize("ref", ["kept:AAAAAAAAAAAAAAAAAAAAAA", "../../etc/passwd", "http://a/b"])
async def test_a_handle_of_another_house_is_not_asked_for(ref: str) -> None:
    holder = Holder(Fetched(b"bytes", 5))
    bot: Any = holder
    with pytest.raises(Unfetchable):
        await fetched(bot, ref, 10)
    assert holder.asked == 0
