"""The staff's group chat, which gets a new id when Telegram makes a supergroup of it."""

from __future__ import annotations

import logging

log = logging.getLogger(__name__)


class StaffRoom:
    """`configured` is the id in the settings, `chat` the one that holds now; None: no such group."""

    def __init__(self, configured: int | None) -> None:
        self.configured = configured
        self.chat = configured

    def chat_for(self, user: str) -> int | None:
        """The group's present id if `user` names it by any id that it had, else None."""
        return self.chat if user in {str(self.configured), str(self.chat)} else None

    def moved(self, chat: int) -> None:
        log.error(
            "telegram staff group has a new id, put it into the settings: was=%s now=%s",
            self.chat,
            chat,
        )
        self.chat = chat
