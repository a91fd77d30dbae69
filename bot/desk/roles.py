"""Who may do what: one table. A page names the permission it needs; nobody asks for a role."""

from __future__ import annotations

from typing import Literal, get_args

Role = Literal["admin", "head", "supervisor", "agent", "auditor"]
Permission = Literal[
    "cases.read",
    "cases.answer",
    "cases.assign",
    "cases.head",
    "handoffs.read",
    "handoffs.answer",
    "notices.read",
    "notices.send",
    "knowledge.read",
    "knowledge.write",
    "numbers.read",
    "audit.read",
    "people.manage",
]

ROLES: dict[Role, str] = {
    "admin": "管理员",
    "head": "负责人",
    "supervisor": "督导",
    "agent": "坐席",
    "auditor": "审计员",
}

_DESK: frozenset[Role] = frozenset({"admin", "head", "supervisor", "agent"})
_LEAD: frozenset[Role] = frozenset({"admin", "supervisor"})
_HEAD: frozenset[Role] = _LEAD | {"head"}

MAY: dict[Permission, frozenset[Role]] = {
    "cases.read": _DESK,
    "cases.answer": _DESK,
    "cases.assign": _HEAD,
    "cases.head": _HEAD,  # 领导信箱
    "handoffs.read": _DESK,
    "handoffs.answer": _DESK,
    "notices.read": _LEAD,
    "notices.send": _LEAD,
    "knowledge.read": _DESK,
    "knowledge.write": _LEAD,
    "numbers.read": _HEAD | {"auditor"},
    "audit.read": frozenset({"admin", "auditor"}),
    "people.manage": frozenset({"admin"}),
}


def may(role: str, permission: Permission) -> bool:
    """False for a role that nobody knows, too."""
    return role in MAY[permission]


def known_role(role: str) -> bool:
    return role in get_args(Role)
