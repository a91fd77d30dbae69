"""The host when something is wrong: words, states, databases, races, and people who leave."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError

from bot.arrivals import Arrival, Arrivals
from bot.engine.types import Address, Conversation, Event, Message, Reply, Turn
from bot.host import Host, Hosting, Unheard
from bot.store import conversations, heard, tables, unreachable
from bot.store.engine import Store
from bot.store.heard import Heard
from tests.talk import MONDAY
from tests.test_host import APOLOGY, LI, ZHANG, counting, hosting, masking, message, sent

SECRET = "430102196805041234"


async def column(store: Store, of: Any) -> list[Any]:
    async with store.read() as tx:
        return list((await tx.execute(select(of))).scalars())


# --- words -------------------------------------------------------------------------------------


async def test_words_that_no_database_takes_are_cleaned_before_they_are_kept(store: Store) -> None:
    async with hosting(store) as host:
        await host.heard(message(ZHANG, 1, "你\x00好\ud800\u202e"))
    assert await column(store, tables.heard.c.text) == ["你好"]


async def test_words_that_could_not_be_masked_are_not_kept(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(message: Message) -> Message:
        raise ValueError(message.text)

    async with Host(store, lambda: MONDAY, counting, failing, apology=APOLOGY) as host:
        assert await host.heard(message(ZHANG, 1, SECRET))
    assert await column(store, tables.heard.c.text) == [""]
    assert await column(store, tables.heard.c.kind) == ["failed"]
    assert await sent(store, ZHANG) == [APOLOGY.text]
    assert SECRET not in caplog.text


async def test_a_turn_that_the_database_refuses_spoils_no_other(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    def unstorable(was: Conversation, event: Event, now: datetime) -> Turn:
        turn = counting(was, event, now)
        bad = isinstance(event, Message) and event.text == "bad"
        return replace(turn, replies=(Reply("answer", f"{SECRET}\ud800"),)) if bad else turn

    people = [Address("webchat", f"p{n}") for n in range(4)]
    async with Host(store, lambda: MONDAY, unstorable, masking, apology=APOLOGY) as host:
        words = ["bad" if who.user == "p2" else "hi" for who in people]
        both = zip(people, words, strict=True)
        done = await asyncio.gather(*(host.heard(message(who, 1, text)) for who, text in both))
        assert done == [True] * 4
        assert await host.heard(message(people[2], 1, "bad")) is False
    told = [await sent(store, who) for who in people]
    assert told == [["hi:1"], ["hi:1"], [APOLOGY.text], ["hi:1"]]
    assert SECRET not in caplog.text


# --- states ------------------------------------------------------------------------------------


async def test_a_state_that_cannot_be_read_starts_fresh(store: Store) -> None:
    async with hosting(store) as host:
        await host.heard(message(ZHANG, 1))
        async with store.write() as tx:
            await tx.execute(update(tables.conversations).values(state='{"staff":7'))
        await host.heard(message(ZHANG, 2))
    assert await sent(store, ZHANG) == ["hi:1", "hi:1"]


async def test_a_person_who_writes_is_reachable_again(store: Store) -> None:
    async with hosting(store) as host:
        await host.heard(message(ZHANG, 1))
        async with store.write() as tx:
            await unreachable.note(tx, {ZHANG: "blocked", LI: "blocked"}, MONDAY)
        await host.heard(message(ZHANG, 2))
    assert await column(store, tables.unreachable.c.user) == [LI.user]


# --- races -------------------------------------------------------------------------------------


async def test_a_lost_race_is_worked_out_again(postgresql_url: str) -> None:
    """Two processes meet somebody new: both see nobody, and one must see the other's turn.

    A third holds the late message's key, so that its host waits after it has seen nobody.
    """
    async with (
        Store(postgresql_url) as store,
        Store(postgresql_url) as third,
        hosting(store) as one,
        hosting(store) as other,
    ):
        with suppress(asyncio.CancelledError):
            async with third.write() as tx:
                await heard.hear(tx, [Heard(ZHANG, "zhang-1", MONDAY, "")])
                slow = asyncio.create_task(one.heard(message(ZHANG, 1, "late")))
                await somebody_waits(store)
                assert await other.heard(message(ZHANG, 2, "early"))
                raise asyncio.CancelledError  # rolled back: the late one may go on
        assert await slow
        lines = await one.lines(ZHANG)
    assert [line.text for line in lines] == ["early", "early:1", "late", "late:2"]
    assert [line.id for line in lines] == [1, 2, 3, 4]


async def somebody_waits(store: Store) -> None:
    """Until a transaction waits for another's."""
    async with asyncio.timeout(10):
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while True:
            async with store.read() as tx:
                if (await tx.execute(waiting)).scalar_one():
                    return
            await asyncio.sleep(0.01)


