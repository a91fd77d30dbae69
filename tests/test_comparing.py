"""对照: the tool's figure beside staff's, and what the gap comes from, by working it out again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine import words
from bot.engine.calculator import yuan
from bot.engine.case import Case, CaseMoved, CaseNews
from bot.engine.comparing import amount_in, compare, inputs_in, sought
from bot.engine.saved import ResultsFound, ResultsSought
from tests.talk import MONDAY, Talk
from tests.test_calculators import CALCULATORS, GROUND
from tests.test_keeping import DAY, book, pension, raised, saved

BOOK = book()
KEPT = saved(pension())
CASE = Case(
    "20261123001",
    "account",
    "answered",
    "请核对测算",
    "请核对测算：企业职工养老金（测算编号 12）\n工具的结果：每月约 2495.68元。",
    MONDAY,
    MONDAY + timedelta(days=3),
    answers=1,
)


def explained(text: str, day: date = DAY, **inputs: str) -> str:
    found = compare(BOOK, KEPT, text, day, inputs or None)
    assert found is not None
    return found.words("20261123001")


def test_an_input_that_staff_name_explains_its_part_and_the_rest_is_said_to_be_unexplained() -> (
    None
):
    said = explained("经核，预计2,600元。平均缴费指数为0.86。")
    assert "工具 2495.68元 ／ 人工 2600元 ／ 差 ＋104.32元（+4.2%）" in said
    # 7694 × 0.06 ÷ 2 × 25 × 1% = 57.71
    assert "人工用的平均缴费指数 0.86（您填 0.8） → ＋57.71元" in said
    assert "另 ＋46.61元 未说明" in said


def test_a_gap_without_a_named_input_is_all_unexplained() -> None:
    assert "人工答复没有写明用的哪些数，＋104.32元 未说明" in explained("经核，预计2600元。")


def test_equal_amounts_are_said_to_be_equal() -> None:
    said = explained("核定每月2495.68元。")
    assert "差 ＋0元（+0.0%）" in said
    assert said.endswith(words.COMPARED_ALIKE)


def test_several_inputs_are_taken_one_after_the_other_and_add_up() -> None:
    found = compare(
        BOOK, KEPT, "应为2700元，缴费年限按26年、平均指数0.9、个人账户余额11万元计。", DAY
    )
    assert found is not None
    assert [cause.said.split()[0] for cause in found.causes] == [
        "人工用的缴费年限",
        "人工用的个人账户余额",
        "人工用的平均缴费指数",
    ]
    assert sum((c.effect for c in found.causes), found.unexplained) == found.gap
    # 11万元 instead of 10万元: 10000 ÷ 130.8
    assert found.causes[1].effect == Decimal("76.45")


def test_inputs_may_be_given_apart_from_the_text() -> None:
    said = explained("核定2553.39元", index="0.86")
    assert "→ ＋57.71元" in said
    assert "未说明" not in said


def test_a_figure_that_changed_since_comes_first() -> None:
    after = book(raised("pension_base.base", "湖南", date(2027, 1, 1), "8000"))
    found = compare(after, KEPT, "核定每月2564.53元", date(2027, 1, 8))
    assert found is not None
    assert [(c.said, c.effect) for c in found.causes] == [
        (words.COMPARED_FIGURES, Decimal("68.85"))
    ]
    assert found.unexplained == 0


def test_a_place_to_go_to_is_not_taken_for_a_place_of_insurance() -> None:
    form = BOOK.forms["calc_pension"]
    text = "请到北京市社保局窗口办理，预计2600元，1969年5月出生无误。"
    assert inputs_in(form, KEPT.draft.answers, text, DAY) == {}


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("经核，预计 3,150 元。", "3150"),
        ("您的养老金预计每月３１５０元，补发2400元。", "3150"),
        ("约为0.315万元", "3150"),
        ("请携带工本费20元到窗口，核定为3150.5元", "3150.5"),
        ("可能是3000元，也可能是3200元。", None),
        ("补缴金额为98000元。", None),
        ("请到窗口办理。", None),
    ],
)
def test_the_amount_is_the_one_that_can_be_the_same_thing(text: str, amount: str | None) -> None:
    assert amount_in(text, Decimal("2992")) == (Decimal(amount) if amount else None)


@settings(max_examples=50, deadline=None)
@given(st.decimals("900", "7000", places=2), st.sampled_from(["0.6", "0.86", "1.2", "3"]))
def test_the_parts_always_add_up_to_the_gap(theirs: Decimal, index: str) -> None:
    found = compare(BOOK, KEPT, f"核定每月{theirs}元，平均缴费指数{index}", DAY)
    assert found is not None
    assert sum((c.effect for c in found.causes), found.unexplained) == theirs - Decimal("2495.68")


def test_a_result_without_an_amount_is_not_compared() -> None:
    bare = replace(KEPT, draft=replace(KEPT.draft, amount=""))
    assert compare(BOOK, bare, "核定2600元", DAY) is None


# --- in a conversation ---------------------------------------------------------------------------


def answered(text: str, case: Case = CASE) -> tuple[Talk, ResultsSought | None]:
    citizen = Talk(BOOK)
    errand = citizen.happens(CaseNews(case, "answered", text)).errand
    assert errand is None or isinstance(errand, ResultsSought)
    return citizen, errand


def test_an_answer_with_an_amount_is_followed_by_the_comparison() -> None:
    citizen, errand = answered("经核，预计2600元，平均缴费指数0.86。")
    assert errand is not None
    assert errand.number == 12
    turn = citizen.happens(ResultsFound(errand, (KEPT,)))
    assert turn.replies[0].text.startswith("对比 20261123001：工具 2495.68元")
    labels = [choice.label for choice in citizen.state.offered]
    assert labels[0] == words.ASK_GAP
    assert "满意" in labels
    moved = citizen.tap(words.ASK_GAP).errand
    assert isinstance(moved, CaseMoved)
    assert (moved.number, moved.move) == ("20261123001", "follow_up")
    assert "测算编号 12" in moved.text
    assert moved.promised_at is not None


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("请携带身份证到窗口办理。", CASE.text),
        ("经核，预计2600元。", "生育津贴怎么领"),
    ],
)
def test_nothing_is_looked_up_without_an_amount_or_a_kept_result(text: str, about: str) -> None:
    assert answered(text, replace(CASE, text=about))[1] is None
    assert sought(replace(CASE, text=about), text) is None


def test_a_result_that_was_deleted_or_does_not_compare_adds_nothing() -> None:
    citizen, errand = answered("经核，预计2600元。")
    assert errand is not None
    assert citizen.happens(ResultsFound(errand)).replies == ()
    citizen, errand = answered("工本费20元。")
    assert errand is not None
    assert citizen.happens(ResultsFound(errand, (KEPT,))).replies == ()


def test_the_amount_that_two_results_are_compared_by_is_in_the_headline() -> None:
    """Else a citizen would read another figure than the one that staff's is set beside."""
    compared = [c for c in CALCULATORS.values() if c.main]
    assert len(compared) >= 13
    for calculator in compared:
        pairs = dict(pair.split("=", 1) for pair in calculator.example.split())
        result = calculator.result(calculator.read(pairs, DAY), GROUND, DAY)
        assert result.amount is not None, calculator.name
        assert yuan(result.amount) in result.headline, calculator.name


def test_another_calculator_is_compared_as_well() -> None:
    citizen = Talk(BOOK)
    for said in ("/form calc_contributions", "长沙", "8000"):
        citizen.say(said)
    one = saved(citizen)
    found = compare(BOOK, one, "经核，每月个人应缴736元，按月工资7000元计。", DAY)
    assert found is not None
    assert [c.effect for c in found.causes] == [Decimal("-103.00")]
    assert found.unexplained == 0
