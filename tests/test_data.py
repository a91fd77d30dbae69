"""The data files: what is refused, and that ours are whole."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.knowledge import ANSWER_LENGTH, read_entry, typed_quantities
from bot.engine.parameters import BadData, NoFigure, read_parameter
from handlers.files import load_entries, load_guides, load_knowledge, load_menu, load_regions

KNOWLEDGE = load_knowledge()
ENTRIES = KNOWLEDGE.entries
TODAY = date(2026, 11, 24)
TOPICS = Path(__file__).parent.parent.parent / "shared" / "facts" / "faq_topics.jsonl"


def entry(**changes: Any) -> dict[str, Any]:
    plain = {
        "id": "ZZ01",
        "question": "问？",
        "answer": "答。",
        "checked": TODAY,
        "basis": [{"title": "《社会保险法》"}],
    }
    return {k: v for k, v in {**plain, **changes}.items() if v is not None}


BAD_ENTRIES = {
    "id": {"id": "first"},
    "question": {"question": " "},
    "answer": {"answer": None},
    "asks": {"asks": "不是列表"},
    "checked": {"checked": "2026-11-23"},
    "basis": {"basis": []},
    "body": {"body": "气象"},
    "effective_to": {"effective_from": TODAY, "effective_to": TODAY - timedelta(1)},
    "superseded_by": {"effective_to": TODAY},
    "colour": {"colour": "red"},
}


@pytest.mark.parametrize(("field", "changes"), BAD_ENTRIES.items(), ids=BAD_ENTRIES.keys())
def test_a_bad_entry_is_refused_with_file_id_field_and_reason(
    field: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(BadData, match=rf"topic\.toml: entry .*: {field}: .+"):
        read_entry("topic.toml", entry(**changes))


@pytest.mark.parametrize(
    "url", ["http://example.com", "https://gov.cn.evil.com/x", "ftp://a.gov.cn"]
)
def test_an_address_that_is_not_official_is_refused(url: str) -> None:
    with pytest.raises(BadData, match="not an official address"):
        read_entry("topic.toml", entry(basis=[{"title": "《法》", "url": url}]))


@pytest.mark.parametrize("text", ["缴满15年", "每月2120元", "按8%缴", "60周岁退休", "10个工作日内"])
def test_a_typed_figure_is_refused(text: str) -> None:
    assert typed_quantities(text)
    with pytest.raises(BadData, match="use a parameter"):
        read_entry("topic.toml", entry(answer=text))


@pytest.mark.parametrize(
    "text", ["2025年1月1日起", "第十四条", "拨打12333", "《2026年通知》", "{a.days}内", "分3步"]
)
def test_dates_articles_and_telephone_numbers_are_no_figures(text: str) -> None:
    assert typed_quantities(text) == []


FIGURE = {
    "since": date(2025, 1, 1),
    "amount": "8",
    "source": "《文》",
    "checked": TODAY,
    "confidence": "high",
}


def parameter(*figures: dict[str, Any]) -> dict[str, Any]:
    return {"name": "rate", "title": "比例", "unit": "%", "figure": list(figures)}


BAD_FIGURES: dict[str, dict[str, Any]] = {
    "amount": {"amount": 8.5},
    "not a number": {"amount": "eight"},
    "source": {"source": ""},
    "since": {"since": "2025"},
    "until": {"until": date(2024, 1, 1)},
    "confidence": {"confidence": "sure"},
    "unknown field": {"colour": "red"},
}


@pytest.mark.parametrize(("reason", "changes"), BAD_FIGURES.items(), ids=BAD_FIGURES.keys())
def test_a_bad_figure_is_refused(reason: str, changes: dict[str, Any]) -> None:
    with pytest.raises(BadData, match=reason):
        read_parameter("t.toml", "t", parameter({**FIGURE, **changes}))


def test_a_figure_holds_from_its_first_to_its_last_day_in_its_place() -> None:
    rate = read_parameter(
        "t.toml",
        "t",
        parameter(
            {**FIGURE, "until": date(2025, 12, 31)},
            {**FIGURE, "since": date(2026, 1, 1), "amount": "8.50"},
            {**FIGURE, "region": "湖南", "amount": "7"},
            {**FIGURE, "region": "长沙", "amount": "6", "confidence": "low"},
        ),
    )
    assert rate.on(date(2025, 12, 31)).amount == 8
    assert rate.shown(rate.on(date(2026, 1, 1))) == "8.5%"
    assert rate.on(TODAY, "长沙", ("湖南",)).amount == 7  # what is of low confidence does not count
    with pytest.raises(NoFigure):
        rate.on(date(2024, 12, 31))


def test_all_topics_are_there_with_enough_wordings() -> None:
    if TOPICS.exists():
        wanted = {json.loads(line)["id"] for line in TOPICS.read_text().splitlines()}
        assert wanted <= set(ENTRIES)
    assert len(ENTRIES) >= 379
    assert all(len(e.asks) >= 4 for e in ENTRIES.values())


@given(st.sampled_from(sorted(ENTRIES)), st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_an_answer_never_outlives_its_rule(id: str, day: date) -> None:
    found = KNOWLEDGE.in_force(id, day)
    versions = [e for e in ENTRIES.values() if {e.id, e.superseded_by} & {id, found.id}]
    assert found.holds(day) or not any(e.holds(day) for e in versions)


def test_filled_answers_fit_a_small_screen() -> None:
    for one in ENTRIES.values():
        if one.holds(TODAY):
            assert len(KNOWLEDGE.parameters.fill(one.answer, TODAY, one.region)) <= ANSWER_LENGTH


def test_every_figure_is_an_exact_finite_number() -> None:
    amounts = [f.amount for p in KNOWLEDGE.parameters.by_name.values() for f in p.figures]
    assert all(isinstance(a, Decimal) and a.is_finite() for a in amounts)


def test_the_menu_reaches_every_entry_in_force_and_no_level_is_too_long() -> None:
    menu = load_menu()
    reached: set[str] = set()
    levels = [menu.root]
    while levels:
        branch = levels.pop()
        reached |= set(branch.entries)
        assert len(branch.branches) <= 30, branch.label
        levels += branch.branches
    assert {e.id for e in ENTRIES.values() if e.superseded_by is None} == reached


def test_places_know_what_is_around_them() -> None:
    regions = load_regions()
    assert regions.around("长沙") == ("湖南", "全国")
    assert regions.around("北京") == ("全国",)
    assert regions.named("我在湖南长沙上班，户口在吉林市") == ("长沙", "吉林")


def test_every_entry_that_starts_a_guide_starts_one_that_exists() -> None:
    guides = load_guides()
    for one in load_entries().values():
        for start in one.starts:
            if start.startswith("guide:"):
                assert start.removeprefix("guide:") in guides, one.id
