"""What a citizen wants of a filed consultation, in free words or by a pressed choice.

Rule 1: the words come after the house has looked: each wish is an errand, answered by an event.
Rule 2: what is said after staff's words or a nudge is answered by the bot if it is sure, and noted
        under the case; what it cannot answer goes to staff under the same number.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from bot.engine import words
from bot.engine.case import RATINGS, CaseMoved, CasesSought, Rating
from bot.engine.scene import MENU, Scene
from bot.engine.text import clean
from bot.engine.types import Choice, Reply, Turn

NUMBER = re.compile(r"(?<!\d)(20\d{2}[01]\d[0-3]\d\d{3,6})(?!\d)")
_CODE = re.compile(r"(?<!\d)(\d{6})(?!\d)")
_SPACES = re.compile(r"(?<=\d)[\s#＃-]+(?=\d)")
_LIST = re.compile(
    r"(看|查|查询|打开)?(一下)?(我的|我提交的|之前的|以前的)?(咨询|提问|留言|投诉)(的)?(进度|进展|记录|状态|列表)?"
    r"|(查|看|查询)(一下)?(咨询|办理|处理)?进度|进度查询"
)
_NOT_LIST = re.compile(r"(咨询|提问|留言|投诉)")  # alone they are a wish to file
_LAST = re.compile(
    r"(查|看|查询)?(一下)?(我)?(上一个|上个|上次|最近|刚才|前面)(的|那个|提交的)*(咨询|问题|提问)?(怎么样了|进度)?"
)
_URGE = re.compile(
    r"(再|帮我|我要|请)*(催一?下|催办|催一催|催促|催催)(进度|一下|他们|吧)*|怎么还没(回复|答复|消息|回我|处理)|还没(回复|答复)吗?"
)
_READ = re.compile(r"查看|看答复|查看答复|看回复|查看回复|看看答复")
_WITHDRAW = re.compile(r"(我要|帮我)?(撤回|撤销|取消)(这个|上一个|我的)?咨询|不咨询了")
_ASK_ON = re.compile(r"追问|我要追问|继续追问|补充提问|补充|补充材料|补充说明|我要补充")
_ASK_ON_WITH = re.compile(r"(追问|补充(?:提问|材料|说明)?)[：:，,\s]+(.{2,})", re.S)
_RATING = {label: rating for rating, label in RATINGS.items()} | {
    "很满意": "good",
    "非常满意": "good",
}


# --- what is asked for --------------------------------------------------------------------------


def wish(scene: Scene) -> Turn | None:
    """A wish about a filed consultation, in free words."""
    text = unicodedata.normalize("NFKC", scene.text).strip("。.！!？? ")
    for spelt in (text, _SPACES.sub("", text)):
        if found := NUMBER.search(spelt):
            return _by_number(scene, spelt, found[1])
    if scene.was.sought and (code := _CODE.fullmatch(text)):
        return seek(scene, "status", scene.was.sought, code[1])
    if asked := _ASK_ON_WITH.fullmatch(text):
        return _add(scene, asked[2])
    for pattern, why in _WISHES:
        if pattern.fullmatch(text):
            return None if why == "list" and _NOT_LIST.fullmatch(text) else seek(scene, why)
    if scene.was.following and text in _RATING:
        return seek(scene, f"rate:{_RATING[text]}", scene.was.following)
    return None


_WISHES = (
    (_LIST, "list"),
    (_LAST, "last"),
    (_URGE, "urge"),
    (_READ, "read"),
    (_WITHDRAW, "withdraw"),
    (_ASK_ON, "say_more"),
)


def seek(scene: Scene, why: str, number: str = "", code: str = "") -> Turn:
    return scene.turn(errand=CasesSought(why, number, code))


def _by_number(scene: Scene, text: str, number: str) -> Turn | None:
    """`查 20261123001`, the number alone, with its code; not a sentence that only holds one."""
    rest = text.replace(number, "")
    if code := _CODE.search(rest):
        return seek(scene, "status", number, code[1])
    if _URGE.search(rest):
        return seek(scene, "urge", number)
    return seek(scene, "status", number) if len(clean(rest)) <= 12 else None


def _add(scene: Scene, text: str) -> Turn:
    """More words for the case that was last spoken of."""
    if scene.was.case is None:
        return seek(scene, "say_more")
    pledge = scene.pledge(scene.book.service.follow_up_days)
    moved = CaseMoved(
        scene.was.case,
        "follow_up",
        text,
        evidence=scene.was.evidence,
        promised_at=pledge.until,
        warn_at=pledge.warn_at,
    )
    return scene.turn(errand=moved, evidence=())


def follow(scene: Scene, turn: Turn) -> Turn:
    """`turn` answers words that may belong to the case that staff or a nudge just spoke of."""
    number = scene.was.following
    if number is None or turn.errand or turn.conversation.form is not scene.was.form:
        return turn
    kind = turn.replies[0].kind if turn.replies else ""
    if kind in ("answer", "route", "help") and not scene.text.startswith("/"):
        note = words.CASE_NOTED_UNDER.format(number=number)
        ask = Choice(words.ASK_STAFF, f"/askstaff {number}")
        first = turn.replies[0]
        first = replace(first, text=f"{first.text}\n{note}", choices=(*first.choices, ask)[-8:])
        state = replace(turn.conversation, offered=first.choices)
        moved = CaseMoved(number, "asked", scene.text)
        return replace(turn, replies=(first, *turn.replies[1:]), conversation=state, errand=moved)
    if kind in ("refuse", "clarify") and len(clean(scene.text)) >= 4:
        return _add(replace(scene, was=replace(scene.was, case=number)), scene.text)
    return turn


# --- pressed choices ----------------------------------------------------------------------------


def case(scene: Scene, given: list[str]) -> Turn | None:
    return seek(scene, "status", given[0]) if given else None


def answer(scene: Scene, given: list[str]) -> Turn | None:
    return seek(scene, "read", given[0]) if given else None


def urge(scene: Scene, given: list[str]) -> Turn | None:
    return scene.turn(errand=CaseMoved(given[0], "urge")) if given else None


def say_more(scene: Scene, given: list[str]) -> Turn | None:
    return seek(scene, "say_more", given[0]) if given else None


def attach(scene: Scene, given: list[str]) -> Turn | None:
    """What was sent lately goes to a case that is under way; its staff see it there."""
    if not given or not scene.was.evidence:
        return say_more(scene, given)
    said = words.EVIDENCE_ADDED.format(count=len(scene.was.evidence))
    return _add(replace(scene, was=replace(scene.was, case=given[0])), said)


def ask_staff(scene: Scene, given: list[str]) -> Turn | None:
    """What the bot has answered goes to staff all the same."""
    asked = [line[2:] for line in scene.was.recent if line.startswith("问：")]
    if not given or not asked:
        return say_more(scene, given)
    return _add(replace(scene, was=replace(scene.was, case=given[0])), asked[-1])


def withdraw(scene: Scene, given: list[str]) -> Turn | None:
    if len(given) > 1:
        return scene.turn(errand=CaseMoved(given[0], "withdraw"))
    return seek(scene, "withdraw", given[0]) if given else None


def rate(scene: Scene, given: list[str]) -> Turn | None:
    """`/rate NUMBER ANSWER good`: a mark for an older answer says that it came too late."""
    ratings: dict[str, Rating] = {rating: rating for rating in RATINGS}
    if len(given) != 3 or given[2] not in ratings:
        return None
    rating = ratings[given[2]]
    moved = CaseMoved(given[0], "rate", rating=rating)
    if rating == "bad":
        review = scene.pledge(scene.book.service.review_days)
        moved = replace(moved, promised_at=review.until, warn_at=review.warn_at)
    return scene.turn(errand=moved)


def reason(scene: Scene, given: list[str]) -> Turn | None:
    if len(given) != 2 or not given[1].isdecimal():
        return None
    n = int(given[1]) - 1
    if not 0 <= n < len(words.CASE_REASONS):
        return None
    errand = CaseMoved(given[0], "asked", f"评价原因：{words.CASE_REASONS[n]}")
    return scene.turn(Reply("receipt", words.CASE_REASON_KEPT, (MENU,)), errand=errand)


def wait(scene: Scene, given: list[str]) -> Turn:
    return scene.say("smalltalk", words.CASE_WAITING_ON, MENU)


def call(scene: Scene, given: list[str]) -> Turn | None:
    return seek(scene, "call", given[0]) if given else None
