"""Free words that are a consultation already: a complaint, a letter to the head, a background told.

Rule: what they hold is filled in, and only what is missing is asked.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from bot.engine import filling, words
from bot.engine.consulting import coach, intake, sentences, several, slots, told
from bot.engine.consulting.divided import MARKS
from bot.engine.consulting.places import listed, roles
from bot.engine.form import Form
from bot.engine.scene import HUMAN, Scene
from bot.engine.types import Choice, Reply, Turn

_COMPLAINS = re.compile(
    r"^(我)?(要|想)?(投诉|举报|反映)(?!.{0,6}(电话|渠道|去哪|在哪|怎么|结果|后))"
)
_OBJECTS = re.compile(r"对.{2,16}(有异议|不服)[^。]{0,8}(申诉|投诉|反映)")
_SERVICE = re.compile(
    r"窗口|大厅|社保局|社保中心|社保所|人社|热线|12333|(服务|工作人员|办事员).{0,8}态度"
)


def wanted(scene: Scene) -> Turn | None:
    """Free words that are a consultation already; what they hold is filled in."""
    if told.FORM not in scene.book.forms or scene.was.form is not None:
        return None
    text = scene.text
    form = scene.book.forms[told.FORM]
    if several.wants_several(text):
        return several.gathering(scene, form.begin())
    if _SUBMIT.fullmatch(text.strip("。.!！ ")) and (asked := intake.asked_last(scene)):
        return intake.enter(scene, asked)
    if (letter := for_head(text)) is not None:
        return _letter(scene, form, letter)
    if _BARE.fullmatch(text.strip("。.!！ ")):
        return scene.say("clarify", sentences.WHAT_TO_COMPLAIN, *_complaint_ways(scene))
    if len(text) > 200 or coach.split(text):
        return None
    missing = coach.matter_of(text) == "missing" and not coach.asks(text)
    if missing and "month" in slots.told_in(text, scene, {"matter": "missing"}):
        return intake.asked(scene, form, form.begin(), text, "")
    complains = _COMPLAINS.search(text) and _SERVICE.search(text)
    if (complains or _RUDE.search(text)) and not coach.asks(text):
        return _complaint(scene, form)
    if _OBJECTS.search(text):
        found = scene.book.search.search(text, region=scene.region())
        turn = intake.consult(scene, text)
        return replace(turn, found=found)
    return _background_told(scene, form)


_SUBMIT = re.compile(r"(我要|帮我|直接|就这样)*(提交|提交吧|直接提交)(给工作人员|咨询)?")
_HEAD = r"(领导|局长|主任|负责人)"
_CHIEF = re.compile(rf"(找|见|叫|问)(一下)?你?们?(的)?{_HEAD}|{_HEAD}信箱")
_LETTER = re.compile(
    rf"(我)?(要|想|请|帮我|给我)*((写信|写|发|投|交|转|反映|投诉)?(到|给|进)?{_HEAD}信箱"
    rf"|(写信|反映|转交?|投诉)给你?们?{_HEAD}|给你?们?{_HEAD}(写信|写封信|留言|反映)"
    rf"|(找|见)(一下)?你?们?(的)?{_HEAD})"
)


def for_head(text: str) -> str | None:
    """What the words say to the head (“领导信箱：…”), the bare wish included; None: not to them."""
    bare = text.strip("。.!！~ ")
    if len(bare) <= 20 and _CHIEF.search(bare):
        left = _LETTER.match(bare)
        rest = bare[left.end() :].strip("，,：:。 ") if left else ""
        return rest if len(rest) >= 6 else ""
    begun = _LETTER.match(bare)
    rest = bare[begun.end() :] if begun else ""
    return (
        rest.strip("，,：:。 \n") if rest[:1] in ("，", ",", "：", ":", "。", " ", "\n") else None
    )


def _letter(scene: Scene, form: Form[Any], said: str) -> Turn:
    """The same form, its case flagged for the head's queue; a letter stays one letter."""
    scene, kept = intake.set_aside(scene)
    progress = replace(form.begin(), answers={"for_head": "1"})
    before = kept + sentences.FOR_HEAD
    if len(said.strip()) < 4 and (said := intake.asked_last(scene)):
        before += sentences.CARRIED.format(question=said[: intake.SAID_FIRST])
    before += sentences.OPENING
    if said:
        return intake.asked(scene, form, progress, said, before)
    return filling.go_on(scene, form, progress, before + intake.with_evidence(scene))


