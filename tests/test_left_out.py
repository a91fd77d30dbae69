"""`evaluate --asks`: each wording is searched for among entries that lack it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.engine.knowledge import Knowledge
from bot.engine.parameters import Parameters
from bot.rehearsal.left_out import left_out
from handlers.files import FAQ, load_entries

LEXICON = (FAQ / "lexicon.toml").read_text(encoding="utf-8")
ENTRY = """
[[entry]]
id = "{id}"
question = "{question}"
asks = {asks}
answer = "答。"
basis = [{{ title = "《社会保险法》" }}]
checked = 2026-11-23
{more}
"""


def house(folder: Path, *entries: tuple[str, str, list[str], str]) -> Path:
    (folder / "lexicon.toml").write_text(LEXICON, encoding="utf-8")
    rows = (ENTRY.format(id=i, question=q, asks=json.dumps(a), more=m) for i, q, a, m in entries)
    (folder / "topic.toml").write_text("".join(rows), encoding="utf-8")
    return folder


def test_each_wording_is_left_out_in_its_turn(tmp_path: Path) -> None:
    faq = house(
        tmp_path,
        ("SC01", "社会保障卡丢失了如何挂失？", ["社保卡丢了挂失", "三楼朝南那间屋"], ""),
        ("SB04", "失业保险金每个月多少钱？", ["失业金一个月几块"], ""),
    )
    rows = list(left_out(Knowledge(load_entries(faq), Parameters({})), faq))
    rank = {row.query: row.rank for row, _ in rows}
    assert list(rank) == ["社保卡丢了挂失", "失业金一个月几块", "三楼朝南那间屋"]
    assert rank["社保卡丢了挂失"] == rank["失业金一个月几块"] == 1
    known = rows[-1][0].found.candidates
    assert not known or known[0].score < 0.5  # had it been known, it would have been found


def test_a_version_that_has_ended_counts_as_found_with_its_successor(tmp_path: Path) -> None:
    ended = 'effective_to = 2024-12-31\nsuperseded_by = "SC01"'
    faq = house(
        tmp_path,
        ("SC01", "社会保障卡丢失了如何挂失？", [], ""),
        ("SC01-2024", "旧办法是什么？", ["社保卡丢了怎么挂失"], ended),
    )
    ((row, _),) = left_out(Knowledge(load_entries(faq), Parameters({})), faq)
    assert row.rank == 1
    assert set(row.expect) == {"SC01", "SC01-2024"}


def test_the_command_prints_a_table_and_an_object(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    faq = house(tmp_path, ("SC01", "社会保障卡丢失了如何挂失？", ["社保卡丢了挂失"], ""))
    assert main(["evaluate", "--asks", "--faq", str(faq), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["n"], told["r_at_1"], told["r_at_3"], told["rounds"]) == (1, 1.0, 1.0, 1)
    assert main(["evaluate", "--asks", "--faq", str(faq)]) == 0
    assert "r_at_1               1.0" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["evaluate"], ["evaluate", "--asks", "x.jsonl"]])
def test_a_file_or_the_wordings_but_one_of_them(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert "--asks" in capsys.readouterr().err
