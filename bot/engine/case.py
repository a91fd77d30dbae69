"""A consultation (咨询): what is filed, what its asker may see of it, and what can happen to it.

The engine writes no case. It sends the house on an errand (`CaseFiled`, `CasesSought`, `CaseMoved`);
the house carries it out in the turn's own transaction and comes back with an event that tells what
came of it. What staff do arrives as `CaseNews`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, get_args

from bot.engine.kept import Evidence
from bot.engine.offpeak import HalfDay
from bot.engine.preferences import USUAL, Preferences

CaseKind = Literal["policy", "procedure", "account", "complaint"]
CASE_KINDS: dict[CaseKind, str] = {
    "policy": "政策解读",
    "procedure": "操作流程",
    "account": "个人账户",
    "complaint": "投诉建议",
}
HEAD = "head"  # 领导信箱: of any kind, but with a target and an owner of its own
HEAD_LABEL = "领导信箱"

# received → taken → answered → closed; staff may need information, the asker may withdraw.
CaseState = Literal["received", "taken", "needs_info", "answered", "closed", "withdrawn"]
CASE_STATES: tuple[CaseState, ...] = get_args(CaseState)
UNANSWERED: tuple[CaseState, ...] = ("received", "taken", "needs_info")

Rating = Literal["good", "fair", "bad"]
RATINGS: dict[Rating, str] = {"good": "满意", "fair": "一般", "bad": "不满意"}


@dataclass(frozen=True, slots=True)
class CaseDraft:
    """What is filed. Everything in it is masked; `contact` is sealed."""

    kind: CaseKind
    title: str  # one line, as lists show it
    text: str  # the question that staff answer: composed, neutral
    original: str  # as it was typed
    promised_at: datetime  # aware
    region: str | None = None  # 参保地
    slots: dict[str, str] = field(default_factory=dict)  # label → words, as the form shows them
    contact: str = ""
    anonymous: bool = False
    urgent: bool = False
    for_head: bool = False  # 领导信箱
    evidence: tuple[Evidence, ...] = ()
    capsule: str = ""  # answers tried, a calculator's inputs and result
    warn_at: datetime | None = None  # from when on the promise presses
    resolve_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A consultation as its asker may see it."""

    number: str  # YYYYMMDDNNN
    kind: CaseKind
    state: CaseState
    title: str
    text: str
    created_at: datetime
    promised_at: datetime
    answer: str = ""  # the newest
    answered_at: datetime | None = None
    answers: int = 0  # so many so far; a rating belongs to the last
    read: bool = True  # the newest answer was delivered in full
    rated: Rating | None = None  # the last answer
    urged_on: date | None = None
    wanted: str = ""  # what staff need to know, while `needs_info`
    region: str | None = None
    anonymous: bool = False
    for_head: bool = False

    @property
    def unanswered(self) -> bool:
        return self.state in UNANSWERED


# --- errands ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CaseFiled:
    """File it and give it a number; comes back as `CaseOpened`."""

    draft: CaseDraft


@dataclass(frozen=True, slots=True)
class CasesSought:
    """Look for the asker's own cases (at most ten, the newest first), or for one by number.

    `code`: the query code of somebody else's. `why`: what the engine wants with them, handed back.
    """

    why: str
    number: str = ""
    code: str = ""


# `asked`: a question that the bot answered, noted under the case; `escalate` is the bot's own.
CaseMove = Literal[
    "urge",
    "supplement",
    "withdraw",
    "follow_up",
    "rate",
    "read",
    "reopen",
    "asked",
    "contact",
    "escalate",
]


@dataclass(frozen=True, slots=True)
class CaseMoved:
    """Something the asker does with a case of their own; comes back as `CaseMoveTold`."""

    number: str
    move: CaseMove
    text: str = ""  # of a supplement, a follow-up question, the reason of a rating
    rating: Rating | None = None
    evidence: tuple[Evidence, ...] = ()
    promised_at: datetime | None = None  # of a follow-up question
    warn_at: datetime | None = None  # from when on that promise presses


# --- events ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """It is filed. `usual_minutes`: the median of working time to an answer, last 30 days."""

    case: Case
    code: str  # six digits, known to the asker only
    usual_minutes: int | None = None
    half_days: tuple[HalfDay, ...] = ()  # how busy the week is


@dataclass(frozen=True, slots=True)
class CasesFound:
    """What was sought. No case for a number: it is not theirs. `locked`: too many wrong codes."""

    sought: CasesSought
    cases: tuple[Case, ...] = ()
    locked: bool = False


@dataclass(frozen=True, slots=True)
class CaseMoveTold:
    """What became of a move. `case` None: not theirs. `done` False: it was so already, or too late."""

    moved: CaseMoved
    case: Case | None
    done: bool


News = Literal["taken", "needs_info", "answered", "closed", "transferred", "overdue"]


@dataclass(frozen=True, slots=True)
class CaseNews:
    """Staff did something that the asker is told. `text`: their words, or the department.

    `elsewhere`: the channel, in words, where it could not be delivered; it is told here instead.
    """

    case: Case
    news: News
    text: str = ""
    preferences: Preferences = USUAL  # the asker's, looked up when it is told
    elsewhere: str = ""


# --- what may be done ------------------------------------------------------------------------

FOLLOW_UP_DAYS = 15  # after an answer


def may(case: Case, move: CaseMove, today: date) -> bool:
    """Whether the asker may do this with the case now."""
    match move:
        case "urge":
            return case.unanswered and case.urged_on != today
        case "supplement" | "withdraw" | "escalate":
            return case.unanswered
        case "contact":
            return case.unanswered and not case.anonymous
        case "follow_up" | "reopen":
            return case.state in ("answered", "closed") and _fresh(case, today)
        case "rate":
            return case.answers > 0 and case.rated is None
        case "read":
            return case.answers > 0
        case "asked":
            return True


def _fresh(case: Case, today: date) -> bool:
    return case.answered_at is not None and (
        (today - case.answered_at.date()).days <= FOLLOW_UP_DAYS
    )
