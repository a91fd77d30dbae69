"""Gathers the calculators of `handlers/calculators/`: one file each, nothing else to register."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from bot.engine.calculator import Calculator, Ground
from bot.engine.parameters import BadData
from handlers import calculators
from handlers.files import load_parameters, load_regions


def load_calculators(ground: Ground) -> list[Calculator[Any]]:
    """`calculator(ground)` of every file of `handlers/calculators/`, in the order of the list."""
    folder = Path(calculators.__path__[0])
    names = sorted(path.stem for path in folder.glob("[a-z]*.py"))
    modules = [import_module(f"{calculators.__name__}.{name}") for name in names]
    found: list[Calculator[Any]] = [module.calculator(ground) for module in modules]
    for name, calculator in zip(names, found, strict=True):
        if calculator.name != name:
            raise BadData(f"calculators/{name}.py: it is named {calculator.name}")
    return sorted(found, key=lambda c: (c.order, c.name))


def load_ground() -> Ground:
    """What the calculators stand on, without the FAQ."""
    return Ground(load_parameters(), load_regions())
