"""What the search does with entries of another field, and what an answer tells in ours."""

from __future__ import annotations

from bot.matching.features import LIKELY, Measure
from bot.matching.lexicon import Lexicon
from bot.matching.library import Library
from bot.matching.reading import Reader
from bot.matching.types import Document
from handlers.contents import load_lexicon

OURS = load_lexicon()
NOBODYS = Lexicon.read("", {})


def grams(lexicon: Lexicon, text: str) -> dict[str, float]:
    (reading,) = Reader(lexicon).entries([text])
    return reading.grams


def test_a_particle_tells_two_questions_apart_where_the_words_are_not_ours() -> None:
    assert "画的" in grams(NOBODYS, "这是什么漫画的")
    assert "画的" not in grams(OURS, "这是什么漫画的")


def test_the_documents_know_the_stretches_that_they_write_and_no_others() -> None:
    library = Library([Document("A", "怎么养猫"), Document("B", "猫怎么叫")], Reader(NOBODYS))
    assert library.is_word("养猫")
    assert library.is_word("猫怎么")
    assert not library.is_word("猫养")
    assert not library.is_word("怎么养鱼")
    assert not library.is_word("么养猫怎")  # each pair is there, the stretch is not


def test_a_concept_that_only_the_answer_names_speaks_for_it_a_little() -> None:
    """The funeral grant is named in one answer, in no wording."""
    told = Document("A", "家里老人的事去哪办", answer="到窗口办理，丧葬费一次发给。")
    silent = Document("B", "家里老人的事去哪办", answer="到窗口办理，当场办好。")
    wording = Document("C", "丧葬费去哪办", answer="到窗口办理，当场办好。")
    reader = Reader(OURS)
    library = Library([told, silent, wording], reader)
    facets = [OURS.facets[f] for f in OURS.facet_of]
    measure = Measure(library, facets, library.rare[: library.kinds] * 0)
    measured = measure(reader.question("丧葬费去哪办", library.is_word))
    likely = dict(
        zip(measured.numbers.tolist(), measured.features[:, LIKELY].tolist(), strict=True)
    )
    assert likely[2] > likely[0] > likely[1]
