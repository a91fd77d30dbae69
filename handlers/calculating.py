"""Gathers the calculators of `handlers/calculators/`: one file each, nothing else to register.

A file of the same name in `handlers/pictures/` has the picture of its results (`picture(given, work,
sheet)`), one in `handlers/days/` their days for a calendar (`days(given, values, today)`).
"""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from bot.engine.calculator import Calculator, Ground
from bot.engine.parameters import BadData
from handlers import calculators, days, pictures
from handlers.files import load_parameters, load_regions


def load_calculators(ground: Ground) -> list[Calculator[Any]]:
    """`calculator(ground)` of every file of `handlers/calculators/`, in the order of the list."""
    found = {name: module.calculator(ground) for name, module in _modules(calculators).items()}
    for name, calculator in found.items():
        if calculator.name != name:
            raise BadData(f"calculators/{name}.py: it is named {calculator.name}")
    drawn, dated = _modules(pictures), _modules(days)
    if unknown := sorted((drawn.keys() | dated.keys()) - found.keys()):
        raise BadData(f"pictures or days of no calculator: {', '.join(unknown)}")
    whole: list[Calculator[Any]] = [
        replace(
            calculator,
            picture=drawn[name].picture if name in drawn else None,
            days=dated[name].days if name in dated else None,
        )
        for name, calculator in found.items()
    ]
    return sorted(whole, key=lambda c: (c.order, c.name))


def _modules(package: ModuleType) -> dict[str, ModuleType]:
    """The files of a folder by name."""
    names = sorted(path.stem for path in Path(package.__path__[0]).glob("[a-z]*.py"))
    return {name: import_module(f"{package.__name__}.{name}") for name in names}


def load_ground() -> Ground:
    """What the calculators stand on, without the FAQ."""
    return Ground(load_parameters(), load_regions())
