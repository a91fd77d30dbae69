"""What the search is measured with stands nowhere in what it was made from."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.matching.normalise import normalise
from handlers.files import FAQ, load_entries
from handlers.gate import read_recorded

ROOT = Path(__file__).parent.parent
EVALUATION = ROOT.parent / "shared" / "evaluation"
SHORT = 6  # characters: what is shorter, two people write alike


def wordings() -> Iterator[str]:
    for entry in load_entries().values():
        yield from (entry.question, *entry.asks)
    yield from (question.text for question in read_recorded())
    yield from (ROOT / "bot" / "matching" / "outside.txt").read_text("utf-8").splitlines()
    letters = (ROOT / "bench" / "letters.jsonl").read_text("utf-8").splitlines()
    yield from (json.loads(line)["query"] for line in letters)


def terms() -> Iterator[str]:
    """The lexicon's; a term may be what a question is about, but no question."""
    yield from _texts(tomllib.loads((FAQ / "lexicon.toml").read_text("utf-8")))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


@pytest.mark.skipif(not EVALUATION.is_dir(), reason="the evaluation questions are not here")
def test_no_question_that_we_are_measured_with_is_one_of_ours() -> None:
    theirs = {
        json.loads(line)["query"]
        for path in EVALUATION.glob("*_dev.jsonl")
        for line in path.read_text("utf-8").splitlines()
    }
    assert len(theirs) > 100
    ours = {_bare(text) for text in wordings()}
    copied = {text for text in theirs if _bare(text) in ours}
    copied |= theirs & set(terms())
    assert {text for text in copied if len(_bare(text)) >= SHORT} == set()


def _bare(text: str) -> str:
    return "".join(c for c in normalise(text) if c.isalnum())
