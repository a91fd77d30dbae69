"""The nouns of a conversation: what comes in, what is remembered, what goes out.

Rule 1: everything here is frozen and slotted; a new state is a new value.
Rule 2: `Conversation` goes to JSON and back without loss; whatever is not in it is forgotten.
Rule 3: events and effects are facts, told in the past.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal, get_args

from bot.engine.case import (
    CaseFiled,
    CaseMoved,
    CaseMoveTold,
    CaseNews,
    CaseOpened,
    CasesFound,
    CasesSought,
)
from bot.engine.enclosures import Agenda, Chart, Enclosure, TextFile
from bot.engine.kept import AttachmentKind as AttachmentKind
from bot.engine.kept import Evidence as Evidence
from bot.engine.kept import FormProgress as FormProgress
from bot.engine.offpeak import HalfDay
from bot.engine.person import PersonErrand, PersonEvent
from bot.engine.preferences import (
    USUAL,
    Preferences,
    PreferencesChanged,
    PreferencesFound,
    PreferencesSought,
)
from bot.engine.saved import SavedErrand, SavedEvent

if TYPE_CHECKING:
    from bot.matching.types import Found

ReplyKind = Literal[
    "answer",
    "clarify",
    "refuse",
    "route",
    "menu",
    "help",
    "question",
    "summary",
    "receipt",
    "result",
    "status",
    "staff",
    "handoff",
    "notice",
    "guide",
    "policy",
    "smalltalk",
    "error",
]
REPLY_KINDS: tuple[ReplyKind, ...] = get_args(ReplyKind)


CHOICE_BYTES = 64  # Telegram's limit for callback_data, kept by every channel


@dataclass(frozen=True, slots=True)
class Address:
    """Where one person is reached: a channel's name and the person's id there."""

    channel: str
    user: str

    def __str__(self) -> str:
        return f"{self.channel}:{self.user}"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture or file that a citizen sent; `ref` is the channel's own handle, never the bytes."""

    kind: AttachmentKind
    ref: str = ""
    name: str = ""


# --- events: what happened -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Message:
    """Words (or the `send` of a pressed choice) from a citizen. `id` is unique per channel."""

    id: str
    sender: Address
    text: str
    at: datetime  # aware
    attachment: Attachment | None = None
    hidden: tuple[str, ...] = ()  # kinds of personal number that were masked from `text`
    sealed: tuple[str, ...] = ()  # telephone numbers of `text`, sealed, where they may be kept


@dataclass(frozen=True, slots=True)
class StaffJoined:
    """A staff member has taken up the hand-over `request`."""

    request: int


@dataclass(frozen=True, slots=True)
class StaffLeft:
    """The staff member has ended the hand-over `request`."""

    request: int


@dataclass(frozen=True, slots=True)
class AlarmRang:
    """An alarm that was set for this person is due; whether it still matters is asked now."""

    name: str
    about: str
    note: str = ""
    preferences: Preferences = USUAL  # theirs, looked up when it rings


@dataclass(frozen=True, slots=True)
class AlarmsFound:
    """What is set to ring for this person, the soonest first."""

    sought: AlarmsSought
    alarms: tuple[AlarmSet, ...] = ()


@dataclass(frozen=True, slots=True)
class NoticeGiven:
    """A notice to many that had to wait for this person: an open form goes first."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class LectureTold:
    """What a lecture is; `at` None: there is none of that number, or it was called off."""

    sought: LectureSought
    title: str = ""
    at: datetime | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class QueueFound:
    """The line of those who wait for staff: how many, and how long the last few waited."""

    ahead: int
    minutes: int | None = None  # the median; None: too few to tell
    half_days: tuple[HalfDay, ...] = ()  # how busy the week is


Event = (
    Message
    | StaffJoined
    | StaffLeft
    | AlarmRang
    | CaseOpened
    | CasesFound
    | CaseMoveTold
    | CaseNews
    | PreferencesFound
    | AlarmsFound
    | NoticeGiven
    | LectureTold
    | QueueFound
    | PersonEvent
    | SavedEvent
)


# --- what goes out -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """A button. `send` is what pressing it says; it means the same next week."""

    label: str
    send: str

    def __post_init__(self) -> None:
        if not self.label or not 0 < len(self.send.encode()) <= CHOICE_BYTES:
            raise ValueError(f"choice {self.label!r} sends {self.send!r}: 1–{CHOICE_BYTES} bytes")


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to a citizen, in plain text. `entry` is the FAQ id that it answers from."""

    kind: ReplyKind
    text: str
    choices: tuple[Choice, ...] = ()
    entry: str | None = None
    attachments: tuple[Attachment, ...] = ()
    charts: tuple[Chart, ...] = ()
    agenda: Agenda | None = None
    file: TextFile | None = None

    @property
    def enclosures(self) -> tuple[Enclosure, ...]:
        """What is drawn or written out when it is delivered."""
        return (*self.charts, *(one for one in (self.agenda, self.file) if one))


