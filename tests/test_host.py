"""The host on both databases: once each, in order, in batches, and one bad turn spoils no other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import func, select

from bot.engine.types import (
    Address,
    AnswerRated,
    Conversation,
    Effect,
    Event,
    FormProgress,
    Message,
    QuestionMissed,
    Reply,
    StaffDismissed,
    StaffJoined,
    StaffLeft,
    StaffMessaged,
    StaffRequested,
    StaleAnswerGiven,
    Turn,
)
from bot.host import Host, Hosting
from bot.store import conversations, tables
from bot.store.engine import Store
from tests.talk import MONDAY

APOLOGY = Reply("error", "抱歉")
STAFF = Address("telegram", "-100")
ZHANG, LI = Address("webchat", "zhang"), Address("webchat", "li")


def counting(was: Conversation, event: Event, now: datetime) -> Turn:
    """Counts a person's messages; some words have effects."""
    match event:
        case StaffJoined():
            return Turn(replace(was, staff="joined", request=event.request))
        case StaffLeft():
            return Turn(replace(was, staff="none"), (Reply("handoff", "left"),))
        case Message():
            pass
        case _:
            raise AssertionError(event)
    if event.text == "boom":
        raise ZeroDivisionError("a citizen's words")
    said = int(was.profile.get("count", "0")) + 1
    effects: dict[str, tuple[Effect, ...]] = {
        "human": (StaffRequested("capsule"),),
        "more": (StaffMessaged("more"),),
        "end": (StaffDismissed(),),
        "missed": (QuestionMissed("missed", "refuse"), StaleAnswerGiven("ZY01")),
        "solved": (AnswerRated("ZY01", True),),
    }
    state = replace(was, profile={"count": str(said)}, form=FormProgress("f", 1, {"a": event.text}))
    return Turn(state, (Reply("answer", f"{event.text}:{said}"),), effects.get(event.text, ()))


def masking(message: Message) -> Message:
    return replace(message, text=message.text.replace("secret", "****"))


@asynccontextmanager
async def hosting(store: Store, **options: object) -> AsyncIterator[Host]:
    async with Host(
        store,
        lambda: MONDAY,
        counting,
        masking,
        apology=APOLOGY,
        **options,  # type: ignore[arg-type]  # as the test says
    ) as host:
        yield host


def message(who: Address, number: int, text: str = "hi") -> Message:
    return Message(f"{who.user}-{number}", who, text, MONDAY)


async def sent(store: Store, who: Address) -> list[str]:
    """The texts put into the outbox for somebody, in order."""
    box = tables.outbox
    wanted = select(box.c.reply).where(box.c.user == who.user).order_by(box.c.id)
    async with store.read() as tx:
        return [row.split('"text":"')[1].split('"')[0] for row in await tx.scalars(wanted)]


async def rows(store: Store, table: object) -> int:
    async with store.read() as tx:
        found: int = (await tx.execute(select(func.count()).select_from(table))).scalar_one()  # type: ignore[arg-type]  # a table
        return found


async def test_a_message_is_answered_once_however_often_it_arrives(store: Store) -> None:
    async with hosting(store) as host:
        heard = await asyncio.gather(*(host.heard(message(ZHANG, 1)) for _ in range(5)))
    assert sorted(heard) == [False] * 4 + [True]
    assert await sent(store, ZHANG) == ["hi:1"]


async def test_one_persons_messages_keep_their_order_while_many_talk(store: Store) -> None:
    people = [Address("webchat", f"p{n}") for n in range(20)]
    async with hosting(store) as host:
        await asyncio.gather(
            *(host.heard(message(who, n, f"m{n}")) for n in range(8) for who in people)
        )
    for who in people:
        assert await sent(store, who) == [f"m{n}:{n + 1}" for n in range(8)]


