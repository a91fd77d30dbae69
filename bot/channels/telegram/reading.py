"""One update as it came from the wire, read into what it means to the house. Pure.

Rule 1: whatever arrives comes to a `Reading`; what is malformed or none of our business is
        `Ignored` with a reason, never an exception.
Rule 2: the update's own number is the message id: an edit and a second tap are messages of their
        own, the same update sent again is not.
Rule 3: `at` is our clock: a tap has no date of its own, and two clocks in one conversation disagree.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from telegram import CallbackQuery, ChatMemberUpdated, Update
from telegram import Message as TelegramMessage

from bot.channels.base import CaseAction
from bot.channels.telegram.attachments import received
from bot.engine.text import clean
from bot.engine.types import Address, Message

CHANNEL = "telegram"
HIGHEST = 2**63  # Telegram's numbers are 64 bits at most


@dataclass(frozen=True, slots=True)
class Heard:
    """A citizen said something; `tap` is the query to answer if a button said it."""

    message: Message
    tap: str | None = None


@dataclass(frozen=True, slots=True)
class StaffSaid:
    """Words in the staff's group, in reply to the message of hand-over `request`."""

    request: int
    text: str
    token: str


@dataclass(frozen=True, slots=True)
class StaffClosed:
    """`/close` in the staff's group, in reply to the message of hand-over `request`."""

    request: int


@dataclass(frozen=True, slots=True)
class StaffWorked:
    """What was done with consultation `number`, in reply to its message in the staff's group."""

    number: str
    action: CaseAction
    text: str
    token: str
    by: str  # the name that they go by


@dataclass(frozen=True, slots=True)
class StaffInTopic:
    """Words in a topic of the staff's group; whose it is only the house knows. `text` may be empty."""

    thread: int
    text: str
    token: str
    by: str


@dataclass(frozen=True, slots=True)
class StaffWordless:
    """Staff answered with something that cannot be passed on, as it has no words."""


@dataclass(frozen=True, slots=True)
class StaffMoved:
    """The staff's group has become a supergroup and has a new id."""

    chat: int


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing to do; `reason` is a short word for the record. A tap is answered all the same."""

    reason: str
    tap: str | None = None


Reading = (
    Heard
    | StaffSaid
    | StaffClosed
    | StaffWorked
    | StaffInTopic
    | StaffWordless
    | StaffMoved
    | Ignored
)


@dataclass(frozen=True, slots=True)
class Arrived:
    """An update: its `number` (None: it has none), the message `id` we know it by, its meaning."""

    number: int | None
    id: str
    reading: Reading

    @property
    def lane(self) -> str:
        """What shares a lane is handled in order: one person, or the staff's group."""
        match self.reading:
            case Heard(message):
                return message.sender.user
            case Ignored():
                return f"ignored {self.id}"
            case _:
                return "staff"


# Reading a malformed update raises these: python-telegram-bot checks neither types nor ranges.
_MALFORMED = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)


def read(raw: object, staff_chat: int | None, at: datetime) -> Arrived:
    """Never raises."""
    number = _number(raw)
    name = str(number) if number is not None else f"raw-{_digest(raw)}"
    try:
        if number is None:
            raise ValueError("update_id")
        meaning = _read(raw, staff_chat, name, at)
    except _MALFORMED as error:
        meaning = Ignored(f"malformed {type(error).__name__}")
    return Arrived(number, name, meaning)


def _number(raw: object) -> int | None:
    number = raw.get("update_id") if isinstance(raw, dict) else None
    return number if type(number) is int and 0 <= number < HIGHEST else None


def _digest(raw: object) -> str:
    try:
        whole = repr(raw).encode("utf-8", "replace")
    except RecursionError:
        whole = b"nested without end"
    return hashlib.sha256(whole).hexdigest()[:16]


def _read(raw: object, staff_chat: int | None, name: str, at: datetime) -> Reading:
    if not isinstance(raw, dict):
        raise TypeError("update")
    update = Update.de_json(raw, None)
    if update.callback_query:
        return _read_tap(update.callback_query, name, at)
    if update.my_chat_member:
        return _read_membership(update.my_chat_member)
    message = update.message or update.edited_message
    if message is None:
        return Ignored("unknown kind")
    if staff_chat is not None and message.chat.id == staff_chat:
        return _read_staff(message, name)
    if message.chat.type != "private":
        return Ignored("not a private chat")
    return _read_message(message, name, at, edited=update.message is None)


# --- citizens ---------------------------------------------------------------------------------

# Sent on purpose but not readable; anything else without words is Telegram's own notice.
_UNREADABLE = ("checklist", "contact", "dice", "game", "live_photo", "paid_media", "poll", "story")
_ADDRESSED = re.compile(r"\A(/[A-Za-z0-9_]{1,32})@[A-Za-z0-9_]{3,32}(?=\s|$)")


