"""Disputes with a time limit: the limit and its article first, then the day it runs from.

Rule 1: the figure is the dated parameter's; without one the sentence is not said.
Rule 2: the day that is asked for is the calculator's own question, so that its result, its reminder and
        the days of rest at its end are worked out in one place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.engine import words
from bot.engine.calculator import PREFIX
from bot.engine.consulting import coach, sentences
from bot.engine.filling import set_aside
from bot.engine.parameters import NoFigure
from bot.engine.scene import Scene, note
from bot.engine.types import Choice, FormProgress, Reply, Turn

CALCULATOR = f"{PREFIX}statutory_deadlines"


@dataclass(frozen=True, slots=True)
class Dispute:
    """`matter` is the calculator's code; `entry` the answer that says more."""

    matter: str
    said: re.Pattern[str]
    limit: str  # with a figure's placeholder
    papers: str
    asks: str
    entry: str


DISPUTES = (
    Dispute(
        "injury_person",
        re.compile(
            r"(单位|公司|老板|厂里?)[^。？?]{0,8}(不认|不承认|拒绝|不肯|不给|不愿)[^。？?]{0,8}工伤|工伤[^。？?]{0,12}(单位|公司|老板|厂里)(不|没|拒绝)(认|给|肯|报|管)|工伤[^。？?]{0,6}(争议|纠纷)"
        ),
        "个人申请工伤认定：事故之日（或职业病确诊之日）起 {work_injury.personal_claim_years}内，"
        "《工伤保险条例》第十七条",
        "劳动关系证明（合同、工资流水、工牌）、诊断证明、事故经过和证人",
        "事故发生在哪天？",
        "GS09",
    ),
    Dispute(
        "reassessment",
        re.compile(r"鉴定[^。？?]{0,8}(不服|不满意|不认可|有异议|太低|低了|不公)"),
        "申请再次鉴定：收到鉴定结论之日起 {work_injury.reassessment_days}内，《工伤保险条例》第二十六条",
        "原鉴定结论、病历和检查报告、身份证",
        "哪天收到鉴定结论的？",
        "GS15",
    ),
    Dispute(
        "reconsideration",
        re.compile(r"(认定|核定|决定|处理结果|养老金|待遇)[^。？?]{0,8}(不服|有异议)(?!.{0,6}(申诉|投诉))|不服[^。？?]{0,8}(认定|核定|决定)"),
        "申请行政复议：知道决定之日起 {work_injury.reconsideration_days}内，《行政复议法》第二十条",
        "决定书和签收日期的证明、身份证、您的理由和证据",
        "哪天收到决定的？",
        "CX14",
    ),
    Dispute(
        "arbitration",
        re.compile(r"(要|想|去|准备|申请)(申请)?(劳动)?仲裁(?!.{0,4}(委|地址|电话))|告(公司|单位|老板)"),
        "申请劳动仲裁：知道权利被侵害之日起 {labour.arbitration_limit_years}内，"
        "《劳动争议调解仲裁法》第二十七条",
        "劳动关系证明、工资流水、与单位交涉的记录",
        "从哪天知道的（例如发现没交的那天）？",
        "LD02",
    ),
)  # fmt: skip
TRACKS = (
    "这类争议有法定时限：{limit}。\n建议同时：① 我帮您提交咨询 ② 拨打 12333 ③ 备材料：{papers}。\n"
    "{asks}我帮您算截止日并提醒，例如“2026-11-03”。"
)


def wanted(scene: Scene) -> Turn | None:
    """“单位不认我是工伤”: the limit, both ways at once, and the day asked for."""
    if scene.was.form is not None or CALCULATOR not in scene.book.forms or len(scene.text) > 60:
        return None
    dispute = next((d for d in DISPUTES if d.said.search(scene.text)), None)
    if dispute is None or re.search(r"时效|多久|多长时间|几天|多少天|材料|去哪", scene.text):
        return None
    if coach.asks(scene.text):
        found = scene.book.search.search(scene.text, region=scene.region())
        if found.band == "answer" or dispute.matter == "arbitration":
            return None  # a question with an answer of its own, which names the limit
    return began(scene, dispute)


def mentioned(scene: Scene, said: str) -> str:
    """A line for a consultation about such a dispute; empty without one."""
    dispute = next((d for d in DISPUTES if d.said.search(said)), None)
    try:
        limit = scene.book.knowledge.parameters.fill(dispute.limit, scene.today) if dispute else ""
    except NoFigure:
        return ""
    return sentences.MENTIONED.format(limit=limit) if limit else ""


def begin(scene: Scene, given: list[str]) -> Turn | None:
    """`/limit arbitration`."""
    dispute = next((d for d in DISPUTES if d.matter in given[:1]), None)
    return began(scene, dispute) if dispute and CALCULATOR in scene.book.forms else None


def began(scene: Scene, dispute: Dispute) -> Turn | None:
    """The reply, with the calculator open at its day; None without a checked figure."""
    try:
        limit = scene.book.knowledge.parameters.fill(dispute.limit, scene.today)
    except NoFigure:
        return None
    form = scene.book.forms[CALCULATOR]
    was, kept = set_aside(scene)
    scene = replace(scene, was=was)
    said = kept + TRACKS.format(limit=limit, papers=dispute.papers, asks=dispute.asks)
    known = dispute.entry in scene.book.knowledge
    choices = (
        Choice("提交咨询", "/consult dispute"),
        *((Choice(words.WHOLE_ANSWER, f"/faq {dispute.entry}"),) if known else ()),
        Choice(words.CANCEL, "/cancel"),
    )
    progress = FormProgress(form.name, form.version, {"matter": dispute.matter})
    asked = not scene.text.startswith("/")
    found = scene.book.search.search(scene.text, region=scene.region()) if asked else None
    topic = dispute.entry if known else scene.was.topic
    recent = note(scene.was, f"问：{scene.text}") if asked else scene.was.recent
    return scene.turn(
        Reply("question", said, choices), form=progress, found=found, topic=topic, recent=recent
    )
