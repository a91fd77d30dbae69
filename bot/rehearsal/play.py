"""Plays one scripted conversation in a fresh world."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot import records
from bot.engine.form import Unclear
from bot.engine.playbook import Playbook
from bot.engine.types import Address, Attachment, Choice, Reply
from bot.rehearsal.expect import failures, folded
from bot.rehearsal.script import CITIZEN, Script, Step, waited
from bot.rehearsal.world import Told, World, world


@dataclass(frozen=True, slots=True)
class Failure:
    """What was not as expected, and what came instead."""

    file: str
    conversation: str
    step: int
    expected: str
    came: str

    def __str__(self) -> str:
        return f"{self.file}: {self.conversation}: step {self.step}: {self.expected}; came: {self.came}"


async def play(script: Script, book: Playbook, kind: type[World] = World) -> list[Failure]:
    """The failures of one conversation; it ends at the first step that cannot be done."""
    async with world(book, script.at, kind=kind) as made:
        return await _Stage(script, made).play()


_ON_CASES = {"reply", "ask", "note", "close", "transfer"}


class _CannotDo(Exception):
    """A step cannot be done (a choice that is not offered); the message says why."""


@dataclass
class _Stage:
    script: Script
    world: World
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    pushed: dict[str, list[Reply]] = field(default_factory=dict)
    offered: dict[str, tuple[Choice, ...]] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)

    async def play(self) -> list[Failure]:
        found: list[Failure] = []
        for number, step in enumerate(self.script.steps, 1):
            try:
                wrong = [str(w) for w in await self._step(step)]
            except _CannotDo as reason:
                return [*found, self._failure(number, step, str(reason))]
            found += [self._failure(number, step, text) for text in wrong]
        return found

    def _failure(self, number: int, step: Step, expected: str) -> Failure:
        came = (self.pushed if step.action == "pushed" else self.replies).get(step.who, [])
        said = " ‖ ".join(f"[{r.kind}] {r.text}" for r in came).replace("\n", "⏎") or "nothing"
        return Failure(self.script.file, self.script.name, number, expected, said[:400])

    async def _step(self, step: Step) -> list[str]:
        match step.action:
            case "user":
                await self._say(step.who, self._fill(str(step.value)))
            case "tap":
                await self._say(step.who, self._choice(step).send)
            case "send":
                await self._send(step)
            case "repeat":
                await self._repeat(step)
            case "wait":
                await self._wait(step)
            case "restart":
                await self.world.restart()
            case "staff":
                return await self._staff(step)
            case "keep":
                self._keep(step)
            case "bot":
                return list(failures(step.value, self.replies.get(step.who, []), self._fill))
            case "pushed":
                return list(failures(step.value, self.pushed.get(step.who, []), self._fill))
            case _:
                raise _CannotDo(f"{step.action} is not a step")
        return []

    def _address(self, who: str) -> Address:
        return Address(self.script.channel, who)

    async def _say(self, who: str, text: str, attachment: Attachment | None = None) -> None:
        self._take(await self.world.says(self._address(who), text, attachment), who)

    async def _send(self, step: Step) -> None:
        ((kind, name),) = dict(step.value).items()
        beside = Path(self.script.file).parent / str(name)
        text = ""
        if kind == "file" and records.wanted(str(name)) and beside.is_file():
            with suppress(Unclear):
                text = records.text_of(str(name), beside.read_bytes())
        file = None if text else Attachment(kind, f"rehearsal:{name}", str(name))
        await self._say(step.who, text, file)

    async def _repeat(self, step: Step) -> None:
        try:
            self._take(await self.world.repeats(self._address(step.who)), step.who)
        except KeyError:
            raise _CannotDo("there is no message to repeat") from None

    async def _wait(self, step: Step) -> None:
        self._take(await self.world.wait_until(waited(step.value, self.world.now)), None)

    async def _staff(self, step: Step) -> list[str]:
        given: dict[str, Any] = dict(step.value)
        named = self._fill(str(given.get("to", CITIZEN)))
        to = self._address(named)
        if isinstance(given.get("publish"), dict):
            done = await self.world.staff_publishes(given["publish"])
        elif isinstance(given.get("faq"), dict):
            done = await self.world.staff_adds_entry(given["faq"])
        elif isinstance(given.get("supersede"), dict):
            done = await self.world.staff_supersedes(given["supersede"])
        elif named.isdecimal():
            action = next(iter(set(given) & _ON_CASES), "")
            text = given.get(action)
            words = self._fill(text) if isinstance(text, str) else ""
            done = bool(action) and await self.world.staff_works(named, action, words)
        elif "reply" in given:
            done = await self.world.staff_replies(to, self._fill(str(given["reply"])))
        elif "close" in given:
            done = await self.world.staff_closes(to)
        else:
            raise _CannotDo(f"staff cannot do {', '.join(set(given) - {'to', 'fails'})} yet")
        self._take(await self.world.settle(), None)
        if done == bool(given.get("fails")):
            return ["staff should be refused" if done else "staff was refused"]
        return []

    def _take(self, told: list[Told], speaker: str | None) -> None:
        """Sorts what was delivered: to the speaker as replies, to anybody unasked as pushed."""
        self.pushed = {}
        if speaker is not None:
            self.replies[speaker] = []
        for one in told:
            where = self.replies if one.asked else self.pushed
            where.setdefault(one.to, []).append(one.reply)
            if one.reply.choices:
                self.offered[one.to] = one.reply.choices

    def _choice(self, step: Step) -> Choice:
        label = folded(self._fill(str(step.value)))
        offered = self.offered.get(step.who, ())
        exact = [c for c in offered if folded(c.label) == label]
        fitting = exact or [c for c in offered if label in folded(c.label)]
        if len(fitting) != 1:
            raise _CannotDo(f"tap {step.value}: offered are {[c.label for c in offered]}")
        return fitting[0]

    def _keep(self, step: Step) -> None:
        said = "\n".join(
            r.text for rs in (*self.replies.values(), *self.pushed.values()) for r in rs
        )
        for name, pattern in dict(step.value).items():
            match = re.search(str(pattern), said)
            if match is None:
                raise _CannotDo(f"keep {name}: nothing matches {pattern}")
            self.kept[name] = match[1] if match.groups() else match[0]

    def _fill(self, text: str) -> str:
        for name, value in self.kept.items():
            text = text.replace("${" + name + "}", value)
        return text
