"""The way into a consultation: what is said first is looked at before anything is asked.

Rule 1: another authority's matter is routed with its number and hours, not filed.
Rule 2: two questions become two; each gets its own number or its answer.
Rule 3: the best answers are offered before the first question; one tap, or any word, goes on.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from bot.engine import answering, entries, filling, words
from bot.engine.browsing import short
from bot.engine.consulting import coach, limits, sentences, several, slots, told
from bot.engine.consulting.places import listed, roles
from bot.engine.contacts import Contact
from bot.engine.form import Form
from bot.engine.scene import HUMAN, MENU, Scene, note
from bot.engine.types import Choice, FormProgress, Reply, Turn
from bot.matching.types import Found

FILED = "交："  # a line in what was said: all before it is filed
MOST_OFFERED = 3
LEAST_OFFERED = 0.4  # of a search that is not sure
_SAID_FIRST = 120  # characters of the carried question


def enter(scene: Scene, said: str) -> Turn:
    """Opens the form; `said` is taken for the question if there is one."""
    scene, kept = _aside(scene)
    form = scene.book.forms[told.FORM]
    if len(said.strip()) < 4:
        return filling.go_on(scene, form, form.begin(), kept + _evidence(scene) + sentences.OPENING)
    before = (
        kept
        if said.startswith("请核对")
        else kept + sentences.CARRIED.format(question=said[:_SAID_FIRST])
    )
    return _asked(scene, form, form.begin(), said, before + sentences.OPENING)


def consult(scene: Scene, said: str) -> Turn:
    """“我要咨询…”: the same with a look at the answers first."""
    scene, kept = _aside(scene)
    form = scene.book.forms[told.FORM]
    return story(scene, form, form.begin(), said, kept)


def matter_begun(scene: Scene, given: list[str]) -> Turn | None:
    """`/consult missing`: the form for that matter, its first question put accordingly."""
    if given[:1] == ["dispute"]:
        return enter(scene, asked_last(scene))
    if given[:1] not in (["missing"], ["card"], ["complaint"]):
        return None
    scene, kept = _aside(scene)
    form = scene.book.forms[told.FORM]
    progress = replace(form.begin(), answers={"matter": given[0]})
    return filling.go_on(scene, form, progress, kept + _evidence(scene) + sentences.OPENING)


def _aside(scene: Scene) -> tuple[Scene, str]:
    was, kept = filling.set_aside(scene)
    return replace(scene, was=was), kept


def _evidence(scene: Scene) -> str:
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
        return divided(scene, parts)
    if turn := routed(_remembered(scene, said), found):
        return turn
    if letter:
        return _asked(scene, form, progress, said, before)
    if offered := _answers(scene, found, said):
        return _offer(scene, form, progress, said, offered, before)
    return _asked(scene, form, progress, said, before)


def _asked(
    scene: Scene, form: Form[Any], progress: FormProgress, said: str, before: str, matter: str = ""
) -> Turn:
    """On to the first missing thing, with what was understood."""
    answers = answers_of(said, scene, matter or progress.answers.get("matter", ""))
    scene = _remembered(scene, said)
    progress = replace(progress, answers={**progress.answers, **answers}, tries=0)
    before += _taken(answers) + filling.noted(
        form, {}, {k: v for k, v in answers.items() if k != "kind"}
    )
    before += limits.mentioned(scene, said) + _still(form, progress) + _evidence(scene)
    return filling.go_on(scene, form, progress, before)


def _remembered(scene: Scene, said: str) -> Scene:
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


# --- from free words ----------------------------------------------------------------------------

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
    if _SUBMIT.fullmatch(text.strip("。.!！ ")) and (asked := asked_last(scene)):
        return enter(scene, asked)
    if (letter := for_head(text)) is not None:
        return _letter(scene, form, letter)
    if _BARE.fullmatch(text.strip("。.!！ ")):
        return scene.say("clarify", sentences.WHAT_TO_COMPLAIN, *_complaint_ways(scene))
    if len(text) > 200 or coach.split(text):
        return None
    missing = coach.matter_of(text) == "missing" and not coach.asks(text)
    if missing and "month" in slots.told_in(text, scene, {"matter": "missing"}):
        return _asked(scene, form, form.begin(), text, "")
    complains = _COMPLAINS.search(text) and _SERVICE.search(text)
    if (complains or _RUDE.search(text)) and not coach.asks(text):
        return _complaint(scene, form)
    if _OBJECTS.search(text):
        found = scene.book.search.search(text, region=scene.region())
        turn = consult(scene, text)
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
    scene, kept = _aside(scene)
    progress = replace(form.begin(), answers={"for_head": "1"})
    before = kept + sentences.FOR_HEAD
    if len(said.strip()) < 4 and (said := asked_last(scene)):
        before += sentences.CARRIED.format(question=said[:_SAID_FIRST])
    before += sentences.OPENING
    if said:
        return _asked(scene, form, progress, said, before)
    return filling.go_on(scene, form, progress, before + _evidence(scene))


_BARE = re.compile(r"(我)?(要|想)?(投诉|举报|反映问题)")
_RUDE = re.compile(
    r"(窗口|工作人员|大厅|办事员|柜台|社保局的人)[^。？?]{0,14}(态度|骂人|骂我|吼|刁难|爱理不理)"
)


def asked_last(scene: Scene) -> str:
    """The newest question that has not been filed; empty if there is none."""
    for line in reversed(scene.was.recent):
        if line.startswith(FILED):
            return ""
        if line.startswith("问："):
            return line[2:]
    return ""


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
    turn = _asked(scene, form, form.begin(), scene.text, "", "complaint")
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
    answers = answers_of(text, scene)
    answers["kind"] = "操作流程"
    progress = replace(form.begin(), answers=answers)
    known = " · ".join(f"{label} {place}" for label, place in listed(named))
    asks = [_PLACE_ASKED[item] for item in lacks if item in _PLACE_ASKED]
    marks = "".join(f"{mark} {ask}" for mark, ask in zip(_MARKS, asks, strict=False))
    count = "一两三"[len(asks) - 1]
    said = f"已记下：{known}。还差{count}点更快答复：{marks}（可一句话说完）"
    rule = _transfer_rule(scene)
    ways = (*rule, Choice("直接提交", "直接提交"), Choice(words.CANCEL, "/cancel"))
    scene = _remembered(scene, text)
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


# --- another authority --------------------------------------------------------------------------


def routed(scene: Scene, found: Found) -> Turn | None:
    """Another authority's matter: who, number, hours."""
    if found.reason == "other_authority" and found.authority:
        contact = scene.book.contacts.named(found.authority)
        shown = contact.shown(scene.now, scene.book.calendar) if contact else "12345"
        said = sentences.ROUTED.format(body=found.authority, contact=shown)
        return scene.say("route", said, MENU, HUMAN, found=found, form=None)
    entry = found.candidates[0].id if found.band == "answer" and found.candidates else ""
    if not entry or entry not in scene.book.knowledge:
        return None
    best = scene.book.knowledge.in_force(entry, scene.today)
    contact = scene.book.contacts.of(best.body)
    if best.body == "人社" or contact is None:
        return None
    return _answered_elsewhere(scene, best.id, contact, found)


