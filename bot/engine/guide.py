"""Walk-throughs: one matter step by step, with what helps when stuck (`handlers/guides/*.toml`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.engine.parameters import BadData


@dataclass(frozen=True, slots=True)
class Trouble:
    """A message or mishap (`when`: words that tell it) and what to do."""

    problem: str
    fix: str
    when: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    text: str
    troubles: tuple[Trouble, ...] = ()
    starts: tuple[tuple[str, str], ...] = ()  # what can be begun here: label, what it sends


@dataclass(frozen=True, slots=True)
class Item:
    """Something to bring; `instead` is what to do without it."""

    name: str
    instead: str
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Guide:
    """One matter. `entry` is the FAQ that says the rules; `video` an official address or empty."""

    name: str
    title: str
    short: str  # the verb phrase in “带我…”, e.g. 办失业金
    triggers: tuple[str, ...]
    entry: str
    steps: tuple[Step, ...]
    items: tuple[Item, ...] = ()
    video: str = ""
    video_note: str = ""  # length and size, e.g. 视频 5 分钟（约 20MB）
    body: str = "人社"
    source: str = ""
    checked: date | None = None


def read_guide(where: str, name: str, table: Mapping[str, Any]) -> Guide:
    """Raises BadData."""
    at = f"{where}: guide"
    known = {*Guide.__slots__, "step", "item"} - {"name", "steps", "items"}
    for extra in sorted(set(table) - known):
        raise BadData(f"{at}: {extra}: unknown field")
    for key in ("title", "short", "entry", "source"):
        if not isinstance(table.get(key), str) or not table[key]:
            raise BadData(f"{at}: {key}: a text is needed")
    if type(table.get("checked")) is not date:
        raise BadData(f"{at}: checked: a date is needed")
    try:
        steps = tuple(_step(row) for row in table["step"])
        items = tuple(Item(**row) for row in table.get("item", ()))
    except (KeyError, TypeError) as error:
        raise BadData(f"{at}: step or item: {error}") from None
    rest = {k: v for k, v in table.items() if k not in ("step", "item", "triggers")}
    return Guide(name=name, steps=steps, items=items, triggers=tuple(table["triggers"]), **rest)


def _step(row: Mapping[str, Any]) -> Step:
    troubles = tuple(
        Trouble(t["problem"], t["fix"], tuple(t.get("when", ()))) for t in row.get("trouble", ())
    )
    starts = tuple((s["label"], s["send"]) for s in row.get("starts", ()))
    return Step(row["title"], row["text"].strip(), troubles, starts)
