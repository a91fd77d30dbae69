"""The publish gate: no entry takes a question that another one answers.

Rule 1: every wording of an entry, and every recorded question, finds its own entry first, even
        where nothing counts for being there word for word.
Rule 2: versions of an entry are one entry: what finds the expired one is answered with its successor.
Rule 3: a neighbour may come first if the entry that loses names it in `related` and still stands
        among the first three; any other exception is listed in ambiguous.toml with its reason.
Rule 4: a recorded question without an entry must not be answered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.engine.knowledge import Entry, Knowledge
from bot.engine.parameters import NATIONWIDE, BadData
from bot.engine.playbook import Search
from bot.engine.text import plain
from bot.matching.lexicon import Lexicon
from bot.matching.types import Found
from handlers.contents import matcher
from handlers.files import FAQ, ROOT, read_toml

RECORDED = ROOT / "tests" / "faq_asks.toml"  # a deployment may lack it: then only asks count
AMBIGUOUS = "ambiguous.toml"  # in the folder of the entries
FIRST = 3  # places among which a neighbour's question must keep its own entry

Accepted = Mapping[tuple[str, str], str]  # (wording, its entry) → the entry that may come first


@dataclass(frozen=True, slots=True)
class Question:
    """A text that must find `entry` first; with none, it must not be answered. `name`: for people."""

    name: str
    text: str
    entry: str | None
    region: str | None = None


def regression(
    knowledge: Knowledge, search: Search, recorded: Iterable[Question], accepted: Accepted
) -> Iterator[str]:
    """Every question that another entry takes, a line each."""
    for question in (*wordings(knowledge), *recorded):
        taker = _taker(knowledge, search, question, accepted)
        if taker is not None:
            yield _line(question, taker)


def gate(
    knowledge: Knowledge, lexicon: Lexicon, candidate: Entry, recorded: Path = RECORDED
) -> list[str]:
    """Why `candidate` may not be published (new, or in the place of its old self); empty if it may.

    It takes what others answer, or others take what it shall answer. Searches all that is known
    once: some seconds, so call it in a thread.
    """
    after = replace(knowledge, entries={**knowledge.entries, candidate.id: candidate})
    broken = [line for line in twice(after) if candidate.id in line.owners]
    search = matcher(after, lexicon)
    accepted = read_ambiguous(FAQ / AMBIGUOUS)
    mine = {candidate.id, _present(after, candidate.id)}
    for question in (*wordings(after), *read_recorded(recorded)):
        taker = _taker(after, search, question, accepted)
        if taker is not None and (question.entry in mine or taker in mine):
            broken.append(Problem(_line(question, taker)))
    return [line.text for line in broken]


@dataclass(frozen=True, slots=True)
class Problem:
    """A line, and the entries that it is about."""

    text: str
    owners: frozenset[str] = frozenset()


def twice(knowledge: Knowledge) -> Iterator[Problem]:
    """A wording that two entries claim could be answered either way."""
    found: dict[str, list[str]] = defaultdict(list)
    for entry in knowledge.entries.values():
        for text in {plain(t) for t in (entry.question, *entry.asks)}:
            found[text].append(entry.id)
    for text, owners in found.items():
        if len(owners) > 1:
            line = f"entry {owners[0]}: asks: “{text}” is also a wording of {owners[1]}"
            yield Problem(line, frozenset(owners))


def wordings(knowledge: Knowledge) -> Iterator[Question]:
    """What every entry says it answers."""
    for entry in knowledge.entries.values():
        region = None if entry.region == NATIONWIDE else entry.region
        for text in (entry.question, *entry.asks):
            yield Question(f"entry {entry.id}", text, entry.id, region)


def read_recorded(path: Path = RECORDED) -> list[Question]:
    """`[[question]]` tables of id, text and entry. None if the file is not there. Raises BadData."""
    if not path.exists():
        return []
    found: dict[str, Question] = {}
    for row in _rows(path, "question", {"id", "text"}, {"entry", "region"}):
        if row["id"] in found:
            raise BadData(f"{path.name}: question {row['id']} stands twice")
        name = f"question {row['id']}"
        found[row["id"]] = Question(name, row["text"], row.get("entry"), row.get("region"))
    return list(found.values())


def read_ambiguous(path: Path) -> Accepted:
    """`[[ambiguous]]` tables of ask, entry, finds and why. Raises BadData."""
    if not path.exists():
        return {}
    rows = _rows(path, "ambiguous", {"ask", "entry", "finds", "why"}, set())
    return {(row["ask"], row["entry"]): row["finds"] for row in rows}


def unknown(
    knowledge: Knowledge, recorded: Iterable[Question], accepted: Accepted
) -> Iterator[str]:
    """What the two files say of entries and wordings that are not there."""
    for question in recorded:
        if question.entry is not None and question.entry not in knowledge:
            yield f"{question.name}: there is no entry {question.entry}"
    for (ask, entry), finds in accepted.items():
        for one in (entry, finds):
            if one not in knowledge:
                yield f"{AMBIGUOUS}: “{ask}”: there is no entry {one}"
        if entry in knowledge and ask not in (knowledge[entry].question, *knowledge[entry].asks):
            yield f"{AMBIGUOUS}: “{ask}” is no wording of {entry} any more: remove the line"


def _rows(path: Path, table: str, needed: set[str], more: set[str]) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(read_toml(path).get(table, ()), 1):
        texts = all(isinstance(value, str) and value.strip() for value in row.values())
        if not texts or not needed <= set(row) or set(row) - needed - more:
            raise BadData(f"{path.name}: {table} {number}: {', '.join(sorted(needed))} are needed")
        yield row


def _taker(
    knowledge: Knowledge, search: Search, question: Question, accepted: Accepted
) -> str | None:
    """The entry that stands first although another should; "" if nothing is found at all."""
    found = search.search(question.text, region=question.region, verbatim=False)
    if question.entry is None:
        return found.candidates[0].id if found.band == "answer" else None
    first = _first(found, knowledge)
    wanted = _present(knowledge, question.entry)
    if not first:
        return ""
    taker = found.candidates[0].id
    if first[0] == wanted or accepted.get((question.text, question.entry)) == taker:
        return None
    loser = knowledge.entries.get(question.entry)
    if loser and wanted in first and {taker, first[0]} & set(loser.related):
        return None
    return taker


def _first(found: Found, knowledge: Knowledge) -> Sequence[str]:
    """The first places, each entry in its present version."""
    present = (_present(knowledge, candidate.id) for candidate in found.candidates)
    return tuple(dict.fromkeys(present))[:FIRST]


def _present(knowledge: Knowledge, entry: str) -> str:
    """The version that replaced all others."""
    seen = {entry}
    while (one := knowledge.entries.get(entry)) and one.superseded_by not in (None, *seen):
        entry = str(one.superseded_by)
        seen.add(entry)
    return entry


def _line(question: Question, taker: str) -> str:
    said = f"{question.name}: “{question.text}”"
    if question.entry is None:
        return f"{said} must not be answered, {taker} takes it"
    return f"{said} wants {question.entry}, " + (f"{taker} takes it" if taker else "finds nothing")
