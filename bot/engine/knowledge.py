"""What the bot knows: dated, regional, sourced entries (one `[[entry]]` of `faq_data/*.toml` each)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.engine.parameters import NATIONWIDE, BadData, NoFigure, Parameters, placeholders

BODIES = (
    "人社",
    "医保",
    "税务",
    "公积金",
    "卫健",
    "法院",
    "民政",
    "工会",
    "单位",
    "银行",
    "公安",
    "教育",
    "其他",
)
ANSWER_LENGTH = 300  # characters, after the figures are filled in


@dataclass(frozen=True, slots=True)
class Basis:
    """The document behind an answer. `url` is an official address or empty."""

    title: str
    number: str = ""  # 文号
    article: str = ""
    url: str = ""

    def __str__(self) -> str:
        number = f"（{self.number}）" if self.number else ""
        return f"{self.title}{number}{self.article}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A question, its wordings and its answer, with where and when it holds."""

    id: str
    question: str
    answer: str
    checked: date
    basis: tuple[Basis, ...]
    asks: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    time_limit: str = ""
    region: str = NATIONWIDE
    body: str = "人社"
    effective_from: date | None = None
    effective_to: date | None = None
    superseded_by: str | None = None
    related: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()  # "guide:<name>", "calculator:<name>"
    section: str = ""  # heading in the category tree

    def holds(self, day: date) -> bool:
        return (self.effective_from is None or self.effective_from <= day) and (
            self.effective_to is None or day <= self.effective_to
        )

    @property
    def version(self) -> str:
        """Changes with any word of it that a citizen may read."""
        told = "\n".join((self.question, *self.texts()))
        return hashlib.sha256(told.encode()).hexdigest()[:12]

    def texts(self) -> tuple[str, ...]:
        """Every text of it that a citizen may read."""
        return (self.answer, self.time_limit, *self.conditions, *self.materials, *self.channels)


# A typed quantity is refused: it must come from a parameter, so that it can change in one place.
_TYPED_QUANTITY = re.compile(
    r"(?<![第\d.．号〔\[{:a-z_-])(\d+(?:\.\d+)?)\s*"
    r"(万元|元|%|％|‰|周岁|岁|倍|个月|个工作日|工作日|个百分点|年(?!\d)|天|日(?!常))"
)
_QUOTED = re.compile(
    r"《[^》]*》|〔[^〕]*〕|\{[^}]*\}|\d{4}年(?:\d{1,2}月(?:\d{1,2}日)?)?|\d{1,2}月\d{1,2}日"
)


def typed_quantities(text: str) -> list[str]:
    """Quantities typed into a text (dates, titles and placeholders are not)."""
    return [m[0] for m in _TYPED_QUANTITY.finditer(_QUOTED.sub(" ", text))]


_ID = re.compile(r"[A-Z]{2}\d{2,3}(?:-[0-9A-Z]+)?")
_TUPLES = ("asks", "conditions", "materials", "channels", "related", "starts")
_DATES = ("effective_from", "effective_to")
_TEXTS = ("time_limit", "region", "body", "superseded_by", "section")
_FIELDS = {"id", "question", "answer", "checked", "basis", *_TUPLES, *_DATES, *_TEXTS}


