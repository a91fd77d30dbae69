"""What the search is asked: entries with their texts, and questions with the entry that is right.

On a fresh clone the sets are made from our own entries and their wordings; a folder of labelled files
(`python -m bench search --data DIR`) adds its own. A seed makes every run ask the same.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from handlers.files import load_entries, load_regions

SEED = 20261126
MOST, FEWER = 400, 150  # questions; fewer where one takes a peer a tenth of a second
SIZES = (5_000, 50_000)


@dataclass(frozen=True, slots=True)
class Entry:
    """`texts`: the question, then other wordings."""

    id: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    query: str
    expect: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Set:
    name: str
    entries: list[Entry]
    cases: list[Case]


def own_sets() -> Iterator[Set]:
    """Our entries, each asked by one of its wordings, which nobody was shown; then larger pools."""
    chance = random.Random(SEED)
    ours = [e for e in load_entries().values() if e.superseded_by is None and e.asks]
    left = {e.id: chance.choice(e.asks) for e in ours}
    cases = [Case(ask, (entry,)) for entry, ask in left.items()][:MOST]
    bare = [Entry(e.id, (e.question,)) for e in ours]
    full = [Entry(e.id, (e.question, *(a for a in e.asks if a != left[e.id]))) for e in ours]
    yield Set("own entries, questions only; a wording asks", bare, cases)
    yield Set("own entries with wordings; one that was left out asks", full, cases)
    yield from (_pool(size, chance) for size in SIZES)


def _pool(size: int, chance: random.Random) -> Set:
    """Every wording an entry of its own, filled up with places; asked with one character missing."""
    texts = [t for e in load_entries().values() for t in (e.question, *e.asks)]
    placed = (f"{place}{text}" for place, text in product(load_regions().province_of, texts))
    texts = list(dict.fromkeys(texts))
    if len(texts) > size:
        texts = chance.sample(texts, size)
    known = set(texts)
    for text in placed:
        if len(texts) >= size:
            break
        if text not in known:
            texts.append(text)
    entries = [Entry(f"t{n}", (text,)) for n, text in enumerate(texts)]
    long_enough = [e for e in entries if len(e.texts[0]) >= 8]
    asked = chance.sample(long_enough, MOST if size <= SIZES[0] else FEWER)
    cases = [Case(_slipped(e.texts[0], chance), (e.id,)) for e in asked]
    return Set(f"{size:,} wordings; one with a character missing asks", entries, cases)


def _slipped(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text))
    return text[:at] + text[at + 1 :]


def labelled_sets(folder: Path) -> Iterator[Set]:
    """`NAME_dev.jsonl` over `NAME_entries.jsonl`, or over our own entries if that is missing;
    `distractors_*.jsonl` fill the first pool up once more."""
    more = [e for path in sorted(folder.glob("distractors*.jsonl")) for e in _entries(path)]
    filled = False
    for path in sorted(folder.glob("*_dev.jsonl")):
        name = path.name.removesuffix("_dev.jsonl")
        cases = [c for c in _cases(path) if c.expect]
        pool = folder / f"{name}_entries.jsonl"
        if not pool.exists():
            ours = [e for e in load_entries().values() if e.superseded_by is None]
            bare = [Entry(e.id, (e.question,)) for e in ours]
            yield Set(f"{name}, own entries, questions only", bare, cases[:MOST])
            full = [Entry(e.id, (e.question, *e.asks)) for e in ours]
            yield Set(f"{name}, own entries with wordings", full, cases[:MOST])
            continue
        entries = list(_entries(pool))
        yield Set(f"{name}, {len(entries):,} entries", entries, cases[:MOST])
        if more and not filled:
            filled = True
            together = entries + more
            yield Set(f"{name}, {len(together):,} entries", together, cases[:FEWER])


def _entries(path: Path) -> Iterator[Entry]:
    for row in _rows(path):
        yield Entry(str(row["id"]), (str(row["question"]),))


def _cases(path: Path) -> Iterator[Case]:
    for row in _rows(path):
        expect = row["expect"]
        assert isinstance(expect, list)
        yield Case(str(row["query"]), tuple(expect))


def _rows(path: Path) -> Iterator[dict[str, object]]:
    yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())
