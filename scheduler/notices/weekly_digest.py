"""每周一汇总：上一周发布的、主题和地区都对得上的通知，一条消息说完；没有就不发。"""

from __future__ import annotations

from datetime import date

from bot.engine import words
from bot.engine.notice import Content, Notice
from bot.engine.playbook import Playbook


def notice(book: Playbook) -> Notice:
    """It is gathered when it is due, from what was published since the last one."""
    return Notice(
        "weekly_digest",
        "0 9 * * mon",
        "",
        lambda day: Content(words.DIGEST_TITLE, ""),
        checked=date(2026, 11, 26),
        audience="weekly",
    )
