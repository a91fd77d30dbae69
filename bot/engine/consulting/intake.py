"""The way into a consultation: what is said first is looked at before anything is asked.

Rule 1: another authority's matter is routed with its number and hours, not filed.
Rule 2: two questions become two; each gets its own number or its answer.
Rule 3: the best answers are offered before the first question; one tap, or any word, goes on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.engine import entries, filling, words
from bot.engine.browsing import short
from bot.engine.consulting import coach, divided, limits, sentences, slots, told
from bot.engine.consulting.routed import routed
from bot.engine.form import Form
from bot.engine.scene import HUMAN, Scene, note
from bot.engine.types import Choice, FormProgress, Reply, Turn
from bot.matching.types import Found

FILED = "交："  # a line in what was said: all before it is filed
MOST_OFFERED = 3
LEAST_OFFERED = 0.4  # of a search that is not sure
SAID_FIRST = 120  # characters of the carried question


def enter(scene: Scene, said: str) -> Turn:
    """Opens the form; `said` is taken for the question if there is one."""
    scene, kept = set_aside(scene)
    form = scene.book.forms[told.FORM]
    if len(said.strip()) < 4:
        return filling.go_on(
            scene, form, form.begin(), kept + with_evidence(scene) + sentences.OPENING
        )
    before = (
        kept
        if said.startswith("请核对")
        else kept + sentences.CARRIED.format(question=said[:SAID_FIRST])
    )
    return asked(scene, form, form.begin(), said, before + sentences.OPENING)


def consult(scene: Scene, said: str) -> Turn:
    """“我要咨询…”: the same with a look at the answers first."""
    scene, kept = set_aside(scene)
    form = scene.book.forms[told.FORM]
    return story(scene, form, form.begin(), said, kept)


def matter_begun(scene: Scene, given: list[str]) -> Turn | None:
    """`/consult missing`: the form for that matter, its first question put accordingly."""
    if given[:1] == ["dispute"]:
        return enter(scene, asked_last(scene))
    if given[:1] not in (["missing"], ["card"], ["complaint"]):
        return None
    scene, kept = set_aside(scene)
    form = scene.book.forms[told.FORM]
    progress = replace(form.begin(), answers={"matter": given[0]})
    return filling.go_on(scene, form, progress, kept + with_evidence(scene) + sentences.OPENING)


def set_aside(scene: Scene) -> tuple[Scene, str]:
    was, kept = filling.set_aside(scene)
    return replace(scene, was=was), kept


def with_evidence(scene: Scene) -> str:
    count = len(scene.was.evidence)
    return sentences.WITH_EVIDENCE.format(count=count) if count else ""


def answers_of(said: str, scene: Scene, matter: str = "") -> dict[str, str]:
    """The form's answers that a question brings along."""
    kind = matter or coach.matter_of(said)
    lacks = [*coach.missing(said, scene.book.regions, scene.today)]
    if "转到哪里" in lacks and "时间" not in lacks:
        lacks.append("时间")
    answers = {"question": said, "original": said, "matter": kind, "needs": ",".join(lacks)}
    return {**answers, **slots.told_in(said, scene, answers)}


def story(
    scene: Scene, form: Form[Any], progress: FormProgress, said: str, before: str = ""
) -> Turn:
    """The question as it was told: routed, split, answered already, or on to what is missing."""
    found = scene.book.search.search(said, region=scene.region())
    letter = "for_head" in progress.answers
    if not letter and (parts := coach.split(said)):
        return divided.shown_apart(scene, parts)
    if turn := routed(remembered(scene, said), found):
        return turn
    if letter:
        return asked(scene, form, progress, said, before)
    if offered := _answers(scene, found, said):
        return _offer(scene, form, progress, said, offered, before)
    return asked(scene, form, progress, said, before)


