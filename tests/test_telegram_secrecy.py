"""The bot's token and people's words stay out of logs and representations."""

import logging

import httpx
import pytest

from bot.channels.base import Undeliverable
from bot.channels.telegram import TelegramChannel
from bot.engine.types import Reply
from tests.telegram_double import Fault, connected

TOKEN = "987654321:AAEveryoneMustNotSeeThisOne_abcdefg"


def test_no_representation_shows_the_token() -> None:
    channel = TelegramChannel(TOKEN)
    assert TOKEN not in repr(channel)
    assert TOKEN not in repr(channel._client)
    assert TOKEN not in str(channel._client)
    assert TOKEN not in f"{vars(channel)}"


async def test_neither_token_nor_words_are_logged_at_any_level(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "telegram", "telegram.Bot", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    async with connected() as bench:
        bench.inbox.failures["我叫周小芳"] = 1
        bench.api.fault("getUpdates", Fault(page=(200, '{"ok": true, "result": [我叫周小芳')))
        bench.api.refuse("sendMessage", 400, "Bad Request: message is too long")
        async with bench.listening():
            await bench.citizen.says("我叫周小芳")
            await bench.api.confirmed()
        with pytest.raises(Undeliverable) as caught:
            await bench.channel.deliver("1001", Reply("answer", "周小芳您好"), "k")
        assert bench.api.token not in repr(caught.value)
        await bench.channel.deliver("1001", Reply("answer", "周小芳您好"), "k")
        secret = bench.api.token.partition(":")[2]
    assert bench.citizen.texts == ["周小芳您好"]
    assert caplog.records
    for record in caplog.records:
        line = logging.Formatter().format(record)
        assert secret not in line
        assert "周小芳" not in line
        assert r"\u5468\u5c0f\u82b3" not in line


async def test_an_unreachable_platform_is_logged_without_the_token(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with connected() as bench:
        bench.api.fault("getUpdates", Fault(cut=True), times=2)
        async with bench.listening():
            await bench.citizen.says("在吗")
            await bench.api.confirmed()
        assert "telegram unreachable error=NetworkError RemoteProtocolError" in caplog.text
        assert bench.api.token not in caplog.text


def test_httpx_would_show_the_token_if_it_were_let() -> None:
    """The reason for the mute: when this fails, it may go."""
    seen: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: seen.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("httpx")
    muted, logger.filters = logger.filters, []
    logger.addHandler(handler)
    level, logger.level = logger.level, logging.INFO
    try:
        transport = httpx.MockTransport(lambda request: httpx.Response(200))
        with httpx.Client(transport=transport) as client:
            client.get(f"https://api.telegram.org/bot{TOKEN}/getMe")
    finally:
        logger.removeHandler(handler)
        logger.level, logger.filters = level, muted
    assert TOKEN in seen[0]
