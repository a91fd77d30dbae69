"""How cases are called at the desk."""

from __future__ import annotations

from datetime import datetime

from bot.engine.case import CASE_KINDS, RATINGS, CaseState
from bot.store.case_queue import Queued, Status

KINDS: dict[str, str] = dict(CASE_KINDS.items())
STATUSES: dict[Status, str] = {
    "open": "待处理",
    "needs_info": "等补充",
    "answered": "已回复",
    "closed": "已办结",
    "all": "全部",
}
STATES: dict[CaseState, str] = {
    "received": "待认领",
    "taken": "处理中",
    "needs_info": "等补充",
    "answered": "已回复",
    "closed": "已办结",
    "withdrawn": "已撤回",
}
MARKS: dict[str, str] = dict(RATINGS.items())
# What happened, as the history tells it.
HAPPENED = {
    "filed": "提交",
    "taken": "认领 / 指派给",
    "answered": "答复",
    "needs_info": "请对方补充",
    "transferred": "转到",
    "closed": "办结",
    "reopened": "重新打开",
    "note": "内部备注",
    "snoozed": "暂缓到",
    "merged": "并入",
    "urge": "催办",
    "supplement": "补充",
    "follow_up": "追问",
    "rate": "评价",
    "read": "看了答复",
    "withdraw": "撤回",
    "reopen": "要求重新打开",
    "asked": "又问（机器人已答）",
    "escalate": "超过承诺时间，自动升级",
    "warned": "快到承诺时间，已提醒",
    "to_owner": "已交负责人",
    "unresolved": "过了办结期限还没有办结",
    "red_15": "超过 15 天没有答复",
    "red_60": "超过 60 天没有答复",
    "red_90": "超过 90 天没有答复",
    "contact": "留了手机号（加密）",
    "contact_seen": "查看了联系方式",
    "elsewhere": "没能送到，改发",
    "to_call": "没能送到，要打电话告诉对方",
    "called": "打通了电话",
    "not_reached": "没打通电话",
}
# Told in one line.
INLINE = ("taken", "transferred", "snoozed", "merged", "to_owner", "unresolved", "elsewhere")
WHO = {"citizen": "咨询人", "bot": "机器人"}


def tone(row: Queued, now: datetime) -> str:
    """late: over the promise or escalated; busy: most of its time is used, or urgent."""
    if row.state not in ("received", "taken", "needs_info"):
        return "done"
    if row.promised_at < now or row.escalated_at:
        return "late"
    pressing = row.warn_at is not None and row.warn_at <= now
    return "busy" if pressing or row.urgent else "calm"
