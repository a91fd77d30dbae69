"""What a page says once after something was done: named in a short-lived cookie, worded here."""

from __future__ import annotations

SAID = {
    "signed_out": "您已退出工作台。",
    "session_over": "登录已过期，请重新登录。",
    "password_changed": "密码已改，别处的登录都已结束。",
    "session_ended": "那一处登录已结束。",
    "sessions_ended": "别处的登录都已结束。",
    "handoff_answered": "回复已发出。",
    "handoff_closed": "这次人工服务已结束，对方已收到通知。",
    "handoff_gone": "这次转人工已经结束，刚才的操作没有生效。",
    "handoff_empty": "还没有写回复，请写好再发。",
    "handoff_long": "回复太长，请分成几条，每条不超过 2000 字。",
    "member_disabled": "已停用，此人已不能登录。",
    "member_enabled": "已恢复。此人可以用原来的方式登录。",
    "role_changed": "角色已改，马上生效。",
    "last_admin": "至少要留一位管理员，刚才的操作没有生效。",
    "not_yourself": "不能停用自己或改自己的角色，请另一位管理员来做。",
}
