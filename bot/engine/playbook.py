"""Everything the bot can do and knows on a day: handed to `advance`, never changed by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.engine.contacts import Contacts
from bot.engine.documents import Library
from bot.engine.form import Form
from bot.engine.guide import Guide
from bot.engine.knowledge import Knowledge
from bot.engine.menu import Menu
from bot.engine.promise import Service
from bot.engine.regions import Regions
from bot.engine.sayings import Sayings
from bot.engine.workdays import Office, WorkCalendar
from bot.matching.types import Found

STALE_AFTER = 180  # days without a review, after which an answer carries a warning


class Search(Protocol):
    """What the engine needs of the matcher."""

    def search(
        self,
        text: str,
        *,
        region: str | None = None,
        topic: str | None = None,
        limit: int = 10,
        verbatim: bool = True,
    ) -> Found: ...

    def leans(self, text: str) -> tuple[str, ...]:
        """The aspects (materials, channels, time_limit, conditions, basis, how) that a text asks for
        without naming a subject of its own; empty if it has one."""

    def why(self, text: str, id: str) -> tuple[str, ...]:
        """The words of `text` that counted for a document."""


@dataclass(frozen=True)
class Playbook:
    """The forms, guides and knowledge, with the search over it."""

    knowledge: Knowledge
    search: Search
    menu: Menu
    sayings: Sayings
    contacts: Contacts
    library: Library
    regions: Regions
    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    forms: Mapping[str, Form[Any]] = field(default_factory=dict)
    guides: Mapping[str, Guide] = field(default_factory=dict)
    sealed_on: frozenset[str] = frozenset()  # channels on which a telephone number may be kept
    service: Service = field(default_factory=Service)

    @property
    def office(self) -> Office:
        """When our own staff work."""
        return Office(self.contacts.service, self.calendar)
