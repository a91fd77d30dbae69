"""免打扰时间：从几点到几点不推送。"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from bot.engine.form import Ask, Finished, Form, Unclear
from bot.engine.moments import clocks_in
from bot.engine.preferences import PreferencesSought
from bot.engine.types import Conversation

_NEVER = ("不设", "不用", "取消免打扰", "随时")


def read_hours(text: str) -> tuple[str, str]:
    """从几点到几点；一样表示不设。"""
    if any(word in text for word in _NEVER):
        return "00:00", "00:00"
    times = clocks_in(text)
    if len(times) != 2:
        raise Unclear("没看懂这个时间，请按“晚上9点到早上8点”这样填写；不设请回复“不设”。")
    return f"{times[0]:%H:%M}", f"{times[1]:%H:%M}"


@dataclass(frozen=True)
class QuietHours:
    hours: Annotated[
        tuple[str, str],
        Ask(
            "每天几点到几点不打扰？例如“晚上9点到早上8点”；不设请回复“不设”。",
            read_hours,
            label="免打扰时间",
            options=("21:00–8:00", "22:00–7:00", "不设"),
        ),
    ]


def _keep(given: QuietHours, was: Conversation, now: datetime) -> Finished:
    return Finished((), errand=PreferencesSought("quiet", given.hours))


def form() -> Form[QuietHours]:
    return Form("quiet_hours", "免打扰时间", QuietHours, _keep)
