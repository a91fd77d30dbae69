"""Why an answer was chosen, why there is none, and for which region it holds."""

from __future__ import annotations

import pytest

from bot.matching.types import Document
from tests.searching import everything, over


def test_the_words_that_counted_come_from_the_question_and_are_the_entrys() -> None:
    text = "失业金一个月能领多少钱"
    words = everything().why(text, "SB04")
    assert words[0] == "失业金"
    assert all(word in text for word in words)
    assert not {"失业金"} & set(everything().why(text, "SC01"))


def test_another_wording_for_the_same_thing_is_named_as_it_was_typed() -> None:
    words = everything().why("失业救济金能领多长时间", "SB05")
    assert "失业救济金" in words


def test_what_shares_nothing_has_no_words() -> None:
    assert everything().why("今天天气真好", "SB04") == ()


REFUSED = {
    "明天北京会下雨吗": "off_topic",
    "给我讲个笑话": "off_topic",
    "你是傻逼吧": "abuse",
    "": "unreadable",
    "😀😀😀": "unreadable",
    "？？？": "unreadable",
    "社": "too_vague",
    "护照到期了怎么换": "other_authority",
    "结婚登记在哪办": "other_authority",
    "公积金怎么提取": "other_authority",
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.items())
def test_a_refusal_says_why(text: str, reason: str) -> None:
    found = everything().search(text)
    assert (found.band, found.reason) == ("refuse", reason)


def test_another_authoritys_matter_names_the_authority() -> None:
    assert everything().search("护照到期了怎么换").authority == "公安部门"
    assert everything().search("公积金怎么提取").authority == "住房公积金管理中心"
    assert everything().search("明天北京会下雨吗").authority is None


NATIONAL = Document("SC01", "社会保障卡丢失了如何挂失？", ("社保卡丢了",))
CHANGSHA = Document("SC90", "社会保障卡丢失了怎么挂失？", ("社保卡丢失了",), region="长沙")
OTHER = Document("SB04", "失业保险金每个月多少钱？", ("失业金一个月发多少",))


def test_a_regional_entry_wins_for_its_region_and_is_not_found_elsewhere() -> None:
    search = over(NATIONAL, CHANGSHA, OTHER)
    asked = "社会保障卡丢失了如何挂失"

    def first(region: str | None, text: str = asked) -> str:
        return search.search(text, region=region).candidates[0].id

    assert first("长沙") == "SC90"
    assert first(None) == first("北京") == "SC01"
    assert first(None, "我在长沙，社会保障卡丢失了如何挂失") == "SC90"
    elsewhere = search.search(asked, region="北京").candidates
    assert elsewhere[0].id == "SC01"
    assert search.search("失业金一个月发多少", region="长沙").candidates[0].id == "SB04"


def test_the_nationwide_entry_answers_where_a_region_has_none() -> None:
    search = over(NATIONAL, OTHER)
    assert search.search("社会保障卡丢失了如何挂失", region="长沙").candidates[0].id == "SC01"
