"""提交咨询: the question in the citizen's words, and the place, for staff to answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from bot.engine.case import CaseDraft, CaseFiled
from bot.engine.form import Ask, Finished, Form
from bot.engine.promise import Service, promised
from bot.engine.reading import place, sentence
from bot.engine.regions import Regions
from bot.engine.types import Conversation
from bot.engine.workdays import Office


def form(regions: Regions, office: Office) -> Form[object]:
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
        draft = CaseDraft(
            kind="policy",
            title=given.question[:40],
            text=f"{given.question}\n参保地：{given.region}" if given.region else given.question,
            original=given.question,
            promised_at=promised(office, now, Service().days),
            region=given.region,
            slots={"参保地": given.region} if given.region else {},
            evidence=was.evidence,
            capsule="\n".join(was.recent),
        )
        return Finished((), errand=CaseFiled(draft))

    return Form("leave_message", "提交咨询", LeaveMessage, file)  # type: ignore[arg-type]  # a form of its own inputs
