"""Notices to many, as one person's conversation meets them: an open form goes first.

A notice that finds a form open waits as an alarm (`WAITS`); it rings when the form ends, or when the
person has said nothing for a while.
"""

from __future__ import annotations

from dataclasses import replace

from bot.engine.types import AlarmsHurried, Conversation, Turn

WAITS = "notice"  # the name of its alarm


def after(was: Conversation, turn: Turn) -> Turn:
    """The turn, and what waited for the form that it ended."""
    if was.form is None or turn.conversation.form is not None:
        return turn
    return replace(turn, effects=(*turn.effects, AlarmsHurried(WAITS)))
