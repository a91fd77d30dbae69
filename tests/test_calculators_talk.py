"""Calculators in conversation: filled by a sentence, echoed, corrected, changed afterwards."""

from __future__ import annotations

from dataclasses import replace

from bot.engine import words
from tests.small_world import CASE, small_book
from tests.talk import Talk
from tests.test_calculators import CALCULATORS, GROUND


def talk(**knows: object) -> Talk:
    forms = [CASE, *(c.form(GROUND) for c in CALCULATORS.values())]
    return Talk(replace(small_book(**knows), forms={f.name: f for f in forms}))


def test_a_calculator_asks_what_is_missing_and_gives_the_figure_first() -> None:
    citizen = talk()
    assert "人员类别" not in citizen.heard("算退休时间")
    turn = citizen.tap("男职工")
    assert turn.replies[0].kind == "question"
    turn = citizen.say("六九年五月")
    assert turn.replies[0].kind == "result"
    assert turn.replies[0].text.startswith("法定退休时间：2030年7月（61岁2个月）")
    assert turn.replies[0].text.endswith(words.ONLY_AN_ESTIMATE)
    assert citizen.state.form is None


def test_one_sentence_fills_what_it_holds_and_is_echoed() -> None:
    heard = talk().heard("我1969年5月出生，什么时候能退休")
    assert "出生年月 1969年5月" in heard
    assert "哪一类" in heard


def test_a_sentence_that_holds_all_is_answered_at_once() -> None:
    turn = talk().say("我是男职工，1969年5月出生，什么时候退休")
    assert turn.replies[0].kind == "result"


def test_an_answer_to_a_later_question_is_kept() -> None:
    citizen = talk()
    citizen.say("算退休时间")
    assert "1975年6月" in citizen.heard("1975年6月出生")
    assert "1976年6月" in citizen.heard("不对，是1976年6月出生")
    assert citizen.say("女工人").replies[0].text.startswith("法定退休时间：2027年3月")


def test_words_that_lean_on_today_are_kept_absolute() -> None:
    citizen = talk()
    citizen.say("算退休时间")
    citizen.say("男职工")
    assert "之后" in citizen.heard("明年3月")
    assert citizen.state.form is not None
    assert "born" not in citizen.state.form.answers


def test_one_condition_is_changed_after_the_result() -> None:
    citizen = talk()
    for said in ("算退休时间", "男职工", "1969-05"):
        citizen.say(said)
    assert citizen.tap(words.CHANGE_ONE).replies[0].text == words.CHANGE_WHICH
    citizen.tap("出生年月")
    assert citizen.say("1975-06").replies[0].text.startswith("法定退休时间：2038年2月")


def test_a_finished_calculation_is_no_draft_to_go_on_with() -> None:
    citizen = talk()
    for said in ("算退休时间", "男职工", "1969-05"):
        citizen.say(said)
    assert citizen.heard("继续") == words.NO_DRAFT


def test_the_list_of_calculators_opens_each() -> None:
    citizen = talk()
    citizen.say("算一算")
    assert len(citizen.state.offered) <= 8
    assert citizen.tap("退休时间").replies[0].kind == "question"


def test_a_question_about_the_rule_does_not_start_a_calculator() -> None:
    citizen = talk(sure={"退休年龄是多少": "AA01", "养老金怎么计算": "AA01"})
    for asked in ("退休年龄是多少", "养老金怎么计算"):
        assert citizen.say(asked).replies[0].kind == "answer"
