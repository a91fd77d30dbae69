"""The data files of the house, read into typed values. Raises BadData naming file, id and reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import tomli  # tomllib, compiled: a start reads fifty files

from bot.engine.guide import Guide, read_guide
from bot.engine.knowledge import Entry, Knowledge, read_entry
from bot.engine.menu import Menu, read_menu
from bot.engine.parameters import (
    NATIONWIDE,
    BadData,
    Parameter,
    Parameters,
    read_parameter,
)
from bot.engine.regions import Regions

ROOT = Path(__file__).resolve().parent.parent
FAQ = ROOT / "faq_data"
PARAMETERS = ROOT / "handlers" / "parameters"
GUIDES = ROOT / "handlers" / "guides"
NOT_ENTRIES = {"ambiguous", "contacts", "lexicon", "menu", "policies", "regions", "smalltalk"}


def read_toml(path: Path) -> dict[str, Any]:
    """Raises BadData naming the file, line and reason."""
    try:
        return tomli.loads(path.read_text(encoding="utf-8"))
    except (tomli.TOMLDecodeError, UnicodeDecodeError) as error:
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


Topics = Mapping[str, Sequence[Entry]]  # name of a topic file → its entries, in its order


def load_topics(folder: Path = FAQ) -> Topics:
    """Every `[[entry]]` of every topic file."""
    paths = sorted(folder.glob("*.toml"))
    return {path.stem: tuple(_entries(path)) for path in paths if path.stem not in NOT_ENTRIES}


def by_id(topics: Topics) -> dict[str, Entry]:
    """Raises BadData if two entries have the same id."""
    found: dict[str, Entry] = {}
    for topic, entries in topics.items():
        for entry in entries:
            if entry.id in found:
                raise BadData(f"{topic}.toml: entry {entry.id} stands twice")
            found[entry.id] = entry
    return found


def with_published(topics: Topics, entries: Mapping[str, Entry]) -> Topics:
    """The topics with `entries` in the place of their own; a new one goes where its letters are."""
    of_letters = {entry.id[:2]: topic for topic, rows in topics.items() for entry in rows}
    known = by_id(topics)
    found = {topic: [entries[entry.id] for entry in rows] for topic, rows in topics.items()}
    for entry in entries.values():
        if entry.id not in known and entry.id[:2] in of_letters:
            found[of_letters[entry.id[:2]]].append(entry)
    return found


def load_entries(folder: Path = FAQ) -> dict[str, Entry]:
    """Every entry, by id."""
    return by_id(load_topics(folder))


def _entries(path: Path) -> Iterator[Entry]:
    table = read_toml(path)
    for extra in sorted(set(table) - {"entry"}):
        raise BadData(f"{path.name}: {extra}: only [[entry]] tables are read here")
    for row in table.get("entry", ()):
        yield read_entry(path.name, row)


def load_knowledge(faq: Path = FAQ, parameters: Path = PARAMETERS) -> Knowledge:
    """Entries and the figures that they show."""
    return Knowledge(load_entries(faq), load_parameters(parameters))


def load_regions(folder: Path = FAQ) -> Regions:
    """Every province and its cities."""
    province_of: dict[str, str] = {}
    for row in read_toml(folder / "regions.toml")["province"]:
        province_of[row["name"]] = NATIONWIDE
        province_of.update(dict.fromkeys(row["cities"], row["name"]))
    return Regions(province_of)


def load_guides(folder: Path = GUIDES) -> dict[str, Guide]:
    return {
        path.stem: read_guide(path.name, path.stem, read_toml(path))
        for path in sorted(folder.glob("*.toml"))
    }


def load_menu(faq: Path = FAQ, topics: Topics | None = None) -> Menu:
    """The tree of `menu.toml` over the sections of the topic files. `topics`: already read."""
    sections: dict[str, dict[str, list[str]]] = {}
    for topic, entries in (load_topics(faq) if topics is None else topics).items():
        for entry in entries:
            if entry.superseded_by is None:
                headings = sections.setdefault(topic, {})
                headings.setdefault(entry.section or "其他", []).append(entry.id)
    return read_menu("menu.toml", read_toml(faq / "menu.toml"), sections)
