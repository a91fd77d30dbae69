"""How the open consultation reads a message: one sentence may fill several slots, in any order.

Rule 1: 直接提交 works at every point; whatever is known by then goes with it.
Rule 2: an answer to a question not yet asked is taken too, and takes the offered kind as agreed to.
Rule 3: a question of the citizen's own, a wish about another case or an urgent word is not an answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.engine import answering, filling, words
from bot.engine.case import CASE_KINDS, CaseKind
from bot.engine.consulting import coach, intake, sentences, several, slots, told, wishes
from bot.engine.consulting.moments import changed, moment
from bot.engine.consulting.places import (
    UNKNOWN,
    mentions,
    named_alone,
    roles,
)
from bot.engine.form import Form, Unclear
from bot.engine.sayings import first
from bot.engine.scene import HUMAN, MENU, Scene
from bot.engine.text import clean, plain
from bot.engine.types import Choice, FormProgress, Turn

_DIRECT = re.compile(
    r"(就|请|帮我|我要)*(直接|马上|现在)(就)?(提交|发|交)(吧|了|给工作人员)*|(就)?(这样|这么)(提交|交|发)(吧|了)?|别问了(直接)?(提交)?(吧)?|不用(问|改|整理)了?(直接提交|提交)?(吧)?"
)
_YES = {
    "对",
    "对的",
    "是",
    "是的",
    "嗯",
    "好",
    "好的",
    "可以",
    "没错",
    "行",
    "ok",
    "没问题",
    "确认",
    "对了",
    "对啊",
}
_SUBMIT = {"提交", "确认提交", "提交吧", "确定", "发吧", "交吧", "就这样", "就这样吧"} | _YES
_THANKS = re.compile(r"(谢谢|多谢|谢了|麻烦了?|辛苦了?)(您|你)?(了|啊|哈|啦)*$")
_OTHER_KIND = re.compile(r"换一?类|不是这一?类|分错了|类型不对|不对")
_ANONYMOUS = re.compile(r"(我(要|想)?|请)?匿名(提交|投诉|吧|受理)?")
_NEW_QUESTION = re.compile(r"换个?问题|不是这个问题|问别的问题|重新说|换一个问题")
_CAUSE = re.compile(
    r"(一般|通常|可能|会)?(是|有)?(什么|啥|哪些)(原因|情况)|为(什么|啥)会?(这样|没|少|漏)|怎么会(这样|没|少)|怎么回事"
)
_EDIT = {"修改", "改", "改一下", "要改", "我要修改", "我改一下", "编辑"}
_DONE = re.compile(
    r"(我)?(都)?(发|说|写|讲)?(完了?|好了)|完了|没(有)?了|就(这些|这么多)(了)?|结束|完毕|就是这些"
)
_CHANGE_WORD = re.compile(
    r"^(?:(?:不是|不对|错了|写错了|弄错了|说错了|更正)[,，、。\s]*|不[,，、。\s]+)(?:应该是|应该|是|改成|改为|成)?\s*(.{2,})$"
)
_CHANGE_LABEL = re.compile(r"^(.{2,6}?)(?:改成|改为|改到|应该是|换成|写错了[,，]?是?)\s*(.+)$")
_EMPLOYERS = re.compile(r"公司|厂|店|集团|学校|医院|中心|局|所|站|队|矿|场|社|行$")
_FREE = ("object", "event", "demand", "employer", "message", "tried")
_UNKNOWN = re.compile(
    r"(我|这个|也|都|真|实在|真的)*((不|没)(知道|清楚|晓得|懂|记得|了解|确定)|记不(清|得|住)|想不起来|忘(了|记)|说不(清|上来))(了|啊|呢|吧|呀|哦)*"
)
_HELPLESS = re.compile(
    r"(我)?(也)?(不知道|不会|不晓得)(该)?(怎么|从哪|从何)?(说|问|讲|写)(起|好|什么|啥)?|说不清楚?|不会打字|太复杂了?"
)
_ANGRY = re.compile(r"听不懂(人话|啊|吗)?|说人话|(你|太|真)(笨|蠢|没用)|智障|答非所问|什么破机器人")
_MEANING = re.compile(
    r"(什么|啥)(是|叫|意思)|(是|叫)(什么|啥)(意思)?[?？]?$|看不懂|没看懂|没听懂|听不懂这个"
)
_SMALL = {"谢谢", "谢谢你", "多谢", "哈哈", "呵呵", "你好", "您好", "在吗", "嗯嗯", "哦", "额"}
_EDITABLE = {
    "region": "参保地",
    "household": "户籍地",
    "when": "时间",
    "employer": "单位",
    "tried": "已尝试",
}


# --- reading ------------------------------------------------------------------------------------


def hear(scene: Scene, progress: FormProgress) -> Turn | None:
    """The turn for a message to the open consultation; None: it is for the usual order."""
    form = scene.book.forms[told.FORM]
    field = form.open_field(progress.answers)
    if field is None:
        return None
    said = filling.picked(scene.text, form.name, field) or scene.text
    if said.startswith("/"):
        return None
    hearing = Hearing(scene, form, progress, field, said)
    for way in _WAYS:
        if (turn := way(hearing)) is not None:
            return turn
    return None


class Hearing:
    """One message to the form: `field` is open, `said` are the words (of a pressed option, too)."""

    def __init__(
        self, scene: Scene, form: Form[Any], progress: FormProgress, field: str, said: str
    ) -> None:
        self.scene, self.form, self.progress = scene, form, progress
        self.field, self.said, self.word = field, said, plain(said)
        self.values = form.values(progress.answers)
        self.regions = scene.book.regions

    def on(
        self,
        before: str = "",
        drop: tuple[str, ...] = (),
        found: Mapping[str, str] | None = None,
        **answers: str,
    ) -> Turn:
        """Goes on with these answers more, and those of `drop` taken out."""
        all_answers = {**self.progress.answers, **(found or {}), **answers}
        now = {k: v for k, v in all_answers.items() if k not in drop}
        progress = replace(self.progress, answers=now, tries=0)
        return filling.go_on(self.scene, self.form, progress, before)

    def filled(self, found: Mapping[str, str]) -> Turn:
        """Goes on with slots that were told, echoed."""
        answers = {**self.progress.answers, **found}
        if self.field == "kind" and "kind" not in found:
            answers["kind"] = CASE_KINDS[told.kind(self.values)]
        if self.field not in ("kind", "ready"):
            answers["turns"] = str(int(self.values.get("turns") or 0) + 1)
        heard = {k: v for k, v in answers.items() if k != "kind"}
        echo = filling.noted(self.form, self.progress.answers, heard)
        progress = replace(self.progress, answers=answers, tries=0)
        return filling.go_on(self.scene, self.form, progress, echo)


def _directly(h: Hearing) -> Turn | None:
    if not _DIRECT.fullmatch(h.word):
        return None
    if "question" not in h.values:
        if lines := h.progress.answers.get("parts"):
            return h.on(question=several.joined(lines), direct="1")
        return h.on("好的。")
    return h.on(direct="1")


def _several(h: Hearing) -> Turn | None:
    """One message after the other until 完了."""
    if h.field != "question":
        return None
    lines = h.progress.answers.get("parts")
    if lines is None:
        return several.gathering(h.scene, h.progress) if several.SEVERAL.fullmatch(h.word) else None
    if _DONE.fullmatch(h.word):
        if not lines:
            return h.scene.say("question", sentences.SEVERAL_NOTHING, *several.ways())
        return h.on(found=intake.answers_of(several.joined(lines), h.scene))
    kept = "\n".join([*filter(None, lines.split("\n")), clean(h.said).replace("\n", "；")])[-3000:]
    count = kept.count("\n") + 1
    progress = replace(h.progress, answers={**h.progress.answers, "parts": kept}, tries=0)
    said = sentences.SEVERAL_KEPT.format(count=count)
    return h.scene.say("question", said, *several.ways(), form=progress)


def _helpless(h: Hearing) -> Turn | None:
    """不知道怎么说, 什么意思, 听不懂: help with this very question."""
    if _ANGRY.search(h.said) and len(h.word) <= 14:
        return filling.go_on(h.scene, h.form, h.progress, sentences.NOT_UNDERSTOOD, (HUMAN,))
    if h.field == "question" and _HELPLESS.fullmatch(h.word):
        return h.scene.say(
            "question", sentences.HELP_TO_TELL, HUMAN, Choice("取消", "/cancel"), form=h.progress
        )
    if h.field == "question" and _MEANING.search(h.said) and len(h.word) <= 8:
        return h.scene.say(
            "question", sentences.HELP_TO_TELL, HUMAN, Choice("取消", "/cancel"), form=h.progress
        )
    named = next((n for n, label in told.LABELS.items() if label in h.said), h.field)
    if _MEANING.search(h.said) and len(h.word) <= 14 and (meaning := sentences.MEANINGS.get(named)):
        return h.on(meaning)
    return None


_LEAVE_NUMBER = re.compile(
    r"(我)?(要|想|怎么|可以)*留(一?个|一下)?(手机号?码?|电话(号码)?|联系方式)(吗|吧|给你们?)?"
)


def _number_later(h: Hearing) -> Turn | None:
    """“留手机号” before there is a number to leave it under: no part of the question."""
    if not _LEAVE_NUMBER.fullmatch(h.word):
        return None
    return h.on(sentences.NO_NUMBER if h.values.get("anonymous") else sentences.NUMBERS_LEFT)


def _unknown(h: Hearing) -> Turn | None:
    if not _UNKNOWN.fullmatch(h.word):
        return None
    if h.field == "kind":
        return h.on("", ("choosing",), kind=CASE_KINDS[told.kind(h.values)])
    if h.field in ("question", "points"):
        return None
    return (
        h.filled({h.field: ""}) if h.form.asks[h.field].skip else h.on(sentences.MEANINGS["ready"])
    )


def _points(h: Hearing) -> Turn | None:
    if h.field != "points":
        return None
    if h.word in _SUBMIT:
        return h.on(points="对")
    if re.fullmatch(r"重新说|不对|不是|重来|改", h.word):
        return several.gathering(h.scene, replace(h.progress, answers={}))
    lines = f"{h.progress.answers['parts']}\n{clean(h.said)}"
    return h.on(
        "已加上。\n", question=several.joined(lines), original=several.joined(lines), parts=lines
    )


def _story(h: Hearing) -> Turn | None:
    if h.field != "question" or len(h.word) < 4 or _busy(h):
        return None
    return intake.story(h.scene, h.form, h.progress, h.said)


def _busy(h: Hearing) -> bool:
    """Whether the words are surely about something else: another case, or an urgent matter."""
    return wishes.wish(h.scene) is not None


_GIVE_UP = re.compile(r"(我)?(取消|不想?|先不)(这个|这次|要)?(咨询|提交|投诉|问|写)(了|吧)?")


def _given_up(h: Hearing) -> Turn | None:
    """“取消咨询”, “不投诉了”: this form; what was filed before stays."""
    if not _GIVE_UP.fullmatch(h.word):
        return None
    return h.scene.say("smalltalk", words.CANCELLED, MENU, HUMAN, form=None)


def _still_on(h: Hearing) -> Turn | None:
    """“还是要提交咨询”, after the answers were offered."""
    return (
        h.on() if re.fullmatch(r"(我)?(还是|仍然|仍|继续)要?(提交|填写)(咨询)?", h.word) else None
    )


def _new_question(h: Hearing) -> Turn | None:
    if not _NEW_QUESTION.fullmatch(h.word):
        return None
    kept = {k: v for k, v in h.progress.answers.items() if k == "for_head"}
    return filling.go_on(h.scene, h.form, replace(h.form.begin(), answers=kept), "好的。")


def _kind(h: Hearing) -> Turn | None:
    """The kind: agreed to, changed, or chosen by what the citizen wants."""
    if code := _kind_named(h.said):
        return h.on(_kind_said(code), ("choosing", "matter"), kind=CASE_KINDS[code])
    if h.field != "kind":
        again = _OTHER_KIND.fullmatch(h.word) and h.word not in ("不对",)
        return h.on("", ("kind",), choosing="1", matter="general") if again else None
    if h.word in _YES:
        return h.on("", ("choosing",), kind=CASE_KINDS[told.kind(h.values)])
    if _OTHER_KIND.fullmatch(h.word):
        return h.on(choosing="1")
    if re.fullmatch(r"(想)?(了解|问|看)(一下)?(规定|政策)", h.word):
        return h.on(kind=CASE_KINDS["policy"])
    if re.fullmatch(r"(想)?(马上|现在|要)?(办|办理|去办)", h.word):
        return h.on(kind=CASE_KINDS["procedure"])
    return None


def _kind_named(said: str) -> CaseKind | None:
    word = re.sub(r"^(改成|改为|换成|归到|是|应该是)+", "", plain(said))
    for code, label in CASE_KINDS.items():
        if word in (label, label[:2]):
            return code
    return None


def _kind_said(code: CaseKind) -> str:
    return f"好的，按【{CASE_KINDS[code]}】。\n"


def _anonymous(h: Hearing) -> Turn | None:
    if not _ANONYMOUS.fullmatch(h.word) or "question" not in h.values:
        return None
    return h.on(sentences.ANONYMOUS_NOTED, anonymous="1")


_TO_HEAD = re.compile(
    r"(我)?(要|想|请|帮我|直接)*(写给|转给|交给|转|找|给|发给|投)(一下)?你?们?(领导|局长|主任|负责人)(信箱)?(吧|看|处理|办)?"
    r"|(领导|局长|主任)信箱"
)
_NOT_TO_HEAD = re.compile(
    r"(不|别)(用|要|必)?(写给|转给|交给|转|找|给)你?们?(领导|局长|主任|负责人)(信箱)?(了|吧)?"
)


def _for_head(h: Hearing) -> Turn | None:
    """“转给领导” while the form is open, and back."""
    if _NOT_TO_HEAD.fullmatch(h.word):
        return h.on(sentences.NOT_HEAD_NOTED, ("for_head",))
    return h.on(sentences.HEAD_NOTED, for_head="1") if _TO_HEAD.fullmatch(h.word) else None


def _cause(h: Hearing) -> Turn | None:
    """“一般是什么原因”: the usual causes of this matter, then the same question again."""
    if h.field == "question" or not _CAUSE.search(h.said) or len(h.word) > 16:
        return None
    causes = sentences.CAUSES.get(told.matter(h.values))
    return h.on(f"{causes}\n") if causes else None


def _ready(h: Hearing) -> Turn | None:
    """The summary: submit, edit, or more words."""
    if h.field != "ready":
        return None
    if h.word in _SUBMIT or _THANKS.sub("", h.word) in _SUBMIT:
        return h.on(ready="提交")
    if h.word in _EDIT:
        return _edit(h)
    return None


def _edit(h: Hearing) -> Turn:
    progress = replace(h.progress, answers={**h.progress.answers, "changing": "1"})
    return h.scene.say("question", sentences.HOW_TO_EDIT, *_edits(h), form=progress)


def _edits(h: Hearing) -> list[Choice]:
    known = [n for n in _EDITABLE if h.values.get(n)]
    ways = [
        Choice(f"改{_EDITABLE[n]}", f"/pick {h.form.name}.ready 改{_EDITABLE[n]}") for n in known
    ]
    return [*ways, Choice("换一类", f"/pick {h.form.name}.ready 换一类"), Choice("取消", "/cancel")]


def _enough(h: Hearing) -> Turn | None:
    """“提交” before the end: no more questions, the summary at once."""
    early = h.field not in ("question", "points", "ready") and h.word in _SUBMIT - _YES
    if not early:
        return None
    kind = {"kind": CASE_KINDS[told.kind(h.values)]} if h.field == "kind" else {}
    return h.on("", (), kind, turns=str(told.MOST_TURNS))


def _change_one(h: Hearing) -> Turn | None:
    """“改参保地”: that question again."""
    if h.field != "ready":
        return None
    for name, label in _EDITABLE.items():
        if h.word == plain(f"改{label}"):
            turns = str(min(int(h.values.get("turns") or 0), told.MOST_TURNS - 1))
            lacks = ",".join({*told.needs(h.values), label})
            return h.on("", (name, "changing"), turns=turns, needs=lacks)
    return None


def _corrected(h: Hearing) -> Turn | None:
    """“不，23年” puts a year into the time; “参保地改成长沙” replaces what it names."""
    if change := _CHANGE_LABEL.match(h.said):
        return _change_named(h, change[1], change[2])
    match = _CHANGE_WORD.match(h.said)
    if match is None or h.field == "question":
        return None
    new = match[1].strip("。. ")
    last = next(
        (n for n in reversed(list(h.progress.answers)) if n in (*slots.PLACES, "when", "month")), ""
    )
    if last in ("when", "month"):
        time = changed(h.progress.answers[last], new, h.scene.today)
        return _set(h, last, time) if time else None
    found = roles(new, h.regions, slots.PLACES.get(last))
    names = {name: found[role] for name, role in slots.PLACES.items() if role in found}
    if not names:
        return None
    echo = "，".join(f"{told.LABELS[name]} {place}" for name, place in names.items())
    return h.on(f"已改为：{echo}。\n", found=names)


def _change_named(h: Hearing, label: str, new: str) -> Turn | None:
    name = next((n for n, known in told.LABELS.items() if known in label or label in known), None)
    if name is None and "时间" in label:
        name = "when"
    if name is None:
        return None
    if name in slots.PLACES:
        found = [m.name for m in mentions(new, h.regions)] or [named_alone(new) or ""]
        return _set(h, name, found[0]) if found[0] else None
    if name in ("when", "month"):
        time = changed(h.progress.answers.get(name, ""), new, h.scene.today)
        return _set(h, name, time) if time else None
    return _set(h, name, new.strip())


def _set(h: Hearing, name: str, value: str) -> Turn:
    return h.on(f"已改为：{told.LABELS[name]} {value}。\n", ("changing", "edited"), {name: value})


def _slots(h: Hearing) -> Turn | None:
    """Everything that the words tell; the open question may be one of them."""
    if h.field in ("question", "points") or h.word in _SMALL or _asks_something(h):
        return None
    if _CHANGE_WORD.match(h.said) and len(h.word) < 3:
        return None
    if too_late := _to_come(h):
        return h.on(f"{too_late}\n")
    found = slots.told_in(h.said, h.scene, h.values, h.field)
    if h.field in found or (found and h.field in ("kind", "ready")):
        return h.filled(found)
    if h.field in _FREE and len(h.word) >= 2 and _answers_freely(h, found):
        return h.filled({**found, h.field: clean(h.said)})
    if h.word in UNKNOWN and h.form.asks[h.field].skip:
        return h.filled({**found, h.field: ""})
    return h.filled(found) if found else None


_ASKS_FOR = re.compile(
    r"希望|要求|道歉|解决|赔|处理|处分|处罚|说法|办(好|理|了)|尽快|改进|改正|答复|回复|说清|查|给我|退|补|撤|不(要|用)|没有"
)


def _answers_freely(h: Hearing, found: Mapping[str, str]) -> bool:
    """Whether free words answer the open question, rather than only tell something else."""
    if re.fullmatch(r"[*\w]{0,4}\*{4}\w{0,4}", h.word):
        return False
    if h.field in ("employer", "object") and coach.asks(h.said):
        return False
    if h.field == "employer":
        place = [m for m in mentions(h.said, h.regions) if len(h.word) <= len(m.name) + 1]
        return bool(_EMPLOYERS.search(h.said)) or not (place or found)
    if h.field == "demand" and not _ASKS_FOR.search(h.said):
        return False
    if not found:
        return True
    return coach.tried(h.said) != h.said.strip() if h.field == "tried" else len(h.word) > 12


def _to_come(h: Hearing) -> Unclear | None:
    """Why a time cannot be taken: it has not come yet."""
    if h.field not in ("when", "month"):
        return None
    try:
        moment(h.said, h.scene.today)
    except Unclear as unclear:
        return unclear
    return None


def _asks_something(h: Hearing) -> bool:
    """A question of their own, which the usual order answers first."""
    if wishes.wish(h.scene) is not None:
        return True
    if h.field in ("ready",) and h.values.get("changing"):
        return False
    if not re.search(r"[?？]|怎么|如何|什么|多少|多久|几|哪|吗$|咋|为什么", h.said):
        return first(h.scene.book.sayings.urgent, h.said) is not None and h.field == "kind"
    return answering.sure(h.scene) is not None


def _more_of_it(h: Hearing) -> Turn | None:
    """What happened, told where the wish was asked for: it joins the account."""
    if h.field != "demand" or len(h.word) < 4 or h.word in _SMALL or _asks_something(h):
        return None
    event = "，".join(filter(None, [h.values.get("event"), clean(h.said)]))
    return h.on("记下了。\n", event=event)


def _more(h: Hearing) -> Turn | None:
    """Free words at the summary: the question put anew, or something to add."""
    if h.field == "kind":
        return _more_told(h)
    if h.field != "ready" or len(h.word) < 4 or h.word in _SMALL or _asks_something(h):
        return None
    if len(coach.unnumbered(h.said)) < 4:
        return h.on(sentences.NUMBERS_LEFT)
    if h.values.get("changing") or re.match(r"(我)?(想)?(改成|改为|应该是)", h.said):
        text = re.sub(r"^(我)?(想)?(改成|改为|应该是)[：:，, ]*", "", h.said)
        return h.on("已改好。\n", ("changing",), edited=clean(text))
    question = f"{h.values['question'].rstrip('。')}。{clean(h.said)}"
    return h.on("已补充。\n", ("edited",), question=question, original=question)


def _more_told(h: Hearing) -> Turn | None:
    """More words instead of a yes to the kind: they belong to the question."""
    if len(h.word) < 2 or h.word in _SMALL or h.word in UNKNOWN or _asks_something(h):
        return None
    if len(coach.unnumbered(h.said)) < 2:
        return h.on(sentences.NUMBERS_LEFT)
    before = h.values["question"]
    fresh = _HELPLESS.search(plain(before)) is not None
    question = clean(h.said) if fresh else f"{before.rstrip('。')}，{clean(h.said)}"
    answers = intake.answers_of(question, h.scene)
    return h.on("记下了。\n", ("choosing",), answers)


_WAYS: tuple[Callable[[Hearing], Turn | None], ...] = (
    _directly,
    _given_up,
    _several,
    _helpless,
    _number_later,
    _unknown,
    _points,
    _new_question,
    _still_on,
    _ready,
    _enough,
    _change_one,
    _kind,
    _anonymous,
    _for_head,
    _cause,
    _story,
    _corrected,
    _slots,
    _more_of_it,
    _more,
)


# --- what a sentence tells ----------------------------------------------------------------------


# --- the summary --------------------------------------------------------------------------------
