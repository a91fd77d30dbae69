"""An entry as a reply: answer, basis, where and since when it holds, and what to ask next."""

from __future__ import annotations

from datetime import date, timedelta

from bot.engine import computing, words
from bot.engine.browsing import short
from bot.engine.calculator import PREFIX
from bot.engine.knowledge import Entry
from bot.engine.parameters import NoFigure
from bot.engine.playbook import STALE_AFTER, Playbook
from bot.engine.scene import HUMAN, Scene, note
from bot.engine.types import AnswerServed, Choice, Effect, Reply, StaleAnswerGiven, Turn
from bot.matching.types import Found

ASPECTS = {
    "conditions": "条件",
    "materials": "材料",
    "channels": "怎么办",
    "time_limit": "时限",
    "basis": "依据",
}


def answer(scene: Scene, id: str, found: Found | None = None) -> Turn:
    """The version of an entry that holds today, in full; the topic moves to it."""
    asked = scene.book.knowledge[id]
    entry = scene.book.knowledge.in_force(id, scene.today)
    reply, effects = compose(scene, entry, _old_rule(scene, asked, entry))
    served = AnswerServed(entry.id, entry.version, everywhere(scene.book, entry, scene.today))
    return scene.turn(
        reply,
        effects=(*effects, served),
        found=found,
        topic=entry.id,
        recent=note(scene.was, f"答：{entry.id} {entry.question}"),
    )


def everywhere(book: Playbook, entry: Entry, day: date) -> str:
    """The answer as it reads for no place in particular; figures that only places have left out."""
    try:
        return book.knowledge.parameters.fill(entry.answer, day, entry.region)
    except NoFigure:
        return words.FIGURE_MISSING


def compose(scene: Scene, entry: Entry, before: str = "") -> tuple[Reply, tuple[Effect, ...]]:
    """The reply, and the review it calls for if it is stale."""
    effects: tuple[Effect, ...] = ()
    said = before + filled(scene, entry, entry.answer) + _body_line(scene, entry)
    said += "\n" + basis_line(entry) + "\n" + _holds_line(entry)
    if scene.today - entry.checked > timedelta(days=STALE_AFTER):
        said += words.STALE.format(checked=entry.checked)
        effects = (StaleAnswerGiven(entry.id),)
    return Reply(
        "answer", f"{said}\n{words.IS_IT_SOLVED}", _choices(scene, entry), entry.id
    ), effects


def _old_rule(scene: Scene, asked: Entry, entry: Entry) -> str:
    """What to say first when the question was about a rule that has ended."""
    if asked.id == entry.id or asked.effective_to is None or asked.effective_to >= scene.today:
        return ""
    day = asked.effective_to
    return words.OLD_RULE.format(until=f"{day.year}年{day.month}月{day.day}日及")


def filled(scene: Scene, entry: Entry, text: str) -> str:
    """A text of an entry with its figures; without a checked figure it says who knows."""
    region = scene.region() or entry.region
    try:
        return scene.book.knowledge.parameters.fill(
            text, scene.today, region, scene.book.regions.around(region)
        )
    except NoFigure:
        return words.FIGURE_MISSING


def _body_line(scene: Scene, entry: Entry) -> str:
    """Whose matter it is and their telephone, when it is not ours."""
    if entry.body == "人社":
        return ""
    contact = scene.book.contacts.of(entry.body)
    if contact is None or contact.name in entry.answer:
        return ""
    owed = words.OWED_ELSEWHERE.format(body=contact.name, phone=f"热线 {contact.phone}")
    return "\n" + owed


def basis_line(entry: Entry) -> str:
    return words.BASIS.format(basis="；".join(str(b) for b in entry.basis[:2]))


def _holds_line(entry: Entry) -> str:
    since = entry.effective_from or words.IN_FORCE
    return words.HOLDS.format(region=entry.region, since=since, checked=entry.checked)


def _choices(scene: Scene, entry: Entry) -> tuple[Choice, ...]:
    mine = computing.yours(scene, entry)
    choices = [Choice(words.CALCULATE_YOURS, f"/form {mine.name}")] if mine else []
    choices += [
        Choice(words.SOLVED, f"/solved {entry.id}"),
        Choice(words.UNSOLVED, f"/unsolved {entry.id}"),
    ]
    choices += [
        Choice(f"{label}", f"/part {entry.id} {name}")
        for name, label in ASPECTS.items()
        if name in ("materials", "channels") and getattr(entry, name)
    ]
    choices += [
        start for start in _starts(scene, entry) if not mine or start.send != choices[0].send
    ]
    related = [scene.book.knowledge[r] for r in entry.related if r in scene.book.knowledge]
    choices += [
        Choice(short(r.question, 16), f"/faq {r.id}") for r in related[: 7 - len(choices)][:2]
    ]
    return (*choices, HUMAN)


def _starts(scene: Scene, entry: Entry) -> list[Choice]:
    names = [s.removeprefix("guide:") for s in entry.starts if s.startswith("guide:")]
    guides = [scene.book.guides[n] for n in names if n in scene.book.guides]
    names = [
        PREFIX + s.removeprefix("calculator:") for s in entry.starts if s[:11] == "calculator:"
    ]
    forms = [scene.book.forms[n] for n in names if n in scene.book.forms]
    return [
        *(Choice(words.CALCULATE_THIS.format(title=f.title), f"/form {f.name}") for f in forms[:1]),
        *(Choice("一步步带我办", f"/guide {g.name}") for g in guides[:1]),
    ]


def part(scene: Scene, id: str, aspects: tuple[str, ...]) -> Turn:
    """Only the parts of an entry that were asked for: materials, channels, time limit, basis."""
    entry = scene.book.knowledge.in_force(id, scene.today)
    lines = [line for aspect in aspects if (line := _part(scene, entry, aspect))]
    if not lines:
        missing = words.NOT_IN_ENTRY.format(question=short(entry.question, 40))
        whole = Choice(words.WHOLE_ANSWER, f"/faq {entry.id}")
        return scene.turn(Reply("answer", missing, (whole, HUMAN), entry.id), topic=entry.id)
    said = "\n".join([f"【{short(entry.question, 40)}】", *lines, basis_line(entry)])
    whole = Choice(words.WHOLE_ANSWER, f"/faq {entry.id}")
    choices = (Choice(words.SOLVED, f"/solved {entry.id}"), whole, *_starts(scene, entry), HUMAN)
    return scene.turn(Reply("answer", said, choices, entry.id), topic=entry.id)


def _part(scene: Scene, entry: Entry, aspect: str) -> str:
    if aspect == "basis":
        return "\n".join([basis_line(entry), *(b.url for b in entry.basis if b.url)])
    value = getattr(entry, aspect, ())
    if not value:
        return ""
    items = (value,) if isinstance(value, str) else value
    said = "\n".join(filled(scene, entry, item) for item in items)
    return f"{ASPECTS[aspect]}：{said}" if len(items) == 1 else f"{ASPECTS[aspect]}：\n{said}"
