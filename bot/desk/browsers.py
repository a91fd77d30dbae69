"""A browser as people call it, from what it says of itself: enough to know one's own sign-ins apart."""

from __future__ import annotations

# The first that is found counts: most say that they are Chrome and Safari, too.
_BROWSERS = {
    "MicroMessenger": "微信",
    "Edg": "Edge",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "安卓",
    "HarmonyOS": "鸿蒙",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "Linux": "Linux",
}


def browser(agent: str) -> str:
    """`Edge · Windows`; what nobody knows is shown as it says itself, shortened."""
    names = [_named(_BROWSERS, agent), _named(_SYSTEMS, agent)]
    return " · ".join(name for name in names if name) or agent[:40] or "没有说"


def _named(table: dict[str, str], agent: str) -> str:
    return next((name for mark, name in table.items() if mark in agent), "")
