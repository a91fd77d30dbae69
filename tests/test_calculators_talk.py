"""Calculators in conversation: filled by a sentence, echoed, corrected, changed afterwards."""

from __future__ import annotations

from dataclasses import make_dataclass, replace
from datetime import datetime
from typing import Annotated, Any

import pytest

from bot.engine import words
from bot.engine.form import Ask, Finished, Form
from bot.engine.saved import ResultKept, ResultSaved, SavedResult
from bot.engine.types import Conversation, Reply, StaffRequested, Turn
from tests.small_world import CASE, small_book
from tests.talk import Knows, Talk
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


def test_a_year_alone_as_a_correction_keeps_the_month() -> None:
    citizen = talk()
    citizen.say("算退休时间")
    citizen.say("1969年5月出生")
    assert "已改为：出生年月 1975年5月" in citizen.heard("不对，是75年")
    assert "已改为：出生年月 1975年11月" in citizen.heard("不是，是11月")
    assert citizen.say("男").replies[0].text.startswith("法定退休时间：2038年8月")


@pytest.mark.parametrize(
    ("said", "changed", "figure"),
    [
        ("不对，是75年", "出生年月 1975年5月", "2038年1月"),
        ("出生年月改成1975年6月", "出生年月 1975年6月", "2038年2月"),
        ("要是女工人呢", "人员类别 女工人", "2019年5月"),
    ],
)
def test_a_correction_after_the_result_is_worked_out_again(
    said: str, changed: str, figure: str
) -> None:
    citizen = talk()
    for told in ("算退休时间", "男职工", "1969-05"):
        citizen.say(told)
    reply = citizen.say(said).replies[0]
    assert reply.text.startswith(f"法定退休时间：{figure}")
    assert f"已改为：{changed}" in reply.text


def checked(citizen: Talk) -> Turn:
    """提交人工核对, and the house keeps the result first."""
    errand = citizen.tap(words.CHECK_BY_HAND).errand
    assert isinstance(errand, ResultSaved)
    return citizen.happens(ResultKept(errand, SavedResult(7, errand.draft, citizen.now)))


def test_staff_read_the_inputs_and_the_result_that_they_are_asked_to_check() -> None:
    citizen = pension()
    turn = checked(citizen)
    capsule = next(e.capsule for e in turn.effects if isinstance(e, StaffRequested))
    for held in (
        "企业职工养老金（测算编号 7）",
        "出生年月：1969-05",
        "参保地：长沙",
        "每月约 2495.68元",
    ):
        assert held in capsule
    assert turn.replies[0].kind == "handoff"


def test_a_check_becomes_a_consultation_where_there_is_one() -> None:
    citizen = pension()
    ask = Annotated[str, Ask("问题？", str, label="问题", spot=lambda text: text)]
    filed: list[str] = []

    def file(given: Any, was: Conversation, now: datetime) -> Finished:
        filed.append(given.question)
        return Finished((Reply("receipt", "收到"),))

    form = Form("leave_message", "提交咨询", make_dataclass("I", [("question", ask)]), file)
    citizen.book = replace(citizen.book, forms={**citizen.book.forms, form.name: form})
    assert checked(citizen).replies[0].kind == "receipt"
    assert "平均缴费指数：0.8" in filed[0]
    assert "每月约 2495.68元" in filed[0]


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


def test_a_pension_is_asked_for_in_one_sentence_and_says_first_what_is_certain() -> None:
    citizen = talk()
    heard = citizen.heard("我1969年5月出生，养老保险缴费25年，余额10万，退休能拿多少，什么时候办")
    assert "缴费年限 25年" in heard
    assert "余额 100000元" in heard
    assert "哪一类" in heard
    heard = citizen.heard("男")
    assert "法定退休 2030年7月（61岁2个月，延迟14个月），最低缴费 15年6个月" in heard
    assert "最早 2029年5月" in heard
    assert "指数" in citizen.heard("长沙")
    result = citizen.say("不知道").replies[0]
    assert result.kind == "result"
    assert result.text.startswith("每月约 2495.68元（2303.33元～2688.03元）")


@pytest.mark.parametrize(
    "said",
    [
        "我69年5月生的男的，交了二十五年，账户里十来万，退休拿多钱",
        "六九年五月生男职工，缴了25年社保，退休能领几多",
        "我五十七岁，男，交了二十五年，以后能拿好多钱一个月",
    ],
)
def test_a_pension_is_asked_for_in_the_words_of_the_street(said: str) -> None:
    citizen = talk()
    heard = citizen.heard(said)
    assert "缴费年限 25年" in heard
    assert citizen.state.form
    assert citizen.state.form.form == "calc_pension"


def test_a_place_without_a_checked_figure_asks_for_it() -> None:
    citizen = talk()
    citizen.say("算养老金")
    for said in ("男", "1969-05", "菏泽", "25年", "10万", "0.8"):
        turn = citizen.say(said)
    assert "计发基数" in turn.replies[0].text
    assert "按您给的数：计发基数 7506" in citizen.say("7506").replies[0].text


