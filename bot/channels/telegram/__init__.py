"""Telegram: citizens write to a bot; staff answer in a group chat by replying to its messages.

python-telegram-bot gives `Bot`, `Update` and the errors, nothing else: its `Application` queues in
memory and confirms before the work is done.
"""

import os

# A 429's retry_after as timedelta: the whole-number form is deprecated and warns on every 429.
os.environ.setdefault("PTB_TIMEDELTA", "true")

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.intake import StaffNotes

__all__ = ["StaffNotes", "TelegramChannel"]
