"""The policy library: official documents, their state on a day, and how they are found."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.engine.parameters import NATIONWIDE, BadData


@dataclass(frozen=True, slots=True)
class Document:
    """One official document. `points` are its key points in our own words."""

    id: str
    title: str
    issuer: str
    published: date
    effective_from: date
    topics: tuple[str, ...]
    points: tuple[str, ...]
    checked: date
    number: str = ""  # 文号
    url: str = ""
    region: str = NATIONWIDE
    repealed_on: date | None = None
    repealed_by: str = ""
    entries: tuple[str, ...] = ()

    def status(self, day: date) -> str:
        if self.repealed_on and self.repealed_on <= day:
            return f"已废止（{self.repealed_by}）" if self.repealed_by else "已废止"
        return "现行有效" if self.effective_from <= day else f"将于 {self.effective_from} 生效"

    def line(self, day: date) -> str:
        number = f" {self.number}" if self.number else ""
        return f"{self.title}{number}　{self.issuer} {self.published}　{self.status(day)}"

    def shown(self, day: date) -> str:
        lines = [self.line(day), *(f"· {point}" for point in self.points)]
        lines.append(f"官方地址：{self.url}" if self.url else "原文请在 www.gov.cn 按标题查找。")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Library:
    documents: Sequence[Document]

    def find(self, text: str, most: int = 5) -> list[Document]:
        """The documents whose 文号, title or topic a text names, newest first."""
        squeezed = re.sub(r"\s", "", text).replace("[", "〔").replace("]", "〕")
        scored = [(self._score(document, squeezed), document) for document in self.documents]
        best = max((score for score, _ in scored), default=0)
        found = [d for score, d in scored if score and score == best]
        return sorted(found, key=lambda d: d.published, reverse=True)[:most]

    def by_id(self, id: str) -> Document | None:
        return next((d for d in self.documents if d.id == id), None)

    def _score(self, document: Document, text: str) -> int:
        if document.number and document.number in text:
            return 3
        name = document.title.strip("《》")
        if name in text or (len(text) >= 6 and text in name):
            return 2
        return int(any(topic in text for topic in document.topics))


def read_library(where: str, table: Mapping[str, Any]) -> Library:
    """Raises BadData."""
    return Library(tuple(_read(where, row) for row in table.get("policy", ())))


def _read(where: str, row: Mapping[str, Any]) -> Document:
    at = f"{where}: policy {row.get('id', '?')}"
    for extra in sorted(set(row) - set(Document.__slots__)):
        raise BadData(f"{at}: {extra}: unknown field")
    for key in ("id", "title", "issuer"):
        if not isinstance(row.get(key), str) or not row[key]:
            raise BadData(f"{at}: {key}: a text is needed")
    for key in ("published", "effective_from", "checked"):
        if type(row.get(key)) is not date:
            raise BadData(f"{at}: {key}: a date is needed")
    lists = {key: tuple(row.get(key, ())) for key in ("topics", "points", "entries")}
    if not lists["topics"] or not lists["points"]:
        raise BadData(f"{at}: topics and points: at least one each")
    return Document(**{**row, **lists})
