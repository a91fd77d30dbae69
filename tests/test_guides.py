"""The walk-throughs as data, and as a citizen walks through them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bot.engine.control import control_of
from bot.engine.guide import Guide, Step, Trouble
from bot.engine.playbook import Playbook
from handlers.files import load_entries, load_guides, load_knowledge
from tests.small_world import small_book
from tests.talk import Talk

GUIDES = load_guides()
ENTRIES = load_entries()
STEPS = [(g, at, step) for g in GUIDES.values() for at, step in enumerate(g.steps)]
TROUBLES = [(g, at, step, t) for g, at, step in STEPS for t in step.troubles]
FIGURE = re.compile(r"\d+(\.\d+)?\s*(元|万元|%|周岁|岁|倍|个月|个工作日|日|天|年)")
NUMERAL = re.compile(r"[一二三四五六七八九十两百]+(个工作日|个月|天|日内|周岁|倍|万元|元)")


def book() -> Playbook:
    return replace(small_book(), guides=GUIDES, knowledge=load_knowledge())


def walked_to(guide: Guide, at: int) -> Talk:
    talk = Talk(book())
    talk.say(f"/guide {guide.name}")
    for _ in range(at):
        talk.say("好了")
    return talk


def test_there_are_six_guides_and_each_rests_on_an_entry() -> None:
    assert set(GUIDES) == {
        "unemployment_claim",
        "retirement_application",
        "remote_medical_filing",
        "missing_contributions",
        "transfer",
        "card_loss",
    }
    assert all(guide.entry in ENTRIES for guide in GUIDES.values())


def test_a_guide_that_an_entry_starts_exists() -> None:
    started = {
        s.removeprefix("guide:") for e in ENTRIES.values() for s in e.starts if "guide:" in s
    }
    assert started <= set(GUIDES)


@pytest.mark.parametrize("guide", GUIDES.values(), ids=str)
def test_a_guide_has_a_few_steps_and_a_short_check_list(guide: Guide) -> None:
    assert 4 <= len(guide.steps) <= 6
    assert 2 <= len(guide.items) <= 4
    assert all(item.instead and item.basis for item in guide.items)


@pytest.mark.parametrize(("guide", "at", "step"), STEPS)
def test_a_step_fits_a_small_screen(guide: Guide, at: int, step: Step) -> None:
    assert len(step.title) <= 10
    assert len(step.text) <= 110
    assert 2 <= len(step.troubles) <= 4
    assert all(len(t.problem) <= 18 and len(t.fix) <= 80 for t in step.troubles)


@pytest.mark.parametrize(("guide", "at", "step"), STEPS)
def test_a_step_types_no_figure(guide: Guide, at: int, step: Step) -> None:
    for text in (step.text, *(t.problem + t.fix for t in step.troubles)):
        assert not FIGURE.search(text), text
        assert not NUMERAL.search(text), text


@pytest.mark.parametrize(("guide", "at", "step", "trouble"), TROUBLES)
def test_every_trouble_is_reached_by_each_of_its_words(
    guide: Guide, at: int, step: Step, trouble: Trouble
) -> None:
    talk = walked_to(guide, at)
    assert trouble.when
    for word in trouble.when:
        assert len(word) >= 3
        assert control_of(word) is None
        assert trouble.fix in talk.heard(f"页面提示：{word}"), word


@pytest.mark.parametrize("guide", GUIDES.values(), ids=str)
def test_the_words_that_leave_a_guide_begin_it_again(guide: Guide) -> None:
    talk = walked_to(guide, 1)
    assert f"带我{guide.short}" in talk.heard("取消")
    assert f"第 1/{len(guide.steps)} 步" in talk.heard(f"带我{guide.short}")


def test_no_trigger_fires_on_a_question_of_the_knowledge() -> None:
    triggers = [trigger for guide in GUIDES.values() for trigger in guide.triggers]
    assert triggers
    for entry in ENTRIES.values():
        for asked in (entry.question, *entry.asks):
            assert not [t for t in triggers if t in asked], (entry.id, asked)


@pytest.mark.parametrize(
    "asked",
    ["失业金怎么领", "社保卡丢了怎么挂失", "异地就医怎么备案", "社保怎么转移", "退休怎么办"],
)
def test_a_plain_question_begins_no_guide(asked: str) -> None:
    talk = Talk(book())
    talk.say(asked)
    assert talk.state.form is None


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("带我办失业金", "unemployment_claim"),
        ("能一步步教我领失业金吗", "unemployment_claim"),
        ("失业金怎么操作", "unemployment_claim"),
        ("教我办退休", "retirement_application"),
        ("手把手教我办异地就医备案", "remote_medical_filing"),
        ("麻烦带我转社保", "transfer"),
        ("带我补社保卡", "card_loss"),
    ],
)
def test_a_wish_to_be_led_begins_the_guide(said: str, name: str) -> None:
    talk = Talk(book())
    talk.say(said)
    assert talk.state.form is not None
    assert talk.state.form.form == f"guide:{name}"


def test_no_two_guides_share_a_trigger() -> None:
    for guide in GUIDES.values():
        for other in GUIDES.values():
            if guide is not other:
                assert not [t for t in guide.triggers if any(o in t for o in other.triggers)]


def test_the_claim_of_unemployment_benefit_begins_with_signing_in() -> None:
    talk = Talk(book())
    assert "第 1/4 步　登录" in talk.heard("带我办失业金")
    assert "人脸识别失败" in talk.heard("卡住了")


def test_a_filing_that_finds_no_insurance_is_told_three_causes() -> None:
    talk = walked_to(GUIDES["remote_medical_filing"], 1)
    heard = talk.heard("备案提示“未查询到参保信息”")
    assert all(cause in heard for cause in ("参保关系已转走", "选错参保地", "停保"))
    assert "核对参保地" in heard


def test_the_same_trouble_is_known_at_a_later_step() -> None:
    talk = walked_to(GUIDES["remote_medical_filing"], 3)
    assert "参保关系已转走" in talk.heard("未查询到参保信息")


def test_who_lacks_a_certificate_of_leaving_is_told_that_none_is_needed() -> None:
    talk = walked_to(GUIDES["unemployment_claim"], 0)
    assert "不用交离职证明" in talk.heard("没有离职证明")


def test_who_lacks_an_item_is_told_what_to_do_without_it() -> None:
    for guide in GUIDES.values():
        talk = walked_to(guide, 0)
        for item in guide.items:
            assert item.instead in talk.heard(f"没有{item.name}")


@pytest.mark.parametrize("guide", GUIDES.values(), ids=str)
def test_the_walk_ends_after_the_last_step(guide: Guide) -> None:
    talk = walked_to(guide, len(guide.steps) - 1)
    assert talk.state.form is not None
    assert guide.title in talk.heard("好了")
    assert talk.state.form is None


def test_a_guide_offers_no_video_that_is_not_official() -> None:
    assert all(
        g.video == "" or re.match(r"https://[\w.-]+\.gov\.cn/", g.video) for g in GUIDES.values()
    )
