"""Moments as staff read them: how long ago, and exactly."""

from __future__ import annotations

from datetime import datetime, timedelta

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def ago(at: datetime, now: datetime) -> str:
    """`刚刚`, `3 分钟前`, `2 小时前`, `昨天 16:05`, `11月3日 16:05`, `2025年11月3日`."""
    passed = now - at
    if timedelta(0) <= passed < MINUTE:
        return "刚刚"
    if timedelta(0) <= passed < HOUR:
        return f"{passed // MINUTE} 分钟前"
    if timedelta(0) <= passed and at.date() == now.date():
        return f"{passed // HOUR} 小时前"
    if at.date() == now.date() - timedelta(days=1):
        return f"昨天 {at:%H:%M}"
    if at.date() == now.date():
        return f"今天 {at:%H:%M}"
    if at.year == now.year:
        return f"{at.month}月{at.day}日 {at:%H:%M}"
    return f"{at.year}年{at.month}月{at.day}日"


def exactly(at: datetime) -> str:
    """`2026年11月23日 10:00:05`."""
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M:%S}"


def how_long(passed: timedelta) -> str:
    """`不到 1 分钟`, `25 分钟`, `3 小时`, `2 天`."""
    if passed < MINUTE:
        return "不到 1 分钟"
    if passed < HOUR:
        return f"{passed // MINUTE} 分钟"
    if passed < timedelta(days=1):
        return f"{passed // HOUR} 小时"
    return f"{passed.days} 天"
