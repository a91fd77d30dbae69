"""A staff group with topics: each consultation one of its own, on the stand-in of the Bot API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.channels.base import Undeliverable
from bot.channels.telegram.intake import StaffNotes
from bot.channels.telegram.topics import ASK_AGAIN, Standing, name_of, standing
from bot.engine.types import Address, Reply
from bot.store import cases, plain, tables
from bot.store.engine import Store
from bot.store.telegram_topics import TelegramTopics
from tests.case_office import NUMBER, ZHANG, Office, opened
from tests.telegram_double import NOW, Bench, connected
from tests.telegram_double.rules import Json

HINT = "在这里发的文字会发给咨询人。"
NOTES = StaffNotes(words_only="只能转达文字。", case_not_open="没有发出。", topic=HINT)
TOLD = f"#C{NUMBER}\n【操作流程·长沙】承诺 11月26日 17:30 前答复\n社保转移"


@asynccontextmanager
async def forum(store: Store, *, may: bool = True, **options: Any) -> AsyncIterator[Bench]:
    async with connected(
        with_staff=True, staff_notes=NOTES, topics=TelegramTopics(store), **options
    ) as bench:
        await bench.staff.becomes_forum(may=may)
        yield bench


async def tell(bench: Bench, text: str = TOLD, key: str = "k") -> None:
    await bench.channel.deliver(str(bench.staff.id), Reply("handoff", text), key)


def topic(bench: Bench, n: int = 0) -> tuple[int, Json]:
    (_, thread), shown = list(bench.api.topics.items())[n]
    return thread, shown


def said_in(bench: Bench, thread: int | None) -> list[str]:
    found = [m for m in bench.staff.received if m.get("message_thread_id") == thread]
    return [m["text"] for m in found if "text" in m]


async def in_state(store: Store, state: str) -> None:
    async with store.write() as tx:
        await cases.change(tx, NUMBER, {"state": state})


# --- out -----------------------------------------------------------------------------------------


async def test_all_about_a_case_goes_to_its_one_topic(store: Store) -> None:
    async with forum(store) as bench:
        await tell(bench)
        await tell(bench, f"#C{NUMBER}\n咨询人催办。", "k2")
        thread, shown = topic(bench)
        assert len(bench.api.topics) == 1
        assert shown["name"] == f"#C{NUMBER} 操作流程 长沙"
        assert said_in(bench, thread) == [HINT, TOLD, f"#C{NUMBER}\n咨询人催办。"]


async def test_a_long_text_with_buttons_stays_in_the_topic(store: Store) -> None:
    async with forum(store) as bench:
        await tell(bench, TOLD + "一" * 5_000)
        thread, _ = topic(bench)
        assert len(said_in(bench, thread)) == 3
        assert len(bench.staff.received) == 4, "the notice that opened it, and all of it in there"


async def test_another_process_finds_the_same_topic(store: Store) -> None:
    async with forum(store) as bench:
        await tell(bench)
        thread, _ = topic(bench)
    async with forum(store) as later:
        later.api.topics[later.staff.id, thread] = topic(bench)[1]
        await tell(later, f"#C{NUMBER}\n咨询人催办。")
        assert said_in(later, thread) == [f"#C{NUMBER}\n咨询人催办。"]


async def test_hand_overs_and_citizens_are_not_put_into_topics(store: Store) -> None:
    async with forum(store) as bench:
        await tell(bench, f"#H3\n问：#C{NUMBER} 怎么样了")
        await bench.channel.deliver(str(bench.citizen.id), Reply("status", TOLD), "c")
        assert bench.api.topics == {}
        assert "message_thread_id" not in bench.staff.received[0]
        assert "message_thread_id" not in bench.citizen.received[0]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (TOLD, f"#C{NUMBER} 操作流程 长沙"),
        (f"#C{NUMBER}\n【领导信箱·投诉建议】承诺", f"#C{NUMBER} 领导信箱 投诉建议"),
        (f"#C{NUMBER}\n咨询人催办。", f"#C{NUMBER}"),
        (f"#C{NUMBER}\n【{'地' * 100}】", f"#C{NUMBER} {'地' * 100}"[:128]),
    ],
)
def test_a_topic_is_named_by_number_kind_and_region(text: str, name: str) -> None:
    assert name_of(NUMBER, text) == name
    assert len(name_of(NUMBER, text)) <= 128


# --- without topics ------------------------------------------------------------------------------


async def test_a_group_without_topics_is_answered_by_replying(store: Store) -> None:
    async with connected(with_staff=True, staff_notes=NOTES, topics=TelegramTopics(store)) as bench:
        await tell(bench)
        assert [m["text"] for m in bench.staff.received] == [TOLD]
        assert bench.api.made("createForumTopic") == []
        assert await standing(bench.channel._client, bench.staff.id) == Standing()


async def test_without_the_right_it_is_said_once_and_replying_works(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    clock = [NOW]
    async with forum(store, may=False, clock=lambda: clock[0]) as bench, bench.listening():
        bench.inbox.open_cases.add(NUMBER)
        await tell(bench)
        clock[0] += ASK_AGAIN
        await tell(bench, f"#C{NUMBER}\n咨询人催办。", "k2")
        assert bench.api.topics == {}
        told = [r for r in caplog.records if "may not manage them" in r.getMessage()]
        assert len(told) == 1
        await bench.staff.says("请带身份证。", to=bench.staff.received[0])
        await bench.api.confirmed()
        assert bench.inbox.worked == [(NUMBER, "reply", "请带身份证。", "李四")]
        bench.api.managers.add(bench.staff.id)
        await tell(bench, f"#C{NUMBER}\n又催。", "k3")
        assert bench.api.topics == {}, "asked again after a while only"
        clock[0] += ASK_AGAIN
        await tell(bench, f"#C{NUMBER}\n再催。", "k4")
        assert len(bench.api.topics) == 1


async def test_a_right_that_is_taken_away_is_missed_without_losing_words(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    async with forum(store) as bench:
        await tell(bench)
        bench.api.managers.clear()
        other = TOLD.replace(NUMBER, "20261123002")
        await tell(bench, other, "k2")
        assert said_in(bench, None) == [other]
        assert "may not manage them" in caplog.text


async def test_a_topic_that_somebody_deleted_is_made_anew(store: Store) -> None:
    async with forum(store) as bench:
        await tell(bench)
        bench.api.topics.clear()
        with pytest.raises(Undeliverable) as failure:
            await tell(bench, f"#C{NUMBER}\n咨询人催办。", "k2")
        assert not failure.value.permanent
        await tell(bench, f"#C{NUMBER}\n咨询人催办。", "k2")
        thread, _ = topic(bench)
        assert said_in(bench, thread) == [HINT, f"#C{NUMBER}\n咨询人催办。"]


# --- in ------------------------------------------------------------------------------------------


async def test_words_in_a_topic_reach_its_case_and_commands_need_no_number(store: Store) -> None:
    async with forum(store) as bench, bench.listening():
        bench.inbox.open_cases.add(NUMBER)
        await tell(bench)
        thread, _ = topic(bench)
        for text in (
            *("请带身份证。", "/note 等社保局回话", "/claim@shebao_test_bot"),
            *("/need 请问哪一年离职？", "/close"),
        ):
            await bench.staff.says_in(thread, text)
        await bench.staff.says("这条和那条说的是一件事", to=bench.staff.received[-1])
        await bench.staff.says("#C20261123001 谁来办")
        await bench.api.confirmed()
        assert [(number, action, text) for number, action, text, _ in bench.inbox.worked] == [
            (NUMBER, "reply", "请带身份证。"),
            (NUMBER, "note", "等社保局回话"),
            (NUMBER, "claim", ""),
            (NUMBER, "need", "请问哪一年离职？"),
            (NUMBER, "close", ""),
            (NUMBER, "reply", "这条和那条说的是一件事"),
        ]
        assert bench.inbox.rejections[-1][1] == "talk among staff"


async def test_what_cannot_be_passed_on_is_said_in_the_topic(store: Store) -> None:
    async with forum(store) as bench, bench.listening():
        await tell(bench)
        thread, _ = topic(bench)
        await bench.staff.says_in(thread, "请带身份证。")
        await bench.staff.sends_in(thread, {"dice": {"emoji": "🎲", "value": 1}})
        await bench.staff.sends_in(thread, {"forum_topic_closed": {}})
        await bench.api.confirmed()
        await bench.api.until(lambda: len(said_in(bench, thread)) == 4)
        assert set(said_in(bench, thread)[2:]) == {"没有发出。", "只能转达文字。"}
        assert {why for _, why in bench.inbox.rejections} == {"notice", "staff sent no words"}


async def test_a_topic_of_their_own_is_theirs(store: Store) -> None:
    async with forum(store) as bench, bench.listening():
        made = await bench.api.create_forum_topic({"chat_id": bench.staff.id, "name": "值班"})
        await bench.staff.says_in(made["message_thread_id"], "今天谁值班")
        await bench.api.confirmed()
        assert bench.inbox.worked == []
        assert bench.inbox.rejections[-1][1] == "talk among staff"


# --- open as long as the case --------------------------------------------------------------------


class Delivering:
    """What the house tells the group, handed to the channel."""

    def __init__(self, office: Office, bench: Bench) -> None:
        self.office, self.bench, self._last = office, bench, 0

    async def __call__(self) -> None:
        box = tables.outbox.c
        async with self.office.store.read() as tx:
            query = select(box.id, box.reply, box.key).where(
                box.user == str(self.bench.staff.id), box.id > self._last
            )
            rows = list(await tx.execute(query.order_by(box.id)))
        for row, reply, key in rows:
            self._last = row
            await self.bench.channel.deliver(
                str(self.bench.staff.id), plain.loads(Reply, reply), key
            )


@asynccontextmanager
async def house(store: Store) -> AsyncIterator[tuple[Office, Bench, Delivering]]:
    async with forum(store) as bench:
        group = Address("telegram", str(bench.staff.id))
        async with opened(store, staff=group) as office:
            yield office, bench, Delivering(office, bench)


async def test_a_topic_closes_and_opens_with_its_case(store: Store) -> None:
    async with house(store) as (office, bench, delivered):
        await office.says(ZHANG, "file 社保转移")
        await delivered()
        thread, shown = topic(bench)
        assert await office.host.staff_worked(NUMBER, "reply", "请带身份证。", "telegram:1", "李四")
        assert "请带身份证" in (await office.told(ZHANG))[-1]
        await office.casework.close(NUMBER, "desk-token", "小王")
        await delivered()
        assert shown["closed"]
        assert said_in(bench, thread)[-1] == f"#C{NUMBER}\n【操作流程】小王 办结。"
        await office.says(ZHANG, "追问：要不要户口本")
        await delivered()
        assert not shown["closed"]
        assert "户口本" in said_in(bench, thread)[-1]
        await office.casework.close(NUMBER, "again", "小王")
        await delivered()
        await office.casework.reopen(NUMBER, "小王")
        await delivered()
        assert not shown["closed"]
        assert len(bench.api.topics) == 1


async def test_a_withdrawn_case_closes_its_topic(store: Store) -> None:
    async with house(store) as (office, bench, delivered):
        await office.says(ZHANG, "file 社保转移")
        await delivered()
        await office.says(ZHANG, f"/withdraw {NUMBER} yes")
        await delivered()
        assert topic(bench)[1]["closed"]


async def test_a_case_that_ended_without_a_word_closes_with_the_next_message(store: Store) -> None:
    async with house(store) as (office, bench, delivered):
        await office.says(ZHANG, "file 社保转移")
        await office.says(ZHANG, "file 失业金")
        await delivered()
        await in_state(store, "closed")  # as the nightly upkeep does
        assert not topic(bench)[1]["closed"]
        await office.casework.claim("20261123002", "小王")
        await delivered()
        assert topic(bench)[1]["closed"]
        assert not topic(bench, 1)[1]["closed"]


async def test_what_people_did_with_the_topic_by_hand_is_no_fault(store: Store) -> None:
    async with house(store) as (office, bench, delivered):
        await office.says(ZHANG, "file 社保转移")
        await delivered()
        topic(bench)[1]["closed"] = True  # by somebody in the group
        await office.casework.close(NUMBER, "t", "小王")
        await delivered()
        topic(bench)[1]["closed"] = False
        await office.casework.reopen(NUMBER, "小王")
        await delivered()
        assert not topic(bench)[1]["closed"]


async def test_the_group_hears_who_did_what_at_the_desk_and_no_echo_of_its_own(
    store: Store,
) -> None:
    async with house(store) as (office, bench, delivered):
        await office.says(ZHANG, "file 社保转移")
        await office.casework.claim(NUMBER, "小王")
        await office.casework.assign(NUMBER, "小李", "督导")
        await office.casework.answer(NUMBER, "请带身份证。", "desk", "小李")
        await office.casework.answer(NUMBER, "户口本也要。", "telegram:7", "李四")
        await delivered()
        thread, _ = topic(bench)
        assert [text.splitlines()[-1] for text in said_in(bench, thread)[2:]] == [
            "【操作流程】小王 认领。",
            "【操作流程】督导 指派给 小李。",
            "【操作流程】小李 已答复：请带身份证。",
        ]


async def test_a_forgotten_case_takes_its_topic_along(store: Store) -> None:
    from bot.store import retention

    async with house(store) as (office, bench, delivered):
        await office.says(ZHANG, "file 社保转移")
        await delivered()
        await office.casework.close(NUMBER, "t", "小王")
        await delivered()
        later: datetime = office.clock[0] + timedelta(days=2_000)
        async with store.write() as tx:
            assert await retention.forget_cases(tx, later) == 1
        thread, _ = topic(bench)
        assert await TelegramTopics(store).number(bench.staff.id, thread) is None
