"""提交咨询: a question that staff can answer, turn by turn; only what is missing is asked.

Which questions are asked follows from the matter: an ordinary question, a month without
contributions, a card that does not work, a complaint, a calculation to check.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from bot.engine.case import CASE_KINDS, HEAD_LABEL, CaseDraft, CaseFiled, CaseKind
from bot.engine.consulting import coach, hearing, intake, several, slots, summary, told
from bot.engine.form import Ask, Finished, Form, Unclear, never
from bot.engine.promise import Service, pledged, promised
from bot.engine.reading import sentence
from bot.engine.regions import Regions
from bot.engine.text import clean, plain
from bot.engine.types import Conversation
from bot.engine.workdays import Office

TITLE = 40  # characters
Values = Mapping[str, Any]


ANY = (
    "请用一句话说说您的问题，例如“2023年10月的养老保险没有缴费记录”。问题比较多，可以回“分几条发”。"
)
STORIES = {
    "missing": "请说说：缺哪个险种、哪个月、工资扣了没有、单位叫什么（可一次说完）。"
    "例如“2023年10月养老保险没交，工资扣了”。",
    "card": "请说说：在哪里刷的、提示什么（可一次说完）。例如“在药店刷不了，提示无效卡”。",
    "complaint": "请说：哪个窗口、什么时间、经过、您的诉求（可一次说完）。可选择【匿名】。",
}


def words(least: int = 2, most: int = 300, example: str = "") -> Callable[[str], str]:
    """Free words of an answer."""

    def read(text: str) -> str:
        said = clean(text)
        if len(plain(said)) < least:
            raise Unclear(f"请再多说几个字，例如“{example}”。")
        return said[:most]

    return read


def kind_read(text: str) -> CaseKind:
    for code, label in CASE_KINDS.items():
        if plain(text) in (code, label):
            return code
    raise Unclear(f"请从这些里选一个：{'、'.join(CASE_KINDS.values())}。")


def own(label: str) -> Ask[str]:
    """Kept by the form for itself."""
    return Ask("", str, label=label, only_if=never, counted=False)


def told_only(label: str) -> Ask[str]:
    """Never asked for, but kept and shown when told."""
    return Ask("", str, label=label, only_if=never, counted=False, show=str)


def asked(*matters: str, need: str = "") -> Callable[[Values], bool]:
    """Asked for these matters (none: for any), when `need` was found missing."""

    def wanted(values: Values) -> bool:
        if values.get("direct") or not values.get("question"):
            return False
        if int(values.get("turns") or 0) >= told.MOST_TURNS:
            return False
        fits = not matters or told.matter(values) in matters
        return fits and (not need or need in told.needs(values))

    return wanted


def kind_asked(values: Values) -> bool:
    sure = told.matter(values) in ("missing", "complaint", "check")
    return bool(values.get("question")) and not values.get("direct") and not sure


def tried_asked(values: Values) -> bool:
    wanted = asked("general", "missing", "card")(values)
    return wanted and not (told.matter(values) == "general" and told.kind(values) == "policy")


def kind_question(values: Values) -> str:
    if values.get("choosing"):
        return "请选一类："
    code, question = told.guessed(values), values.get("question") or ""
    if code is None:
        return "您是想了解规定，还是马上办理？"
    if code == "complaint":
        return f"归类为【{CASE_KINDS[code]}】，对吗？若只是想知道是怎么规定的，可改为【政策解读】。"
    known = "需要工作人员核对身份后才能查。" if code == "account" else ""
    return f"我理解为【{told.kind_shown(code, question)}】，对吗？{known}"


def kind_options(values: Values) -> tuple[str, ...]:
    if values.get("choosing"):
        return tuple(CASE_KINDS.values())
    code = told.guessed(values)
    if code is None:
        return ("了解规定", "马上办理")
    return ("对", "政策解读", "换一类") if code == "complaint" else ("对", "换一类")


def region_question(values: Values) -> str:
    if "户籍地" in told.needs(values):
        return (
            "参保地、户籍地、工作地分别是？（可一句话说完，例如“参保深圳，户口长沙，工作地同户口”）"
        )
    return "您的社保交在哪里（参保地）？例如“长沙”。不清楚可以回“不知道”。"


def when_question(values: Values) -> str:
    label = coach.event_label(values.get("question") or "")
    if told.matter(values) == "card":
        return "从什么时候开始的？卡有没有折断、弯曲或消磁？（可一起说，例如“上周开始，卡没坏”）"
    what = "这件事是什么时候的" if label == "时间" else f"{label}是什么时候"
    return f"{what}？例如“去年6月”。"


def tried_question(values: Values) -> str:
    if told.matter(values) == "missing":
        return "联系过单位吗？结果怎样？（没有请回“没有”）"
    return "您已经试过什么办法？（如：查过网站、打过电话、问过单位；没有请回“没有”）"


def message_question(values: Values) -> str:
    if told.matter(values) == "card":
        where = "" if values.get("card_where") else "在哪里刷的？"
        return f"刷卡时提示了什么？{where}例如“在药店，提示无效卡”。"
    return "页面或机器上提示了什么？照着打出来就行，也可以发截图。"


def form(regions: Regions, office: Office, service: Service) -> Form[Any]:
    """The form, reading places by `regions`, promising by `office` what `service` aims at."""

    def shown(values: Values) -> str:
        return summary.summary(values, regions)

    @dataclass(frozen=True)
    class Consultation:
        matter: Annotated[str | None, own("事项")]
        question: Annotated[
            str,
            Ask(
                ANY,
                sentence(),
                label="问题",
                says=lambda v: STORIES.get(v.get("matter") or "", ANY),
                counted=False,
            ),
        ]
        # what the form keeps for itself
        parts: Annotated[str | None, own("分条")]
        original: Annotated[str | None, own("原话")]
        needs: Annotated[str | None, own("缺")]
        turns: Annotated[str | None, own("问数")]
        direct: Annotated[str | None, own("直接提交")]
        choosing: Annotated[str | None, own("换类")]
        changing: Annotated[str | None, own("修改")]
        edited: Annotated[str | None, own("改写")]
        when_said: Annotated[str | None, own("时间原话")]
        anonymous: Annotated[str | None, own("匿名")]
        for_head: Annotated[str | None, own(HEAD_LABEL)]
        contact: Annotated[str | None, own("联系方式")]
        points: Annotated[
            str | None,
            Ask(
                "对吗？",
                words(1),
                label="整理",
                counted=False,
                says=lambda v: several.points_shown(v["question"]),
                offers=lambda v: ("对", "重新说"),
                only_if=lambda v: bool(v.get("parts")) and not v.get("direct"),
            ),
        ]
        kind: Annotated[
            CaseKind,
            Ask(
                "这是哪一类？",
                kind_read,
                label="类型",
                says=kind_question,
                offers=kind_options,
                why="分好类，才能转给对的工作人员。不确定就回“对”，之后还能改。",
                only_if=kind_asked,
                show=lambda code: CASE_KINDS[code],
            ),
        ]
        # 投诉建议
        object: Annotated[
            str | None,
            Ask(
                "您要投诉的是哪个窗口或哪位工作人员？",
                words(example="三号窗口"),
                label="投诉对象",
                skip=True,
                keeps=True,
                only_if=asked("complaint"),
                show=str,
            ),
        ]
        event: Annotated[
            str | None,
            Ask(
                "经过是怎样的？",
                words(example="排了两个小时，说材料不全，不说缺哪样"),
                label="经过",
                skip=True,
                keeps=True,
                only_if=asked("complaint"),
            ),
        ]
        # 缴费记录缺失
        insurance: Annotated[
            str | None,
            Ask(
                "缺的是哪个险种？",
                words(example="养老"),
                label="险种",
                options=("养老", "医疗", "失业", "工伤", "五险都缺"),
                skip=True,
                keeps=True,
                only_if=asked("missing"),
                show=str,
            ),
        ]
        month: Annotated[
            str | None,
            Ask(
                "缺哪个月（或哪几个月）？例如“2023年10月”。",
                words(example="2023年10月"),
                label="缺失月份",
                skip=True,
                keeps=True,
                only_if=asked("missing"),
                show=str,
            ),
        ]
        wage: Annotated[str | None, told_only("工资是否已扣")]
        employer: Annotated[
            str | None,
            Ask(
                "单位名称是？",
                words(example="某某有限公司"),
                label="单位",
                why="知道是哪个单位，工作人员才能核对它的申报和缴费。",
                skip=True,
                keeps=True,
                only_if=lambda v: asked("missing")(v) or asked(need="单位")(v),
                show=str,
            ),
        ]
        # 社保卡和页面报错
        card_where: Annotated[str | None, told_only("刷卡地点")]
        message: Annotated[
            str | None,
            Ask(
                "提示了什么？",
                words(example="提示无效卡"),
                label="提示",
                says=message_question,
                skip=True,
                keeps=True,
                only_if=asked("card", "general", need="现象"),
                show=str,
            ),
        ]
        card_state: Annotated[str | None, told_only("卡的情况")]
        # 三地和时间
        region: Annotated[
            str | None,
            Ask(
                "您的社保交在哪里？",
                slots.place_reader(regions),
                label="参保地",
                says=region_question,
                why="各地的规定和经办机构不同，知道参保地才能转给对的工作人员。",
                skip=True,
                keeps=True,
                only_if=asked("general", "missing", "card", "check", need="参保地"),
                show=str,
            ),
        ]
        household: Annotated[
            str | None,
            Ask(
                "户籍地是哪里？和参保地一样就回“一样”。",
                slots.place_reader(regions),
                label="户籍地",
                why="户籍不在参保地的，转移和待遇的规定可能不同。",
                skip=True,
                counted=False,
                keeps=True,
                only_if=asked("general", need="户籍地"),
                show=str,
            ),
        ]
        working: Annotated[
            str | None,
            told_only("工作地"),
        ]
        target: Annotated[
            str | None,
            Ask(
                "想转到哪里（以后在哪里继续交）？例如“长沙”。",
                slots.place_reader(regions),
                label="转到哪里",
                skip=True,
                keeps=True,
                only_if=asked("general", need="转到哪里"),
                show=str,
            ),
        ]
        care: Annotated[
            str | None,
            Ask(
                "要在哪里看病（就医地）？例如“北京”。",
                slots.place_reader(regions),
                label="就医地",
                skip=True,
                keeps=True,
                only_if=asked("general", need="就医地"),
                show=str,
            ),
        ]
        when: Annotated[
            str | None,
            Ask(
                "这件事是什么时候的？",
                slots.moment_reader,
                label="时间",
                says=when_question,
                skip=True,
                keeps=True,
                only_if=asked("general", "card", "complaint", need="时间"),
                show=str,
            ),
        ]
        demand: Annotated[
            str | None,
            Ask(
                "您希望怎么解决（诉求）？",
                words(example="请当面道歉，把材料一次说清"),
                label="诉求",
                skip=True,
                keeps=True,
                only_if=asked("complaint"),
            ),
        ]
        tried: Annotated[
            str | None,
            Ask(
                "您已经试过什么办法？",
                words(1),
                label="已尝试",
                says=tried_question,
                why="知道您试过什么，工作人员就不会让您再试一遍。",
                skip=True,
                keeps=True,
                only_if=tried_asked,
                show=coach.tried,
            ),
        ]
        ready: Annotated[
            str | None,
            Ask(
                "整理如下",
                words(1),
                label="提交",
                says=shown,
                offers=summary.summary_options,
                counted=False,
                only_if=lambda v: bool(v.get("question")) and not v.get("direct"),
                reply="summary",
            ),
        ]

    def file(given: Any, was: Conversation, now: datetime) -> Finished:
        values = {name: getattr(given, name) for name in made.asks}
        urgent = summary.urgent(given.question)
        kind, for_head = told.kind(values), bool(given.for_head)
        target = service.target(kind, urgent=urgent, for_head=for_head)
        pledge = pledged(office, service, now, target.answer)
        anonymous = bool(given.anonymous)
        draft = CaseDraft(
            kind=kind,
            title=summary.title(values)[:TITLE],
            text=given.question if given.direct else summary.question_for_staff(values, regions),
            original=given.original or given.question,
            promised_at=pledge.until,
            warn_at=pledge.warn_at,
            resolve_by=promised(office, now, target.resolve),
            region=given.region,
            slots=told.slots(values),
            contact="" if anonymous else given.contact or "",
            anonymous=anonymous,
            urgent=urgent,
            for_head=for_head,
            evidence=was.evidence,
            capsule="\n".join(was.recent),
        )
        filed = f"{intake.FILED}{draft.title}"
        return Finished((), errand=CaseFiled(draft), noted=filed)

    made: Form[Any] = Form(
        told.FORM,
        "提交咨询",
        Consultation,
        file,
        version=2,
        enter=intake.enter,
        hear=hearing.hear,
    )
    return made
