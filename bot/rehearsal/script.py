"""Scripted conversations: YAML in, typed steps out; what is not well-formed says where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from bot.clock import CHINA

START = "2026-11-23T10:00:00+08:00"
CHANNELS = ("webchat", "telegram", "wechat", "terminal")
CITIZEN = "张三"
_ACTIONS = ("user", "tap", "send", "wait", "staff", "restart", "repeat", "bot", "pushed", "keep")
_EXPECT = {
    *("contains", "any", "lacks", "matches", "choices", "kind", "entry", "messages", "at_most"),
    *("count", "attachments"),
}
_STAFF = {
    *("to", "reply", "ask", "note", "close", "transfer", "publish", "faq", "supersede", "fails"),
}


class BadScript(ValueError):
    """A file is not well-formed; the message says where."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what is done (`action`, `value`), by whom."""

    action: str
    value: Any
    who: str = CITIZEN


@dataclass(frozen=True, slots=True)
class Script:
    """One conversation of a file."""

    file: str
    name: str
    at: datetime
    channel: str
    steps: tuple[Step, ...] = field(default=())


def read_scripts(path: Path) -> list[Script]:
    """The conversations of a file, or of every `*.yaml` below a folder. Raises BadScript."""
    if not path.exists():
        raise BadScript(f"{path}: there is no such file or folder")
    files = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
    return [script for file in files for script in _read(file)]


def _read(file: Path) -> Iterator[Script]:
    try:
        rows = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise BadScript(f"{file}: {error}") from None
    if not isinstance(rows, list):
        raise BadScript(f"{file}: a list of conversations is needed")
    for number, row in enumerate(rows, 1):
        yield _script(file, number, row)


def _script(file: Path, number: int, row: Any) -> Script:
    if not isinstance(row, dict) or not isinstance(row.get("conversation"), str):
        raise BadScript(f"{file}: conversation {number}: a name is needed")
    at = f"{file}: {row['conversation']}"
    if extra := set(row) - {"conversation", "at", "channel", "steps"}:
        raise BadScript(f"{at}: unknown key {sorted(map(str, extra))[0]}")
    channel = row.get("channel", "webchat")
    if channel not in CHANNELS:
        raise BadScript(f"{at}: channel: one of {', '.join(CHANNELS)}")
    steps = row.get("steps")
    if not isinstance(steps, list) or not steps:
        raise BadScript(f"{at}: steps: at least one is needed")
    made = tuple(_step(f"{at}: step {i}", step) for i, step in enumerate(steps, 1))
    return Script(str(file), row["conversation"], moment(row.get("at", START), at), channel, made)


def _step(at: str, row: Any) -> Step:
    if not isinstance(row, Mapping):
        raise BadScript(f"{at}: a mapping is needed, e.g. user: 退休年龄")
    actions = [key for key in row if key != "as"]
    if len(actions) != 1 or actions[0] not in _ACTIONS:
        raise BadScript(f"{at}: one of {', '.join(_ACTIONS)} is needed")
    action, value = actions[0], row[actions[0]]
    if action in ("bot", "pushed"):
        value = _expectation(at, value)
    if action == "staff" and (not isinstance(value, dict) or set(value) - _STAFF):
        raise BadScript(f"{at}: staff: keys of {', '.join(sorted(_STAFF))}")
    if action == "wait":
        _check_wait(at, value)
    return Step(action, value, str(row.get("as", CITIZEN)))


def _expectation(at: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadScript(f"{at}: a mapping of {', '.join(sorted(_EXPECT))} is needed")
    if extra := set(value) - _EXPECT:
        raise BadScript(f"{at}: unknown key {sorted(map(str, extra))[0]}")
    return value


_LENGTHS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _check_wait(at: str, value: Any) -> None:
    waited(value, datetime.now(CHINA), at)


def waited(value: Any, now: datetime, at: str = "wait") -> datetime:
    """`now` moved by `24h`, `90s`, or to an ISO time. Raises BadScript."""
    if match := re.fullmatch(r"(\d+)\s*([smhd])", str(value).strip()):
        return now + timedelta(**{_LENGTHS[match[2]]: int(match[1])})
    return moment(str(value).removeprefix("until").strip(), at)


def moment(value: Any, at: str) -> datetime:
    """An ISO time in Asia/Shanghai. Raises BadScript."""
    try:
        time = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise BadScript(f"{at}: {value!r} is not a time (e.g. {START})") from None
    return time.astimezone(CHINA) if time.tzinfo else time.replace(tzinfo=CHINA)
