"""The account's menu (自定义菜单): three buttons at most, each with five below it at most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.engine.splitting import length

Menu = Sequence[tuple[str, Sequence[tuple[str, str]]]]  # title, then (label, what a tap says)

MOST_ACROSS, MOST_BELOW = 3, 5
TITLE_BYTES, LABEL_BYTES, KEY_BYTES = 16, 60, 128


def buttons(menu: Menu) -> list[dict[str, Any]]:
    """As WeChat wants it. Raises ValueError if WeChat would refuse it."""
    if not 0 < len(menu) <= MOST_ACROSS:
        raise ValueError(f"a menu has 1–{MOST_ACROSS} buttons")
    return [
        {"name": _within(title, TITLE_BYTES), "sub_button": _below(title, rows)}
        for title, rows in menu
    ]


def _below(title: str, rows: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    if not 0 < len(rows) <= MOST_BELOW:
        raise ValueError(f"{title}: 1–{MOST_BELOW} entries")
    return [
        {"type": "click", "name": _within(label, LABEL_BYTES), "key": _within(key, KEY_BYTES)}
        for label, key in rows
    ]


def _within(text: str, most: int) -> str:
    if not 0 < length(text, "bytes") <= most:
        raise ValueError(f"{text}: 1–{most} bytes")
    return text
