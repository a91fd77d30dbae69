"""What WeChat posted, as what it means to us. wechatpy knows the kinds; we never trust a type.

Rule 1: a message is known by its sender and MsgId, an event by sender, time, event and key: users
        have seen one MsgId at two people, and two events in one second.
Rule 2: whatever a citizen sends becomes a `Message`, so that it gets a kind sentence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from wechatpy.events import EVENT_TYPES

from bot.channels.wechat.account import CHANNEL
from bot.engine.types import Address, Attachment, AttachmentKind, Message

Grant = Literal["message", "event"]

ATTACHMENTS: dict[str, AttachmentKind] = {
    "image": "image",
    "voice": "voice",
    "video": "video",
    "shortvideo": "video",
    "location": "location",
    "file": "file",
}
SCENE = "qrscene_"
LONGEST_ID = 128  # characters; an openid has 28


@dataclass(frozen=True, slots=True)
class Said:
    """A citizen's words or tap. `choice`: the number of a tapped link."""

    message: Message
    grant: Grant
    choice: int | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """They have unfollowed the account."""


@dataclass(frozen=True, slots=True)
class Consented:
    """They have allowed so many notices of `templates`, or (negative) allow none any more."""

    templates: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class NoticeEnded:
    """A template message has arrived or not: `status` in WeChat's words."""

    status: str


@dataclass(frozen=True, slots=True)
class MassEnded:
    """A mass message is through: of `total` followers `filtered` were left, `sent` got it."""

    msg_id: str
    status: str
    total: int
    filtered: int
    sent: int
    failed: int


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing to do; `reason` is a short word for the record."""

    reason: str


Reading = Said | Left | Consented | NoticeEnded | MassEnded | Nothing


@dataclass(frozen=True, slots=True)
class Arrived:
    """`id`: what we know it by. `us`: our own name in it."""

    id: str
    user: str
    us: str
    reading: Reading


class Unreadable(ValueError):
    """Not what WeChat posts."""


def read(fields: Mapping[str, Any], now: datetime) -> Arrived:
    """Raises Unreadable."""
    kind, user, us = (_text(fields, name) for name in ("MsgType", "FromUserName", "ToUserName"))
    if not (kind and user and us):
        raise Unreadable("a name is missing")
    if len(user) > LONGEST_ID or len(us) > LONGEST_ID:
        raise Unreadable("a name is too long")
    at = _text(fields, "CreateTime")
    if kind.lower() == "event":
        event, about = _text(fields, "Event"), _text(fields, "EventKey")
        name = _name(user, at, event, about)
        return Arrived(name, user, us, _event(fields, event.lower(), about, (name, user), now))
    number = _text(fields, "MsgId")
    if not number:
        raise Unreadable("MsgId is missing")
    name = _name(user, number)
    return Arrived(
        name, user, us, _message(fields, kind.lower(), Address(CHANNEL, user), name, now)
    )


def _message(
    fields: Mapping[str, Any], kind: str, sender: Address, name: str, now: datetime
) -> Said:
    words, attachment = "", None
    match kind:
        case "text":
            words = _text(fields, "Content")
        case "voice" if _text(fields, "Recognition"):
            words = _text(fields, "Recognition")
        case "link":
            words = _text(fields, "Title") or _text(fields, "Description")
        case _:  # what we have never heard of as well
            attachment = Attachment(ATTACHMENTS.get(kind, "file"), _text(fields, "MediaId"))
    number = _text(fields, "bizmsgmenuid")
    choice = int(number) if number.isascii() and number.isdecimal() and len(number) < 16 else None
    # A tap on a link or a menu in a message counts as a tap on the menu.
    grant: Grant = "event" if number else "message"
    return Said(Message(name, sender, words, now, attachment), grant, choice)


def _event(
    fields: Mapping[str, Any], event: str, about: str, who: tuple[str, str], now: datetime
) -> Reading:
    name, user = who

    def said(words: str) -> Said:
        return Said(Message(name, Address(CHANNEL, user), words, now), "event")

    match event:
        case "subscribe" | "scan":
            scene = about.removeprefix(SCENE)
            return said(f"/start {scene}" if event == "scan" or about != scene else "/start")
        case "unsubscribe":
            return Left()
        case "click" if about:
            return said(about)
        case "templatesendjobfinish":
            return NoticeEnded(_text(fields, "Status"))
        case "masssendjobfinish":
            counts = ("TotalCount", "FilterCount", "SentCount", "ErrorCount")
            number, status = (_text(fields, one) for one in ("MsgID", "Status"))
            return MassEnded(number, status, *(_count(fields, one) for one in counts))
        case "subscribe_msg_sent_event":
            return NoticeEnded(_sent_status(fields))
        case "subscribe_msg_popup_event" | "subscribe_msg_change_event":
            return Consented(_consents(fields, event))
        case _:
            return Nothing(event if event in EVENT_TYPES else "unknown_event")


def _consents(fields: Mapping[str, Any], event: str) -> dict[str, int]:
    popup = event == "subscribe_msg_popup_event"
    inside = fields.get("SubscribeMsgPopupEvent" if popup else "SubscribeMsgChangeEvent")
    templates: dict[str, int] = {}
    for row in _rows(inside):
        template, status = _text(row, "TemplateId"), _text(row, "SubscribeStatusString")
        if template and status in ("accept", "reject"):
            asked_for = 1 if popup else 0  # a change in the settings allows no single notice
            templates[template] = asked_for if status == "accept" else -1
    return templates


def _sent_status(fields: Mapping[str, Any]) -> str:
    rows = _rows(fields.get("SubscribeMsgSentEvent"))
    return _text(rows[0], "ErrorStatus") if rows else ""


def _rows(inside: object) -> list[Mapping[str, Any]]:
    rows = inside.get("List") if isinstance(inside, dict) else None
    found = rows if isinstance(rows, list) else [rows]
    return [row for row in found if isinstance(row, dict)]


def _text(fields: Mapping[str, Any], name: str) -> str:
    """Empty if it is missing. Raises Unreadable if it is there twice or has fields of its own."""
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unreadable(name)
    return value


def _count(fields: Mapping[str, Any], name: str) -> int:
    text = _text(fields, name)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0


def _name(*parts: str) -> str:
    whole = ":".join(parts)
    if len(whole) <= LONGEST_ID and whole.isprintable():
        return whole
    return hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()
