"""分几条发: one message after the other until 完了, then points with numbers."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.engine.consulting import sentences
from bot.engine.scene import Scene
from bot.engine.text import plain
from bot.engine.types import Choice, FormProgress, Turn

SEVERAL = re.compile(
    r"(我)?(想|要|得)?分(成)?(几|多|两|三)(条|次|段)(来)?(发|说|写)?|.{0,10}(问题|事)(比较|很|有点)?多.{0,6}(分|几条|慢慢).{0,4}|(我)?(要|想)?一条一条(地)?(发|说)|我?慢慢(说|打|发)"
)
_PARTS = re.compile(
    r"^\s*(第[一二三四五六七八九十]+[，,、：:. ]*|[0-9一二三四五六七八九十]+[、.．)）]\s*|[①-⑨])"
)


def wants_several(text: str) -> bool:
    """“问题比较多我分几条发”."""
    return len(text) <= 24 and SEVERAL.fullmatch(plain(text)) is not None


def gathering(scene: Scene, progress: FormProgress) -> Turn:
    """Opens the gathering of several messages."""
    progress = replace(progress, answers={**progress.answers, "parts": ""}, tries=0)
    said = sentences.SEVERAL
    return scene.say("question", said, *ways(), form=progress)


def ways() -> tuple[Choice, ...]:
    return Choice("完了", "完了"), Choice("取消", "/cancel")


def joined(lines: str) -> str:
    """Numbered points; a single one stays as it is."""
    points = [_PARTS.sub("", line).strip() for line in lines.split("\n")]
    points = [p for p in points if p]
    if len(points) == 1:
        return points[0]
    return "\n".join(f"{n}. {point}" for n, point in enumerate(points, 1))


def points_shown(question: str) -> str:
    return f"已整理为 {question.count(chr(10)) + 1} 点：\n{question}\n对吗？"
