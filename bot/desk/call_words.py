"""Why somebody has to be called, in the words of the desk."""

from __future__ import annotations

from bot.engine.case import News

NEWS: dict[News, str] = {
    "answered": "已有答复",
    "needs_info": "要请对方补充",
    "overdue": "没按承诺答复",
    "closed": "已办结",
}

# By what the platform's reason holds; the first that fits.
_WHY = {
    "43004": "没有关注公众号",
    "unfollowed": "取消了关注",
    "40003": "微信里找不到这个人",
    "46004": "微信里找不到这个人",
    "43019": "在公众号的黑名单里",
    "48002": "拒收公众号的消息",
    "43101": "不接受通知",
    "waits": "微信现在不让主动发（超过 48 小时，或次数用完），也没能提醒到对方",
    "unread": "提醒过，30 天没有看",
    "blocked": "屏蔽了机器人",
    "deactivated": "账号已注销",
    "chat not found": "对话已不在",
    "user not found": "账号已不在",
    "initiate conversation": "对方没有打开过对话",
}


def why(reason: str) -> str:
    found = (said for mark, said in _WHY.items() if mark in reason)
    return next(found, "试了多次都没发成")
