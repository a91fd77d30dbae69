"""`chat`: a conversation in the terminal, for people or, with `--json`, for programs."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any, get_args

from bot.channels.terminal import TerminalChannel
from bot.clock import wall_clock
from bot.engine.types import Address, Attachment, AttachmentKind, Choice, Reply
from bot.rehearsal.script import CHANNELS, CITIZEN, BadScript, waited
from bot.rehearsal.world import Told, World, world
from bot.rendering import enclosed_kind, file_name
from handlers.contents import playbook

_ATTACHMENTS = get_args(AttachmentKind)


async def chat(as_json: bool) -> int:
    """Reads standard input to its end."""
    terminal = TerminalChannel(lambda text: print(text, end="\n\n", flush=True))
    async with world(playbook(), wall_clock(), [] if as_json else [terminal]) as made:
        await (_programs(made) if as_json else _people(made))
    return 0


async def _line() -> str | None:
    raw = await asyncio.to_thread(sys.stdin.buffer.readline)
    return raw.decode("utf-8", "replace").strip("\r\n") if raw else None


# --- people ------------------------------------------------------------------------------------


async def _people(made: World) -> None:
    you = Address("terminal", CITIZEN)
    await made.says(you, "/start")
    while (text := await _line()) is not None:
        made.now = wall_clock()
        await made.says(you, text)


# --- programs ------------------------------------------------------------------------------------


async def _programs(made: World) -> None:
    offered: dict[str, tuple[Choice, ...]] = {}
    while (text := await _line()) is not None:
        if not text.strip():
            continue
        try:
            told = await _obey(made, json.loads(text), offered)
        except (ValueError, KeyError, TypeError, AttributeError, BadScript) as error:
            print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
            continue
        for one in told:
            if one.reply.choices:
                offered[one.to] = one.reply.choices
        print(json.dumps(_sorted(told), ensure_ascii=False), flush=True)


async def _obey(
    made: World, given: dict[str, Any], offered: dict[str, tuple[Choice, ...]]
) -> list[Told]:
    """One line's step. Raises ValueError for what makes no sense."""
    channel = given.get("channel", "webchat")
    if channel not in CHANNELS:
        raise ValueError(f"channel: one of {', '.join(CHANNELS)}")
    who = str(given.get("as", CITIZEN))
    address = Address(channel, who)
    if "user" in given:
        return await made.says(address, str(given["user"]))
    if "tap" in given:
        label = str(given["tap"])
        fitting = [c for c in offered.get(who, ()) if label in c.label]
        if not fitting:
            raise ValueError(f"tap: {label} is not offered")
        return await made.says(address, fitting[0].send)
    if "send" in given:
        ((kind, name),) = dict(given["send"]).items()
        if kind not in _ATTACHMENTS:
            raise ValueError(f"send: one of {', '.join(_ATTACHMENTS)}")
        return await made.says(address, "", Attachment(kind, f"chat:{name}", str(name)))
    if "repeat" in given:
        return await made.repeats(address)
    if "wait" in given:
        return await made.wait_until(waited(given["wait"], made.now))
    if "restart" in given:
        await made.restart()
        return []
    if "staff" in given:
        return await _staff(made, channel, given["staff"])
    raise ValueError("one of user, tap, send, repeat, wait, restart, staff is needed")


async def _staff(made: World, channel: str, given: dict[str, Any]) -> list[Told]:
    if "publish" in given:
        if not await made.staff_publishes(given["publish"]):
            raise ValueError("staff: publish was refused")
        return await made.settle()
    for key, does in (("faq", made.staff_adds_entry), ("supersede", made.staff_supersedes)):
        if key in given:
            if not await does(given[key]):
                raise ValueError(f"staff: {key} was refused")
            return await made.settle()
    to = Address(channel, str(given["to"]))
    if "reply" in given:
        done = await made.staff_replies(to, str(given["reply"]))
    elif "close" in given:
        done = await made.staff_closes(to)
    else:
        raise ValueError("staff: reply or close is needed")
    if not done:
        raise ValueError(f"staff: {to.user} has no open hand-over")
    return await made.settle()


def _sorted(told: list[Told]) -> dict[str, Any]:
    citizens = [one for one in told if one.to != "room"]
    return {
        "replies": [_object(one.to, one.reply) for one in citizens if one.asked],
        "pushed": [_object(one.to, one.reply) for one in citizens if not one.asked],
    }


def _object(to: str, reply: Reply) -> dict[str, Any]:
    return {
        "to": to,
        "kind": reply.kind,
        "entry": reply.entry,
        "text": reply.text,
        "choices": [choice.label for choice in reply.choices],
        "attachments": [
            *({"kind": a.kind, "name": a.name, "text": ""} for a in reply.attachments),
            *(
                {"kind": enclosed_kind(one), "name": file_name(one), "text": one.words()}
                for one in reply.enclosures
            ),
        ],
    }
