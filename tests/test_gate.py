"""The publish gate: who takes whose questions is found out before anybody reads the answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.engine.knowledge import Basis, Entry, Knowledge
from bot.engine.parameters import BadData, Parameters
from handlers import gate
from handlers.contents import load_lexicon, matcher
from handlers.files import FAQ, load_knowledge

NOWHERE = Path("/nowhere.toml")
LEXICON = load_lexicon()


def entry(id: str, question: str, asks: Sequence[str] = (), **more: object) -> Entry:
    made = Entry(id, question, "答。", date(2026, 11, 23), (Basis("《社会保险法》"),), tuple(asks))
    return replace(made, **more)  # type: ignore[arg-type]


LOST = entry("SC01", "社会保障卡丢失了如何挂失？", ["社保卡掉了怎么办", "卡找不着了先停掉"])
PIN = entry("SC07", "社会保障卡密码忘记了怎么重置？", ["社保卡密码想不起来了"])
MONEY = entry("SB04", "失业保险金每个月多少钱？", ["失业金一个月发多少"])


def known(*entries: Entry) -> Knowledge:
    return Knowledge({one.id: one for one in entries}, Parameters({}))


HOUSE = known(LOST, PIN, MONEY)


def taken(
    knowledge: Knowledge,
    recorded: Iterable[gate.Question] = (),
    accepted: gate.Accepted | None = None,
) -> list[str]:
    search = matcher(knowledge, LEXICON)
    return list(gate.regression(knowledge, search, recorded, accepted or {}))


def test_entries_that_keep_their_own_questions_pass() -> None:
    assert taken(HOUSE) == []


def test_a_wording_of_another_entry_is_refused() -> None:
    problems = gate.gate(HOUSE, LEXICON, entry("SC40", "社保卡的事", PIN.asks), NOWHERE)
    assert "entry SC07: asks: “社保卡密码想不起来了” is also a wording of SC40" in problems


def test_an_entry_that_takes_anothers_questions_is_refused_with_each_case_named(
    tmp_path: Path,
) -> None:
    recorded = tmp_path / "faq_asks.toml"
    recorded.write_text(
        """
        [[question]]
        id = "Q1"
        text = "我的社保卡不见了如何办理挂失手续"
        entry = "SC01"
        [[question]]
        id = "Q2"
        text = "社保卡丢失，挂失要怎么弄"
        entry = "SC01"
        [[question]]
        id = "Q3"
        text = "失业金一个月能拿多少钱"
        entry = "SB04"
        """
    )
    assert gate.gate(HOUSE, LEXICON, LOST, recorded) == []
    asks = [
        "社会保障卡丢失了如何挂失呢",
        "我的社保卡不见了如何办理挂失手续呀",
        "社保卡丢失，挂失要怎么弄呢",
    ]
    assert gate.gate(HOUSE, LEXICON, entry("SC41", "社保卡遗失挂失？", asks), recorded) == [
        "entry SC01: “社会保障卡丢失了如何挂失？” wants SC01, SC41 takes it",
        "question Q1: “我的社保卡不见了如何办理挂失手续” wants SC01, SC41 takes it",
        "question Q2: “社保卡丢失，挂失要怎么弄” wants SC01, SC41 takes it",
    ]


def test_an_ask_that_belongs_to_another_entry_is_refused() -> None:
    candidate = entry("SC42", "社保卡有什么用？", ["失业保险金每个月多少钱呀"])
    (line,) = gate.gate(HOUSE, LEXICON, candidate, NOWHERE)
    assert line == "entry SC42: “失业保险金每个月多少钱呀” wants SC42, SB04 takes it"


def test_a_new_entry_that_takes_nothing_may_be_published() -> None:
    candidate = entry("GS02", "上下班途中发生交通事故算工伤吗？", ["下班路上被车撞了"])
    assert gate.gate(HOUSE, LEXICON, candidate, NOWHERE) == []


def test_an_entry_may_be_published_in_the_place_of_its_old_self() -> None:
    assert gate.gate(HOUSE, LEXICON, replace(LOST, asks=(*LOST.asks, "卡丢了")), NOWHERE) == []


def test_a_successor_may_take_the_questions_of_what_it_replaces() -> None:
    new = entry("SC43", "社会保障卡丢失了如何挂失（新办法）？", ["社保卡掉了怎么办呀"])
    old = replace(LOST, superseded_by="SC43", effective_to=date(2026, 12, 31))
    assert gate.gate(known(old, PIN, MONEY), LEXICON, new, NOWHERE) == []


def neighbours(related: Sequence[str]) -> Knowledge:
    """SB04 has a wording that finds SC01 first."""
    return known(
        LOST, PIN, replace(MONEY, asks=("社保卡丢失了怎么挂失呀",), related=tuple(related))
    )


def test_a_neighbour_that_is_declared_may_come_first_if_the_own_entry_is_close() -> None:
    (line,) = taken(neighbours(()))
    assert line == "entry SB04: “社保卡丢失了怎么挂失呀” wants SB04, SC01 takes it"
    assert taken(neighbours(["SC01"])) == []


def test_what_the_winner_declares_does_not_count() -> None:
    house = neighbours(())
    winner = replace(LOST, related=("SB04",))
    assert taken(replace(house, entries={**house.entries, "SC01": winner}))


def test_a_listed_exception_holds_for_that_wording_and_that_winner_only() -> None:
    ask = "社保卡丢失了怎么挂失呀"
    assert taken(neighbours(()), accepted={(ask, "SB04"): "SC01"}) == []
    assert taken(neighbours(()), accepted={(ask, "SB04"): "SC07"})
    assert taken(neighbours(()), accepted={("别的", "SB04"): "SC01"})


def test_recorded_questions_count_like_asks_and_some_must_never_be_answered() -> None:
    asked = [
        gate.Question("question Q1", "社保卡密码忘了重置", "SC01"),
        gate.Question("question Q2", "社会保障卡丢失了如何挂失", None),
        gate.Question("question Q3", "社会保障卡丢失了如何挂失", "SC01"),
        gate.Question("question Q4", "明天会下雨吗", None),
    ]
    first, second = taken(HOUSE, asked)
    assert first == "question Q1: “社保卡密码忘了重置” wants SC01, SC07 takes it"
    assert second.startswith("question Q2: ")
    assert second.endswith(" must not be answered, SC01 takes it")


def test_what_finds_nothing_is_named_too() -> None:
    (line,) = taken(HOUSE, [gate.Question("question Q1", "😀", "SC01")])
    assert line == "question Q1: “😀” wants SC01, finds nothing"


def test_lines_about_what_is_not_there_are_refused() -> None:
    asked = [gate.Question("question Q1", "问", "XX99")]
    gone = {("早没了的问法", "SC01"): "SC07", ("问", "XX98"): "SC07"}
    assert list(gate.unknown(HOUSE, asked, gone)) == [
        "question Q1: there is no entry XX99",
        "ambiguous.toml: “早没了的问法” is no wording of SC01 any more: remove the line",
        "ambiguous.toml: “问”: there is no entry XX98",
    ]


@pytest.mark.parametrize(
    "text",
    [
        '[[question]]\nid = "Q1"\n',
        '[[question]]\nid = "Q1"\ntext = " "\n',
        '[[question]]\nid = "Q1"\ntext = "问"\ncolour = "red"\n',
        '[[question]]\nid = "Q1"\ntext = "问"\n[[question]]\nid = "Q1"\ntext = "答"\n',
        "[[question]\n",
    ],
)
def test_a_bad_file_of_questions_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "faq_asks.toml").write_text(text)
    with pytest.raises(BadData, match=r"^faq_asks\.toml: "):
        gate.read_recorded(tmp_path / "faq_asks.toml")


def test_a_deployment_without_the_tests_has_no_recorded_questions() -> None:
    assert gate.read_recorded(NOWHERE) == []
    assert gate.read_ambiguous(NOWHERE) == {}


def test_our_recorded_questions_are_many_and_in_no_entry() -> None:
    knowledge = load_knowledge()
    recorded = gate.read_recorded()
    written = {text for e in knowledge.entries.values() for text in (e.question, *e.asks)}
    assert len(recorded) >= 150
    assert len({q.text for q in recorded}) == len(recorded)
    assert not written & {q.text for q in recorded}
    assert not list(gate.unknown(knowledge, recorded, gate.read_ambiguous(FAQ / gate.AMBIGUOUS)))
