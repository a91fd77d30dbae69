"""The stand-in is as strict as Telegram; python-telegram-bot and aiogram's models both judge it."""

import asyncio
from typing import Any

import pytest
from telegram import Bot, Update
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, RetryAfter
from telegram.request import HTTPXRequest

from tests.serving import serving
from tests.telegram_double import BotApi, Citizen, judge


def client(address: str, token: str) -> Bot:
    def request() -> HTTPXRequest:
        return HTTPXRequest(httpx_kwargs={"trust_env": False})

    return Bot(token, f"{address}/bot", request=request(), get_updates_request=request())


async def test_an_update_stays_until_a_higher_offset_is_asked_for() -> None:
    api = BotApi()
    citizen = Citizen(api)
    async with serving(api) as address, client(address, api.token) as bot:
        first, second = await citizen.says("一"), await citizen.says("二")
        for offset in (None, None, first, first + 1, first + 1):
            updates = await bot.get_updates(offset=offset)
            expected = [second] if offset == first + 1 else [first, second]
            assert [update.update_id for update in updates] == expected
        assert await bot.get_updates(offset=second + 1) == ()
        assert await bot.get_updates() == ()
    assert judge(api) == 8


async def test_a_long_poll_ends_when_something_happens() -> None:
    api = BotApi()
    citizen = Citizen(api)
    async with serving(api) as address, client(address, api.token) as bot:
        polling = asyncio.create_task(bot.get_updates(timeout=30))
        await api.until(lambda: len(api.made("getUpdates")) == 1)
        number = await citizen.says("在吗")
        assert [update.update_id for update in await polling] == [number]


async def test_a_second_poll_ends_the_first_with_a_conflict() -> None:
    api = BotApi()
    async with serving(api) as address, client(address, api.token) as bot:
        first = asyncio.create_task(bot.get_updates(timeout=30))
        await api.until(lambda: len(api.made("getUpdates")) == 1)
        await bot.get_updates()
        with pytest.raises(Conflict, match="terminated by other getUpdates"):
            await first


async def test_with_a_webhook_polling_is_a_conflict() -> None:
    api = BotApi()
    async with serving(api) as address, client(address, api.token) as bot:
        await bot.set_webhook("https://bot.example.gov.cn/telegram", secret_token="abc")
        with pytest.raises(Conflict, match="webhook is active"):
            await bot.get_updates()
        await bot.delete_webhook()
        assert await bot.get_updates() == ()


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("send_message", {"text": "一" * 4097}, "too long"),
    ("send_message", {"text": "😀" * 2048 + "一"}, "too long"),
    ("send_message", {"text": " \n"}, "empty"),
    ("send_message", {"text": "一", "chat_id": 404}, "chat not found"),
    ("send_photo", {"photo": "AgACnobodySentThis"}, "wrong file identifier"),
    ("send_location", {"latitude": 91.0, "longitude": 0.0}, "wrong latitude"),
    ("send_chat_action", {"action": "singing"}, "wrong parameter action"),
    ("copy_message", {"from_chat_id": 1001, "message_id": 99}, "not found"),
    ("edit_message_reply_markup", {"message_id": 99}, "not found"),
]


@pytest.mark.parametrize(("method", "arguments", "match"), REFUSED)
async def test_it_refuses_what_telegram_refuses(
    method: str, arguments: dict[str, Any], match: str
) -> None:
    api = BotApi()
    Citizen(api)
    async with serving(api) as address, client(address, api.token) as bot:
        with pytest.raises(BadRequest, match=f"(?i){match}"):
            await getattr(bot, method)(**{"chat_id": 1001, **arguments})
        assert api.sent() == []


@pytest.mark.parametrize("data", ["", "退" * 22])
async def test_a_button_holds_1_to_64_bytes(data: str) -> None:
    api = BotApi()
    Citizen(api)
    markup = {"inline_keyboard": [[{"text": "退休", "callback_data": data}]]}
    async with serving(api) as address, client(address, api.token) as bot:
        with pytest.raises(BadRequest, match=r"(?i)BUTTON_DATA_INVALID"):
            await bot.send_message(1001, "选", api_kwargs={"reply_markup": markup})


async def test_keyboards_hold_100_buttons_and_are_changed_only_if_they_change() -> None:
    def keyboard(count: int) -> dict[str, Any]:
        rows = [[{"text": f"{n}", "callback_data": f"{n}"}] for n in range(count)]
        return {"reply_markup": {"inline_keyboard": rows}}

    api = BotApi()
    Citizen(api)
    async with serving(api) as address, client(address, api.token) as bot:
        with pytest.raises(BadRequest, match=r"(?i)too long"):
            await bot.send_message(1001, "选", api_kwargs=keyboard(101))
        sent = await bot.send_message(1001, "选", api_kwargs=keyboard(100))
        with pytest.raises(BadRequest, match=r"(?i)not modified"):
            await bot.edit_message_reply_markup(1001, sent.message_id, api_kwargs=keyboard(100))
        await bot.edit_message_reply_markup(1001, sent.message_id)
        assert "reply_markup" not in api.sent(1001)[0]
    assert judge(api) == 5


async def test_a_tap_is_answered_once() -> None:
    api = BotApi()
    citizen = Citizen(api)
    async with serving(api) as address, client(address, api.token) as bot:
        await citizen.presses(api.new_message(1001, {"from": api.me, "text": "选"}), "/menu")
        [update] = await bot.get_updates()
        assert isinstance(update, Update)
        assert update.callback_query is not None
        await update.callback_query.answer()
        with pytest.raises(BadRequest, match=r"(?i)query is too old"):
            await update.callback_query.answer()
    assert judge(api) == 4


async def test_a_copy_is_a_message_of_its_own() -> None:
    api = BotApi()
    citizen = Citizen(api)
    async with serving(api) as address, client(address, api.token) as bot:
        await citizen.sends("photo", "证明")
        [update] = await bot.get_updates()
        assert update.message is not None
        copied = await bot.copy_message(1001, 1001, update.message.message_id)
        assert copied.message_id == api.sent(1001)[0]["message_id"]
        assert api.sent(1001)[0]["caption"] == "证明"
    assert judge(api) == 3


async def test_blocks_tokens_and_scripted_faults_are_the_errors_they_are() -> None:
    api = BotApi()
    citizen = Citizen(api)
    async with serving(api) as address, client(address, api.token) as bot:
        await citizen.blocks()
        with pytest.raises(Forbidden, match="blocked by the user"):
            await bot.send_message(1001, "好")
        await citizen.unblocks()
        api.refuse("sendMessage", 429, "Too Many Requests: retry after 3", retry_after=3)
        with pytest.raises(RetryAfter):
            await bot.send_message(1001, "好")
        await bot.send_message(1001, "好")
        info = await bot.get_webhook_info()
        assert info.pending_update_count == 2
        api.token = "1:other"
        with pytest.raises(InvalidToken):
            await bot.get_me()
