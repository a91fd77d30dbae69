"""Rule 4 of the matcher: the words of an entry find it, also with a slip, but never another meaning."""

from __future__ import annotations

import numpy as np
import pytest

from bot.matching.lexicon import Lexicon
from bot.matching.library import Library
from bot.matching.reading import Reader
from bot.matching.types import Document
from bot.matching.verbatim import likeness
from tests.searching import everything

DOCUMENTS = [
    Document("A", "异地没备案能报销吗", ("住院以后再备案来得及吗",)),
    Document("B", "异地就医怎么备案", ()),
]


def alike(text: str) -> list[float]:
    library = Library(DOCUMENTS, Reader(Lexicon.read("", {})))
    found = likeness(text, library, np.array([0, 1], np.int32))
    return [round(float(one), 2) for one in found]


def test_the_very_words_count_fully_and_a_slip_less() -> None:
    assert alike("异地没备案能报销吗") == [1.0, 0.0]
    whole, slipped = 1.0, alike("住院以后再备案来的及吗")[0]
    assert 0.5 <= slipped < whole


@pytest.mark.parametrize(
    "text", ["异地备案能报销吗", "异地没备案能报销3次吗", "怎么备案", "异地", "今天天气怎么样呀"]
)
def test_another_meaning_is_no_slip(text: str) -> None:
    assert alike(text) == [0.0, 0.0]


@pytest.mark.parametrize(
    "text", ["当月忘交了下月还能补交吗", "当月忘交了下月还能补交吗？", "当月忘交了下月还能补缴吗"]
)
def test_a_wording_of_an_entry_finds_it_although_a_neighbour_is_near(text: str) -> None:
    assert everything().search(text).candidates[0].id == "CJ16"