_BARE = re.compile(r"(我)?(要|想)?(投诉|举报|反映问题)")
_RUDE = re.compile(
    r"(窗口|工作人员|大厅|办事员|柜台|社保局的人)[^。？?]{0,14}(态度|骂人|骂我|吼|刁难|爱理不理)"
)


def _complaint_ways(scene: Scene) -> tuple[Choice, ...]:
    ways = [Choice("窗口或工作人员", "/consult complaint")]
    for label, entry in (("单位不交社保", "CJ05"), ("拖欠工资", "LD01"), ("骗保冒领", "CX15")):
        if entry in scene.book.knowledge:
            ways.append(Choice(label, f"/faq {entry}"))
    return (*ways, Choice("别的事", f"/form {told.FORM}"), HUMAN)


def _complaint(scene: Scene, form: Form[Any]) -> Turn | None:
    """A complaint about our service: its own questions, and where else one can complain."""
    found = scene.book.search.search(scene.text, region=scene.region())
    if found.band == "refuse" and found.reason:
        return None
    turn = intake.asked(scene, form, form.begin(), scene.text, "", "complaint")
    if found.band != "answer" or turn.errand:
        return replace(turn, found=found)
    other = Choice("还可以去哪里投诉", f"/faq {found.candidates[0].id}")
    last = turn.replies[-1]
    last = replace(last, choices=(*last.choices, other))
    state = replace(turn.conversation, offered=last.choices)
    return replace(turn, replies=(*turn.replies[:-1], last), conversation=state, found=found)


def _background_told(scene: Scene, form: Form[Any]) -> Turn | None:
    """“我是外地户籍，在北京工作，如何办理社保转移？”: noted, and only what is missing is asked."""
    text = scene.text
    if "我" not in text or coach.topic_of(text) != "社保转移" or coach.kind_of(text) != "procedure":
        return None
    lacks = coach.missing(text, scene.book.regions, scene.today)
    named = roles(text, scene.book.regions)
    if "转到哪里" not in lacks or not ({"household", "working"} & set(named)):
        return None
    found = scene.book.search.search(text, region=scene.region())
    if found.band != "clarify":
        return None
    answers = intake.answers_of(text, scene)
    answers["kind"] = "操作流程"
    progress = replace(form.begin(), answers=answers)
    known = " · ".join(f"{label} {place}" for label, place in listed(named))
    asks = [_PLACE_ASKED[item] for item in lacks if item in _PLACE_ASKED]
    marks = "".join(f"{mark} {ask}" for mark, ask in zip(MARKS, asks, strict=False))
    count = "一两三"[len(asks) - 1]
    said = f"已记下：{known}。还差{count}点更快答复：{marks}（可一句话说完）"
    rule = _transfer_rule(scene)
    ways = (*rule, Choice("直接提交", "直接提交"), Choice(words.CANCEL, "/cancel"))
    scene = intake.remembered(scene, text)
    return scene.turn(Reply("question", said, ways), form=progress, found=found)


TOLD_CARE = "已记下：参保地 {insured} · 就医地 {care}{stay}。\n"


def told_places(scene: Scene, turn: Turn) -> Turn:
    """An answer about seeing a doctor elsewhere names the two places that were told, and who decides."""
    if not turn.replies or turn.replies[0].kind != "answer":
        return turn
    if coach.topic_of(scene.text) != "异地就医":
        return turn
    named = roles(scene.text, scene.book.regions)
    if "insured" not in named or "care" not in named:
        return turn
    stay = " · 长期居住" if re.search(r"长期|常住|定居|长住", scene.text) else ""
    first = turn.replies[0]
    said = TOLD_CARE.format(insured=named["insured"], care=named["care"], stay=stay) + first.text
    contact = scene.book.contacts.of("医保")
    phone = contact.phone if contact else "12393"
    said += "\n" + sentences.OWED_THERE.format(insured=named["insured"], phone=phone)
    remind = Choice("一年后提醒我复查", "明年今天提醒我复查异地就医备案")
    first = replace(first, text=said, choices=(*first.choices[:7], remind))
    state = replace(turn.conversation, offered=first.choices)
    return replace(turn, replies=(first, *turn.replies[1:]), conversation=state)


_PLACE_ASKED = {
    "参保地": "社保现在交在哪里（参保地）？",
    "户籍地": "户籍在哪里？",
    "转到哪里": "想转到哪里？",
}
TRANSFER_ENTRY = "ZY01"  # how a pension account is transferred


def _transfer_rule(scene: Scene) -> tuple[Choice, ...]:
    known = TRANSFER_ENTRY in scene.book.knowledge
    return (Choice("先看怎么转", f"/faq {TRANSFER_ENTRY}"),) if known else ()
