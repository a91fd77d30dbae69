"""The dialogue of a form: every way through it, and every way out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine import words
from bot.engine.types import FormProgress
from tests.small_world import small_book
from tests.talk import Talk


def opened(**knows: object) -> Talk:
    talk = Talk(small_book(**knows))
    talk.say("/form case")
    return talk


def test_a_form_asks_one_thing_at_a_time_and_finishes() -> None:
    talk = opened()
    assert "险种" in talk.heard("长沙")
    assert "几个月" in talk.heard("养老")
    assert "补充" in talk.heard("147")
    assert talk.heard("没有了吧") == "长沙|养老|147|没有了吧"
    assert talk.state.form is None


def test_one_sentence_fills_what_it_holds() -> None:
    talk = Talk(small_book(sure={"长沙养老断缴": "AA01"}))
    talk.say("长沙养老断缴")
    assert "险种" in "".join(r.text for r in talk.say("/form case").replies)


def test_numbers_and_labels_mean_the_offered_choice() -> None:
    talk = opened()
    talk.say("长沙")
    assert "几个月" in talk.heard("2")
    assert talk.state.form is not None
    assert talk.state.form.answers["kind"] == "失业"


def test_a_number_that_answers_the_question_is_not_taken_for_a_choice() -> None:
    talk = opened()
    for text in ("长沙", "养老"):
        talk.say(text)
    talk.say("12")
    assert talk.state.form is not None
    assert talk.state.form.answers["paid"] == "12"


def test_what_is_not_known_takes_the_default_and_what_may_be_skipped_is() -> None:
    talk = opened()
    for text in ("长沙", "养老", "不知道"):
        talk.say(text)
    assert talk.heard("跳过") == "长沙|养老|180|None"


def test_what_must_be_answered_cannot_be_skipped() -> None:
    assert words.CANNOT_SKIP in opened().heard("跳过")


def test_a_step_back_asks_the_last_question_again() -> None:
    talk = opened()
    talk.say("长沙")
    assert "参保地" in talk.heard("上一步")
    assert words.NOTHING_BEHIND in talk.heard("上一步")


@pytest.mark.parametrize("said", ["不对，是北京", "不是，北京", "参保地改成北京"])
def test_an_earlier_answer_is_corrected_in_one_message(said: str) -> None:
    talk = opened()
    talk.say("长沙")
    assert "北京" in talk.heard(said)
    assert talk.state.form is not None
    assert talk.state.form.answers["place"] == "北京"


def test_a_question_in_between_is_answered_and_the_form_goes_on() -> None:
    talk = opened(sure={"一般是什么原因": "AA01"})
    talk.say("长沙")
    heard = talk.heard("一般是什么原因")
    assert "AA01 的答案" in heard
    assert heard.rstrip().endswith("哪个险种？")
    assert "几个月" in talk.heard("养老")


def test_a_valid_answer_wins_over_a_sure_search() -> None:
    talk = opened(sure={"长沙": "AA01"})
    assert "险种" in talk.heard("长沙")


def test_the_third_misreading_offers_a_person_and_keeps_what_is_filled_in() -> None:
    talk = opened()
    talk.say("长沙")
    talk.say("嗯嗯呢")
    talk.say("什么呀")
    turn = talk.say("看不懂啊")
    assert words.OFFER_HUMAN in turn.replies[-1].text
    assert "转人工" in [c.label for c in turn.replies[-1].choices]
    assert talk.state.form is not None
    assert talk.state.form.answers == {"place": "长沙"}


def test_why_it_is_asked_is_explained_and_asked_again() -> None:
    heard = opened().heard("为什么要问这个")
    assert "各地规定不同" in heard
    assert "参保地" in heard


def test_another_form_keeps_this_one_as_a_draft() -> None:
    talk = opened()
    talk.say("长沙")
    assert "保存" in "".join(r.text for r in talk.say("/form other").replies)
    talk.say("取消")
    assert "险种" in talk.heard("继续")


def test_the_menu_keeps_the_form_and_cancel_drops_it() -> None:
    talk = opened()
    talk.say("长沙")
    talk.say("菜单")
    assert "险种" in talk.heard("继续")
    talk.say("取消")
    assert talk.heard("继续") == words.NO_DRAFT


def test_an_option_pressed_after_its_form_has_closed_says_so() -> None:
    talk = opened()
    talk.say("长沙")
    talk.say("取消")
    assert talk.heard("/pick case.kind 养老") == words.OLD_BUTTON


def test_an_older_version_of_a_form_is_read_again_and_only_its_gaps_are_asked() -> None:
    talk = opened()
    stale = FormProgress("case", 0, {"place": "长沙", "kind": "生育", "gone": "x"})
    talk.state = replace(talk.state, form=stale)
    assert "几个月" in talk.heard("养老")


def test_a_form_that_no_longer_exists_does_not_trap_anybody() -> None:
    talk = Talk(small_book())
    talk.state = replace(talk.state, form=FormProgress("forgotten", 1, {"a": "b"}))
    assert talk.say("菜单").replies[0].kind == "menu"
    talk.state = replace(talk.state, form=FormProgress("guide:forgotten", 1, {"step": "x"}))
    assert talk.say("随便说点什么").replies


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.text(max_size=30)
        | st.sampled_from(
            [
                "长沙",
                "养老",
                "12",
                "跳过",
                "上一步",
                "取消",
                "重来",
                "菜单",
                "继续",
                "不知道",
                "1",
                "2",
                "0",
                "9",
            ]
        ),
        max_size=12,
    )
)
def test_whatever_is_said_there_is_a_reply_and_a_state(said: list[str]) -> None:
    talk = opened()
    for text in said:
        turn = talk.say(text)
        assert turn.replies or turn.errand, text  # an errand is answered from the store


HUMAN = [
    "转人工",
    "人工",
    "真人",
    "客服",
    "有人吗",
    "找人工",
    "我要人工",
    "转接人工客服",
    "我要找人工",
    "请帮我转人工谢谢",
    "不要机器人",
    "叫个真人来",
]


@pytest.mark.parametrize("said", HUMAN)
@pytest.mark.parametrize("state", ["fresh", "form", "guide", "menu", "topic", "misread"])
def test_a_person_is_reached_from_every_state_at_the_first_try(state: str, said: str) -> None:
    talk = Talk(small_book(sure={"问": "AA01"}))
    before = {
        "fresh": [],
        "form": ["/form case", "长沙"],
        "guide": ["/guide walk"],
        "menu": ["菜单"],
        "topic": ["问"],
        "misread": ["/form case", "呀", "哈", "哎"],
    }
    for text in before[state]:
        talk.say(text)
    turn = talk.say(said)
    assert turn.replies[0].kind == "handoff"
    assert talk.state.staff == "waiting"
