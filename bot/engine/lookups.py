"""What is looked up rather than answered: telephone numbers, offices, websites, policy documents."""

from __future__ import annotations

import re

from bot.engine import words
from bot.engine.parameters import NATIONWIDE
from bot.engine.preferences import topics_in
from bot.engine.scene import HUMAN, MENU, Scene
from bot.engine.text import plain
from bot.engine.types import Choice, Reply, Turn

_CONTACT = re.compile(
    r"电话|热线|号码|网站|官网|网址|地址|在哪儿?$|怎么走|上班|办公|几点|周末|开门|营业|联系方式"
)
_OFFICE = re.compile(r"社保|人社|医保|税务|局|中心|窗口|大厅|经办|热线|官网|网站")
_BODY = (("医保", "医保"), ("税务", "税务"), ("公积金", "公积金"))
_POLICY = re.compile(
    r"文件|文号|法规|政策原文|新政策|最新政策|哪些政策|什么政策|政策依据|〔\d{4}〕"
)
CONTACT_ENTRY = "CX09"  # the FAQ on where the office is


def contact_wanted(scene: Scene) -> Turn | None:
    """“长沙社保局电话”: a place (or only the office) with a contact word."""
    text = scene.text
    if not (_CONTACT.search(text) and _OFFICE.search(text)) or len(text) > 30:
        return None
    if not scene.book.regions.named(text):
        return None  # without a place the FAQ knows better
    return contact(scene, scene.book.regions.named(text)[-1], _body(text))


def _body(text: str) -> str:
    return next((body for word, body in _BODY if word in text), "人社")


def contact(scene: Scene, region: str | None = None, body: str = "人社") -> Turn:
    """The nearest verified contact of a place; what is not verified is said to be so."""
    place = region or scene.region()
    if place is None:
        return _national(scene)
    book = scene.book
    found = book.contacts.of(body, place, book.regions.around(place))
    lines = []
    if found is None or found.region != place:
        lines.append(words.CONTACT_NOT_VERIFIED.format(place=place))
    if found is not None:
        lines.append(found.shown(scene.now, book.calendar))
    national = book.contacts.of(body)
    if national is not None and national is not found and national.site:
        lines.append(f"国家级入口：{national.site}")
    lines.append(words.ONLY_GOV)
    reply = Reply("answer", "\n".join(lines), (MENU, HUMAN), entry=CONTACT_ENTRY)
    return scene.turn(reply, profile={**scene.was.profile, "region": place})


def _national(scene: Scene) -> Turn:
    lines = [
        c.shown(scene.now, scene.book.calendar)
        for c in scene.book.contacts.all
        if c.region == NATIONWIDE and c.body in ("人社", "医保", "税务")
    ]
    said = "\n".join([*lines, words.CONTACT_UNKNOWN_PLACE, words.ONLY_GOV])
    return scene.say("answer", said, MENU, HUMAN)


def policies_wanted(scene: Scene) -> Turn | None:
    """“失业保险有什么最新文件”, or a 文号."""
    if not _POLICY.search(scene.text) or len(scene.text) > 60:
        return None
    return policies(scene, scene.text)


def policies(scene: Scene, text: str = "") -> Turn:
    library = scene.book.library
    if text:
        found = library.find(text)
    else:
        found = sorted(library.documents, key=lambda d: d.published, reverse=True)[:6]
    if not found:
        return scene.say("policy", words.POLICIES_NONE, MENU, HUMAN)
    if len(found) == 1:
        return policy(scene, found[0].id)
    marks = "①②③④⑤⑥"
    lines = [f"{mark} {d.line(scene.today)}" for mark, d in zip(marks, found, strict=False)]
    hint = words.POLICIES_HINT
    if topics := topics_in(text):
        hint += words.POLICIES_SUBSCRIBE.format(topic=topics[0])
    said = "\n".join([words.POLICIES_FOUND.format(count=len(found)), *lines, hint])
    return scene.say("policy", said, *(Choice(_name(d.title), f"/policy {d.id}") for d in found))


def _name(title: str) -> str:
    name = re.sub(r"^关于|(有关问题)?的(通知|意见|办法|决定)$", "", title.strip("《》"))
    return name if len(name) <= 20 else name[:19] + "…"


def policy(scene: Scene, id: str) -> Turn:
    document = scene.book.library.by_id(id)
    if document is None:
        return scene.say("policy", words.POLICIES_NONE, MENU, HUMAN)
    entries = [e for e in document.entries if e in scene.book.knowledge][:3]
    choices = [Choice(_name(scene.book.knowledge[e].question), f"/faq {e}") for e in entries]
    return scene.say("policy", document.shown(scene.today), *choices, MENU)


def place_told(scene: Scene) -> Turn | None:
    """The message is only the name of a place: it is kept, and its office shown."""
    named = scene.book.regions.named(scene.text)
    bare = re.sub(r"[省市区县]|我在|我是|的$|人$", "", plain(scene.text))
    return contact(scene, named[0]) if len(named) == 1 and bare == named[0] else None