def read_entry(where: str, table: Mapping[str, Any]) -> Entry:
    """An `[[entry]]` table. Raises BadData naming file, id, field and reason."""
    at = f"{where}: entry {table.get('id', '?')}"

    def bad(field: str, reason: str) -> BadData:
        return BadData(f"{at}: {field}: {reason}")

    for extra in sorted(set(table) - _FIELDS):
        raise bad(extra, "unknown field")
    if not isinstance(table.get("id"), str) or not _ID.fullmatch(table["id"]):
        raise bad("id", "two capitals and a number are needed (e.g. ZY03)")
    for key in ("question", "answer"):
        if not isinstance(table.get(key), str) or not table[key].strip():
            raise bad(key, "a text is needed")
    for key in _TUPLES:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            raise bad(key, "a list of texts is needed")
    for key in _TEXTS:
        if not isinstance(table.get(key, ""), str):
            raise bad(key, "a text is needed")
    for key in (*_DATES, "checked"):
        if key in table and type(table[key]) is not date:
            raise bad(key, "a date is needed (e.g. 2026-11-23)")
    if "checked" not in table:
        raise bad("checked", "the day on which the answer was compared with its source is needed")
    if table.get("body", "人社") not in BODIES:
        raise bad("body", f"one of {' '.join(BODIES)}")
    since, until = table.get("effective_from"), table.get("effective_to")
    if since and until and until < since:
        raise bad("effective_to", "is before effective_from")
    if until and not table.get("superseded_by"):
        raise bad("superseded_by", "an expired entry names the entry that replaces it")
    entry = Entry(
        id=table["id"],
        question=table["question"].strip(),
        answer=table["answer"].strip(),
        checked=table["checked"],
        basis=tuple(_read_basis(at, row) for row in table.get("basis", ())),
        time_limit=table.get("time_limit", "").strip(),
        region=table.get("region", NATIONWIDE),
        body=table.get("body", "人社"),
        effective_from=since,
        effective_to=until,
        superseded_by=table.get("superseded_by"),
        section=table.get("section", ""),
        **{key: tuple(table.get(key, ())) for key in _TUPLES},
    )
    if not entry.basis:
        raise bad("basis", "at least one document is needed")
    if len(set(entry.asks)) != len(entry.asks):
        raise bad("asks", "a wording stands twice")
    for text in entry.texts():
        if quantities := typed_quantities(text):
            raise bad("answer", f"{quantities[0]} is typed; use a parameter ({{topic.name}})")
    return entry


def _read_basis(at: str, row: Mapping[str, Any]) -> Basis:
    extra = set(row) - set(Basis.__slots__)
    if extra or not isinstance(row.get("title"), str) or not row["title"]:
        raise BadData(f"{at}: basis: title, and optionally number, article, url")
    url = row.get("url", "")
    if url and not re.match(r"https?://([a-z0-9-]+\.)*(gov\.cn|12333\.gov\.cn)(/|$)", url):
        raise BadData(f"{at}: basis: url: {url} is not an official address (gov.cn)")
    return Basis(**row)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All entries, and which version of one holds on a day."""

    entries: Mapping[str, Entry]
    parameters: Parameters

    def __getitem__(self, entry: str) -> Entry:
        return self.entries[entry]

    def __contains__(self, entry: object) -> bool:
        return entry in self.entries

    def in_force(self, entry: str, day: date) -> Entry:
        """`entry`, or the version of it that holds on `day` (successors, then predecessors)."""
        found = self.entries[entry]
        seen = {found.id}
        while not found.holds(day):
            if found.effective_to and day > found.effective_to and found.superseded_by:
                following = self.entries[found.superseded_by]
            else:
                before = [e for e in self.entries.values() if e.superseded_by == found.id]
                if not before:
                    return found
                following = before[0]
            if following.id in seen:
                return found
            found = following
            seen.add(found.id)
        return found

    def problems(self, day: date) -> Iterable[str]:
        """What is wrong between entries: links to nothing, figures that are missing on `day`."""
        for entry in self.entries.values():
            for link in (*entry.related, *filter(None, [entry.superseded_by])):
                if link not in self.entries:
                    yield f"entry {entry.id}: related: there is no entry {link}"
            if not entry.holds(day):
                continue
            for text in entry.texts():
                unknown = sorted(n for n in placeholders(text) if n not in self.parameters)
                if unknown:
                    yield f"entry {entry.id}: there is no parameter {unknown[0]}"
                    continue
                try:
                    filled = self.parameters.fill(text, day, entry.region)
                except NoFigure as missing:
                    yield f"entry {entry.id}: no figure: {missing}"
                    continue
                if text is entry.answer and len(filled) > ANSWER_LENGTH:
                    yield f"entry {entry.id}: answer: {len(filled)} characters, {ANSWER_LENGTH} at most"
