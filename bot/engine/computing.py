"""Calculators in conversation: the list of them, and the sentence that calls for one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from bot.engine import filling, staffing, words
from bot.engine.calculator import PREFIX
from bot.engine.form import Form
from bot.engine.knowledge import Entry
from bot.engine.menu import MOST
from bot.engine.scene import MENU, Scene
from bot.engine.text import plain
from bot.engine.types import Choice, Turn
from bot.matching.types import Found

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
        if not opened and _any_of(form.triggers).search(said):
            return filling.begin(scene, form.name, scene.text)
    return None


@cache
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or r"(?!)")


_RESULT = re.compile(
    r"多少|几个?月|几岁|几年|哪一?[年月天]|何时|(?:什么|啥)时[候间]|多久|多大|怎么算|算一?下|赔|时间$"
)


def yours(scene: Scene, entry: Entry) -> Form[Any] | None:
    """The calculator of an entry, when a result is asked for and the text holds figures for it."""
    if scene.was.form is not None or not _RESULT.search(scene.text):
        return None
    for start in entry.starts:
        form = scene.book.forms.get(PREFIX + start.removeprefix("calculator:"))
        if form and any(_NUMERAL.search(said) for said in _told(form, scene).values()):
            return form
    return None


def with_figures(scene: Scene, found: Found) -> Turn | None:
    """“10级伤残工资6000赔多少”: the calculator opens with the figures told, the rule one tap away.

    A sure answer goes first (with that calculator one tap away), unless nothing is left to be asked.
    """
    entry = scene.book.knowledge[found.candidates[0].id]
    form = yours(scene, entry)
    if form is None or (found.band == "answer" and form.open_field(_told(form, scene))):
        return None
    turn = replace(filling.begin(scene, form.name, scene.text), found=found)
    last = turn.replies[-1]
    rule = Choice(words.RULE_FIRST, f"/faq {entry.id}")
    last = replace(last, choices=(*last.choices, rule))
    state = replace(turn.conversation, offered=last.choices)
    return replace(turn, replies=(*turn.replies[:-1], last), conversation=state)


def _told(form: Form[Any], scene: Scene) -> Mapping[str, str]:
    return filling.spot(form, form.begin(), scene.text, scene.today).answers


_NUMERAL = re.compile(r"[\d一二三四五六七八九十]")
_READ_OUT = re.compile(
    r"(打|拨|拨打)?(电话|12333)(里|时|的时候)?(我)?(要|该|应该)?(怎么|如何)?(说|讲|报|问)(什么|啥|哪些)?(好)?(呢|吧)?"
    r"|(我)?(想|要)?(打|拨)(电话|12333)(去)?(核对|核实|问问?)(一下)?"
)


def read_out(scene: Scene) -> Turn | None:
    """What to say on the telephone to have a result checked: the inputs, no identity number."""
    if not _READ_OUT.fullmatch(plain(scene.text)):
        return None
    for kept in reversed(scene.was.drafts):
        form = scene.book.forms.get(kept.form)
        if form and kept.form.startswith(PREFIX) and form.open_field(kept.answers) is None:
            said = words.READ_OUT.format(
                title=form.title, inputs="，".join(_inputs(form, kept.answers))
            )
            check = Choice(words.CHECK_BY_HAND, f"/check {kept.form}")
            return scene.say("help", said, check, MENU)
    return None


def _inputs(form: Form[Any], answers: Mapping[str, str]) -> list[str]:
    return [
        f"{form.asks[name].label}{said}"
        for name, said in answers.items()
        if said and name in form.asks
    ]


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