# --- effects: what the host writes down besides the state ------------------------------------


@dataclass(frozen=True, slots=True)
class StaffRequested:
    """The citizen asked for a person; `capsule` is what staff read first (masked)."""

    capsule: str


@dataclass(frozen=True, slots=True)
class StaffMessaged:
    """The citizen wrote more to the open hand-over `request` (None: the newest open one)."""

    text: str
    request: int | None = None
    attachment: Attachment | None = None


@dataclass(frozen=True, slots=True)
class StaffDismissed:
    """The citizen has ended the hand-over."""


@dataclass(frozen=True, slots=True)
class QuestionMissed:
    """No sure answer: the (masked) question, for staff to curate."""

    text: str
    outcome: Literal["clarify", "refuse"]


@dataclass(frozen=True, slots=True)
class AnswerRated:
    """The citizen said whether `entry` solved their question."""

    entry: str
    solved: bool


@dataclass(frozen=True, slots=True)
class AnswerServed:
    """This person has this version of `entry`; `text`: its words on that day."""

    entry: str
    version: str
    text: str


@dataclass(frozen=True, slots=True)
class StaleAnswerGiven:
    """`entry` was sent although nobody has compared it with its source for long: review it."""

    entry: str


@dataclass(frozen=True, slots=True)
class AlarmSet:
    """Ring at a moment. One alarm per person, `name` and `about`: setting it again moves it."""

    name: str  # what kind of alarm, e.g. `unread`
    about: str  # what it is about, e.g. a consultation's number
    at: datetime  # aware
    note: str = ""  # handed back when it rings


@dataclass(frozen=True, slots=True)
class AlarmsCancelled:
    """The cause is gone: every alarm of this person `about` it (or only those `named`)."""

    about: str
    named: tuple[str, ...] = ()  # none: all


@dataclass(frozen=True, slots=True)
class AlarmsHurried:
    """What waited for this moment (an open form has ended): alarms of that name ring now."""

    name: str


@dataclass(frozen=True, slots=True)
class LectureAsked:
    """What somebody wants to have answered at a lecture (masked)."""

    lecture: int
    text: str


@dataclass(frozen=True, slots=True)
class LectureSought:
    """An errand: signs up for a lecture, or off; comes back as `LectureTold`."""

    lecture: int
    join: bool


@dataclass(frozen=True, slots=True)
class AlarmsSought:
    """An errand: what is set to ring, of those named. `why` and `given` are handed back."""

    why: str
    named: tuple[str, ...]
    given: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StaffTold:
    """Something of a consultation that staff should see at once, in their group if they have one."""

    number: str
    text: str


Effect = (
    StaffRequested
    | StaffMessaged
    | StaffDismissed
    | QuestionMissed
    | AnswerRated
    | AnswerServed
    | LectureAsked
    | StaleAnswerGiven
    | AlarmSet
    | AlarmsCancelled
    | StaffTold
    | AlarmsHurried
    | PreferencesChanged
)


@dataclass(frozen=True, slots=True)
class QueueSought:
    """How many wait for staff before this person; comes back as `QueueFound`."""


# What the house must do, in the same transaction, before the reply can be finished: it comes back
# as an event, and the turn goes on from there.
Errand = (
    CaseFiled
    | CasesSought
    | CaseMoved
    | PreferencesSought
    | AlarmsSought
    | LectureSought
    | QueueSought
    | PersonErrand
    | SavedErrand
)


# --- what is remembered -----------------------------------------------------------------------


StaffState = Literal["none", "waiting", "joined"]


@dataclass(frozen=True, slots=True)
class Conversation:
    """All that the bot remembers of one person at one address."""

    form: FormProgress | None = None
    drafts: tuple[FormProgress, ...] = ()
    staff: StaffState = "none"
    request: int | None = None  # the hand-over that staff has joined
    offered: tuple[Choice, ...] = ()  # what "2" means now
    topic: str | None = None  # FAQ id that a follow-up leans on
    profile: dict[str, str] = field(default_factory=dict)  # region, birth, … as told
    recent: tuple[str, ...] = ()  # "问 …" / "答 ZY03" lines for the capsule, newest last
    evidence: tuple[Evidence, ...] = ()
    case: str | None = None  # the consultation that was last spoken of
    following: str | None = None  # the one that staff's words or a nudge were about: what is said
    # next may belong to it
    pending: tuple[str, ...] = ()  # questions of one message that are still to be dealt with
    hurry: bool = False  # 都提交: the pending ones are filed as they are
    contact_for: str | None = None  # the consultation whose asker was asked for a telephone number
    sought: str | None = None  # a consultation that is not theirs: its query code may come next


@dataclass(frozen=True, slots=True)
class Turn:
    """What one event comes to. `found` explains the search, if there was one; it is not stored.

    With an `errand` the turn is not over: the event that comes of it is advanced next.
    """

    conversation: Conversation
    replies: tuple[Reply, ...] = ()
    effects: tuple[Effect, ...] = ()
    found: Found | None = None
    errand: Errand | None = None
