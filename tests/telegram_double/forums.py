"""Groups with topics: what Telegram says of them, and how topics are opened and closed."""

from __future__ import annotations

from tests.telegram_double.messages import Messages
from tests.telegram_double.rules import Json, bad, utf16

RIGHTS = (
    *("can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members"),
    *("can_promote_members", "can_change_info", "can_invite_users", "can_post_stories"),
    *("can_edit_stories", "can_delete_stories", "can_send_welcome_messages"),
)
COLORS = (7322096, 16766590, 13338331, 9367192, 16749490, 16478047)


class Forums(Messages):
    """Rule: only an administrator who may manage topics opens and closes them."""

    async def get_chat(self, params: Json) -> Json:
        chat = self._chat(params)
        gifts = (
            *("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription"),
            "gifts_from_channels",
        )
        return {
            **self.chats[chat],
            "accent_color_id": 1,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys(gifts, False),
        }

    async def get_chat_member(self, params: Json) -> Json:
        chat = self._chat(params)
        if int(params.get("user_id", 0)) != self.me["id"]:
            raise bad("user not found")
        if chat not in self.managers:
            return {"user": self.me, "status": "member"}
        rights = dict.fromkeys(RIGHTS, False) | {"can_manage_chat": True}
        own = {"can_be_edited": False, "is_anonymous": False, "can_manage_topics": True}
        return {"user": self.me, "status": "administrator", **rights, **own}

    async def create_forum_topic(self, params: Json) -> Json:
        chat, name = self._forum(params), params.get("name", "").strip()
        if not 1 <= utf16(name) <= 128:
            raise bad("TOPIC_TITLE_INVALID" if name else "topic name is empty")
        created = {"name": name, "icon_color": COLORS[0]}
        opened = self.new_message(chat, {"from": self.me, "forum_topic_created": created})
        thread: int = opened["message_id"]
        opened |= {"message_thread_id": thread, "is_topic_message": True}
        self.topics[chat, thread] = {**created, "closed": False, "opened": opened}
        return {"message_thread_id": thread, **created}

    async def close_forum_topic(self, params: Json) -> bool:
        return self._switch(params, closed=True)

    async def reopen_forum_topic(self, params: Json) -> bool:
        return self._switch(params, closed=False)

    def _switch(self, params: Json, *, closed: bool) -> bool:
        chat = self._forum(params)
        topic = self.topics.get((chat, int(params.get("message_thread_id", 0))))
        if topic is None:
            raise bad("message thread not found")
        if topic["closed"] is closed:
            raise bad("TOPIC_NOT_MODIFIED")
        topic["closed"] = closed
        return True

    def _forum(self, params: Json) -> int:
        """Raises Refused."""
        chat = self._chat(params)
        if not self.chats[chat].get("is_forum"):
            raise bad("the chat is not a forum")
        if chat not in self.managers:
            raise bad("not enough rights to create a topic")
        return chat
