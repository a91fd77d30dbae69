"""The question coach on sixty labelled messages, and rule by rule."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from bot.engine.consulting import coach
from bot.engine.consulting.moments import changed, moment
from bot.engine.consulting.places import full, named_alone, roles
from bot.engine.form import Unclear
from bot.engine.regions import Regions
from handlers.files import load_entries, load_regions

TODAY = date(2026, 11, 23)


@dataclass(frozen=True, slots=True)
class Labelled:
    text: str
    missing: tuple[str, ...] | None = None
    parts: int = 1
    kind: str = ""
    either: bool = False


@cache
def messages() -> tuple[Labelled, ...]:
    table = tomllib.loads((Path(__file__).parent / "coach" / "messages.toml").read_text("utf-8"))
    return tuple(
        Labelled(**{**row, "missing": tuple(row["missing"]) if "missing" in row else None})
        for row in table["message"]
    )


@cache
def places() -> Regions:
    return load_regions()


def test_there_are_sixty_messages_good_incomplete_and_mixed() -> None:
    assert len(messages()) == 60
    background = [m for m in messages() if m.missing is not None]
    assert sum(not m.missing for m in background[:20]) == 20
    assert sum(m.parts > 1 for m in messages()) == 10
    assert len({m.text for m in messages()}) == 60


def test_what_is_missing_is_found() -> None:
    """F1 over all items of all messages that are labelled with them."""
    right = wrong = overlooked = 0
    for message in messages():
        if message.missing is None:
            continue
        found = set(coach.missing(message.text, places(), TODAY))
        wanted = set(message.missing)
        right += len(found & wanted)
        wrong += len(found - wanted)
        overlooked += len(wanted - found)
    f1 = 2 * right / (2 * right + wrong + overlooked)
    assert f1 >= 0.9, (right, wrong, overlooked)


def test_two_questions_are_parted_and_one_is_not() -> None:
    parted = {m.text: len(coach.split(m.text)) > 1 for m in messages()}
    right = sum(parted[m.text] for m in messages() if m.parts > 1)
    precision = right / sum(parted.values())
    assert precision >= 0.95
    assert right >= 9  # of ten


def test_the_kind_is_the_one_that_a_clerk_would_choose() -> None:
    kinds = [m for m in messages() if m.kind]
    right = sum(coach.kind_of(m.text) == m.kind or m.either for m in kinds)
    assert right / len(kinds) >= 0.9


def test_no_wording_of_an_entry_is_parted() -> None:
    entries = load_entries().values()
    assert [t for e in entries for t in (e.question, *e.asks) if coach.split(t)] == []


# --- places ---


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("参保深圳，户口长沙，现在也在长沙上班", {"insured": "深圳", "household": "长沙", "working": "长沙"}),
        ("都在长沙", {"insured": "长沙", "household": "长沙", "working": "长沙"}),
        ("参保长沙，其他一样", {"insured": "长沙", "household": "长沙", "working": "长沙"}),
        ("从深圳转到长沙", {"insured": "深圳", "target": "长沙"}),
        ("我是A市参保人，长期住B市", {"insured": "A市", "care": "B市"}),
        ("我是四川人，在杭州打工，社保在杭州交", {"household": "四川", "working": "杭州", "insured": "杭州"}),
        ("户籍湖南长沙 参保地深圳 工作地同户籍地", {"household": "长沙", "insured": "深圳", "working": "长沙"}),
        ("我是外地户籍，在北京工作", {"household": "外地（未说明）", "working": "北京"}),
        ("今天天气不错", {}),
    ],
)  # fmt: skip
def test_the_words_around_a_place_tell_what_it_is(said: str, told: dict[str, str]) -> None:
    assert roles(said, places()) == told


def test_a_bare_place_answers_the_question_that_was_asked() -> None:
    assert roles("长沙", places(), "target") == {"target": "长沙"}
    assert named_alone("昆山市") == "昆山市"
    assert named_alone("不知道") is None
    assert named_alone("要多久呢") is None


def test_a_city_is_shown_with_its_province() -> None:
    assert full("深圳", places()) == "广东深圳"
    assert full("北京", places()) == "北京"


# --- times ---


@pytest.mark.parametrize(
    ("said", "when"),
    [
        ("去年六月离职的", "2025年6月"),
        ("23年6月", "2023年6月"),
        ("上个月", "2026年10月"),
        ("半年前", "2026年5月"),
        ("三个月前开始", "2026年8月"),
        ("十二月", "2025年12月"),
        ("前年", "2024年"),
        ("昨天", "2026年11月22日"),
        ("上周", "2026年11月（上周）"),
        ("九八年进的厂", "1998年"),
        ("交了12年", None),
        ("记不清了", None),
    ],
)
def test_a_time_is_made_absolute(said: str, when: str | None) -> None:
    assert moment(said, TODAY) == when


def test_a_time_to_come_is_refused_with_the_reason() -> None:
    with pytest.raises(Unclear, match="2027年3月还没有到"):
        moment("明年3月", TODAY)


def test_a_year_or_a_month_alone_corrects_a_time() -> None:
    assert changed("2025年6月", "23年", TODAY) == "2023年6月"
    assert changed("2025年6月", "7月", TODAY) == "2025年7月"
    assert changed("2025年6月", "2024年2月", TODAY) == "2024年2月"


# --- wording ---


def test_the_composed_question_holds_background_question_and_courtesy() -> None:
    told = {"参保地": "深圳", "离职时间": "2023年6月", "户籍地": "长沙", "转到哪里": "长沙"}
    said = coach.composed("社保转移怎么办？", "procedure", told, places())
    assert said == (
        "您好，我在广东深圳参保，2023年6月离职，户籍湖南长沙，计划在湖南长沙继续参保。"
        "请问社保转移如何办理？需要哪些材料？能否网上办理？谢谢。"
    )


@pytest.mark.parametrize(
    ("hot", "calm"),
    [
        ("急死了！！单位三个月没交社保，你们到底管不管！", "单位三个月没交社保"),
        ("气死我了，养老金又没到账！！！", "养老金又没到账"),
        ("您好，请问退休要什么材料？谢谢！", "退休要什么材料"),
    ],
)
def test_heat_is_left_out_and_the_facts_stay(hot: str, calm: str) -> None:
    assert coach.neutral(hot).rstrip("。？") == calm


def test_what_is_asked_already_is_not_asked_twice() -> None:
    said = coach.composed("补办社保卡要什么材料？网上能办吗？", "procedure", {}, places())
    assert said.count("材料") == 1
    assert said.count("网上") == 1


@pytest.mark.parametrize(
    ("said", "noted"),
    [
        ("问了单位，让我自己查", "已问单位，未解决"),
        ("打过12333，说等通知", "已打 12333，未解决"),
        ("没有", "没有"),
        ("去窗口问过，网上也查过", "已问社保窗口、已在网上查过，未解决"),
        ("自己想了半天", "自己想了半天"),
    ],
)
def test_what_was_tried_is_noted_shortly(said: str, noted: str) -> None:
    assert coach.tried(said) == noted
