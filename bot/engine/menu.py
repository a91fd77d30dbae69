"""The category tree: branches of branches, leaves that are sections of entries (`faq_data/menu.toml`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.engine.parameters import BadData

MOST = 8  # items on one level, the way back included


@dataclass(frozen=True, slots=True)
class Branch:
    """A heading. `id` is its path of positions (`1.2`), stable as long as the file's order is."""

    id: str
    label: str
    branches: tuple[Branch, ...] = ()
    entries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Menu:
    root: Branch

    def find(self, id: str) -> Branch | None:
        branch = self.root
        for step in filter(None, id.split(".")):
            chosen = next((b for b in branch.branches if b.id.split(".")[-1] == step), None)
            if chosen is None:
                return None
            branch = chosen
        return branch

    def path(self, id: str) -> list[str]:
        """The labels from the top: ["社会保险", "养老"]."""
        labels, branch = [], self.root
        for step in filter(None, id.split(".")):
            chosen = next((b for b in branch.branches if b.id.split(".")[-1] == step), None)
            if chosen is None:
                break
            branch = chosen
            labels.append(branch.label)
        return labels


def read_menu(
    where: str, table: Mapping[str, Any], sections: Mapping[str, Mapping[str, Sequence[str]]]
) -> Menu:
    """The tree of `[[branch]]` tables. `sections`: topic file → section → entry ids.

    A branch has `label` and either `branch` tables or `topics` (file stems, whose sections become its
    leaves). Raises BadData.
    """
    return Menu(Branch("", "", tuple(_branches(where, table.get("branch", ()), "", sections))))


def _branches(
    where: str,
    rows: Sequence[Mapping[str, Any]],
    above: str,
    sections: Mapping[str, Mapping[str, Sequence[str]]],
) -> list[Branch]:
    found = []
    for position, row in enumerate(rows, 1):
        place = f"{above}.{position}" if above else str(position)
        if not isinstance(row.get("label"), str):
            raise BadData(f"{where}: branch {place}: label: a text is needed")
        below = _branches(where, row.get("branch", ()), place, sections)
        for topic in row.get("topics", ()):
            if topic not in sections:
                raise BadData(f"{where}: branch {row['label']}: there is no topic {topic}")
            below += [
                Branch(f"{place}.{topic}-{n}", name, entries=tuple(entries))
                for n, (name, entries) in enumerate(sections[topic].items(), 1)
            ]
        found.append(Branch(place, row["label"], tuple(below)))
    return found
