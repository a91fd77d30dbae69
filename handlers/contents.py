"""Gathers what the bot can do and knows from the folders, and fails loudly on anything odd."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.engine.knowledge import Entry, Knowledge, read_entry
from bot.engine.parameters import BadData, Parameter, Parameters, read_parameter

ROOT = Path(__file__).resolve().parent.parent
FAQ = ROOT / "faq_data"
PARAMETERS = ROOT / "handlers" / "parameters"
NOT_ENTRIES = {"contacts", "lexicon", "menu", "policies", "regions", "smalltalk"}


def read_toml(path: Path) -> dict[str, Any]:
    """Raises BadData naming the file, line and reason."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadData(f"{path.name}: {error}") from None


def load_parameters(folder: Path = PARAMETERS) -> Parameters:
    """Every `[[parameter]]` of every file, named `<file>.<name>`."""
    found: dict[str, Parameter] = {}
    for path in sorted(folder.glob("*.toml")):
        for table in read_toml(path).get("parameter", ()):
            parameter = read_parameter(path.name, path.stem, table)
            if parameter.name in found:
                raise BadData(f"{path.name}: parameter {parameter.name} stands twice")
            found[parameter.name] = parameter
    return Parameters(found)


def load_entries(folder: Path = FAQ) -> dict[str, Entry]:
    """Every `[[entry]]` of every topic file, by id."""
    found: dict[str, Entry] = {}
    for path in sorted(folder.glob("*.toml")):
        if path.stem in NOT_ENTRIES:
            continue
        for entry in _entries(path):
            if entry.id in found:
                raise BadData(f"{path.name}: entry {entry.id} stands twice")
            found[entry.id] = entry
    return found


def _entries(path: Path) -> Iterator[Entry]:
    table = read_toml(path)
    for extra in sorted(set(table) - {"entry"}):
        raise BadData(f"{path.name}: {extra}: only [[entry]] tables are read here")
    for row in table.get("entry", ()):
        yield read_entry(path.name, row)


def load_knowledge(faq: Path = FAQ, parameters: Path = PARAMETERS) -> Knowledge:
    """Entries and the figures that they show."""
    return Knowledge(load_entries(faq), load_parameters(parameters))