def _answered_elsewhere(scene: Scene, entry: str, contact: Contact, found: Found) -> Turn:
    """Their answer is known: it is given, with their number, instead of a case that waits in vain."""
    turn = entries.answer(scene, entry, found)
    said = f"{sentences.ALSO_ROUTED.format(body=contact.name)}\n{contact.shown(scene.now, scene.book.calendar)}"
    reply = Reply("route", said, (*turn.replies[-1].choices[:6], MENU))
    state = replace(turn.conversation, form=None, offered=reply.choices)
    return replace(turn, replies=(*turn.replies, reply), conversation=state)


# --- answers before a case ----------------------------------------------------------------------


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
    scene = _remembered(scene, said)
    return scene.turn(reply, form=progress, topic=best.id)


# --- two questions ------------------------------------------------------------------------------

_MARKS = "①②③"


def divided(scene: Scene, parts: tuple[str, ...]) -> Turn:
    """Two questions: shown apart, with whose they are and which is pressing; who chooses is asked."""
    lines = []
    for mark, part in zip(_MARKS, parts, strict=False):
        body, pressing = _body(scene, part), bool(_PRESSING.search(part))
        tags = [t for t in (body, "较急" if pressing else "") if t]
        lines.append(
            f"{mark} {short(part.rstrip('？?'), 60)}" + (f"（{'，'.join(tags)}）" if tags else "")
        )
    first = _pressing_first(parts)
    others = "".join(_MARKS[n] for n in range(len(parts)) if n != first)
    said = f"这是{'两' if len(parts) == 2 else '三'}个问题，分开更快：\n" + "\n".join(lines)
    choices = (
        Choice(f"先办{_MARKS[first]}，{others}随后", f"/parts first {first}"),
        Choice("都提交", "/parts all"),
        Choice(f"只留{_MARKS[0]}", "/parts only 0"),
        Choice(words.BOTH if len(parts) == 2 else "都看答案", "/parts answers"),
        MENU,
    )
    return scene.turn(Reply("clarify", said, choices), pending=parts, form=None)


_PRESSING = re.compile(r"丢了|丢失|被盗|盗刷|停发|今天|明天截止|抢救|急")


def _pressing_first(parts: tuple[str, ...]) -> int:
    return next((n for n, part in enumerate(parts) if _PRESSING.search(part)), 0)


