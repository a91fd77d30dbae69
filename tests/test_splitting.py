"""A long text is cut into messages that the platform takes, and nothing of it is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.splitting import Unit, length, split

UNITS: tuple[Unit, ...] = ("characters", "utf16", "bytes")
TEXTS = st.text(
    alphabet=st.sampled_from("社保养老a1 \n。！？”，,.;👨‍👩‍👧\u0301\U0001f3fb"), max_size=300
)


def test_a_text_that_fits_stays_whole() -> None:
    assert split("养老金，按月发。", 8) == ["养老金，按月发。"]


def test_an_empty_text_has_no_parts() -> None:
    assert split(" \n ", 10) == []


def test_a_cut_comes_after_a_sentence() -> None:
    assert split("第一句话。第二句话。第三句话。", 12) == ["第一句话。第二句话。", "第三句话。"]


def test_a_closing_quote_stays_with_its_sentence() -> None:
    assert split("您可以回复“转人工。”也可以打电话。", 10) == [
        "您可以回复“转人",
        "工。”也可以打电话。",
    ]
    assert split("可以说“转人工。”也可以打电话。", 9) == ["可以说“转人工。”", "也可以打电话。"]


def test_a_paragraph_is_a_better_place_than_a_sentence() -> None:
    assert split("办理条件。\n\n需要材料。身份证。", 12) == ["办理条件。", "需要材料。身份证。"]


def test_a_cut_never_leaves_a_tiny_part_for_the_sake_of_a_sentence() -> None:
    assert split("是。" + "长" * 20, 12) == ["是。" + "长" * 10, "长" * 10]


def test_a_number_and_an_address_are_not_cut_at_their_marks() -> None:
    assert split("基数为12,345.67元 https://rsj.gov.cn/a.html", 24) == [
        "基数为12,345.67元",
        "https://rsj.gov.cn/a.htm",
        "l",
    ]


@pytest.mark.parametrize(("unit", "most"), [("characters", 4096), ("utf16", 4096), ("bytes", 2048)])
def test_one_unit_too_many_makes_a_second_part(unit: Unit, most: int) -> None:
    whole = "a" * most
    assert split(whole, most, unit) == [whole]
    assert split(whole + "b", most, unit) == [whole, "b"]


def test_an_emoji_counts_twice_in_utf16_and_four_times_in_bytes() -> None:
    assert [length("社😀", unit) for unit in UNITS] == [2, 3, 7]
    assert split("😀" * 5, 4, "utf16") == ["😀😀", "😀😀", "😀"]


def test_a_family_and_an_accent_are_not_torn() -> None:
    assert split("好好好👨‍👩‍👧", 6) == ["好好好", "👨‍👩‍👧"]
    assert split("abcde\u0301", 5) == ["abcd", "e\u0301"]


def test_joiners_without_end_are_cut_all_the_same() -> None:
    assert split("a" + "\u0301" * 9, 5) == ["a" + "\u0301" * 4, "\u0301" * 5]


def test_a_limit_below_one_character_is_refused() -> None:
    with pytest.raises(ValueError, match="holds nothing"):
        split("社保", 3, "bytes")


@given(TEXTS, st.integers(4, 40), st.sampled_from(UNITS))
def test_no_part_is_too_long_and_only_white_space_is_lost(text: str, most: int, unit: Unit) -> None:
    parts = split(text, most, unit)
    assert all(0 < length(part, unit) <= most for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
