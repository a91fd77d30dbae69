"""`evaluate --asks`: would a wording of ours be found if nobody had written it down?

Rule 1: each wording is searched for in entries that lack it. Nothing that was measured was known.
Rule 2: a round leaves one wording out of every entry, so as many rounds as the longest list of
        wordings measure all of them; the others' lists are one short as well.
Rule 3: an expired version leads to the present one: finding either is right.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from bot.engine.knowledge import Entry, Knowledge
from bot.engine.parameters import NATIONWIDE, BadData
from bot.matching.evaluate import Row, mrr, recall, worst
from handlers.contents import load_lexicon, matcher
from handlers.files import FAQ, load_knowledge


def evaluate_asks(faq: Path | None, errors: int, as_json: bool) -> int:
    """Prints how many wordings find their entry first, and among three. Raises BadData."""
    if faq is not None and not faq.is_dir():
        raise BadData(f"{faq}: a folder of entries with their wordings is needed")
    began = time.perf_counter()
    knowledge = load_knowledge(faq or FAQ)
    rows, spent = [], []
    for row, seconds in left_out(knowledge, faq or FAQ):
        rows.append(row)
        spent.append(seconds * 1000)
    measures: dict[str, Any] = {
        "n": len(rows),
        "r_at_1": recall(rows, 1),
        "r_at_3": recall(rows, 3),
        "mrr_at_10": mrr(rows),
        "ms_median": median(spent) if spent else 0.0,
        "entries": len(knowledge.entries),
        "rounds": _rounds(knowledge),
        "seconds": time.perf_counter() - began,
    }
    rounded = {k: round(v, 4) if isinstance(v, float) else v for k, v in measures.items()}
    table = "\n".join(f"{name:20} {value}" for name, value in rounded.items())
    print(json.dumps(rounded) if as_json else table)
    for row in worst(rows, errors):
        found = [f"{c.id} {c.score:.2f}" for c in row.found.candidates[:3]]
        print(f"{row.found.band:8} {','.join(row.expect):12} {found} {row.query}")
    return 0


def left_out(knowledge: Knowledge, faq: Path) -> Iterator[tuple[Row, float]]:
    """A row for every wording, and the seconds that its search took."""
    lexicon = load_lexicon(faq)
    for n in range(_rounds(knowledge)):
        entries = {entry.id: _without(entry, n) for entry in knowledge.entries.values()}
        search = matcher(replace(knowledge, entries=entries), lexicon)
        for entry in knowledge.entries.values():
            if n >= len(entry.asks):
                continue
            region = None if entry.region == NATIONWIDE else entry.region
            began = time.perf_counter()
            found = search.search(entry.asks[n], region=region)
            spent = time.perf_counter() - began
            yield Row(entry.asks[n], _versions(knowledge, entry), found), spent


def _rounds(knowledge: Knowledge) -> int:
    return max((len(entry.asks) for entry in knowledge.entries.values()), default=0)


def _without(entry: Entry, n: int) -> Entry:
    return replace(entry, asks=entry.asks[:n] + entry.asks[n + 1 :])


def _versions(knowledge: Knowledge, entry: Entry) -> tuple[str, ...]:
    """`entry`, what replaced it and what it replaced."""
    before = (e.id for e in knowledge.entries.values() if e.superseded_by == entry.id)
    return (entry.id, *filter(None, [entry.superseded_by]), *before)
