"""A contribution record that came as a file: fetched, read and dropped; nothing of it is stored.

Rule 1: only a small xlsx or csv is fetched; any other file is heard as a file.
Rule 2: what cannot be fetched in time, or read, is heard as a file, too: its sender is told so.
"""

from __future__ import annotations

import asyncio
import logging

from telegram import Bot
from telegram.error import TelegramError

from bot import records
from bot.engine.form import Unclear
from bot.engine.types import Message

TIME = 10.0  # seconds for fetching and reading
log = logging.getLogger(__name__)


async def opened(bot: Bot, message: Message) -> Message:
    """The message with the record as its text, if it carries one."""
    file = message.attachment
    if file is None or message.text or file.kind != "file" or not records.wanted(file.name):
        return message
    try:
        async with asyncio.timeout(TIME):
            found = await bot.get_file(file.ref)
            if (found.file_size or 0) > records.MOST_BYTES:
                return message
            data = bytes(await found.download_as_bytearray())
            return await asyncio.to_thread(records.heard, message, data)
    except Unclear:
        return message
    except (TelegramError, TimeoutError) as error:
        log.warning("telegram file not fetched error=%s", type(error).__name__)
        return message