def asked(
    scene: Scene, form: Form[Any], progress: FormProgress, said: str, before: str, matter: str = ""
) -> Turn:
    """On to the first missing thing, with what was understood."""
    answers = answers_of(said, scene, matter or progress.answers.get("matter", ""))
    scene = remembered(scene, said)
    progress = replace(progress, answers={**progress.answers, **answers}, tries=0)
    before += _taken(answers) + filling.noted(
        form, {}, {k: v for k, v in answers.items() if k != "kind"}
    )
    before += limits.mentioned(scene, said) + _still(form, progress) + with_evidence(scene)
    return filling.go_on(scene, form, progress, before)


def remembered(scene: Scene, said: str) -> Scene:
    line = f"问：{said}"
    if scene.was.recent and scene.was.recent[-1] == line[:200]:
        return scene
    return replace(scene, was=replace(scene.was, recent=note(scene.was, line)))


def _taken(answers: dict[str, str]) -> str:
    taken = {
        "missing": sentences.MISSING_TAKEN,
        "complaint": sentences.COMPLAINT_TAKEN,
        "card": sentences.CARD_TAKEN,
    }
    return taken.get(answers["matter"], "")


def _still(form: Form[Any], progress: FormProgress) -> str:
    """还差：…, where more than one thing is missing of a month without contributions."""
    values = form.values(progress.answers)
    if told.matter(values) != "missing":
        return ""
    lacking = [
        "联系单位的结果" if name == "tried" else ask.label
        for name, ask in form.asks.items()
        if ask.counted and name not in values and ask.wanted(values)
    ]
    return f"还差：{'、'.join(lacking)}（可一次说完）。\n" if len(lacking) > 1 else ""


def asked_last(scene: Scene) -> str:
    """The newest question that has not been filed; empty if there is none."""
    for line in reversed(scene.was.recent):
        if line.startswith(FILED):
            return ""
        if line.startswith("问："):
            return line[2:]
    return ""


def _answers(scene: Scene, found: Found, said: str) -> list[str]:
    """The best entries, where the search is sure enough and the matter is not one's own record."""
    if coach.matter_of(said) != "general" or found.band == "refuse":
        return []
    known = [c for c in found.candidates if c.id in scene.book.knowledge]
    if not known or (found.band == "clarify" and known[0].score < LEAST_OFFERED):
        return []
    near = [c for c in known[:MOST_OFFERED] if c is known[0] or c.score >= 0.3]
    ids = [scene.book.knowledge.in_force(c.id, scene.today).id for c in near]
    return list(dict.fromkeys(ids))


def _offer(
    scene: Scene,
    form: Form[Any],
    progress: FormProgress,
    said: str,
    offered: list[str],
    before: str,
) -> Turn:
    """One to three answers; the form waits behind them with the question in it."""
    book = scene.book.knowledge
    answers = answers_of(said, scene)
    progress = replace(progress, answers={**progress.answers, **answers}, tries=0)
    best = book[offered[0]]
    brief = entries.filled(scene, best, best.answer).split("\n")[0]
    whole = words.WHOLE_ANSWER if len(offered) == 1 else f"看①{short(best.question, 18)}"
    choices = [Choice(whole, f"/faq {best.id}")]
    lines = [before + sentences.ANSWERED_ALREADY.format(brief=brief)]
    for mark, other in zip("②③", offered[1:], strict=False):
        lines.append(f"{mark} {short(book[other].question, 40)}")
        choices.append(Choice(f"看{mark}{short(book[other].question, 18)}", f"/faq {other}"))
    if told.guessed(answers) == "complaint":
        lines.append("归类为【投诉建议】。若只是想知道是怎么规定的，可改为【政策解读】。")
    on = Choice(words.STILL_LEAVE_MESSAGE, "/resume")
    reply = Reply("clarify", "\n".join([*lines, sentences.GO_ON]), (*choices, on, HUMAN), best.id)
    scene = remembered(scene, said)
    return scene.turn(reply, form=progress, topic=best.id)
