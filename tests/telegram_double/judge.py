"""An independent judge of both sides of the wire: aiogram's models of the Bot API.

Our requests must be a valid `aiogram.methods.X`; what our double answered must be what that method
returns, and what it handed out a valid `Update`.
"""

from __future__ import annotations

from typing import Any

import aiogram.methods
from aiogram.types import BufferedInputFile
from pydantic import TypeAdapter

from tests.telegram_double.rules import Uploaded
from tests.telegram_double.wire import BotApi


def judge(api: BotApi) -> int:
    """How many calls were judged. Raises pydantic.ValidationError on the first that is wrong."""
    for call in api.calls:
        method = getattr(aiogram.methods, call.method[0].upper() + call.method[1:])
        method.model_validate({k: _file(v) for k, v in call.params.items()})
        if call.result is not None and not (api.spoilt and call.method == "getUpdates"):
            TypeAdapter(method.__returning__).validate_python(call.result)
    return len(api.calls)


def _file(value: Any) -> Any:
    """A file that was sent along, in aiogram's words."""
    return BufferedInputFile(value.data, value.name) if isinstance(value, Uploaded) else value
