"""The policy library: found by number, title or topic, with its state on a day."""

from __future__ import annotations

import re
from datetime import date

import pytest

from bot.engine.documents import Document, read_library
from bot.engine.parameters import BadData
from handlers.files import FAQ, load_entries, read_toml

LIBRARY = read_library("policies.toml", read_toml(FAQ / "policies.toml"))
ENTRIES = load_entries()
TODAY = date(2026, 11, 23)
DAY_BEFORE_LAST = date(2026, 12, 31)
NUMBERED = [d for d in LIBRARY.documents if d.number]
NUMBER = re.compile(
    r"(主席令第\d+号|国务院令第\d+号|\S+令第\d+号|\S+〔\d{4}〕\d+号|财政部税务总局公告\d{4}年第\d+号)"
)


def known(id: str) -> Document:
    document = LIBRARY.by_id(id)
    assert document is not None
    return document


@pytest.mark.parametrize("document", LIBRARY.documents, ids=lambda d: d.id)
def test_a_document_is_complete_and_plausible(document: Document) -> None:
    assert re.fullmatch(r"[a-z0-9_]+", document.id)
    assert document.title.startswith("《")
    assert document.title.endswith("》")
    assert document.number == "" or NUMBER.fullmatch(document.number)
    assert document.published <= TODAY
    assert document.checked <= TODAY
    assert len(document.points) == 3
    assert all(len(point) <= 50 for point in document.points)
    assert document.url == "" or re.match(r"https://[\w.-]+\.gov\.cn/", document.url)


def test_no_id_title_or_number_stands_twice() -> None:
    for values in (
        [d.id for d in LIBRARY.documents],
        [d.title for d in LIBRARY.documents],
        [d.number for d in NUMBERED],
    ):
        assert len(values) == len(set(values))


def test_every_document_leads_to_entries_that_exist() -> None:
    for document in LIBRARY.documents:
        assert document.entries or document.repealed_on, document.id
        assert [e for e in document.entries if e not in ENTRIES] == [], document.id


@pytest.mark.parametrize("document", NUMBERED, ids=lambda d: d.id)
def test_a_number_finds_exactly_its_document(document: Document) -> None:
    found = LIBRARY.find(f"{document.number}说了什么")
    assert [d.id for d in found] == [document.id]


def test_a_number_with_square_brackets_or_spaces_is_understood() -> None:
    assert LIBRARY.find("人社部发 [2024] 94 号")[0].id == "flexible_retirement"


def test_an_unknown_number_finds_nothing() -> None:
    assert LIBRARY.find("人社部发〔2099〕1号") == []


@pytest.mark.parametrize("document", LIBRARY.documents, ids=lambda d: d.id)
def test_a_title_finds_its_document(document: Document) -> None:
    assert document in LIBRARY.find(document.title)


def test_a_question_on_unemployment_finds_at_least_three_in_force_newest_first() -> None:
    found = LIBRARY.find("失业保险有什么最新文件")
    assert [d.published for d in found] == sorted((d.published for d in found), reverse=True)
    assert found[0].id == "unemployment_2026"
    assert len([d for d in found if d.status(TODAY) == "现行有效"]) >= 3


@pytest.mark.parametrize(
    ("asked", "id"),
    [
        ("延迟退休有什么文件", "delay_measures"),
        ("工伤的法规有哪些", "injury_regulation"),
        ("个人养老金有哪些政策", "personal_pension_rules"),
        ("社保转移的政策依据", "pension_transfer_2009"),
        ("生育津贴政策文件", "women_protection_619"),
        ("异地就医最新政策", "remote_medical_2022"),
        ("灵活就业有什么政策", "rate_reduction_2019"),
        ("劳动合同的法规", "labour_contract_law"),
        ("社保卡有什么文件", "agency_regulation"),
        ("缴费基数的文件", "rate_reduction_2019"),
        ("社保有什么新政策", "unemployment_2026"),
    ],
)
def test_a_topic_finds_the_document_that_rules_it(asked: str, id: str) -> None:
    assert id in [d.id for d in LIBRARY.find(asked)]


def test_a_repealed_document_says_so_from_the_right_day() -> None:
    old = known("women_protection_1988")
    assert old.status(date(2012, 4, 27)) == "现行有效"
    assert old.status(date(2012, 4, 28)) == "已废止（《女职工劳动保护特别规定》）"
    assert "已废止（《女职工劳动保护特别规定》）" in old.line(TODAY)


def test_a_repealed_document_names_what_took_its_place() -> None:
    repealed = [d for d in LIBRARY.documents if d.repealed_on]
    assert len(repealed) >= 3
    assert all(d.repealed_by for d in repealed)
    assert all(d.repealed_on > d.effective_from for d in repealed if d.repealed_on)


def test_a_document_for_one_year_ends_with_the_year() -> None:
    notice = known("unemployment_2026")
    assert notice.status(DAY_BEFORE_LAST) == "现行有效"
    assert notice.status(date(2027, 1, 1)) == "已废止（执行期满）"


def test_a_document_not_yet_in_force_says_when_it_will_be() -> None:
    assert known("flexible_retirement").status(DAY_BEFORE_LAST.replace(year=2024)) == (
        "将于 2025-01-01 生效"
    )


def test_a_shown_document_has_its_points_and_where_to_read_it() -> None:
    shown = known("delay_decision").shown(TODAY)
    assert shown.count("\n· ") == 3
    assert "官方地址：https://www.npc.gov.cn/" in shown
    assert "原文请在 www.gov.cn 按标题查找。" in known("unemployment_regulation").shown(TODAY)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"color": "red"}, "unknown field"),
        ({"title": ""}, "a text is needed"),
        ({"published": "2026-01-01"}, "a date is needed"),
        ({"topics": []}, "at least one"),
    ],
)
def test_a_bad_document_is_refused_by_name(change: dict[str, object], reason: str) -> None:
    row: dict[str, object] = {
        "id": "x",
        "title": "《某办法》",
        "issuer": "国务院",
        "published": TODAY,
        "effective_from": TODAY,
        "topics": ["某事"],
        "points": ["一点"],
        "checked": TODAY,
    }
    assert len(read_library("policies.toml", {"policy": [row]}).documents) == 1
    with pytest.raises(BadData, match=f"policy x.*{reason}"):
        read_library("policies.toml", {"policy": [{**row, **change}]})
