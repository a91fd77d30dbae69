"""What the audit log speaks of: every action with its name for people.

Rule 1: an action that is not here cannot be noted.
Rule 2: a name once stored is never given to another action.
"""

from __future__ import annotations

ACTIONS = {
    "signed_in": "登录",
    "sign_in_failed": "登录未成功",
    "sign_in_locked": "登录被暂停",
    "signed_out": "退出",
    "invitation_used": "用一次性链接设了密码",
    "password_changed": "改密码",
    "telephone_enrolled": "绑定动态码",
    "recovery_code_used": "用恢复码登录",
    "recovery_codes_renewed": "换了新恢复码",
    "session_ended": "结束一处登录",
    "member_added": "添加人员",
    "member_reset": "重设登录方式",
    "member_disabled": "停用人员",
    "member_enabled": "恢复人员",
    "role_changed": "改角色",
    "handoff_opened": "查看转人工对话",
    "handoff_answered": "回复转人工",
    "handoff_closed": "结束转人工",
    "case_opened": "查看咨询",
    "case_answered": "答复咨询",
    "case_needs_info": "请咨询人补充",
    "case_noted": "写内部备注",
    "case_claimed": "认领咨询",
    "case_assigned": "指派咨询",
    "case_transferred": "转部门",
    "case_closed": "办结咨询",
    "case_reopened": "重新打开咨询",
    "case_merged": "合并咨询",
    "case_snoozed": "暂缓咨询",
    "case_sorted": "改咨询类别",
    "contact_seen": "查看联系方式",
    "canned_kept": "保存常用答复",
    "canned_dropped": "删除常用答复",
    "numbers_exported": "导出数据",
    "audit_exported": "导出审计记录",
    "refused": "被拒绝",
}
