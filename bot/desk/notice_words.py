"""How notices are called at the desk."""

from __future__ import annotations

import re

from bot.desk.handoffs import CHANNELS
from bot.store.broadcasts import Audience, Broadcast, Fate, State

STATES: dict[State, tuple[str, str]] = {  # and the tone of the badge
    "draft": ("待审批", "busy"),
    "scheduled": ("已排定", "calm"),
    "running": ("发送中", "calm"),
    "paused": ("已暂停", "late"),
    "done": ("已发完", "done"),
    "cancelled": ("已取消", "done"),
}
FATES: dict[Fate, str] = {
    "sent": "已送达",
    "waiting": "等待发送",
    "held": "暂缓（休息时间或正在填表）",
    "failed": "未送达",
    "blocked": "已屏蔽或离开",
    "uncertain": "不确定是否送达",
    "cancelled": "未发，已取消",
}
AUDIENCES: dict[Audience, str] = {
    "topics": "订阅了这些主题的人",
    "weekly": "选了每周汇总的订阅者",
    "got": "收到过公告 {about} 的人",
    "served": "问过知识 {about} 的人",
    "signed": "报名了讲座 {about} 的人",
}
OFFERED = {name: CHANNELS[name] for name in ("webchat", "wechat", "telegram")}
_WHYS = {
    "form": "正在填表，填完或 15 分钟后送",
    "unreachable": "对方已屏蔽或离开",
    "undone": "发出后撤回",
    "mass": "群发",
    "mass gathering": "等着和别人一起群发",
    "mass accepted": "已交给微信群发，还没有结果",
    "mass unreported": "已交给微信群发，微信没有报结果",
    "waits for 查看": "已提醒，等对方回“查看”",
    "waits, and nobody was told": "微信现在不让主动发，等对方再来",
}
_MASS = re.compile(r"mass ([0-9]+)/([0-9]+)")


def audience(one: Broadcast) -> str:
    about = one.draft.about.split(":")[0]
    return AUDIENCES[one.draft.audience].format(about=about)


def why(text: str) -> str:
    """As the platform said it, unless we have words for it."""
    if counts := _MASS.fullmatch(text):
        return f"群发给 {counts[2]} 人，微信只说送达 {counts[1]} 人，不说是谁"
    return _WHYS.get(text, text)
