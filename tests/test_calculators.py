"""Every calculator has a table of cases in `tests/calculators/`; each case says why and whence."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.engine import words
from bot.engine.calculator import BadInput, Calculator, as_json
from bot.engine.form import Unclear
from bot.engine.parameters import NoFigure
from handlers.calculating import load_calculators, load_ground

TABLES = Path(__file__).parent / "calculators"
TODAY = date(2026, 11, 23)
GROUND = load_ground()
CALCULATORS: dict[str, Calculator[Any]] = {c.name: c for c in load_calculators(GROUND)}


def cases() -> Iterator[Any]:
    for path in sorted(TABLES.glob("*.toml")):
        for i, case in enumerate(tomllib.loads(path.read_text("utf-8"))["case"]):
            yield pytest.param(path.stem, case, id=f"{path.stem}-{i + 1}")


def rows() -> Iterator[Any]:
    for path in sorted(TABLES.glob("*.csv")):
        for row in csv.DictReader(path.read_text("utf-8").splitlines()):
            given = {k[3:]: v for k, v in row.items() if k.startswith("in.")}
            expected = {k: v for k, v in row.items() if not k.startswith("in.")}
            yield pytest.param(
                path.stem, given, expected, id=f"{path.stem}-{'-'.join(given.values())}"
            )


def worked(name: str, given: dict[str, str], day: date = TODAY) -> dict[str, Any]:
    calculator = CALCULATORS[name]
    return as_json(calculator.result(calculator.read(given, day), GROUND, day))


@pytest.mark.parametrize(("name", "case"), list(cases()))
def test_every_case_comes_out(name: str, case: dict[str, Any]) -> None:
    assert case["why"]
    assert case["source"]
    day = case.get("on", TODAY)
    if "refused" in case:
        with pytest.raises((BadInput, Unclear), match=case["refused"]):
            worked(name, case["inputs"], day)
        return
    if case.get("no_figure"):
        with pytest.raises(NoFigure):
            worked(name, case["inputs"], day)
        return
    result = worked(name, case["inputs"], day)
    within = Decimal(case.get("tolerance", "0"))
    for key, expected in case["values"].items():
        assert _near(result["values"][key], expected, within), (key, result["values"])
    for said in case.get("says", ()):
        assert said in result["text"]
    for absent in case.get("lacks", ()):
        assert absent not in result["text"]


def _near(came: Any, expected: Any, within: Decimal) -> bool:
    if within and came is not None:
        return abs(Decimal(str(came)) - Decimal(str(expected))) <= within
    return bool(("" if came is None else came) == expected)


@pytest.mark.parametrize(("name", "given", "expected"), list(rows()))
def test_every_row_of_an_official_table_comes_out(
    name: str, given: dict[str, str], expected: dict[str, str]
) -> None:
    values = worked(name, given)["values"]
    assert {key: str(values[key]) for key in expected} == expected


@pytest.mark.parametrize("name", CALCULATORS)
def test_a_calculator_has_a_table_and_its_example_works(name: str) -> None:
    calculator = CALCULATORS[name]
    assert (TABLES / f"{name}.toml").exists(), f"write tests/calculators/{name}.toml"
    given = dict(pair.split("=", 1) for pair in calculator.example.split())
    result = worked(name, given)
    assert result["text"].endswith(words.ONLY_AN_ESTIMATE)
    assert len(result["text"]) < 1500
    assert "2026-11-23" in result["text"]
    for used in result["figures"]:
        assert used["source"]


@pytest.mark.parametrize("name", CALCULATORS)
def test_amounts_have_at_most_two_decimals(name: str) -> None:
    given = dict(pair.split("=", 1) for pair in CALCULATORS[name].example.split())
    calculator = CALCULATORS[name]
    result = calculator.result(calculator.read(given, TODAY), GROUND, TODAY)
    for key, value in result.values.items():
        if isinstance(value, Decimal) and not key.endswith(("index", "years", "rate", "months")):
            assert value == value.quantize(Decimal("0.01")), key


@pytest.mark.parametrize("name", CALCULATORS)
def test_a_question_has_an_example_or_choices_and_fits_a_button(name: str) -> None:
    form = CALCULATORS[name].form(GROUND)
    for field, ask in form.asks.items():
        assert ask.options or "例如" in ask.question, field
        for option in ask.options:
            assert len(f"/pick {form.name}.{field} {option}".encode()) <= 64, option
            ask.read(option)
        if ask.default:
            ask.read(ask.default)


def run(*given: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", "calculate", *given],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_prints_an_object() -> None:
    done = run("retirement_age", "category=male_60", "born=1975-06", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["values"]["retirement_month"] == "2038-02"
    assert {"name", "since", "region", "amount", "unit", "source"} <= set(result["figures"][0])


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (("retirement_age", "born=1975-06"), "缺少 category"),
        (("retirement_age", "category=male_60", "born=上辈子"), "没看懂"),
        (("retirement_age", "category=male_60", "born=1975-06", "x=1"), "没有输入项 x"),
        (("retirement_age", "male_60"), "key=value"),
        (("horoscope",), "没有叫 horoscope 的计算器"),
    ],
)
def test_a_wrong_input_is_told_with_an_example(given: tuple[str, ...], reason: str) -> None:
    done = run(*given)
    assert done.returncode == 2
    assert reason in done.stderr
    assert not done.stdout


def test_without_a_name_the_calculators_are_listed() -> None:
    done = run("--json")
    assert [c["name"] for c in json.loads(done.stdout)] == list(CALCULATORS)
