"""The order of attention, guides, staff, attachments and odd input, on a handful of things."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clock import CHINA
from bot.engine import words
from bot.engine.text import LONGEST_MESSAGE
from bot.engine.types import (
    REPLY_KINDS,
    Attachment,
    QuestionMissed,
    StaffDismissed,
    StaffJoined,
    StaffLeft,
    StaffMessaged,
    StaffRequested,
    StaleAnswerGiven,
)
from tests.small_world import small_book
from tests.talk import MONDAY, Talk

NIGHT = datetime(2026, 11, 23, 23, 40, tzinfo=CHINA)


def knowing() -> Talk:
    return Talk(small_book(sure={"问": "AA01", "旧": "AA02", "老规定": "AA03-2024"}))


def test_the_greeting_offers_at_most_six_choices_and_a_person() -> None:
    reply = Talk(small_book()).say("/start").replies[0]
    assert len(reply.choices) <= 6
    assert "转人工" in [c.label for c in reply.choices]
    assert "身份证号" in reply.text


def test_an_answer_carries_basis_place_and_date() -> None:
    heard = knowing().heard("问")
    assert "依据：《社会保险法》" in heard
    assert "适用地区：全国" in heard
    assert "更新：2026-11-01" in heard


def test_an_answer_nobody_has_reviewed_for_long_says_so_and_asks_for_a_review() -> None:
    turn = knowing().say("旧")
    assert "超过 180 天" in turn.replies[0].text
    assert StaleAnswerGiven("AA02") in turn.effects


def test_a_question_about_an_old_rule_gets_the_present_one_and_is_told_so() -> None:
    turn = knowing().say("老规定")
    assert turn.replies[0].entry == "AA03"
    assert "已失效" in turn.replies[0].text


def test_on_a_day_before_the_new_rule_the_old_one_answers() -> None:
    talk = knowing()
    talk.now = datetime(2024, 6, 1, 10, tzinfo=CHINA)
    turn = talk.say("老规定")
    assert turn.replies[0].entry == "AA03-2024"
    assert "已失效" not in turn.replies[0].text


def test_a_follow_up_leans_on_the_last_topic() -> None:
    talk = Talk(small_book(sure={"问": "AA01"}, leaning={"要什么材料": ("materials",)}))
    talk.say("问")
    turn = talk.say("要什么材料")
    assert turn.replies[0].entry == "AA01"
    assert "材料：身份证" in turn.replies[0].text


def test_what_is_not_known_is_refused_with_a_way_out_and_noted() -> None:
    turn = Talk(small_book()).say("这是什么东西")
    assert turn.replies[0].kind == "refuse"
    assert "转人工" in [c.label for c in turn.replies[0].choices]
    assert turn.effects == (QuestionMissed("这是什么东西", "refuse"),)


# --- guides ---


def test_a_guide_goes_step_by_step_and_ends() -> None:
    talk = Talk(small_book())
    assert "第 1/3 步" in talk.heard("带我办失业金")
    assert "第 2/3 步" in talk.heard("好了")
    assert "第 1/3 步" in talk.heard("上一步")
    talk.say("下一步")
    talk.say("完成")
    assert "走完了" in talk.heard("好了")
    assert talk.state.form is None


def test_who_is_stuck_gets_the_common_cases_and_the_fix_for_the_named_one() -> None:
    talk = Talk(small_book())
    talk.say("带我办失业金")
    assert "人脸识别失败 →" in talk.heard("卡住了")
    assert "换个亮的地方" in talk.heard("人脸认不出来")


def test_a_missing_paper_has_a_way_round() -> None:
    talk = Talk(small_book())
    talk.say("带我办失业金")
    assert "补开" in talk.heard("没有离职证明")


def test_a_question_during_a_guide_is_answered_and_the_step_recalled() -> None:
    talk = knowing()
    talk.say("带我办失业金")
    heard = talk.heard("问")
    assert "AA01 的答案" in heard
    assert "继续第 1/3 步" in heard


# --- staff ---


def test_at_night_the_promise_is_a_date() -> None:
    talk = Talk(small_book(), now=NIGHT)
    assert "明天 9:00" in talk.heard("转人工")


def test_the_request_carries_what_was_said_and_answered() -> None:
    talk = knowing()
    talk.say("问")
    (effect,) = talk.say("转人工").effects
    assert isinstance(effect, StaffRequested)
    assert "问：问" in effect.capsule
    assert "AA01" in effect.capsule


def test_a_second_call_for_a_person_is_not_a_second_request() -> None:
    talk = Talk(small_book())
    talk.say("转人工")
    assert talk.say("转人工").effects == ()


def test_what_is_said_while_waiting_is_added_unless_it_can_be_answered() -> None:
    talk = knowing()
    talk.say("转人工")
    assert talk.say("我的单位是某某公司").effects == (StaffMessaged("我的单位是某某公司"),)
    assert talk.say("问").replies[0].kind == "answer"


def test_with_staff_everything_goes_to_them_until_it_is_ended() -> None:
    talk = knowing()
    talk.say("转人工")
    talk.happens(StaffJoined(7))
    assert talk.say("问").effects == (StaffMessaged("问", 7),)
    assert talk.say("结束对话").effects == (StaffDismissed(),)
    assert talk.say("问").replies[0].kind == "answer"


def test_the_end_by_staff_is_told_once() -> None:
    talk = Talk(small_book())
    talk.say("转人工")
    talk.happens(StaffJoined(7))
    assert talk.happens(StaffLeft(7)).replies[0].text == words.STAFF_LEFT
    assert talk.happens(StaffLeft(7)).replies == ()


# --- odd input ---


@pytest.mark.parametrize("kind", ["sticker", "voice", "video", "location", "file", "image"])
def test_an_attachment_gets_a_kind_sentence_and_the_form_stays(kind: str) -> None:
    talk = Talk(small_book())
    talk.say("/form case")
    form = talk.state.form
    turn = talk.say("", Attachment(kind, "ref"))  # type: ignore[arg-type]  # parametrised
    assert turn.replies[0].text
    assert talk.state.form == form
    assert "参保地" in turn.replies[-1].text


def test_a_picture_is_kept_for_thirty_days() -> None:
    talk = Talk(small_book())
    assert "证据 1" in "".join(r.text for r in talk.say("", Attachment("image", "r")).replies)
    talk.now = MONDAY + timedelta(days=30)
    talk.say("菜单")
    assert len(talk.state.evidence) == 1
    talk.now = MONDAY + timedelta(days=31)
    talk.say("菜单")
    assert not talk.state.evidence


@pytest.mark.parametrize("text", ["", "   ", "？", "😀😀", "。。。", "\x00\x07", "\u202e"])
def test_nothing_to_read_gets_help(text: str) -> None:
    assert Talk(small_book()).say(text).replies[0].kind == "help"


def test_a_very_long_message_is_read_to_its_limit_and_told_so() -> None:
    assert str(LONGEST_MESSAGE) in Talk(small_book()).heard("社保" * 3000)


def test_a_given_code_is_refused_and_forgotten() -> None:
    talk = Talk(small_book())
    assert "不要把验证码" in talk.heard("验证码是 482913，帮我登录")
    assert "482913" not in str(talk.state)


def test_a_personal_number_is_shown_by_its_end_only() -> None:
    talk = Talk(small_book())
    assert "****9012" in talk.heard("我的社保卡（卡号：123456789012）刷卡提示无效卡")
    assert "12345678" not in str(talk.state)


def test_distress_is_met_with_one_kind_sentence() -> None:
    assert Talk(small_book()).heard("我的卡不能用了，急死了！！").startswith(words.SYMPATHY)


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=60) | st.text(alphabet="/faqpartguidesolvedmenu AA01 -.0123", max_size=40))
def test_no_text_raises_and_every_text_gets_a_reply(text: str) -> None:
    turn = knowing().say(text)
    assert turn.replies or turn.errand
    assert all(reply.kind in REPLY_KINDS and reply.text for reply in turn.replies)
