"""The one source of time: passed in everywhere, so that tests and rehearsals can turn it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")

Clock = Callable[[], datetime]  # aware, Asia/Shanghai


def wall_clock() -> datetime:
    return datetime.now(CHINA)
