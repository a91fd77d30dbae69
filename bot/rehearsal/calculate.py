"""`calculate`: the pure function of a calculator, without the dialogue."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from bot.engine import words
from bot.engine.calculator import BadInput, Calculator, as_json
from bot.engine.form import Ask, Unclear, asks_of, never
from bot.engine.parameters import NoFigure
from handlers.calculating import load_calculators, load_ground


def calculate(name: str, inputs: Sequence[str], day: date, as_object: bool) -> str:
    """The result in words, or as an object. Raises BadInput with the reason and an example."""
    ground = load_ground()
    known = {c.name: c for c in load_calculators(ground)}
    if name not in known:
        raise BadInput(f"没有叫 {name} 的计算器。有：{'、'.join(known)}")
    calculator = known[name]
    given = calculator.read(_pairs(inputs, calculator), day)
    try:
        result = calculator.result(given, ground, day)
    except NoFigure as missing:
        raise BadInput(f"{words.NO_CHECKED_FIGURE}（{missing}）{_example(calculator)}") from None
    except Unclear as unclear:
        raise BadInput(f"{calculator.name}：{unclear}{_example(calculator)}") from None
    return json.dumps(as_json(result), ensure_ascii=False) if as_object else result.text


def _pairs(inputs: Sequence[str], calculator: Calculator[Any]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for said in inputs:
        key, mark, value = said.partition("=")
        if not mark or not value:
            raise BadInput(f"{said}：每项写成 key=value。{_example(calculator)}")
        pairs[key] = value
    return pairs


def _example(calculator: Calculator[Any]) -> str:
    return f"例如：python -m bot calculate {calculator.name} {calculator.example}"


def listed(as_object: bool) -> str:
    """The calculators with their inputs, units and examples."""
    found = [_described(c) for c in load_calculators(load_ground())]
    if as_object:
        return json.dumps(found, ensure_ascii=False)
    return "\n\n".join(_as_text(c) for c in found)


def _described(calculator: Calculator[Any]) -> dict[str, Any]:
    asks = asks_of(calculator.inputs)
    return {
        "name": calculator.name,
        "title": calculator.title,
        "holds": calculator.holds,
        "sources": list(calculator.sources),
        "checked": calculator.checked.isoformat(),
        "inputs": [_input(name, ask) for name, ask in asks.items()],
        "example": calculator.example,
    }


def _input(name: str, ask: Ask[Any]) -> dict[str, Any]:
    return {
        "name": name,
        "label": ask.label,
        "takes": ask.hint or "、".join(ask.options) or ask.question,
        "default": ask.default,
        "needed": _needed(ask),
    }


def _needed(ask: Ask[Any]) -> str:
    """yes, no, or depends (on what else is given)."""
    if ask.skip or ask.default is not None or ask.only_if is never:
        return "no"
    return "yes" if ask.only_if is None else "depends"


_MARKS = {"yes": "", "no": "（可不给）", "depends": "（看其他项，缺时会说）"}


def _as_text(calculator: dict[str, Any]) -> str:
    lines = [f"{calculator['name']}  {calculator['title']}（{calculator['holds']}）"]
    for one in calculator["inputs"]:
        default = f"，默认 {one['default']}" if one["default"] else ""
        mark = _MARKS[one["needed"]]
        lines.append(f"  {one['name']}  {one['label']}：{one['takes']}{default}{mark}")
    return "\n".join([*lines, f"  例：{calculator['name']} {calculator['example']}"])
