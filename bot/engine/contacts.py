"""Who answers what, where and when: hotlines, bureaus and their hours (`faq_data/contacts.toml`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.engine import words
from bot.engine.parameters import NATIONWIDE, BadData
from bot.engine.workdays import Hours, WorkCalendar, clock_words, day_words, read_hours


@dataclass(frozen=True, slots=True)
class Contact:
    """One office or hotline. `hours` None: not verified for this place."""

    region: str
    body: str  # 人社 医保 税务 …
    name: str
    phone: str
    site: str = ""
    address: str = ""
    hours: Hours | None = None
    around_the_clock: bool = False
    does: str = ""  # what it is for, in a few words
    source: str = ""
    checked: date | None = None

    def shown(self, now: datetime, calendar: WorkCalendar) -> str:
        """Name, telephone, hours with open-or-not, site: a line each."""
        lines = [f"{self.name}：{self.phone}" if self.phone else self.name]
        if self.address:
            lines.append(f"地址：{self.address}")
        if self.around_the_clock:
            lines.append("办公：24 小时")
        elif self.hours:
            lines.append(f"办公：工作日 {self.hours}（{open_words(self.hours, now, calendar)}）")
        elif self.phone:
            today = "工作日" if calendar.works(now.date()) else "休息日"
            lines.append(words.HOURS_UNVERIFIED.format(today=today))
        if self.site:
            lines.append(f"官方网站：{self.site}")
        return "\n".join(lines)


def open_words(hours: Hours, now: datetime, calendar: WorkCalendar) -> str:
    """Whether it is open now, else when it opens; beyond the published calendar it says so."""
    if hours.open_at(now, calendar):
        return words.CONTACT_OPEN
    opening = hours.next_opening(now, calendar)
    said = words.CONTACT_CLOSED.format(
        day=day_words(opening.date(), now.date()), time=clock_words(opening.time())
    )
    if calendar.published(opening.date()):
        return said
    return said + words.CALENDAR_UNKNOWN.format(year=opening.year)


@dataclass(frozen=True, slots=True)
class Contacts:
    """All contacts; `service` are the hours of our own staff."""

    all: Sequence[Contact]
    service: Hours

    def of(self, body: str, region: str = NATIONWIDE, wider: Sequence[str] = ()) -> Contact | None:
        """The nearest contact of an authority for a place."""
        for place in (region, *wider, NATIONWIDE):
            for contact in self.all:
                if contact.body == body and contact.region == place:
                    return contact
        return None

    def named(self, body: str) -> Contact | None:
        """The nationwide contact of a body, by its short name (税务) or its whole one (税务部门)."""
        whole = (c for c in self.all if c.name == body and c.region == NATIONWIDE)
        return self.of(body) or next(whole, None)

    def phone(self, body: str) -> str:
        """`医保服务热线 12393` for a body, or what to ask where we have no number."""
        contact = self.named(body) or self.of("其他")
        return f"{contact.name} {contact.phone}" if contact else "12345"


_FIELDS = {
    *("region", "body", "name", "phone", "site", "address", "hours", "around_the_clock"),
    *("does", "source", "checked"),
}


def read_contacts(where: str, table: Mapping[str, Any]) -> Contacts:
    """Raises BadData."""
    try:
        service = read_hours(table["service"]["hours"])
    except (KeyError, ValueError) as error:
        raise BadData(f"{where}: service: hours: {error}") from None
    return Contacts(tuple(_read(where, row) for row in table.get("contact", ())), service)


def _read(where: str, row: Mapping[str, Any]) -> Contact:
    at = f"{where}: contact {row.get('name', '?')}"
    for extra in sorted(set(row) - _FIELDS):
        raise BadData(f"{at}: {extra}: unknown field")
    for key in ("body", "name", "source"):
        if not isinstance(row.get(key), str) or not row[key]:
            raise BadData(f"{at}: {key}: a text is needed")
    if type(row.get("checked")) is not date:
        raise BadData(f"{at}: checked: a date is needed")
    try:
        hours = read_hours(row["hours"]) if "hours" in row else None
    except ValueError as error:
        raise BadData(f"{at}: hours: {error}") from None
    rest = {key: value for key, value in row.items() if key not in ("hours", "region")}
    return Contact(region=row.get("region", NATIONWIDE), hours=hours, **{"phone": "", **rest})
