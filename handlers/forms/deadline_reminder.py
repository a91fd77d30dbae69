"""到期提醒：养老待遇资格认证（从上次认证起一个周期）、失业金申领（离职后尽快）。

失业金：过去要求离职后 60 日内申领（《失业保险金申领发放办法》第六条），现在多数地方不再因此拒绝，
所以只作为“最好在这天以前”提醒，不说成截止日。
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from bot.engine.calculator import Ground
from bot.engine.enclosures import Day
from bot.engine.form import Ask, Finished, Form
from bot.engine.quantities import coded, day, plus_months
from bot.engine.reminding import reminders_set
from bot.engine.scene import MENU
from bot.engine.types import Conversation, Reply

NAME = "deadline_reminder"
MATTERS = {"certification": "资格认证", "unemployment": "失业金申领"}


def form(ground: Ground) -> Form[object]:
    """The form, its periods from the checked figures."""

    @dataclass(frozen=True)
    class DeadlineReminder:
        matter: Annotated[
            str,
            Ask(
                "要提醒哪一件？",
                coded(MATTERS),
                label="事项",
                options=tuple(MATTERS.values()),
                spot=lambda text: next((m for m in MATTERS.values() if m in text), None),
            ),
        ]
        since: Annotated[
            date,
            Ask(
                "从哪天算起？资格认证说上次认证成功的日子，失业金说离职的日子，例如“2026-11-20”。",
                day("2026-11-20"),
                label="起算日",
                dated=True,
                show=str,
            ),
        ]

    def keep(given: DeadlineReminder, was: Conversation, now: datetime) -> Finished:
        found = _day(given.matter, given.since, ground, now.date())
        if found.on <= now.date():
            said = (
                f"{found.title}（{found.day}）已经过了，不用设提醒。请尽快办，或拨打 12333 问清楚。"
            )
            return Finished((Reply("status", said, (MENU,)),))
        return reminders_set(f"{NAME}:{given.matter}", (found,), now)

    return Form(NAME, "到期提醒", DeadlineReminder, keep)  # type: ignore[arg-type]  # a form of its own inputs


def _day(matter: str, since: date, ground: Ground, today: date) -> Day:
    def figure(name: str) -> int:
        return int(ground.parameters[name].on(today).amount)

    if matter == "certification":
        due = plus_months(since, figure("certification.cycle_months"))
        note = "在“掌上12333”或电子社保卡里刷脸就能做，可以提前。做完再回复“提醒我资格认证”，重新计时。"
        return Day(matter, str(due), "养老待遇资格认证到期", note, 7)
    due = since + timedelta(days=figure("unemployment.old_claim_days"))
    note = "过去要求这天以前申领失业金，现在多数地方不再因此拒绝；早办早领，超过了也可以去办。"
    return Day(matter, str(due), "失业金申领最好在这天以前", note, 20)
