"""Calculators in conversation: the list of them, and the sentence that calls for one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.engine import filling, staffing, words
from bot.engine.calculator import PREFIX
from bot.engine.form import Form
from bot.engine.menu import MOST
from bot.engine.scene import Scene
from bot.engine.text import plain
from bot.engine.types import Choice, Turn

_LISTED = {
    "算一算",
    "计算器",
    "测算",
    "试算",
    "算账",
    "测算工具",
    "计算工具",
    "帮我算",
    "帮我算一下",
}


def calculators(scene: Scene) -> Iterator[Form[Any]]:
    """In the order of the list."""
    return (f for name, f in scene.book.forms.items() if name.startswith(PREFIX))


def wanted(scene: Scene) -> Turn | None:
    """“算一算”, “晚退一年” after a result, or a sentence that a calculator's triggers know; what it holds is filled in."""
    if scene.was.form is None and (turn := filling.what_if(scene)):
        return turn
    said = plain(scene.text)
    if said in _LISTED:
        return listed(scene)
    for form in calculators(scene):
        opened = scene.was.form is not None and scene.was.form.form == form.name
        if not opened and any(re.search(trigger, said) for trigger in form.triggers):
            return filling.begin(scene, form.name, scene.text)
    return None


def check(scene: Scene, name: str, number: int | None = None) -> Turn:
    """提交人工核对: a consultation that holds the inputs and the result already, kept as `number`."""
    form = scene.book.forms[name]
    kept = next((d for d in reversed(scene.was.drafts) if d.form == name), None)
    if kept is not None and form.open_field(kept.answers) is None:
        result = form.finish(form.complete(kept.answers), scene.was, scene.now).replies[0].text
        told = [f"{form.asks[n].label}：{kept.answers[n]}" for n in kept.answers if kept.answers[n]]
        said = words.PLEASE_CHECK.format(
            title=form.title + (words.RESULT_NUMBER.format(number=number) if number else ""),
            inputs="；".join(told),
            result=result.strip(),
        )
    elif line := next((r for r in reversed(scene.was.recent) if r.startswith("算：")), ""):
        said = words.PLEASE_CHECK_LINE.format(line=line.removeprefix("算："))
    else:
        return staffing.ask_for_person(scene)
    if "leave_message" not in scene.book.forms:
        return staffing.ask_for_person(scene, said)
    return filling.begin(scene, "leave_message", said)


def listed(scene: Scene, page: int = 0) -> Turn:
    """The calculators, at most eight items a page with the way on and back."""
    found = [Choice(form.title, f"/form {form.name}") for form in calculators(scene)]
    size = MOST - 2
    shown = found[page * size : (page + 1) * size]
    more = (page + 1) * size < len(found)
    following = Choice(
        words.MORE if more else "回到第一页", f"/calculators {page + 1 if more else 0}"
    )
    turning = (following,) if len(found) > size else ()
    return scene.say("menu", words.CALCULATORS, *shown, *turning, Choice(words.BACK, "/menu"))
