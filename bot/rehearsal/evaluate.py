"""`evaluate`: the search measured through the whole pipeline on labelled questions."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bot.clock import wall_clock
from bot.engine.knowledge import Basis, Entry, Knowledge
from bot.engine.parameters import BadData, Parameters
from bot.engine.playbook import Playbook
from bot.engine.sayings import Sayings
from bot.engine.types import Turn
from bot.matching.evaluate import Row, by_style, recall, summary, worst, wrong_answers
from bot.matching.types import Candidate, Found
from bot.rehearsal.ask import ask
from handlers.contents import load_lexicon, matcher, playbook


def evaluate(file: Path, faq: Path | None, errors: int, as_json: bool) -> int:
    """Prints the measures of `file`. Raises BadData for a file that does not read."""
    questions = list(_questions(file))
    began = time.perf_counter()
    book = _book(faq)
    build = time.perf_counter() - began
    rows, spent = _played(book, questions)
    measures: dict[str, Any] = summary(rows)
    measures["ms_median"] = median(spent)
    measures["ms_p99"] = quantiles(spent, n=100)[98] if len(spent) > 1 else spent[0]
    measures["build_seconds"] = build
    measures["entries"] = len(book.knowledge.entries)
    rounded = {k: round(v, 4) if isinstance(v, float) else v for k, v in measures.items()}
    print(json.dumps(rounded, ensure_ascii=False) if as_json else _table(rounded, rows))
    for row in worst(rows, errors):
        found = [f"{c.id} {c.score:.2f}" for c in row.found.candidates[:3]]
        print(f"{row.found.band:8} {','.join(row.expect) or '-':12} {found} {row.query[:80]}")
    return 0


def _questions(file: Path) -> Iterator[dict[str, Any]]:
    for number, row in _lines(file):
        if not isinstance(row.get("query"), str) or not isinstance(row.get("expect"), list):
            raise BadData(f'{file}: line {number}: {{"query": "…", "expect": ["ZY03"]}} is needed')
        yield row


def _lines(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadData(f"{file}: {type(error).__name__}: {error}") from None
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise BadData(f"{file}: line {number}: {error}") from None
        if not isinstance(row, dict):
            raise BadData(f"{file}: line {number}: an object is needed")
        yield number, row


def _book(faq: Path | None) -> Playbook:
    if faq is None:
        return playbook()
    if faq.is_dir():
        return playbook(faq)
    entries = {row["id"]: _bare(faq, number, row) for number, row in _lines(faq)}
    knowledge = Knowledge(entries, Parameters({}))
    # Somebody else's knowledge: our own sayings and documents have nothing to say to it.
    return replace(
        playbook(),
        knowledge=knowledge,
        search=matcher(knowledge, load_lexicon()),
        sayings=Sayings((), (), ()),
        guides={},
    )


def _bare(file: Path, number: int, row: dict[str, Any]) -> Entry:
    try:
        return Entry(row["id"], row["question"], row.get("answer", ""), date.min, (Basis("—"),))
    except KeyError as missing:
        raise BadData(f"{file}: line {number}: {missing} is missing") from None


def _played(book: Playbook, questions: list[dict[str, Any]]) -> tuple[list[Row], list[float]]:
    """A row a question, and the milliseconds that its whole turn took."""
    day = wall_clock().date()
    rows, spent = [], []
    for question in questions:
        began = time.perf_counter()
        turn = ask(book, question["query"], day)
        spent.append((time.perf_counter() - began) * 1000)
        found = _as_found(book, question["query"], turn)
        expect, style = tuple(question["expect"]), question.get("style", "")
        rows.append(Row(question["query"], expect, found, style, _offered(turn)))
    return rows, spent


def _as_found(book: Playbook, query: str, turn: Turn) -> Found:
    """What the citizen got, as the search's own bands: an answer only if an entry was sent."""
    reply = turn.replies[0]
    found = turn.found or book.search.search(query)
    band = reply.kind if reply.kind in ("answer", "clarify") else "refuse"
    if reply.entry is None:
        return replace(found, band="clarify" if band == "clarify" else "refuse")
    rest = tuple(c for c in found.candidates if c.id != reply.entry)
    first = next((c for c in found.candidates if c.id == reply.entry), Candidate(reply.entry, 1.0))
    return replace(found, band=band, candidates=(first, *rest)[:10])


def _offered(turn: Turn) -> tuple[str, ...]:
    """The entries that one tap leads to."""
    sends = [choice.send.split() for choice in turn.replies[0].choices]
    return tuple(
        entry
        for name, *given in filter(None, sends)
        if name in ("/faq", "/faqs")
        for entry in given
    )


def _table(measures: dict[str, Any], rows: list[Row]) -> str:
    lines = [f"{name:20} {value}" for name, value in measures.items()]
    styles = by_style(rows)
    if len(styles) > 1:
        lines.append(f"\n{'style':20} {'n':>5} {'R@1':>6} {'wrong':>6}")
        for style, group in styles.items():
            at_1 = f"{recall(group, 1):.3f}" if any(r.expect for r in group) else "-"
            lines.append(f"{style:20} {len(group):5} {at_1:>6} {wrong_answers(group):6.3f}")
    return "\n".join(lines)
