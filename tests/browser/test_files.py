"""A picture and a calendar file in a real page: seen, read out, enlarged, downloaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from bot.engine.types import Reply
from tests.browser.chat import GREETING, Chat, clerk
from tests.browser.conftest import PHONE
from tests.talking import TalkingInbox
from tests.test_rendering import AGENDA, BARS
from tests.web_visitors import house

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_picture_fits_the_phone_is_read_out_and_the_calendar_is_downloaded(
    profile: Any, tmp_path: Path
) -> None:
    result = Reply("result", "每月约 2228元。", charts=(BARS,), agenda=AGENDA)
    inbox = TalkingInbox(lambda m: (result,) if m.text == "算" else clerk(m))
    async with house(inbox, reread=0.1) as home:
        chat = await Chat.opened(await profile(**PHONE), home.site.address)
        await chat.hears(GREETING)
        await chat.say("算")
        image = chat.log.get_by_role("img", name=BARS.words())
        await expect(image).to_be_visible()
        await image.scroll_into_view_if_needed()
        await expect(image).to_have_js_property("complete", True)
        assert await image.evaluate("i => i.naturalWidth") == 1080
        box = await image.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        assert await chat.page.evaluate("document.documentElement.scrollWidth") <= 360
        async with chat.page.expect_download() as download:
            await chat.log.get_by_text("下载日历文件").click()
        file = await download.value
        assert file.suggested_filename == "retirement_age.ics"
        await file.save_as(tmp_path / "saved.ics")
        assert (tmp_path / "saved.ics").read_bytes().startswith(b"BEGIN:VCALENDAR")


async def test_a_picture_that_cannot_be_had_is_shown_in_words(profile: Any, watch: Any) -> None:
    watch.expected = ("404",)
    inbox = TalkingInbox(lambda m: (Reply("result", "好。", charts=(BARS,)),))
    async with house(inbox, reread=0.1) as home:
        context = await profile()
        await context.route("**/chat/files/**", lambda route: route.fulfill(status=404))
        chat = await Chat.opened(context, home.site.address)
        await expect(chat.log.get_by_text("2030年7月 2228").first).to_be_visible()
