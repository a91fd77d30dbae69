"""How long to wait when something goes wrong; what needs a person says so in the log."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.channels.telegram.faults import described, pause_asked

log = logging.getLogger(__name__)

Sleep = Callable[[float], Awaitable[None]]
LONGEST_PAUSE = 60.0  # seconds
LONGEST_BEFORE_COMMIT = 5.0  # seconds; everyone waits while one update cannot be committed


class Patience:
    """How long to wait after each failure in a row; a success starts over."""

    def __init__(self, sleep: Sleep) -> None:
        self._sleep = sleep
        self._failures = 0

    def restored(self) -> None:
        self._failures = 0

    async def after(self, error: TelegramError | None = None) -> None:
        """Wait 1, 2, 4, … seconds, or as `error` says; None: the trouble is on our side."""
        self._failures += 1
        await self._sleep(self._pause(error))

    def _pause(self, error: TelegramError | None) -> float:
        match error:
            case RetryAfter():
                return pause_asked(error)
            case InvalidToken():
                log.error("telegram token refused: set BOT_TELEGRAM_TOKEN to what @BotFather shows")
                return LONGEST_PAUSE
            case Conflict():
                log.error(
                    "telegram conflict: another process uses this bot's token, stop one of them"
                )
                return LONGEST_PAUSE / 2
            case None:
                return self._growing(LONGEST_BEFORE_COMMIT)
            case _:
                log.warning("telegram unreachable error=%s %s", type(error).__name__, _why(error))
                return self._growing(LONGEST_PAUSE)

    def _growing(self, most: float) -> float:
        return min(most, 2.0 ** min(self._failures - 1, 10))


def _why(error: TelegramError) -> str:
    """Telegram's own words; those of a gateway's page or the transport are left out."""
    return described(error) if error.__cause__ is None else type(error.__cause__).__name__
