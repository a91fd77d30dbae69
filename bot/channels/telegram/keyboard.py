"""Choices as buttons below a message: short labels side by side, long ones on a row of their own."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.engine.types import Choice

MOST_BUTTONS = 100  # Telegram's limit for one message
SHORT = 10  # widest label (a Chinese character is 2 wide) of which three fit on a narrow phone
ABREAST = 3


def keyboard(choices: Sequence[Choice]) -> InlineKeyboardMarkup | None:
    """None if there is nothing to choose, or more than Telegram takes."""
    if not 0 < len(choices) <= MOST_BUTTONS:
        return None
    return InlineKeyboardMarkup([[_button(choice) for choice in row] for row in rows(choices)])


def rows(choices: Sequence[Choice]) -> Iterator[list[Choice]]:
    """The choices in their order, at most `ABREAST` short ones in a row."""
    row: list[Choice] = []
    for choice in choices:
        if row and (len(row) == ABREAST or _width(row[-1]) > SHORT or _width(choice) > SHORT):
            yield row
            row = []
        row.append(choice)
    if row:
        yield row


def _width(choice: Choice) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in choice.label)


def _button(choice: Choice) -> InlineKeyboardButton:
    return InlineKeyboardButton(choice.label, callback_data=choice.send)
