"""给讲座提前提问：一句话，讲课的人事先看到。"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from bot.engine import words
from bot.engine.filling import go_on, set_aside
from bot.engine.form import Ask, Finished, Form, never
from bot.engine.notifying.lectures import QUESTION
from bot.engine.reading import sentence
from bot.engine.scene import MENU, Scene
from bot.engine.types import Conversation, FormProgress, LectureAsked, Reply, Turn


@dataclass(frozen=True)
class LectureQuestion:
    lecture: Annotated[int, Ask("哪一场？", int, label="讲座", only_if=never)]
    text: Annotated[
        str,
        Ask("想问什么？请用一句话说，例如“灵活就业的女职工几岁退休”。", sentence(), label="问题"),
    ]


def _keep(given: LectureQuestion, was: Conversation, now: datetime) -> Finished:
    reply = Reply("receipt", words.LECTURE_ASKED, (MENU,))
    return Finished((reply,), (LectureAsked(given.lecture, given.text),))


def begin(scene: Scene, lecture: str) -> Turn:
    """`lecture`：讲座的编号。"""
    form = scene.book.forms[QUESTION]
    was, kept = set_aside(scene)
    progress = FormProgress(QUESTION, form.version, {"lecture": lecture})
    return go_on(replace(scene, was=was), form, progress, kept)


def form() -> Form[LectureQuestion]:
    return Form(QUESTION, "讲座提问", LectureQuestion, _keep, enter=begin)
