"""提交咨询: the question in the citizen's words, and the place, for staff to answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from bot.engine import words
from bot.engine.form import Ask, Finished, Form
from bot.engine.reading import place, sentence
from bot.engine.regions import Regions
from bot.engine.types import Choice, Conversation, Reply, StaffMessaged, StaffRequested

RECEIVED = "已收到您的咨询，工作人员会在这里答复您。\n您的问题：{question}\n{where}等待时可以继续补充，也可以接着问我；急事请拨打 12333。"


def form(regions: Regions) -> Form[object]:
    """The form, reading places by `regions`."""

    @dataclass(frozen=True)
    class LeaveMessage:
        question: Annotated[
            str,
            Ask(
                "请用一句话说说您的问题，例如“2023年10月的养老保险没有缴费记录”。",
                sentence(),
                label="问题",
                spot=lambda text: text if len(text) >= 6 else None,
            ),
        ]
        region: Annotated[
            str | None,
            Ask(
                "您的社保交在哪个省或市？例如“长沙”。",
                place(regions),
                label="参保地",
                why="各地的规定和经办机构不同，知道参保地才能转给对的工作人员。",
                skip=True,
                spot=lambda text: next(iter(regions.named(text)), None),
            ),
        ]

    def file(given: LeaveMessage, was: Conversation, now: datetime) -> Finished:
        where = f"参保地：{given.region}\n" if given.region else ""
        received = RECEIVED.format(question=given.question, where=where)
        reply = Reply("receipt", received, (Choice(words.MENU_LABEL, "/menu"),))
        told = f"【提交咨询】\n问题：{given.question}\n{where}证据：{len(was.evidence)} 份"
        effect = StaffMessaged(told) if was.staff != "none" else StaffRequested(told)
        return Finished((reply,), (effect,), staff_waits=True)

    return Form("leave_message", "提交咨询", LeaveMessage, file)  # type: ignore[arg-type]  # a form of its own inputs
