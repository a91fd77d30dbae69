"""Entries that staff publish, laid over those of the files.

Rule 1: a changed entry keeps its id, so that every link to it holds; its old words, if they were the rule
        until then, stay as an expired version (`SB01-20261201`), which leads to it.
Rule 2: the last publication of an entry counts; versions of one entry lead from each to the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

from bot.engine.knowledge import Entry, read_entry
from bot.engine.parameters import BadData

DATES = ("checked", "effective_from", "effective_to")


@dataclass(frozen=True, slots=True)
class Publication:
    """`ended`: the version that holds until the day before `entry` does."""

    entry: Entry
    ended: Entry | None = None


def overlaid(entries: Mapping[str, Entry], publications: Iterable[Publication]) -> dict[str, Entry]:
    """The entries with what was published, in its order."""
    found = dict(entries)
    for publication in publications:
        if (ended := publication.ended) is not None:
            for older in [e for e in found.values() if e.superseded_by == publication.entry.id]:
                if older.id != ended.id:
                    found[older.id] = replace(older, superseded_by=ended.id)
            found[ended.id] = ended
        found[publication.entry.id] = publication.entry
    return found


def version_until(was: Entry, since: date) -> Entry:
    """The version of `was` that ends the day before `since`."""
    return replace(
        was,
        id=f"{was.id}-{since:%Y%m%d}",
        question=f"{since.year}年{since.month}月{since.day}日以前，{was.question}",
        asks=(),
        effective_to=since - timedelta(days=1),
        superseded_by=was.id,
    )


def table(entry: Entry) -> dict[str, Any]:
    """An entry as its `[[entry]]` table."""
    row = {key: value for key, value in asdict(entry).items() if value}
    basis = [{key: value for key, value in one.items() if value} for one in row.pop("basis")]
    lists = {key: list(value) for key, value in row.items() if isinstance(value, tuple)}
    return {**row, **lists, "basis": basis}


def written(row: Mapping[str, Any]) -> dict[str, Any]:
    """A table with its days as text, for JSON."""
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in row.items()}


def read(where: str, row: Mapping[str, Any]) -> Entry:
    """An entry of a table whose days are text. Raises BadData."""
    try:
        days = {key: date.fromisoformat(row[key]) for key in DATES if row.get(key)}
    except ValueError as problem:
        raise BadData(f"{where}: entry {row.get('id', '?')}: {problem}") from None
    return read_entry(where, {k: v for k, v in row.items() if k not in DATES} | days)
