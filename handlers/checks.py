"""What `python -m bot check` says: everything that is wrong with the data on a day, a line each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bot.engine.calculator import PREFIX
from bot.engine.knowledge import read_entry
from bot.engine.parameters import BadData
from bot.engine.playbook import Playbook
from handlers import gate
from handlers.contents import playbook
from handlers.files import FAQ, NOT_ENTRIES, read_toml


def check(day: date, faq: Path = FAQ) -> list[str]:
    """Problems of the files; when these read, also those between them."""
    broken = list(_unreadable(faq))
    if broken:
        return broken
    try:
        book = playbook(faq)
    except BadData as problem:
        return [str(problem)]
    twice = [problem.text for problem in gate.twice(book.knowledge)]
    return [*_links(book, day), *twice, *_taken(book, faq)]


def _unreadable(faq: Path) -> Iterator[str]:
    """Every bad entry, not only the first."""
    for path in sorted(faq.glob("*.toml")):
        try:
            rows = read_toml(path).get("entry", [])
        except BadData as problem:
            yield str(problem)
            continue
        for row in [] if path.stem in NOT_ENTRIES else rows:
            try:
                read_entry(path.name, row)
            except BadData as problem:
                yield str(problem)


def _links(book: Playbook, day: date) -> Iterator[str]:
    yield from book.knowledge.problems(day)
    calculators = {form.removeprefix(PREFIX) for form in book.forms if form.startswith(PREFIX)}
    for entry in book.knowledge.entries.values():
        for start in entry.starts:
            kind, _, name = start.partition(":")
            known = book.guides if kind == "guide" else calculators
            if name not in known:
                yield f"entry {entry.id}: starts: there is no {start}"
    for guide in book.guides.values():
        if guide.entry not in book.knowledge:
            yield f"guide {guide.name}: entry: there is no {guide.entry}"
    for document in book.library.documents:
        for entry_id in document.entries:
            if entry_id not in book.knowledge:
                yield f"policy {document.id}: entries: there is no {entry_id}"
            elif document.repealed_on and document.repealed_on <= day:
                yield f"entry {entry_id}: rests on {document.title}, repealed on {document.repealed_on}"


def _taken(book: Playbook, faq: Path) -> Iterator[str]:
    """Questions that find another entry than their own (handlers/gate.py)."""
    try:
        recorded = gate.read_recorded() if faq == FAQ else []
        accepted = gate.read_ambiguous(faq / gate.AMBIGUOUS)
    except BadData as problem:
        yield str(problem)
        return
    yield from gate.unknown(book.knowledge, recorded, accepted)
    yield from gate.regression(book.knowledge, book.search, recorded, accepted)
