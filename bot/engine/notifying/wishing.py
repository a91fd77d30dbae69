"""Wishes about what is sent unasked, in free words: subscriptions, settings, reminders."""

from __future__ import annotations

from bot.engine import reminding
from bot.engine.notifying import settings, subscribing
from bot.engine.preferences import PreferencesFound
from bot.engine.scene import Scene
from bot.engine.types import Turn


def wish(scene: Scene) -> Turn | None:
    return settings.wish(scene) or reminding.wish(scene) or subscribing.wish(scene)


def found(scene: Scene, event: PreferencesFound) -> Turn:
    """Goes on with a wish once it is known how things stand."""
    return settings.found(scene, event) or subscribing.found(scene, event)
