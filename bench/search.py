"""Our search and its peers over the same entries and questions, each in a process of its own.

R@1 and R@3: a right entry is first, or among three. Build: from texts to the first answer, imports
left out. Memory: what the process grew by, imports and index, over Python with the texts. Times are
processor time, so that a busy machine changes little; `×` is the median against ours.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import TypeVar

from bench.peers import PEERS
from bench.sets import Entry, Set, labelled_sets, own_sets

OURS = "ours"
T = TypeVar("T")
Ids = Callable[[str], list[str]]  # question → entries, best first


@dataclass(frozen=True, slots=True)
class Measured:
    name: str
    first: float  # R@1
    third: float  # R@3
    each: list[float]  # milliseconds
    build: float  # seconds
    memory: float  # MB

    def line(self, ours: Measured) -> str:
        slow = quantiles(self.each, n=100)[98]
        ratio = median(self.each) / median(ours.each)
        return (
            f"{self.name:28} R@1 {self.first:.3f}  R@3 {self.third:.3f}  {median(self.each):8.2f} ms"
            f"  p99 {slow:8.2f} ms  ×{ratio:<6.2f} build {self.build:6.2f} s  {self.memory:5.0f} MB"
        )


def run(data: Path | None) -> None:
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")  # for the processes to come
    sets = [*own_sets(), *(labelled_sets(data) if data else ())]
    for one in sets:
        print(f"\n{one.name} · {len(one.entries):,} entries, {len(one.cases)} questions")
        ours = measured(OURS, one)
        print(ours.line(ours))
        for name in PEERS:
            print(measured(name, one).line(ours), flush=True)
    print("\nlong messages over our own entries")
    for name, spent in apart(_stories, ()).items():
        print(f"{name:28} {spent:8.2f} ms")


def measured(name: str, asked: Set) -> Measured:
    """In a new process, so that nobody profits from what another loaded."""
    return apart(_measured, (name, asked))


def apart(work: Callable[..., T], given: tuple[object, ...]) -> T:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, given)


def _measured(name: str, asked: Set) -> Measured:
    before = resident()
    _imported(name)
    began = time.process_time()
    best = _ours(asked.entries) if name == OURS else _peer(name, asked.entries)
    best(asked.cases[0].query)
    build = time.process_time() - began
    memory = resident() - before
    each, first, third = [], 0, 0
    for case in asked.cases:
        began = time.process_time()
        found = best(case.query)
        each.append((time.process_time() - began) * 1000)
        first += bool(set(found[:1]) & set(case.expect))
        third += bool(set(found[:3]) & set(case.expect))
    number = len(asked.cases)
    return Measured(name, first / number, third / number, each, build, memory)


def _imported(name: str) -> None:
    """What is imported once is not building."""
    small = [Entry("a", ("社保卡丢了怎么办",)), Entry("b", ("失业金能领几个月",))]
    (_ours(small) if name == OURS else _peer(name, small))("社保卡")


def _ours(entries: Iterable[Entry]) -> Ids:
    from bot.matching.matcher import Matcher
    from bot.matching.types import Document
    from handlers.contents import load_lexicon

    matcher = Matcher([Document(e.id, e.texts[0], e.texts[1:]) for e in entries], load_lexicon())
    return lambda query: [found.id for found in matcher.search(query).candidates]


def _peer(name: str, entries: Iterable[Entry]) -> Ids:
    texts = [(text, entry.id) for entry in entries for text in entry.texts]
    best = PEERS[name]([text for text, _ in texts])
    owner = [entry for _, entry in texts]
    return lambda query: list(dict.fromkeys(owner[number] for number in best(query)))


def _stories() -> dict[str, float]:
    """Milliseconds of our search for long and odd messages, the median of five."""
    from handlers.contents import playbook

    book = playbook()
    story = "，".join(e.question for e in book.knowledge.entries.values())
    odd = {
        "2,000 characters": story[:2_000],
        "10,000 characters": story[:10_000],
        "one character 5,000 times": "社" * 5_000,
    }
    return {name: median(_timed(book.search.search, text)) for name, text in odd.items()}


def _timed(search: Callable[[str], object], text: str) -> list[float]:
    spent = []
    for _ in range(5):
        began = time.process_time()
        search(text)
        spent.append((time.process_time() - began) * 1000)
    return spent


def resident() -> float:
    """Memory of this process, MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
