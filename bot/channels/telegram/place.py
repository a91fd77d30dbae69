"""The topic that what is sent now belongs to: set around a reply, read where a request is made."""

from __future__ import annotations

import re
from contextvars import ContextVar
from typing import Any

HERE: ContextVar[int | None] = ContextVar("telegram topic", default=None)
_SENDS = re.compile(r"send(?!ChatAction)[A-Z]\w+")


def placed(endpoint: str, data: dict[str, Any] | None) -> dict[str, Any] | None:
    """The parameters of a call, with the topic if it sends something and there is one."""
    thread = HERE.get()
    if thread is None or data is None or not _SENDS.fullmatch(endpoint):
        return data
    return data | {"message_thread_id": thread}