def _read_message(message: TelegramMessage, name: str, at: datetime, *, edited: bool) -> Reading:
    attachment = received(message)
    words = _words(message)
    if not words and edited:
        return Ignored("edit without words")  # a shared place moves every few seconds
    if not words and attachment is None and not _meant_for_us(message):
        return Ignored("notice")
    return Heard(Message(name, _address(message.chat.id), words, at, attachment))


def _meant_for_us(message: TelegramMessage) -> bool:
    """Newer kinds than the library knows are left in `api_kwargs`."""
    known = any(getattr(message, kind) for kind in _UNREADABLE)
    return message.text is not None or known or bool(message.api_kwargs)


def _words(message: TelegramMessage) -> str:
    """The text or caption, clean, a command without the bot's name."""
    said = message.text if message.text is not None else message.caption
    return _ADDRESSED.sub(r"\1", _text(said or ""))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("text")
    return clean(value)


def _address(chat: object) -> Address:
    if type(chat) is not int or not 0 < chat < HIGHEST:
        raise ValueError("chat")
    return Address(CHANNEL, str(chat))


def _read_tap(query: CallbackQuery, name: str, at: datetime) -> Reading:
    tap = query.id if isinstance(query.id, str) else None
    if query.message and query.message.chat.type != "private":
        return Ignored("tap outside a private chat", tap)
    if not query.data:
        return Ignored("tap without data", tap)
    return Heard(Message(name, _address(query.from_user.id), _text(query.data), at), tap)


def _read_membership(change: ChatMemberUpdated) -> Reading:
    if change.chat.type != "private":
        return Ignored("membership of a group")
    return Ignored("blocked by the citizen" if _gone(change) else "unblocked by the citizen")


def _gone(change: ChatMemberUpdated) -> bool:
    return change.new_chat_member.status == "kicked"


# --- staff ------------------------------------------------------------------------------------

_REQUEST = re.compile(r"#H([0-9]{1,12})(?![0-9])")
_CASE = re.compile(r"#C([0-9]{11,14})(?![0-9])")
CLOSE = "/close"
_CASE_COMMANDS: dict[str, CaseAction] = {
    "/claim": "claim",
    "/close": "close",
    "/note": "note",
    "/need": "need",
}


def request_tag(text: str) -> str | None:
    """`#H12` or `#C20261123001`, by which staff and we know what a message is about."""
    found = _REQUEST.search(text) or _CASE.search(text)
    return found[0] if found else None


def case_tag(text: str) -> str | None:
    """The number of the consultation that a message to staff is about."""
    found = _CASE.match(text)
    return found[1] if found else None


def _read_staff(message: TelegramMessage, name: str) -> Reading:
    if message.migrate_to_chat_id:
        return StaffMoved(int(message.migrate_to_chat_id))
    words, asked = _words(message), _replied_to(message)
    token, by = f"{CHANNEL}:{name}", _named(message)
    if found := _CASE.search(asked):
        return of_case(found[1], words, token, by)
    if message.is_topic_message and message.message_thread_id and not _REQUEST.search(asked):
        if not words and received(message) is None and not _meant_for_us(message):
            return Ignored("notice")  # the topic was opened, closed, renamed
        return StaffInTopic(_thread(message.message_thread_id), words, token, by)
    if not (found := _REQUEST.search(asked)):
        return Ignored("talk among staff")
    request = int(found[1])
    if words == CLOSE:
        return StaffClosed(request)
    if words.startswith("/"):
        return Ignored("unknown command of staff")
    return StaffSaid(request, words, token) if words else StaffWordless()


def _thread(number: object) -> int:
    if type(number) is not int or not 0 < number < HIGHEST:
        raise ValueError("thread")
    return number


def _named(message: TelegramMessage) -> str:
    return message.from_user.full_name if message.from_user else CHANNEL


def of_case(number: str, words: str, token: str, by: str) -> StaffWorked | StaffWordless | Ignored:
    """Words are the reply; a command with words after it is something else done with the case."""
    if not words:
        return StaffWordless()
    if not words.startswith("/"):
        return StaffWorked(number, "reply", words, token, by)
    command, *rest = words.split(maxsplit=1)
    action, text = _CASE_COMMANDS.get(command), "".join(rest)
    if action is None or (action in ("note", "need") and not text):
        return Ignored("unknown command of staff")
    return StaffWorked(number, action, text, token, by)


def _replied_to(message: TelegramMessage) -> str:
    """Only a bot's message counts: staff may write `#H12` to each other."""
    asked = message.reply_to_message
    if asked is None or asked.from_user is None or not asked.from_user.is_bot:
        return ""
    return _words(asked)