def pension() -> Talk:
    citizen = talk()
    for said in ("/form calc_pension", "男", "1969-05", "长沙", "25年", "10万", "0.8"):
        citizen.say(said)
    return citizen


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("晚退一年", "晚退1年"),
        ("改 再晚一年退", "晚退1年"),
        ("如果早退1年呢", "早退1年"),
        ("再缴5年", "多缴5年"),
        ("晚3个月退", "晚退3个月"),
        ("多缴两年半", "多缴2年6个月"),
        ("按300%缴", "以后3年8个月按300%缴，平均指数1.1227"),  # (0.8 × 256 + 3 × 44) ÷ 300
        ("要是按100%交多少", "以后3年8个月按100%缴，平均指数0.8293"),
        ("以后按最低基数交呢", "以后3年8个月按60%缴，平均指数0.7707"),
        ("晚退一年，按300%缴", "晚退1年，缴费年限随着变、以后4年8个月按300%缴"),
        ("再缴5年，并且按300%缴呢", "多缴5年、以后3年8个月按300%缴"),
    ],
)
def test_what_if_is_worked_out_and_compared_in_one_message(said: str, told: str) -> None:
    reply = pension().say(said).replies[0]
    assert reply.kind == "result"
    assert reply.text.startswith(told)
    assert "%" in reply.text.splitlines()[0]


def test_a_later_pension_counts_the_longer_years_and_the_smaller_divisor() -> None:
    citizen = pension()
    reply = citizen.say("晚退一年").replies[0]
    # (7694 × 1.8 ÷ 2 × 26 × 1%) + (100000 + 6843 × 0.8 × 8% × 12) ÷ 123.7 = 1800.40 + 850.89
    assert "每月约 2651.29元" in reply.text
    assert reply.text.startswith(
        "晚退1年，缴费年限随着变，每月：＋155.61元（+6.2%）。同时少领1年。账户多记5255.42元"
    )
    assert "2032年7月退休" in citizen.heard("再晚一年退")


def test_what_if_beyond_the_limit_says_so_and_changes_nothing() -> None:
    citizen = pension()
    assert "最晚 2033年7月" in citizen.heard("晚退5年")
    assert "2031年7月退休" in citizen.heard("晚退一年")


def test_a_question_that_only_mentions_it_is_no_what_if() -> None:
    citizen = pension()
    citizen.book = replace(citizen.book, search=Knows(sure={"提前5年退休需要什么条件": "AA01"}))
    assert citizen.say("提前5年退休需要什么条件").replies[0].kind == "answer"


@pytest.mark.parametrize("said", ["男，1969-05", "1969年5月 男职工", "男 69年5月"])
def test_two_answers_in_one_message_are_both_taken(said: str) -> None:
    citizen = talk()
    citizen.say("/form calc_retirement_age")
    assert citizen.say(said).replies[0].text.startswith("法定退休时间：2030年7月")


def test_a_correction_is_no_answer_to_the_open_question() -> None:
    citizen = talk()
    for told in ("/form calc_late_fee", "2万", "2026-11-23"):
        citizen.say(told)
    assert "已改为：欠缴日期 2026-01-16" in citizen.heard("不对，是2026-01-16")
    assert "从 2026-01-16 到 2026-04-16" in citizen.heard("2026-04-16")


def test_a_number_with_the_unit_of_something_else_is_not_taken() -> None:
    citizen = talk()
    for told in ("/form calc_workdays", "2026-09-28"):
        citizen.say(told)
    assert "没看懂" in citizen.heard("三百岁")
    assert citizen.say("15个工作日").replies[0].text.startswith("到 2026年10月23日")


@pytest.mark.parametrize(
    ("said", "figure"),
    [
        ("帮我算失业金 上海 交了5年3个月，被公司辞退", "失业金可领 10 个月"),
        ("算退休时间 男 1968.5", "法定退休时间：2029年4月"),
        ("算一下经济补偿 干了3年8个月 月薪8千，公司裁员", "经济补偿（N）约 32000元"),
        ("算缴费 北京 月薪两万", "个人每月缴 2103元"),
        ("帮忙算算居民医保等待期，断了2年，不补", "待遇等待期"),
    ],
)
def test_a_wish_that_holds_all_is_answered_at_once(said: str, figure: str) -> None:
    citizen = talk()
    turn = citizen.say(said)
    while turn.replies[0].kind == "question":
        turn = citizen.say("不知道")
    assert turn.replies[0].text.startswith(figure)


@pytest.mark.parametrize(
    "said",
    ["计算失业金的公式是什么", "算经济补偿金有什么规定", "退休金怎么算", "算工龄的条件"],
)
def test_a_question_about_the_way_of_reckoning_starts_nothing(said: str) -> None:
    assert talk().say(said).replies[0].kind != "question"


def test_a_woman_is_asked_which_of_the_two_she_is() -> None:
    citizen = talk()
    citizen.say("算退休时间")
    assert "女职工有两种" in citizen.heard("女的")
    assert "男女" in citizen.heard("工人")
    assert "女工人" in citizen.heard("我是女工人")


def test_who_has_retired_already_does_not_pay_longer() -> None:
    citizen = talk()
    for told in ("/form calc_pension", "女工人", "1975-06", "长沙", "20年", "8万", "0.8"):
        turn = citizen.say(told)
    assert "多缴1年" not in turn.replies[0].text
    assert "已经到了退休年月" in citizen.heard("按300%缴")
    assert "已经到了退休年月" in citizen.heard("再缴5年")


def test_a_supposition_that_names_what_it_changes_is_worked_out() -> None:
    citizen = talk()
    for told in ("/form calc_account_projection", "男，76年5月", "6万多"):
        citizen.say(told)
    before = citizen.say("基数六千").replies[0].text.splitlines()[0]
    reply = citizen.say("要是基数8000呢").replies[0]
    assert "已改为：缴费基数 8000元" in reply.text
    assert reply.text.splitlines()[0] != before


def test_a_whole_sentence_of_a_pension_leaves_only_the_index() -> None:
    citizen = talk()
    heard = citizen.heard("算养老金 男 69年5月 长沙 交了25年 余额10万")
    assert "平均缴费指数" in heard
    assert citizen.say("不知道").replies[0].text.startswith("每月约 2495.68元（")
