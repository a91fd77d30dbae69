"""Whom to call and whether they are open now, as far as anybody has verified it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from bot.clock import CHINA
from bot.engine.contacts import Contacts, read_contacts
from bot.engine.parameters import BadData
from handlers.contents import playbook
from tests.talk import Talk

CHANGSHA = {
    "region": "长沙",
    "body": "人社",
    "name": "长沙市社保经办",
    "phone": "0731-12333",
    "hours": "09:00-12:00 13:30-17:00",
    "site": "rsj.example.gov.cn",
    "source": "测试",
    "checked": date(2026, 11, 1),
}
NATIONAL = {
    "body": "人社",
    "name": "热线",
    "phone": "12333",
    "source": "测试",
    "checked": date(2026, 11, 1),
}


def contacts(*rows: dict[str, Any]) -> Contacts:
    return read_contacts("contacts.toml", {"service": {"hours": "09:00-17:00"}, "contact": rows})


def at(text: str) -> Talk:
    book = replace(playbook(), contacts=contacts(NATIONAL, CHANGSHA))
    return Talk(book, now=datetime.fromisoformat(text).replace(tzinfo=CHINA))


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("2026-11-23T10:00", "现在：办公时间"),
        ("2026-11-23T12:30", "现在：非办公时间，今天 13:30 开门"),
        ("2026-11-23T20:00", "现在：非办公时间，明天 9:00 开门"),
        ("2026-09-30T18:00", "10月8日 周四 9:00 开门"),
        ("2026-02-14T10:00", "现在：办公时间"),  # a Saturday made up for Spring Festival
        ("2026-12-31T18:00", "2027 年放假安排尚未公布"),
    ],
)
def test_whether_an_office_is_open_is_said_with_lunch_and_holidays(now: str, said: str) -> None:
    heard = at(now).heard("长沙社保局电话")
    assert "0731-12333" in heard
    assert said in heard


def test_a_place_that_nobody_has_verified_is_said_to_be_so() -> None:
    heard = at("2026-11-23T10:00").heard("武汉社保局地址在哪")
    assert "没有核实过" in heard
    assert "12333" in heard
    assert "0731" not in heard


def test_a_city_falls_back_to_its_province() -> None:
    hunan = {**CHANGSHA, "region": "湖南", "name": "湖南省人社厅"}
    found = contacts(NATIONAL, hunan).of("人社", "长沙", ("湖南", "全国"))
    assert found is not None
    assert found.name == "湖南省人社厅"


@pytest.mark.parametrize(
    "change", [{"hours": "9-5"}, {"source": ""}, {"checked": "yesterday"}, {"fax": "1"}]
)
def test_a_bad_contact_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadData, match="contact"):
        contacts({**CHANGSHA, **change})
