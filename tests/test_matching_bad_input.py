"""Whatever arrives as text: a band, never an exception (100,000 more: python -m bench.fuzz)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.matching.normalise import normalise
from bot.matching.types import Found
from tests.searching import everything, over

STORY = "，".join(d.question for d in everything().library.documents)
ODD = {
    "empty": "",
    "blank": " \t\r\n\u3000",
    "one character": "社",
    "one mark": "？",
    "one digit": "9",
    "10,000 characters": STORY[:10_000],
    "one character 5,000 times": "社" * 5_000,
    "one letter 5,000 times": "a" * 5_000,
    "one digit 5,000 times": "1" * 5_000,
    "one numeral 300 times": "百" * 300 + "岁",
    "one mark 5,000 times": "？" * 5_000,
    "open brackets": "([{" * 1_000,
    "regular expression": r"(a+)+$ .* [^\]] \1 (?P<x>) {1,99999} |||",
    "SQL": "'; DROP TABLE lines; -- \" OR 1=1 UNION SELECT * FROM x WHERE a LIKE '%_'",
    "markup": "<script>alert(1)</script> &amp; ${jndi} {0} %s {retirement.age}",
    "mixed scripts": "社保card丟了どうする 어떻게 как быть كيف",
    "control characters": "社\x00保\x07卡\x1b[31m丢\x7f了\u202e吗",
    "lone surrogates": "社保\ud800卡丢了\udfff怎么办\udc80",
    "only surrogates": "\ud800\udfff",
    "joined emoji": "👨\u200d👩\u200d👧😀" * 50,
    "stacked accents": "社" + "\u0301" * 3_000,
    "full width": "ＳＯＣＩＡＬ　１２３３３？！",
    "huge number": "9" * 400 + "岁能退休吗",
    "numerals": "零〇一二两三四五六七八九十百千万" * 20 + "岁",
}


def sound(found: Found) -> bool:
    """What the type promises."""
    scores = [c.score for c in found.candidates]
    return (
        found.band in ("answer", "clarify", "refuse")
        and (found.reason is not None) == (found.band == "refuse")
        and (found.band == "refuse" or bool(found.candidates))
        and len(scores) <= 10
        and scores == sorted(scores, reverse=True)
        and all(0 <= score <= 1 for score in (found.score, *scores))
    )


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize("topic", [None, "SC01", "gone"])
def test_odd_texts_get_a_band(text: str, topic: str | None) -> None:
    search = everything()
    assert sound(search.search(text, region="(长沙", topic=topic))
    assert isinstance(search.leans(text), tuple)
    assert isinstance(search.why(text, "SC01"), tuple)


PIECES = st.sampled_from([*ODD.values(), STORY[:40], "社保卡丢了", "失业金", "\n", "。", "另外，"])
ANY = st.text(st.characters(), max_size=60)  # surrogates and control characters included


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(ANY, PIECES.map(lambda text: text[:80])), max_size=6).map("".join))
def test_any_text_gets_a_band(text: str) -> None:
    assert sound(everything().search(text))


@settings(max_examples=200, deadline=None)
@given(ANY)
def test_normalising_twice_is_normalising_once(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize("text", ["", "社保卡丢了怎么办", "\ud800"])
def test_a_search_over_nothing_refuses(text: str) -> None:
    assert over().search(text).band == "refuse"


def test_the_slips_around_a_question_do_not_hide_it() -> None:
    clean = everything().search("社会保障卡丢失了如何挂失").candidates[0].id
    for text in (
        "\u202e社会保障卡\x00丢失了如何挂失\ud800",
        "社會保障卡丟失了如何掛失？？？😀",
        "  社 会 保 障 卡 丢 失 了 如 何 挂 失  ",
        "社会保障卡丢失了如何挂失'; DROP TABLE lines; --",
    ):
        assert everything().search(text).candidates[0].id == clean == "SC01"