async def test_a_turn_that_raises_spoils_only_itself(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        async with hosting(store) as host:
            await asyncio.gather(
                host.heard(message(ZHANG, 1, "boom")), host.heard(message(LI, 1, "fine"))
            )
            await host.heard(message(ZHANG, 2, "again"))
    assert await sent(store, ZHANG) == ["抱歉", "again:1"]
    assert await sent(store, LI) == ["fine:1"]
    assert "citizen's words" not in caplog.text
    assert "ZeroDivisionError" in caplog.text


async def test_two_hosts_on_one_database_lose_no_turn(store: Store, store_url: str) -> None:
    async with Store(store_url) as second, hosting(store) as one, hosting(second) as other:
        await asyncio.gather(
            *((one if n % 2 else other).heard(message(ZHANG, n, f"m{n}")) for n in range(20))
        )
    async with store.write() as tx:
        known = await conversations.recall(tx, [ZHANG])
    assert known[ZHANG].conversation.profile == {"count": "20"}
    assert len(await sent(store, ZHANG)) == 20


async def test_only_masked_words_are_written_down(store: Store) -> None:
    async with hosting(store) as host:
        await host.heard(message(ZHANG, 1, "my secret"))
        lines = await host.lines(ZHANG)
    assert [line.text for line in lines] == ["my ****", "my ****:1"]


async def test_lines_come_in_order_and_from_where_they_are_asked(store: Store) -> None:
    async with hosting(store) as host:
        for n in range(3):
            await host.heard(message(ZHANG, n, f"m{n}"))
        lines = await host.lines(ZHANG)
        assert [line.text for line in lines] == ["m0", "m0:1", "m1", "m1:2", "m2", "m2:3"]
        assert [line.id for line in lines] == sorted({line.id for line in lines})
        later = await host.lines(ZHANG, after=lines[3].id)
    assert [line.text for line in later] == ["m2", "m2:3"]
    assert later[0].reply is None
    assert later[1].reply is not None


async def test_a_wish_for_a_person_reaches_staff_and_their_words_come_back_once(
    store: Store,
) -> None:
    async with hosting(store, staff=STAFF) as host:
        await host.heard(message(ZHANG, 1, "human"))
        assert await sent(store, STAFF) == ["#H1\\ncapsule"]
        assert await host.staff_said(1, "hello", "t1")
        assert await host.staff_said(1, "hello", "t1")
        assert await sent(store, ZHANG) == ["human:1", "hello"]
        await host.heard(message(ZHANG, 2, "more"))
        assert await sent(store, STAFF) == ["#H1\\ncapsule", "#H1\\nmore"]
        assert await host.staff_closed(1)
        assert not await host.staff_said(1, "late", "t2")
        assert not await host.staff_closed(1)
    assert (await sent(store, ZHANG))[-1] == "left"


async def test_more_words_are_kept_even_if_there_is_no_staff_group(store: Store) -> None:
    async with hosting(store) as host:
        await host.heard(message(ZHANG, 1, "human"))
        await host.heard(message(ZHANG, 2, "more"))
    async with store.read() as tx:
        capsule = (await tx.execute(select(tables.handoffs.c.capsule))).scalar_one()
    assert capsule == "capsule\n补充：more"


async def test_a_citizen_can_end_it_too(store: Store) -> None:
    async with hosting(store) as host:
        await host.heard(message(ZHANG, 1, "human"))
        await host.heard(message(ZHANG, 2, "end"))
        assert not await host.staff_said(1, "hello", "t1")


async def test_effects_become_rows(store: Store) -> None:
    async with hosting(store) as host:
        for n, text in enumerate(("missed", "missed", "solved")):
            await host.heard(message(ZHANG, n, text))
    assert await rows(store, tables.missed_questions) == 2
    assert await rows(store, tables.entry_reviews) == 1
    assert await rows(store, tables.answer_ratings) == 1


async def test_something_unreadable_is_noted_once(store: Store) -> None:
    async with hosting(store) as host:
        for _ in range(2):
            await host.rejected("telegram", "77", "not an update")
    assert await rows(store, tables.heard) == 1


async def test_what_arrived_before_the_end_is_finished(store: Store) -> None:
    async with hosting(store, hosting=Hosting(batch=4)) as host:
        waiting = [asyncio.create_task(host.heard(message(ZHANG, n))) for n in range(10)]
        await asyncio.sleep(0)
    assert await asyncio.gather(*waiting) == [True] * 10


async def test_after_the_end_nothing_is_acknowledged(store: Store) -> None:
    async with hosting(store) as host:
        pass
    with pytest.raises(OSError, match="closed"):
        await host.heard(message(ZHANG, 1))
