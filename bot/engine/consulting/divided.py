"""Several questions in one message: shown apart, with whose each is and which is pressing."""

from __future__ import annotations

import re

from bot.engine import words
from bot.engine.browsing import short
from bot.engine.consulting.routed import whose
from bot.engine.scene import MENU, Scene
from bot.engine.types import Choice, Reply, Turn

MARKS = "①②③"


def shown_apart(scene: Scene, parts: tuple[str, ...]) -> Turn:
    """Two questions: shown apart, with whose they are and which is pressing; who chooses is asked."""
    lines = []
    for mark, part in zip(MARKS, parts, strict=False):
        body, pressing = whose(scene, part), bool(_PRESSING.search(part))
        tags = [t for t in (body, "较急" if pressing else "") if t]
        lines.append(
            f"{mark} {short(part.rstrip('？?'), 60)}" + (f"（{'，'.join(tags)}）" if tags else "")
        )
    first = _pressing_first(parts)
    others = "".join(MARKS[n] for n in range(len(parts)) if n != first)
    said = f"这是{'两' if len(parts) == 2 else '三'}个问题，分开更快：\n" + "\n".join(lines)
    choices = (
        Choice(f"先办{MARKS[first]}，{others}随后", f"/parts first {first}"),
        Choice("都提交", "/parts all"),
        Choice(f"只留{MARKS[0]}", "/parts only 0"),
        Choice(words.BOTH if len(parts) == 2 else "都看答案", "/parts answers"),
        MENU,
    )
    return scene.turn(Reply("clarify", said, choices), pending=parts, form=None)


_PRESSING = re.compile(r"丢了|丢失|被盗|盗刷|停发|今天|明天截止|抢救|急")


def _pressing_first(parts: tuple[str, ...]) -> int:
    return next((n for n, part in enumerate(parts) if _PRESSING.search(part)), 0)
