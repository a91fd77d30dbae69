"""The brief's dialogues, sentence by sentence, with buttons; and the outside door itself."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.engine.playbook import Playbook
from bot.engine.types import REPLY_KINDS
from bot.rehearsal.ask import as_object, ask, shown
from bot.rehearsal.play import play
from bot.rehearsal.script import BadScript, Script, read_scripts
from handlers.contents import playbook
from tests.talk import MONDAY

HERE = Path(__file__).parent
SCRIPTS = read_scripts(HERE / "conversations")
DEV = HERE.parent.parent / "shared" / "evaluation" / "social_insurance_dev.jsonl"


@cache
def book() -> Playbook:
    return playbook()


# On WeChat, where choices are numbers as in the terminal, they are played through the real callback
# (test_wechat_conversations.py).
def played(scripts: list[Script]) -> list[Script]:
    """Each on the channel that it names; what names none on web chat and on Telegram."""
    free = [replace(s, channel="telegram") for s in scripts if s.channel == "webchat"]
    return [*(s for s in scripts if s.channel != "wechat"), *free]


@pytest.mark.parametrize("script", played(SCRIPTS), ids=lambda s: s.name)
async def test_the_dialogue_goes_as_it_should(script: Script) -> None:
    failed = await play(script, book())
    assert not failed, "\n".join(map(str, failed))


async def test_a_failure_says_what_came_instead(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(
        "- conversation: 错\n  steps:\n    - user: 菜单\n    - bot: {contains: [没有的话]}\n"
    )
    (failure,) = await play(read_scripts(file)[0], book())
    assert failure.step == 2
    assert "没有的话" in failure.expected
    assert "请选一项" in failure.came


async def test_a_choice_that_is_not_offered_cannot_be_tapped(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("- conversation: 错\n  steps:\n    - user: 菜单\n    - tap: 没有的按钮\n")
    (failure,) = await play(read_scripts(file)[0], book())
    assert "没有的按钮" in failure.expected


async def test_staff_cannot_write_to_whom_nobody_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "staff.yaml"
    file.write_text(
        "- conversation: 无\n  steps:\n    - user: 菜单\n    - staff: {to: 张三, reply: 您好, fails: true}\n"
    )
    assert await play(read_scripts(file)[0], book()) == []


BAD = {
    "not yaml": "- conversation: [",
    "no list": "conversation: x",
    "no name": "- steps: []",
    "unknown key": "- conversation: x\n  stpes: []\n  steps: [{user: a}]",
    "no steps": "- conversation: x\n  steps: []",
    "unknown action": "- conversation: x\n  steps: [{usr: a}]",
    "two actions": "- conversation: x\n  steps: [{user: a, tap: b}]",
    "bad expectation": "- conversation: x\n  steps: [{bot: {contain: [a]}}]",
    "bad wait": "- conversation: x\n  steps: [{wait: soon}]",
    "bad channel": "- conversation: x\n  channel: fax\n  steps: [{user: a}]",
    "bad time": "- conversation: x\n  at: yesterday\n  steps: [{user: a}]",
    "bad staff": "- conversation: x\n  steps: [{staff: {reply_to: a}}]",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_a_file_that_is_not_well_formed_says_where(text: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    with pytest.raises(BadScript, match=r"bad\.yaml"):
        read_scripts(file)


# --- the commands as a stranger runs them ---


def run(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=HERE.parent,
        check=False,
    )


def test_ask_prints_one_object() -> None:
    done = run("ask", "失业金怎么申领", "--json", "--date", "2026-11-23")
    reply = json.loads(done.stdout)
    assert done.returncode == 0
    assert (reply["kind"], reply["entry"]) == ("answer", "SB02")
    assert reply["candidates"][0]["entry"] == "SB02"
    assert 0 < reply["score"] <= 1
    assert "解决了" in reply["choices"]


@pytest.mark.parametrize("question", ["", "？", "a" * 10_000, "'; DROP TABLE heard;--", "\x01"])
def test_ask_answers_anything(question: str) -> None:
    reply = json.loads(shown(ask(book(), question, date(2026, 11, 23)), as_json=True))
    assert reply["kind"] in REPLY_KINDS


def test_ask_on_a_day_before_the_reform_gives_the_rule_of_that_day() -> None:
    old = json.loads(run("ask", "不是60岁退休吗", "--date", "2024-06-01", "--json").stdout)
    assert old["entry"] == "TX01-2024"


@pytest.mark.parametrize("words", [["--date", "soon"], ["--region", "火星"]])
def test_a_bad_option_is_told_in_one_line(words: list[str]) -> None:
    done = run("ask", "问", *words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert words[1] in done.stderr


def test_chat_takes_an_object_a_line_and_gives_one() -> None:
    lines: list[dict[str, Any]] = [
        {"as": "张三", "channel": "webchat", "user": "失业金怎么申领"},
        {"as": "张三", "tap": "解决了"},
        {"as": "李四", "user": "转人工"},
        {"staff": {"to": "李四", "reply": "您好"}},
        {"wait": "24h"},
        {"restart": True},
        {"nonsense": 1},
        {"as": "李四", "user": "结束对话"},
    ]
    done = run("chat", "--json", stdin="\n".join(map(json.dumps, lines)) + "\nnot json\n")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) == len(lines) + 1
    assert told[0]["replies"][0]["entry"] == "SB02"
    assert told[1]["replies"][0]["kind"] == "smalltalk"
    assert told[2]["replies"][0]["kind"] == "handoff"
    assert told[3]["pushed"][0] == {
        "to": "李四",
        "kind": "staff",
        "entry": None,
        "text": "您好",
        "choices": [],
        "attachments": [],
    }
    assert "error" in told[6]
    assert told[7]["replies"][0]["kind"] == "handoff"
    assert "error" in told[8]


def test_rehearse_tells_by_its_exit_status(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("- conversation: 好\n  steps:\n    - user: 菜单\n    - bot: {kind: menu}\n")
    bad.write_text("- conversation: 坏\n  steps:\n    - user: 菜单\n    - bot: {kind: answer}\n")
    assert run("rehearse", str(good)).stdout.splitlines()[-1] == "1 passed, 0 failed"
    assert run("rehearse", str(good), str(bad)).returncode == 1
    assert run("rehearse", str(tmp_path / "none.yaml")).returncode == 2


def test_evaluate_measures_the_whole_pipeline(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    rows = [
        {"query": "失业保险金怎么申领，需要什么材料？", "expect": ["SB02"]},
        {"query": "今天天气怎么样", "expect": []},
    ]
    file.write_text("\n".join(map(json.dumps, rows)))
    told = json.loads(run("evaluate", str(file), "--json").stdout)
    assert told["n"] == 2
    assert told["r_at_1"] == 1.0
    assert told["refusal_recall"] == 1.0
    assert told["entries"] >= 379
    assert {"mrr_at_10", "auroc", "ms_median", "ms_p99", "build_seconds"} <= set(told)


def test_evaluate_takes_somebody_elses_entries(tmp_path: Path) -> None:
    faq, file = tmp_path / "faq.jsonl", tmp_path / "q.jsonl"
    faq.write_text(json.dumps({"id": "a", "question": "怎么办护照", "answer": "去出入境"}))
    file.write_text(json.dumps({"query": "护照怎么办", "expect": ["a"]}))
    told = json.loads(run("evaluate", str(file), "--faq", str(faq), "--json").stdout)
    assert (told["entries"], told["r_at_1"]) == (1, 1.0)


def test_evaluate_says_which_line_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text('{"query": "a", "expect": []}\n{"query": 1}\n')
    done = run("evaluate", str(file))
    assert done.returncode == 2
    assert "line 2" in done.stderr


@pytest.mark.skipif(not DEV.exists(), reason="the labelled questions are not part of the project")
def test_no_wording_of_ours_is_an_evaluation_question() -> None:
    asked = {json.loads(line)["query"] for line in DEV.read_text().splitlines()}
    entries = book().knowledge.entries.values()
    ours = {text for entry in entries for text in (*entry.asks,)}
    assert ours & asked == set()


def test_the_data_are_well() -> None:
    from handlers.checks import check

    assert check(date(2026, 11, 24)) == []


@pytest.mark.parametrize(
    "question", ["我的咨询", "催一下", "我的订阅", "我的测算", "我的数据", "绑定"]
)
def test_a_wish_that_needs_the_house_is_answered_by_ask(question: str) -> None:
    shown = as_object(ask(book(), question, MONDAY.date()))
    assert shown["text"]
    assert shown["kind"] in REPLY_KINDS
