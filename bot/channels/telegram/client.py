"""The Bot API client, kept from telling secrets.

httpx logs every address at INFO, and the bot's token is part of it; python-telegram-bot logs what
it sends at DEBUG and an answer that it cannot read at ERROR. All that they say reaches us as a
value or an exception, so their loggers are silent.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from telegram import Bot, InlineKeyboardMarkup
from telegram.request import BaseRequest, HTTPXRequest

from bot.channels.telegram.faults import asked
from bot.channels.telegram.place import placed

TALKATIVE = (
    "httpx",
    "telegram.Bot",
    "telegram.request.BaseRequest",
    "telegram.request.HTTPXRequest",
)
POLL_SECONDS = 25  # how long Telegram may hold a poll that has nothing to say
ANSWER_SECONDS = 10  # how long an ordinary call may take
# A preview of the official page would bury the words below a picture.
NO_PREVIEW = {"is_disabled": True}
UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")


def _say_nothing(record: logging.LogRecord) -> bool:
    return False


def silence() -> None:
    """Mute the loggers that would show the token or people's words, at any level."""
    for name in TALKATIVE:
        logging.getLogger(name).addFilter(_say_nothing)  # adding it again changes nothing


class Client(Bot):
    """A `Bot` that hides its token and hands out updates unparsed."""

    __slots__ = ()

    def __init__(self, token: str, api_base: str, request: BaseRequest | None = None) -> None:
        silence()
        base = api_base.rstrip("/")
        super().__init__(
            token,
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=request or HTTPXRequest(read_timeout=ANSWER_SECONDS),
            get_updates_request=request or HTTPXRequest(connection_pool_size=1),
        )

    def __repr__(self) -> str:
        return "Client(token=…)"

    async def updates(self, offset: int | None) -> Sequence[object]:
        """The next updates as they came; all below `offset` are confirmed. Raises TelegramError.

        `Bot.get_updates` parses the whole batch, so that one malformed update loses the others,
        and `do_api_request` warns about its name: hence the protected call.
        """
        wanted: dict[str, Any] = {
            "offset": offset,
            "timeout": POLL_SECONDS,
            "allowed_updates": UPDATES,
        }
        patience = POLL_SECONDS + ANSWER_SECONDS
        answer = await asked(self._post("getUpdates", wanted, read_timeout=patience))
        return answer if isinstance(answer, list) else [answer]

    async def say(
        self, chat: int, text: str, buttons: InlineKeyboardMarkup | None, *, paid: bool
    ) -> None:
        """Sends words, without a preview of a link. Raises TelegramError.

        What Telegram answers only describes what was sent; `Bot.send_message` takes a quarter of
        the whole call to read it.
        """
        wanted: dict[str, Any] = {"chat_id": chat, "text": text, "link_preview_options": NO_PREVIEW}
        if buttons:
            wanted["reply_markup"] = buttons
        if paid:
            wanted["allow_paid_broadcast"] = True
        await self._post("sendMessage", wanted)

    @property
    def number(self) -> int:
        """The bot's own id, which its token begins with."""
        return int(self.token.partition(":")[0])

    async def told(self, method: str, **wanted: Any) -> dict[str, Any]:
        """What a method says, unparsed: the library knows fewer fields. Raises TelegramError."""
        answer = await asked(self._post(method, wanted))
        return answer if isinstance(answer, dict) else {}

    async def _post(self, endpoint: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
        """Every call of the library; what sends something says where in a group with topics."""
        return await super()._post(endpoint, placed(endpoint, data), **more)

    async def close_connections(self) -> None:
        """Also when `initialize` was never called, where `Bot.shutdown` does nothing."""
        for request in dict.fromkeys(self._request):
            await request.shutdown()
