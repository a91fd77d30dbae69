"""What the bot says: every method that sends, edits or answers, as strict as Telegram."""

from __future__ import annotations

import re

from tests.telegram_double.rules import (
    CAPTION_UNITS,
    FILES,
    TEXT_UNITS,
    Json,
    Refused,
    Uploaded,
    bad,
    checked_markup,
    checked_upload,
    file_content,
    utf16,
)
from tests.telegram_double.state import State


class Messages(State):
    """Rule: a message is kept only if nothing of it was refused."""

    async def get_me(self, params: Json) -> Json:
        return {**self.me, "can_join_groups": True, "can_read_all_group_messages": False}

    def _chat(self, params: Json) -> int:
        """Where a message may go. Raises Refused."""
        try:
            chat = int(params["chat_id"])
        except (KeyError, ValueError):
            raise bad("chat_id is empty") from None
        if chat in self.migrated:
            to = self.migrated[chat]
            raise bad("group chat was upgraded to a supergroup chat", migrate_to_chat_id=to)
        if chat not in self.chats:
            raise bad("chat not found")
        if chat in self.blocked:
            raise Refused(403, f"Forbidden: {self.blocked[chat]}")
        return chat

    def _send(self, chat: int, content: Json, thread: object = None) -> Json:
        placed = self.in_topic(chat, int(str(thread))) if thread else {}
        return self.new_message(chat, {"from": self.me, **placed, **content})

    def in_topic(self, chat: int, thread: int) -> Json:
        """What marks a message of the bot in a topic. Raises Refused."""
        topic = self.topics.get((chat, thread))
        if topic is None:
            raise bad("message thread not found")
        if topic["closed"] and chat not in self.managers:
            raise bad("TOPIC_CLOSED")
        return {
            "message_thread_id": thread,
            "is_topic_message": True,
            "reply_to_message": topic["opened"],
        }

    async def send_message(self, params: Json) -> Json:
        text = params.get("text", "").strip()
        if not text:
            raise bad("message text is empty")
        if utf16(text) > TEXT_UNITS:
            raise bad("message is too long")
        markup = checked_markup(params.get("reply_markup"))
        content = {"text": text, **markup}
        return self._send(self._chat(params), content, params.get("message_thread_id"))

    async def _send_file(self, method: str, params: Json) -> Json:
        parameter, kind = FILES[method]
        given = params.get(parameter, "")
        if isinstance(given, Uploaded):
            checked_upload(kind, given)
            params[parameter] = f"AgACAgUAAxkUPLOADED{len(self.uploads):04}"
            self.uploads.append(given)
            self.files[params[parameter]] = kind
        known = self.files.get(params.get(parameter, ""))
        if known is None:
            raise bad("wrong file identifier/HTTP URL specified")
        if known != kind:
            raise bad(f"can't use file of type {known.capitalize()} as {kind.capitalize()}")
        caption = {"caption": params["caption"]} if params.get("caption") else {}
        if utf16(params.get("caption", "")) > CAPTION_UNITS:
            raise bad("message caption is too long")
        content = {kind: file_content(kind, params[parameter])}
        thread = params.get("message_thread_id")
        return self._send(self._chat(params), {**content, **caption}, thread)

    async def send_photo(self, params: Json) -> Json:
        return await self._send_file("sendPhoto", params)

    async def send_document(self, params: Json) -> Json:
        return await self._send_file("sendDocument", params)

    async def send_voice(self, params: Json) -> Json:
        return await self._send_file("sendVoice", params)

    async def send_audio(self, params: Json) -> Json:
        return await self._send_file("sendAudio", params)

    async def send_video(self, params: Json) -> Json:
        return await self._send_file("sendVideo", params)

    async def send_animation(self, params: Json) -> Json:
        return await self._send_file("sendAnimation", params)

    async def send_video_note(self, params: Json) -> Json:
        return await self._send_file("sendVideoNote", params)

    async def send_sticker(self, params: Json) -> Json:
        return await self._send_file("sendSticker", params)

    async def send_location(self, params: Json) -> Json:
        place = {key: float(params[key]) for key in ("latitude", "longitude")}
        if not (abs(place["latitude"]) <= 90 and abs(place["longitude"]) <= 180):
            raise bad("wrong latitude or longitude specified")
        return self._send(self._chat(params), {"location": place})

    async def copy_message(self, params: Json) -> Json:
        source = self.messages.get((int(params["from_chat_id"]), int(params["message_id"])))
        if source is None:
            raise bad("message to copy not found")
        own = {"message_id", "date", "chat", "from", "reply_to_message"}
        copied = {key: value for key, value in source.items() if key not in own}
        return {"message_id": self._send(self._chat(params), copied)["message_id"]}

    async def edit_message_reply_markup(self, params: Json) -> Json:
        chat = self._chat(params)
        message = self.messages.get((chat, int(params.get("message_id", 0))))
        if message is None:
            raise bad("message to edit not found")
        if message["from"]["id"] != self.me["id"]:
            raise bad("message can't be edited")
        markup = checked_markup(params.get("reply_markup"))
        if message.get("reply_markup") == markup.get("reply_markup"):
            raise bad(
                "message is not modified: new reply markup is exactly the same as the current"
            )
        message.pop("reply_markup", None)
        message.update(markup)
        return message

    async def answer_callback_query(self, params: Json) -> bool:
        if utf16(params.get("text", "")) > 200:
            raise bad("MESSAGE_TOO_LONG")
        try:
            self.open_taps.remove(params.get("callback_query_id", ""))
        except KeyError:
            raise bad(
                "query is too old and response timeout expired or query ID is invalid"
            ) from None
        return True

    async def set_my_commands(self, params: Json) -> bool:
        commands = params["commands"]
        if len(commands) > 100:
            raise bad("too many commands")
        for command in commands:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
                raise bad("BOT_COMMAND_INVALID")
            if not 1 <= utf16(command["description"]) <= 256:
                raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands = commands
        return True

    async def send_chat_action(self, params: Json) -> bool:
        self._chat(params)
        if params.get("action") not in {"typing", "upload_photo", "upload_document"}:
            raise bad("wrong parameter action in request")
        return True
