"""A strict stand-in of Telegram's Bot API, the people who use it, and an independent judge."""

from tests.telegram_double.bench import NOW, Bench, connected
from tests.telegram_double.judge import judge
from tests.telegram_double.people import Citizen, Group, buttons
from tests.telegram_double.rules import Refused, utf16
from tests.telegram_double.state import Made
from tests.telegram_double.wire import BotApi, Fault

__all__ = [
    "NOW",
    "Bench",
    "BotApi",
    "Citizen",
    "Fault",
    "Group",
    "Made",
    "Refused",
    "buttons",
    "connected",
    "judge",
    "utf16",
]
