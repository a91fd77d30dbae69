"""One question → an answer, a question back, or an honest refusal; never a guess."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.engine import computing, entries, lookups, staffing, walking, words
from bot.engine.browsing import short
from bot.engine.privacy import SECRETS
from bot.engine.sayings import Saying, first
from bot.engine.scene import HUMAN, LEAVE_MESSAGE, MENU, Scene, note
from bot.engine.types import Choice, QuestionMissed, Reply, Turn
from bot.matching.types import Found

MOST_OFFERED = 4
_WHY_THIS = re.compile(r"^为(什么|啥)(是|推荐|给我|选)(这|它|该)")
_TYPED = re.compile(
    r"[?？吗么呢]|怎|如何|多少|什么|啥|哪|几|能不能|可以|是否|为何|咋|区别|条件|材料|计算|查询|电话"
)
_ASPECT_FALLBACK = {"how": ("channels",), "where": ("channels",)}


def urgent(scene: Scene) -> Turn | None:
    """Words that cannot wait: a lost card, a scam, a code that was given away."""
    if given := [kind for kind in scene.message.hidden if kind in SECRETS]:
        said = words.CODE_GIVEN.format(what="、".join(given))
        return scene.say("refuse", said, MENU, HUMAN)
    return _said(scene, first(scene.book.sayings.urgent, scene.text))


def saying(scene: Scene, given: list[str]) -> Turn | None:
    """`/say NAME`: what is said to such words, without them."""
    return _said(scene, next((s for s in scene.book.sayings.urgent if s.name in given[:1]), None))


def smalltalk(scene: Scene) -> Turn | None:
    return _said(scene, first(scene.book.sayings.smalltalk, scene.text))


def _said(scene: Scene, saying: Saying | None) -> Turn | None:
    if saying is None:
        return None
    reply = Reply(saying.kind, saying.text, saying.choices, saying.entry)
    return scene.turn(reply, topic=saying.entry or scene.was.topic)


def sure(scene: Scene) -> Turn | None:
    """What may interrupt an open form: an urgent word, a guide, or a sure answer; else None."""
    for step in (urgent, walking.wanted, computing.wanted, lookups.contact_wanted, follow_up):
        if (turn := step(scene)) is not None:
            return turn
    found = find(scene)
    return (
        entries.answer(asked(scene), found.candidates[0].id, found)
        if found.band == "answer"
        else None
    )


def why_this(scene: Scene) -> Turn | None:
    """“为什么是这条”: the words of the last question that counted."""
    if not _WHY_THIS.search(scene.text):
        return None
    asked = next((r[2:] for r in reversed(scene.was.recent) if r.startswith("问：")), None)
    if asked is None or scene.was.topic is None:
        return scene.say("help", words.NO_WHY, MENU)
    counted = scene.book.search.why(asked, scene.was.topic)
    said = words.WHY.format(words="、".join(f"“{w}”" for w in counted) or "（整句意思相近）")
    return scene.say("help", said, MENU, HUMAN)


def follow_up(scene: Scene) -> Turn | None:
    """“要什么材料”“能网上办吗” lean on the last topic."""
    if scene.was.topic is None or scene.was.topic not in scene.book.knowledge:
        return None
    aspects = scene.book.search.leans(scene.text)
    if not aspects:
        return None
    asked: list[str] = []
    for aspect in aspects:
        asked += _ASPECT_FALLBACK.get(aspect, (aspect,))
    if asked == ["vague"]:
        return _which_topic(scene)
    known = tuple(a for a in dict.fromkeys(asked) if a in entries.ASPECTS)
    return entries.part(scene, scene.was.topic, known) if known else None


def _which_topic(scene: Scene) -> Turn:
    assert scene.was.topic is not None
    topic = short(scene.book.knowledge[scene.was.topic].question, 30)
    going_on = Choice(words.CONTINUE, f"/faq {scene.was.topic}")
    fresh = Choice(words.NEW_QUESTION, "/menu")
    said = words.FOLLOWING_TOPIC.format(topic=topic)
    return scene.say("clarify", said, going_on, fresh, HUMAN)


def find(scene: Scene) -> Found:
    return scene.book.search.search(scene.text, region=scene.region())


def asked(scene: Scene) -> Scene:
    """The scene with the question in the recent lines and the place kept."""
    named = scene.book.regions.named(scene.text)
    profile = {**scene.was.profile, "region": named[-1]} if named else scene.was.profile
    was = replace(scene.was, recent=note(scene.was, f"问：{scene.text}"), profile=profile)
    return replace(scene, was=was)


def one(scene: Scene) -> Turn:
    """One question, searched for and answered."""
    return banded(asked(scene), find(scene))


def banded(scene: Scene, found: Found) -> Turn:
    """One question that was asked, by the search's three bands."""
    match found.band:
        case "answer":
            top = found.candidates[0].id
            return rules_or_action(scene, found) or entries.answer(scene, top, found)
        case "clarify":
            return rules_or_action(scene, found) or which(scene, found)
        case "refuse":
            return refuse(scene, found)


def rules_or_action(scene: Scene, found: Found) -> Turn | None:
    """Bare keywords for a matter with a guide: the rules, or doing it now?"""
    if _TYPED.search(scene.text) or not 4 <= len(scene.text) <= 12:
        return None
    top = found.candidates[0].id
    guide = walking.for_entry(scene, top)
    if guide is None or guide.short[1:] not in scene.text:  # 办社保转移: the text names the matter
        return None
    choices = (
        Choice(words.RULES, f"/faq {top}"),
        Choice(words.DO_IT, f"/guide {guide.name}"),
        HUMAN,
    )
    reply = Reply("clarify", words.WHICH_ASPECT, choices)
    return scene.turn(reply, found=found, topic=top)


def which(scene: Scene, found: Found) -> Turn:
    """A question back with two to four choices."""
    book = scene.book.knowledge
    in_force = [book.in_force(c.id, scene.today) for c in found.candidates if c.id in book]
    near = list({entry.id: entry for entry in in_force}.values())[:MOST_OFFERED]
    choices = [Choice(short(entry.question), f"/faq {entry.id}") for entry in near]
    none = Choice(words.NONE_OF_THESE, "/none")
    reply = Reply("clarify", words.WHICH, (*choices, none))
    return scene.turn(reply, effects=(QuestionMissed(scene.text, "clarify"),), found=found)


def refuse(scene: Scene, found: Found) -> Turn:
    """A typed refusal with a way out; another authority's matter is routed with its number."""
    if found.reason == "other_authority" and found.authority:
        phone = scene.book.contacts.phone(found.authority)
        said = words.ROUTED.format(body=found.authority, phone=phone)
        return scene.say("route", said, MENU, HUMAN, found=found)
    if scene.was.staff == "waiting":
        return staffing.add_to_request(scene)
    if found.reason == "too_vague" and scene.was.topic in scene.book.knowledge:
        return _which_topic(scene)
    said = words.REFUSED.get(found.reason or "", words.NO_ANSWER)
    missed = (QuestionMissed(scene.text, "refuse"),) if found.reason is None else ()
    choices = (LEAVE_MESSAGE, MENU, HUMAN)
    return scene.turn(Reply("refuse", said, choices), effects=missed, found=found)