async def test_one_message_at_two_hosts_at_once_is_one_turn(store: Store, store_url: str) -> None:
    people = [Address("webchat", f"p{n}") for n in range(10)]
    async with Store(store_url) as second, hosting(store) as one, hosting(second) as other:
        done = await asyncio.gather(
            *(
                host.heard(message(who, n))
                for n in range(4)
                for who in people
                for host in (one, other)
            )
        )
    assert sum(done) == 40
    for who in people:
        assert await sent(store, who) == ["hi:1", "hi:2", "hi:3", "hi:4"]


async def test_staff_and_citizen_at_once_lose_nothing(store: Store) -> None:
    async with hosting(store) as host:
        await host.heard(message(ZHANG, 0, "human"))
        await asyncio.gather(
            *(host.staff_said(1, f"staff {n}", f"t{n}") for n in range(10)),
            *(host.heard(message(ZHANG, n)) for n in range(1, 11)),
        )
        lines = await host.lines(ZHANG)
    assert [line.id for line in lines] == list(range(1, 33))
    async with store.write() as tx:
        known = (await conversations.recall(tx, [ZHANG]))[ZHANG]
    assert known.conversation.profile == {"count": "11"}
    assert known.conversation.staff == "joined"


async def test_a_double_click_of_staff_is_said_once(store: Store) -> None:
    async with hosting(store) as host:
        await host.heard(message(ZHANG, 1, "human"))
        said = await asyncio.gather(*(host.staff_said(1, "hello", "t1") for _ in range(4)))
    assert said == [True] * 4
    assert await sent(store, ZHANG) == ["human:1", "hello"]


# --- the database ------------------------------------------------------------------------------


async def test_when_the_disk_is_full_nothing_is_acknowledged_and_later_it_works(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with Store(sqlite_url) as store, hosting(store) as host:
        async with store.write() as tx:
            pages = (await tx.execute(text("PRAGMA page_count"))).scalar_one()
            await tx.execute(text(f"PRAGMA max_page_count = {pages + 2}"))
        kept = 0
        with pytest.raises(Unheard) as refused:
            for kept in range(500):
                await host.heard(message(ZHANG, kept, "long words " * 100))
        assert isinstance(refused.value.__cause__, OperationalError)
        assert len(await column(store, tables.heard.c.message_id)) == kept
        async with store.write() as tx:
            await tx.execute(text("PRAGMA max_page_count = 1000000"))
        assert await host.heard(message(ZHANG, kept, "better"))
    assert "long words" not in caplog.text


async def test_a_locked_database_is_waited_for(sqlite_url: str) -> None:
    async with Store(sqlite_url) as store, Store(sqlite_url) as other, hosting(store) as host:
        async with other.write():
            waiting = asyncio.create_task(host.heard(message(ZHANG, 1)))
            await asyncio.sleep(0.3)
            assert not waiting.done()
        assert await waiting


async def test_after_a_lost_connection_the_next_message_works(postgresql_url: str) -> None:
    async with Store(postgresql_url) as store, hosting(store) as host:
        await host.heard(message(ZHANG, 1))
        async with Store(postgresql_url) as other, other.write() as tx:
            mine = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            here = "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            await tx.execute(text(f"{mine} {here}"))
        assert await host.heard(message(ZHANG, 2))
    # the old connections are found dead when they are asked for, and made anew


# --- waiting -----------------------------------------------------------------------------------


async def test_somebody_who_stops_waiting_is_answered_all_the_same(store: Store) -> None:
    async with hosting(store) as host:
        gone = asyncio.create_task(host.heard(message(ZHANG, 1)))
        await asyncio.sleep(0)
        gone.cancel()
        await host.heard(message(ZHANG, 2))
    assert await sent(store, ZHANG) == ["hi:1", "hi:2"]


async def test_a_batch_holds_one_thing_a_person_and_everybody_has_a_turn() -> None:
    arrivals = Arrivals(most=10)
    for who, number in [(ZHANG, 1), (ZHANG, 2), (ZHANG, 3), (LI, 4)]:
        await arrivals.put(Arrival(who, message(who, number)))
    batches = [[a.message.id for a in await arrivals.take(2) if a.message] for _ in range(3)]
    assert batches == [["zhang-1", "li-4"], ["zhang-2"], ["zhang-3"]]


async def test_who_finds_no_room_waits_until_there_is() -> None:
    arrivals = Arrivals(most=1)
    await arrivals.put(Arrival(ZHANG, message(ZHANG, 1)))
    second = asyncio.create_task(arrivals.put(Arrival(ZHANG, message(ZHANG, 2))))
    await asyncio.sleep(0)
    assert not second.done()
    await arrivals.take(1)
    await second
    assert len(await arrivals.take(5)) == 1


async def test_more_than_may_wait_are_all_heard_in_the_end(store: Store) -> None:
    async with hosting(store, hosting=Hosting(batch=4, waiting=5)) as host:
        people = [Address("webchat", f"p{n}") for n in range(40)]
        assert all(await asyncio.gather(*(host.heard(message(who, 1)) for who in people)))
