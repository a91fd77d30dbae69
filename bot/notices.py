"""What staff do with notices to many: draft, approve by a second person, stop, look, correct.

Rule 1: nobody approves what they wrote themselves; a change takes the approval back.
Rule 2: the broadcast's row is held first, so that a stop and the next page are never made at once.
Rule 3: `by` is a staff member's name. False: it is not in a state in which that can be done.
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.act import Act, Along
from bot.engine import words
from bot.engine.knowledge import Entry
from bot.engine.notice import Content, composed, concerned, read_topics, subscribed_to
from bot.engine.notifying import lectures
from bot.engine.notifying.lectures import Lecture
from bot.engine.preferences import Preferences
from bot.engine.regions import Regions
from bot.engine.types import Address, Choice, Reply
from bot.host import Host
from bot.store import audiences, broadcast_rows, broadcasts, preferences, served
from bot.store import lectures as lecture_rows
from bot.store.broadcast_rows import Recipient
from bot.store.broadcasts import Broadcast, Draft, Fate, State
from bot.store.lectures import KIND

UNDO = timedelta(seconds=60)  # after it began
AT_ONCE = 500  # rows in one transaction
OPEN: tuple[State, ...] = ("scheduled", "running", "paused")


class BadDraft(ValueError):
    """A draft that nobody could get: which field, and why."""


@dataclass(frozen=True, slots=True)
class Preview:
    """For each channel: recipients, and how many of them sleep then. `sample`: what one reads."""

    channels: Mapping[str, tuple[int, int]]
    sample: Reply | None

    @property
    def recipients(self) -> int:
        return sum(total for total, _ in self.channels.values())


@dataclass(frozen=True, slots=True)
class Progress:
    """`counts` by fate; `maybe_twice` of the sent ones were on the wire when a process died."""

    broadcast: Broadcast
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(count for fate, count in self.counts.items() if fate != "maybe_twice")


class Notices:
    """The desk's hands. `regions` gives the places by which it is known whom a notice concerns."""

    def __init__(self, host: Host, regions: Callable[[], Regions]) -> None:
        self._host = host
        self._regions = regions

    # --- writing ---------------------------------------------------------------------------------

    async def draft(self, draft: Draft, by: str, along: Along | None = None) -> int:
        """Its id. Raises BadDraft."""
        draft = self._checked(draft)
        async with self._host.act() as act:
            made = await broadcasts.put(act.tx, draft, by, act.now)
            assert made is not None
            await _also(act, along)
        return made

    async def rewrite(self, id: int, draft: Draft, by: str, along: Along | None = None) -> bool:
        """Only a draft can be changed; whoever does is its author. Raises BadDraft."""
        draft = self._checked(draft)
        async with self._host.act() as act:
            held = await broadcasts.held(act.tx, id)
            if held is None or held.state != "draft":
                return False
            await broadcasts.rewrite(act.tx, id, draft, by)
            await _also(act, along)
        return True

    async def preview(self, id: int) -> Preview | None:
        """Who would get it, counted now."""
        async with self._host.look() as act:
            found = await broadcasts.one(act.tx, id)
            if found is None:
                return None
            at = max(found.draft.at or act.now, act.now)
            return Preview(await audiences.audience(act.tx, found.draft, at), sample(found))

    async def test(self, id: int, to: Address, token: str) -> bool:
        """To oneself, as a citizen would read it."""
        async with self._host.act() as act:
            found = await broadcasts.one(act.tx, id)
            reply = sample(found) if found else None
            if reply is None:
                return False
            key = f"test:{id}:{token}"
            if await act.once(key):
                await act.say(to, reply, f"{key}:0", origin="test")
        return True

    async def announce(self, lecture: Lecture, by: str, along: Along | None = None) -> int:
        """A draft that announces a lecture; people sign up under it. Raises BadDraft."""
        content = Content(
            lecture.title, lectures.said(lecture), url=lecture.place, topics=lecture.topics
        )
        about = f"{KIND}:{lecture.title}"
        draft = Draft(content, about=about, due=lecture.at)
        async with self._host.act() as act:
            if lecture.at <= act.now:
                raise BadDraft("at: a time to come")
        number = await self.draft(draft, by)
        choices = lectures.choices(number)
        await self.rewrite(number, replace(draft, content=replace(content, choices=choices)), by)
        async with self._host.act() as act:
            await _also(act, along)
        return number

    async def call_off(self, id: int, body: str, by: str, along: Along | None = None) -> int | None:
        """The lecture does not take place: nobody is reminded, and whoever signed up is told, once
        somebody approves the draft that comes of it."""
        async with self._host.act() as act:
            held = await broadcasts.held(act.tx, id)
            if held is None or not held.draft.about.startswith(KIND):
                return None
            await broadcasts.change(act.tx, id, state="cancelled", ended_at=act.now, why=by)
            await self._call_off(act, held)
            await lecture_rows.silence(act.tx, lectures.about(id))
            title = words.LECTURE_OFF.format(title=held.draft.content.title)
            draft = Draft(Content(title, body), audience="signed", about=str(id))
            made = await broadcasts.put(act.tx, draft, by, act.now)
            await _also(act, along)
        return made

    async def questions(self, id: int) -> list[str]:
        """What people want to have answered at a lecture."""
        async with self._host.look() as act:
            return await lecture_rows.questions(act.tx, id)

    # --- deciding ----------------------------------------------------------------------------------

    async def approve(self, id: int, by: str, along: Along | None = None) -> bool:
        """By a second person; it goes at its time, or now."""
        async with self._host.act() as act:
            held = await broadcasts.held(act.tx, id)
            if held is None or held.state != "draft" or held.author == by:
                return False
            at = max(held.draft.at or act.now, act.now)
            values = {"state": "scheduled", "approver": by, "approved_at": act.now, "at": at}
            await broadcasts.change(act.tx, id, **values)
            await _also(act, along)
        return True

    async def take_back(self, id: int, by: str, along: Along | None = None) -> bool:
        """What has not begun is a draft again."""
        values = {"state": "draft", "approver": "", "approved_at": None}
        return await self._move(id, ("scheduled",), values, along)

    async def undo(self, id: int, by: str, along: Along | None = None) -> bool:
        """Within a minute: nobody else gets it, and whoever did is told that it was wrong."""
        async with self._host.act() as act:
            held = await broadcasts.held(act.tx, id)
            if held is None or held.state not in ("running", "paused", "done"):
                return False
            if held.started_at is None or act.now - held.started_at > UNDO:
                return False
            await broadcasts.change(act.tx, id, state="cancelled", ended_at=act.now, why="undone")
            await self._call_off(act, held)
            title = words.WITHDRAWN_TITLE.format(title=held.draft.content.title)
            content = Content(title, words.WITHDRAWN_BODY)
            told = Draft(
                content, audience="got", about=str(id), urgent=held.draft.urgent, at=act.now
            )
            correction = await broadcasts.put(act.tx, told, by, act.now, "scheduled")
            assert correction is not None
            await _also(act, along)
        return True

    async def pause(self, id: int, by: str, along: Along | None = None) -> bool:
        return await self._move(id, ("running",), {"state": "paused", "why": by}, along)

    async def resume(self, id: int, by: str, along: Along | None = None) -> bool:
        """Those who sleep now get it in the morning."""
        if not await self._move(id, ("paused",), {"state": "running", "why": ""}, along):
            return False
        while await self._let_go(id):
            pass
        return True

    async def cancel(self, id: int, by: str, along: Along | None = None) -> bool:
        """Nobody else gets it."""
        async with self._host.act() as act:
            held = await broadcasts.held(act.tx, id)
            if held is None or held.state not in ("draft", *OPEN):
                return False
            await broadcasts.change(act.tx, id, state="cancelled", ended_at=act.now, why=by)
            await self._call_off(act, held)
            await _also(act, along)
        return True

    async def retry_failed(self, id: int, by: str, along: Along | None = None) -> int:
        """Those who failed and have not left are tried again; so many."""
        count = 0
        while True:
            async with self._host.act() as act:
                held = await broadcasts.held(act.tx, id)
                if held is None or held.state not in ("running", "done"):
                    return count
                rows = await broadcast_rows.failed(act.tx, held.origin, AT_ONCE)
                if not rows:
                    return count
                await broadcast_rows.again(act.tx, await moments(act, held, rows))
                await broadcasts.change(act.tx, id, state="running", ended_at=None)
                if not count:
                    await _also(act, along)
            count += len(rows)

    async def correct(self, id: int, content: Content, by: str, along: Along | None = None) -> int:
        """A draft to exactly those who got `id`."""
        draft = Draft(content, audience="got", about=str(id))
        return await self.draft(draft, by, along)

    async def answer_changed(
        self, old: str, entry: Entry, text: str, by: str, along: Along | None = None
    ) -> list[int]:
        """Drafts to exactly those who have another version of the answer `old`, one for each version.

        `entry` is what holds now, in the words `text`; the same entry, or the one that replaces it.
        """
        drafts = []
        async with self._host.act() as act:
            for version, before in (await served.versions(act.tx, old)).items():
                if (old, version) == (entry.id, entry.version):
                    continue
                title = words.ANSWER_CHANGED.format(question=entry.question)
                body = words.ANSWER_BEFORE_AFTER.format(before=before, after=text)
                see = Choice(words.SEE_ANSWER, f"/faq {entry.id}")
                content = Content(title, body, choices=(see,))
                about = f"{old}:{version}:{entry.version}"
                draft = Draft(content, audience="served", about=about)
                made = await broadcasts.put(act.tx, draft, by, act.now)
                drafts += [made] if made is not None else []
            await _also(act, along)
        return drafts

    # --- looking -------------------------------------------------------------------------------------

    async def listed(self, most: int = 100) -> list[Broadcast]:
        async with self._host.look() as act:
            return await broadcasts.listed(act.tx, most=most)

    async def progress(self, id: int) -> Progress | None:
        async with self._host.look() as act:
            found = await broadcasts.one(act.tx, id)
            if found is None:
                return None
            return Progress(found, await broadcast_rows.progress(act.tx, id, act.now))

    async def recipients(
        self, id: int, after: int = 0, most: int = AT_ONCE, fate: Fate | None = None
    ) -> list[Recipient]:
        """A page of what became of each; the next one is `after` the last one's `id`."""
        async with self._host.look() as act:
            return await broadcast_rows.recipients(act.tx, id, act.now, after, most, fate)

    async def table(self, id: int) -> AsyncIterator[str]:
        """CSV, a page at a time: channel, user, state, why, when, whether maybe twice."""
        yield _csv([("channel", "user", "state", "why", "at", "maybe_twice")])
        after = 0
        while page := await self.recipients(id, after):
            yield _csv(
                (
                    r.to.channel,
                    r.to.user,
                    r.fate,
                    r.why,
                    r.at.isoformat() if r.at else "",
                    "yes" if r.maybe_twice else "",
                )
                for r in page
            )
            if (after := page[-1].id) == 0:
                return

    # --- inside --------------------------------------------------------------------------------------

    def _checked(self, draft: Draft) -> Draft:
        """With the topics as citizens name them, and every place that it concerns."""
        content = draft.content
        if not content.title.strip() or not (content.body.strip() or content.parts):
            raise BadDraft("title and body: both are needed")
        if draft.audience not in ("topics", "weekly"):
            return draft
        try:
            topics = read_topics(content.topics)
            regions = concerned(draft.regions, self._regions())
        except ValueError as problem:
            raise BadDraft(str(problem)) from None
        return replace(draft, content=replace(content, topics=topics), regions=regions)

    async def _move(
        self, id: int, states: Sequence[State], values: Mapping[str, object], along: Along | None
    ) -> bool:
        async with self._host.act() as act:
            held = await broadcasts.held(act.tx, id)
            if held is None or held.state not in states:
                return False
            await broadcasts.change(act.tx, id, **values)
            await _also(act, along)
            if values["state"] == "paused":
                await broadcast_rows.put_off(act.tx, held.origin, AT_ONCE)
        return True

    async def _call_off(self, act: Act, held: Broadcast) -> None:
        """What is still there after this is called off by the scheduler's next look."""
        await broadcast_rows.call_off(act.tx, held.origin, act.now, AT_ONCE)

    async def _let_go(self, id: int) -> bool:
        """Some of the rows that a pause had put off; whether there were any."""
        async with self._host.act() as act:
            held = await broadcasts.held(act.tx, id)
            if held is None or held.state != "running":
                return False
            rows = await broadcast_rows.put_back(act.tx, held.origin, AT_ONCE)
            await broadcast_rows.release(act.tx, await moments(act, held, rows))
            await broadcast_rows.wake_waiting(act.tx, held.origin, act.now)
        return bool(rows)


async def moments(
    act: Act, said: Broadcast, rows: Sequence[tuple[int, Address]]
) -> dict[int, datetime]:
    """When each row may go: now, or after its person's quiet hours."""
    if said.draft.urgent:
        return {row: act.now for row, _ in rows}
    wanted = await preferences.of(act.tx, {to for _, to in rows})
    return {row: wanted[to].awake(act.now) for row, to in rows}


def sample(said: Broadcast) -> Reply | None:
    """What a subscriber of all its topics reads."""
    content = said.draft.content
    reader = Preferences(topics=content.topics or ("养老",))
    return composed(content, reader, subscribed_to(content, reader))


async def _also(act: Act, along: Along | None) -> None:
    if along:
        await along(act.tx)


def _csv(rows: object) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)  # type: ignore[arg-type]  # rows of texts
    return out.getvalue()
