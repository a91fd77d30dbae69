"""People who use Telegram, for tests: a citizen in a private chat, staff in a group."""

from __future__ import annotations

import itertools
import time
from typing import Any

from tests.telegram_double.rules import Json, file_content, utf16
from tests.telegram_double.wire import BotApi

_taps = itertools.count(4_000_000_000_000_000_000)


def command_entities(text: str) -> Json:
    """Telegram marks a command at the start."""
    if not text.startswith("/"):
        return {}
    command = text.split()[0]
    return {"entities": [{"type": "bot_command", "offset": 0, "length": utf16(command)}]}


class Citizen:
    """A person in a private chat with the bot."""

    def __init__(self, api: BotApi, id: int = 1001, name: str = "张三") -> None:
        self.api = api
        self.id = id
        self.user: Json = {
            "id": id,
            "is_bot": False,
            "first_name": name,
            "language_code": "zh-hans",
        }
        api.chats[id] = {"id": id, "type": "private", "first_name": name}
        self._last: Json = {}

    # each returns the number of the update that it makes

    async def says(self, text: str) -> int:
        return await self._sends({"text": text, **command_entities(text)})

    async def sends(self, kind: str, caption: str = "") -> int:
        """A photo, document, voice, audio, video, animation, video_note or sticker."""
        file_id = f"AgACAgUAAx-{kind}-{next(_taps)}"
        self.api.files[file_id] = kind
        content = {kind: file_content(kind, file_id)}
        if kind == "animation":
            content["document"] = file_content("document", file_id)
        return await self._sends({**content, **({"caption": caption} if caption else {})})

    async def sends_content(self, content: Json) -> int:
        """Any other content of a message, as the Bot API names it."""
        return await self._sends(content)

    async def edits(self, text: str) -> int:
        """The last message that was said, in other words."""
        self._last = {**self._last, "text": text, "edit_date": int(time.time())}
        return await self.api.put("edited_message", self._last)

    async def taps(self, label: str) -> int:
        """The newest button of that label."""
        for message in reversed(self.received):
            for button in buttons(message):
                if button["text"] == label:
                    return await self.presses(message, button["callback_data"])
        raise AssertionError(f"no button {label!r}")

    async def presses(self, message: Json | None, data: str | None) -> int:
        tap = str(next(_taps))
        self.api.open_taps.add(tap)
        query = {"id": tap, "from": self.user, "chat_instance": "-77", "message": message}
        query["data"] = data
        return await self.api.put(
            "callback_query", {key: value for key, value in query.items() if value is not None}
        )

    async def blocks(self) -> int:
        self.api.blocked[self.id] = "bot was blocked by the user"
        return await self._membership("member", "kicked")

    async def unblocks(self) -> int:
        self.api.blocked.pop(self.id, None)
        return await self._membership("kicked", "member")

    @property
    def received(self) -> list[Json]:
        return self.api.sent(self.id)

    @property
    def texts(self) -> list[str]:
        return [message.get("text", "") for message in self.received]

    async def _sends(self, content: Json) -> int:
        self._last = self.api.new_message(self.id, {"from": self.user, **content})
        return await self.api.put("message", self._last)

    async def _membership(self, was: str, now: str) -> int:
        change: Json = {
            "chat": self.api.chats[self.id],
            "from": self.user,
            "date": int(time.time()),
        }
        for key, status in (("old_chat_member", was), ("new_chat_member", now)):
            until = {"until_date": 0} if status == "kicked" else {}
            change[key] = {"user": self.api.me, "status": status, **until}
        return await self.api.put("my_chat_member", change)


class Group:
    """A group chat that the bot is in."""

    def __init__(self, api: BotApi, id: int = -4001, title: str = "人工坐席") -> None:
        self.api = api
        self.id = id
        api.chats[id] = {"id": id, "type": "group", "title": title}
        self.member: Json = {"id": 2001, "is_bot": False, "first_name": "李四"}

    async def says(self, text: str, to: Json | None = None) -> int:
        """A member's words, as a reply to a message or not."""
        return await self.sends_content({"text": text, **command_entities(text)}, to)

    async def sends_content(self, content: Json, to: Json | None = None) -> int:
        replied = {"reply_to_message": to} if to else {}
        message = {"from": self.member, **content, **replied}
        return await self.api.put("message", self.api.new_message(self.id, message))

    async def becomes_forum(self, *, may: bool = True) -> None:
        """A supergroup with topics; `may`: the bot is an administrator who may manage them."""
        self.api.chats[self.id] |= {"type": "supergroup", "is_forum": True}
        if may:
            self.api.managers.add(self.id)

    async def says_in(self, thread: int, text: str) -> int:
        """Words in a topic, as Telegram shows them: replying to the notice that opened it."""
        return await self.sends_in(thread, {"text": text, **command_entities(text)})

    async def sends_in(self, thread: int, content: Json) -> int:
        opened = self.api.topics[self.id, thread]["opened"]
        place = {"message_thread_id": thread, "is_topic_message": True}
        return await self.sends_content({**place, **content}, opened)

    async def becomes_supergroup(self, id: int = -1001234567890) -> None:
        """Without a word to the bot: Telegram says it at the next call, and in an update."""
        self.api.migrated[self.id] = id
        self.api.chats[id] = {**self.api.chats[self.id], "id": id, "type": "supergroup"}

    @property
    def received(self) -> list[Json]:
        return self.api.sent(self.id)


def buttons(message: Json) -> list[Any]:
    return [b for row in message.get("reply_markup", {}).get("inline_keyboard", ()) for b in row]
