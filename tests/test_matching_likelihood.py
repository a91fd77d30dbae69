"""What the wordings of a document tell about who means it."""

from __future__ import annotations

import numpy as np

from bot.matching.lexicon import Lexicon
from bot.matching.library import Library
from bot.matching.reading import Reader
from bot.matching.types import Document

READER = Reader(Lexicon.read("", {}))
CARD = Document("SC01", "卡丢了怎么办", ("卡找不到了", "掉了卡", "卡丢在车上"))
LATE = Document("SB12", "钱没到账怎么办", ("这个月没发钱", "钱还不来", "卡里没进钱"))


def likelihoods(text: str, *documents: Document) -> list[float]:
    """Of each document, 0 for the likeliest."""
    library = Library(documents, READER)
    signs, weights, _ = library.asked(next(READER.entries([text])))
    tells = library.likelihood.asked(np.array(signs), np.array(weights, np.float32))
    _, shared = library.postings.of(signs).both(np.array(weights), tells)
    found = library.likelihood.of(shared, tells)
    return [float(one) for one in found - found.max()]


def test_what_people_write_more_often_of_one_document_speaks_for_it() -> None:
    card, late = likelihoods("卡丢了", CARD, LATE)
    assert card == 0.0
    assert late < 0.0
    card, late = likelihoods("卡里钱没来", CARD, LATE)
    assert late == 0.0
    assert card < 0.0


def test_a_sign_that_both_have_tells_more_of_the_one_that_has_it_more_often() -> None:
    card, late = likelihoods("卡", CARD, LATE)
    assert card == 0.0
    assert late < 0.0


def test_more_wordings_of_the_same_kind_make_it_surer() -> None:
    asks = (*CARD.asks, "卡丢了咋整", "我把卡弄丢了", "丢了卡")
    more = Document(CARD.id, CARD.question, asks)
    assert likelihoods("卡丢了", more, LATE)[1] < likelihoods("卡丢了", CARD, LATE)[1]


def test_a_long_wording_counts_no_more_than_a_short_one() -> None:
    """Or else one story would outweigh all that others say."""
    story = "、".join(f"第{n}天我又去问了一次" for n in range(1, 60))
    long = Document(LATE.id, LATE.question, (*LATE.asks, f"卡{story}"))
    card, late = likelihoods("卡丢了", CARD, long)
    assert card == 0.0
    assert late < 0.0


def test_signs_that_nobody_wrote_decide_nothing() -> None:
    assert likelihoods("卡丢了嗯嗯", CARD, LATE)[0] == 0.0