def _body(scene: Scene, part: str) -> str:
    """Whose matter it is, as a short tag."""
    found = scene.book.search.search(part)
    if found.reason == "other_authority" and found.authority:
        return found.authority
    if re.search(r"医保|医疗保险|住院|报销", part):
        return "医保"
    return "人社"


def parts_chosen(scene: Scene, given: list[str]) -> Turn | None:
    """都提交, 先办②, 只留①, 两个都看."""
    parts = scene.was.pending
    if not parts or not given:
        return None
    if given[0] == "all":
        return submit_next(replace(scene, was=replace(scene.was, hurry=True)))
    if given[0] == "next":
        return consult(_with(scene, parts[1:]), parts[0])
    if given[0] == "answers":
        return _answer_all(scene, parts)
    if len(given) < 2 or not given[1].isdecimal() or int(given[1]) >= len(parts):
        return None
    chosen = int(given[1])
    left = tuple(p for n, p in enumerate(parts) if n != chosen)
    if given[0] == "only":
        return consult(_with(scene, ()), parts[chosen])
    scene = _with(scene, left)
    turn = _medical(scene, parts[chosen]) or consult(scene, parts[chosen])
    if turn.conversation.form is None and left:  # answered or routed: on with the next at once
        return _then(scene, turn, left)
    return turn


def _with(scene: Scene, pending: tuple[str, ...]) -> Scene:
    return replace(scene, was=replace(scene.was, pending=pending))


def _then(scene: Scene, turn: Turn, left: tuple[str, ...]) -> Turn:
    """After one part is dealt with, the next."""
    after = replace(scene, was=replace(turn.conversation, pending=left[1:]))
    following = consult(after, left[0])
    first, *others = following.replies
    first = replace(first, text=f"再来看“{short(left[0], 30)}”。\n{first.text}")
    return replace(following, replies=(*turn.replies, first, *others))


def _answer_all(scene: Scene, parts: tuple[str, ...]) -> Turn | None:
    """The answers to each; who is not answered is asked whether to submit."""
    replies: tuple[Reply, ...] = ()
    turn = None
    for part in parts:
        state = turn.conversation if turn else replace(scene.was, pending=())
        turn = answering.one(replace(scene, text=part, was=state))
        replies += turn.replies
    return replace(turn, replies=replies) if turn else None


def after_filing(scene: Scene, turn: Turn) -> Turn:
    """After a receipt: the next of several questions, filed at once or offered."""
    state = turn.conversation
    if not state.pending:
        return turn
    if state.hurry:
        following = submit_next(replace(scene, was=state))
        return replace(
            following,
            replies=(*turn.replies, *following.replies),
            effects=(*turn.effects, *following.effects),
        )
    receipt = turn.replies[-1]
    said = f"{receipt.text}\n接下来办“{short(state.pending[0], 30)}”吗？"
    ways = (Choice("接着办", "/parts next"), *receipt.choices)
    reply = replace(receipt, text=said, choices=ways)
    return replace(
        turn, replies=(*turn.replies[:-1], reply), conversation=replace(state, offered=ways)
    )


def submit_next(scene: Scene) -> Turn:
    """The next part: its own number, or where it belongs; until none is left."""
    replies: tuple[Reply, ...] = ()
    parts = scene.was.pending
    while parts:
        part, parts = parts[0], parts[1:]
        scene = _with(scene, parts)
        found = scene.book.search.search(part, region=scene.region())
        if turn := routed(scene, found) or _medical(scene, part):
            replies += turn.replies
            scene = replace(scene, was=turn.conversation)
            continue
        form = scene.book.forms[told.FORM]
        answers = {**answers_of(part, scene), "direct": "1"}
        turn = filling.go_on(scene, form, replace(form.begin(), answers=answers))
        return replace(turn, replies=(*replies, *turn.replies))
    return scene.turn(*replies, hurry=False)


def _medical(scene: Scene, part: str) -> Turn | None:
    """医保's matter that no answer is sure for: their number, and the nearest answer."""
    if _body(scene, part) != "医保":
        return None
    contact = scene.book.contacts.of("医保")
    if contact is None:
        return None
    found = scene.book.search.search(part)
    near = [c.id for c in found.candidates[:2] if c.id in scene.book.knowledge]
    choices = [Choice(short(scene.book.knowledge[e].question, 18), f"/faq {e}") for e in near]
    brief = ""
    if near and found.candidates[0].score >= 0.3:
        best = scene.book.knowledge.in_force(near[0], scene.today)
        brief = entries.filled(scene, best, best.answer).split("\n")[0] + "\n"
    said = f"“{short(part, 30)}”：{brief}{sentences.ALSO_ROUTED.format(body=contact.name)}\n"
    said += contact.shown(scene.now, scene.book.calendar)
    return scene.say("route", said, *choices, MENU)
