"""The store: schema and migrations, states to JSON and back, moments, the writer's lock."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import CHINA
from bot.engine.types import (
    Address,
    AnswerRated,
    Choice,
    Conversation,
    Evidence,
    FormProgress,
    QuestionMissed,
    Reply,
)
from bot.store import conversations, heard, missed, plain, ratings, tables, unreachable
from bot.store.conversations import Remembered
from bot.store.engine import Store, address
from bot.store.heard import Heard
from bot.store.hops import HoppingConnection
from bot.store.migrate import NewerDatabase, migrate
from bot.store.state import from_json, to_json

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=CHINA)
ZHANG = Address("telegram", "1")
FULL = Conversation(
    form=FormProgress("pension", 3, {"born": "1968-05"}, tries=1),
    drafts=(FormProgress("consultation", 1),),
    staff="joined",
    request=7,
    offered=(Choice("退休年龄", "menu:retire"),),
    topic="ZY03",
    profile={"region": "长沙"},
    recent=("问 退休年龄", "答 ZY03"),
    evidence=(Evidence("image", "AgAC", "2026-11-23"),),
)


def differences(connection: Connection) -> list[Any]:
    found: list[Any] = compare_metadata(MigrationContext.configure(connection), tables.metadata)
    return found


async def test_an_empty_database_is_brought_to_the_schema_that_the_code_sees(
    empty_url: str,
) -> None:
    await migrate(empty_url)
    async with Store(empty_url) as store, store.write() as tx:
        assert await tx.run_sync(differences) == []


async def test_two_processes_that_migrate_at_once_both_succeed(empty_url: str) -> None:
    await asyncio.gather(*(migrate(empty_url) for _ in range(4)))
    async with Store(empty_url) as store, store.read() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM alembic_version"))).scalar() == 1


async def test_migrating_again_keeps_what_is_there(store_url: str, store: Store) -> None:
    async with store.write() as tx:
        await heard.hear(tx, [Heard(ZHANG, "1", NOW, "你好")])
    await migrate(store_url)
    async with store.read() as tx:
        assert (await tx.execute(select(tables.heard.c.text))).scalars().all() == ["你好"]


async def test_a_database_from_a_newer_version_is_refused(store_url: str, store: Store) -> None:
    async with store.write() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerDatabase):
        await migrate(store_url)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://root@localhost/bot"])
def test_a_database_that_cannot_keep_anything_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="database"):
        address(url)


async def test_sqlite_writes_through_to_the_disk(sqlite_url: str) -> None:
    async with Store(sqlite_url) as store, store.write() as tx:
        assert (await tx.execute(text("PRAGMA journal_mode"))).scalar() == "wal"
        assert (await tx.execute(text("PRAGMA synchronous"))).scalar() == 2  # FULL
        assert (await tx.execute(text("PRAGMA foreign_keys"))).scalar() == 1


async def test_reading_cannot_write(store: Store) -> None:
    with pytest.raises(DBAPIError):
        async with store.read() as tx:
            await tx.execute(update(tables.heard).values(text=""))


async def test_concurrent_read_modify_writes_lose_nothing(store: Store) -> None:
    async def count_up(user: str) -> None:
        for _ in range(10):
            async with store.write() as tx:
                known = (await conversations.recall(tx, [Address("x", user)]))[Address("x", user)]
                more = replace(known, said=known.said + 1)
                await conversations.remember(tx, [more], NOW)

    async with store.write() as tx:
        await conversations.remember(tx, [Remembered(Address("x", "1"))], NOW)
    await asyncio.gather(*(count_up("1") for _ in range(8)))
    async with store.read() as tx:
        assert (await tx.execute(select(tables.conversations.c.said))).scalar() == 80


# --- moments -----------------------------------------------------------------------------------


async def test_a_moment_comes_back_in_chinas_time_whatever_zone_it_came_from(
    store: Store,
) -> None:
    at = datetime(2026, 11, 23, 2, 0, 0, 123456, tzinfo=UTC)
    async with store.write() as tx:
        await heard.hear(tx, [Heard(ZHANG, "1", at, "")])
        back = (await tx.execute(select(tables.heard.c.at))).scalar()
    assert back == at
    assert back.isoformat() == "2026-11-23T10:00:00.123456+08:00"


async def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="without a time zone"):
        async with store.write() as tx:
            await heard.hear(tx, [Heard(ZHANG, "1", datetime(2026, 11, 23), "")])  # noqa: DTZ001


async def test_moments_sort_by_time_across_a_full_second(store: Store) -> None:
    moments = [NOW, NOW + timedelta(microseconds=1), NOW + timedelta(seconds=1)]
    async with store.write() as tx:
        rows = [Heard(ZHANG, str(n), at, "") for n, at in enumerate(moments)]
        await heard.hear(tx, rows)
        later = select(tables.heard.c.message_id).where(tables.heard.c.at > NOW)
        assert set((await tx.execute(later)).scalars()) == {"1", "2"}


# --- states ------------------------------------------------------------------------------------


def test_a_conversation_survives_json_without_loss() -> None:
    assert from_json(to_json(FULL)) == FULL


def test_a_new_conversation_costs_two_bytes() -> None:
    assert to_json(Conversation()) == "{}"


def test_a_state_of_another_version_loads_what_is_known() -> None:
    told = '{"topic":"ZY03","mood":"calm","form":{"form":"pension","version":1,"colour":2}}'
    assert from_json(told) == Conversation(topic="ZY03", form=FormProgress("pension", 1))


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "null",
        "[]",
        "{",
        "[" * 100_000,
        '{"staff":"away"}',
        '{"topic":3}',
        '{"recent":"问"}',
        '{"form":{"form":"pension"}}',
        '{"form":{"form":"pension","version":true}}',
        '{"offered":[{"label":"","send":"x"}]}',
    ],
)
def test_a_broken_state_starts_fresh_and_is_logged_without_its_content(
    broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert from_json(broken) == Conversation()
    assert caplog.messages[0].startswith("state unreadable")
    assert "away" not in caplog.text


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(sorted(Conversation.__dataclass_fields__)), inner)
        ),
    )
)
def test_no_stored_json_makes_a_conversation_raise(data: Any) -> None:
    assert isinstance(from_json(json.dumps(data)), Conversation)


def test_a_reply_survives_json_without_loss() -> None:
    reply = Reply("clarify", "您想问哪一个？", (Choice("退休年龄", "faq:ZY03"),), "ZY03")
    assert plain.loads(Reply, plain.dumps(reply)) == reply


def test_a_type_that_plain_json_cannot_hold_is_found_at_once() -> None:
    with pytest.raises(TypeError):
        plain.loads(datetime, "{}")


# --- rows --------------------------------------------------------------------------------------


async def test_only_the_first_of_two_equal_messages_is_new(store: Store) -> None:
    async with store.write() as tx:
        assert await heard.hear(tx, [Heard(ZHANG, "1", NOW, "")]) == {("telegram", "1")}
    async with store.write() as tx:
        again = [Heard(ZHANG, "1", NOW, ""), Heard(ZHANG, "2", NOW, "")]
        assert await heard.hear(tx, again) == {("telegram", "2")}


async def test_the_same_id_in_two_channels_is_two_messages(store: Store) -> None:
    both = [Heard(ZHANG, "1", NOW, ""), Heard(Address("webchat", "1"), "1", NOW, "")]
    async with store.write() as tx:
        assert len(await heard.hear(tx, both)) == 2


async def test_a_state_is_not_overwritten_by_an_older_one(store: Store) -> None:
    async with store.write() as tx:
        assert await conversations.remember(tx, [Remembered(ZHANG)], NOW) == {ZHANG}
        stale = Remembered(ZHANG, conversation=FULL)
        assert await conversations.remember(tx, [stale], NOW) == set()
        known = (await conversations.recall(tx, [ZHANG]))[ZHANG]
    assert known == Remembered(ZHANG, version=1)


async def test_people_with_the_same_id_in_two_channels_are_two_people(store: Store) -> None:
    other = Address("webchat", "1")
    async with store.write() as tx:
        await conversations.remember(tx, [Remembered(ZHANG, conversation=FULL)], NOW)
        known = await conversations.recall(tx, [other, Address("telegram", "2")])
    assert all(one.version == 0 for one in known.values())
    assert ZHANG not in known


async def test_the_plan_finds_people_by_index(sqlite_url: str) -> None:
    async with Store(sqlite_url) as store, store.read() as tx:
        query = (
            "EXPLAIN QUERY PLAN SELECT * FROM conversations "
            "WHERE channel IN ('a', 'b') AND user IN ('1', '2', '3')"
        )
        plan = " ".join(row.detail for row in await tx.execute(text(query)))
    assert "SEARCH conversations USING INDEX" in plan


async def test_an_unreachable_person_is_remembered_as_such_until_forgotten(store: Store) -> None:
    async with store.write() as tx:
        await conversations.remember(tx, [Remembered(ZHANG)], NOW)
        await unreachable.note(tx, {ZHANG: "blocked"}, NOW)
        await unreachable.note(tx, {ZHANG: "blocked again"}, NOW)
        assert (await conversations.recall(tx, [ZHANG]))[ZHANG].unreachable
        assert await unreachable.among(tx, [ZHANG, Address("webchat", "1")]) == {ZHANG}
        await unreachable.forget(tx, [ZHANG])
        assert not (await conversations.recall(tx, [ZHANG]))[ZHANG].unreachable


async def test_the_last_rating_of_a_person_counts(store: Store) -> None:
    async with store.write() as tx:
        await missed.miss(tx, [(ZHANG, QuestionMissed("怎么办", "refuse"))], NOW)
        await ratings.rate(tx, [(ZHANG, AnswerRated("ZY03", False))], NOW)
        await ratings.rate(tx, [(ZHANG, AnswerRated("ZY03", True))], NOW)
        rows = (await tx.execute(select(tables.answer_ratings.c.solved))).scalars().all()
        questions = (await tx.execute(select(tables.missed_questions.c.text))).scalars().all()
    assert rows == [True]
    assert questions == ["怎么办"]


# --- hops --------------------------------------------------------------------------------------


async def hops(tx: AsyncConnection) -> int:
    raw = await tx.get_raw_connection()
    driver: HoppingConnection = raw.driver_connection  # type: ignore[assignment]  # ours
    return driver.hops


async def test_a_statement_costs_one_hop_to_sqlites_thread_whatever_it_carries(
    sqlite_url: str,
) -> None:
    async with Store(sqlite_url) as store, store.write() as tx:
        before = await hops(tx)
        await heard.hear(tx, [Heard(ZHANG, str(n), NOW, "") for n in range(100)])
        await conversations.remember(
            tx, [Remembered(Address("x", str(n))) for n in range(100)], NOW
        )
        await conversations.recall(tx, [Address("x", str(n)) for n in range(100)])
        assert await hops(tx) - before == 3


async def test_an_error_in_sqlites_thread_comes_back_as_the_databases_own(sqlite_url: str) -> None:
    async with Store(sqlite_url) as store:
        with pytest.raises(OperationalError):
            async with store.write() as tx:
                await tx.execute(text("SELECT * FROM nothing"))
        with pytest.raises(IntegrityError):
            async with store.write() as tx:
                await tx.execute(
                    insert(tables.unreachable),
                    [{"channel": "x", "user": "1", "reason": "", "since": NOW}] * 2,
                )
        async with store.write() as tx:
            assert (await tx.execute(text("SELECT count(*) FROM unreachable"))).scalar() == 0
