"""Entries laid over those of the files: which version holds when, and what speaks against one."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.engine.knowledge import Basis, Entry, Knowledge
from bot.engine.parameters import BadData, Parameters
from bot.engine.publications import (
    Publication,
    overlaid,
    read,
    table,
    version_until,
    written,
)
from bot.publishing import Published, following
from bot.store import published
from bot.store.engine import Store
from handlers.contents import playbook
from handlers.files import by_id, load_topics
from handlers.objections import objections
from tests.talk import MONDAY

NOWHERE = Path("/nowhere.toml")
TODAY = date(2026, 11, 23)


def entry(id: str, question: str, *asks: str, **more: object) -> Entry:
    made = Entry(id, question, "答。", TODAY, (Basis("《社会保险法》"),), asks)
    return replace(made, **more)  # type: ignore[arg-type]  # as the test says


LOST = entry("SC01", "社会保障卡丢失了如何挂失？", "社保卡掉了怎么办")
PIN = entry("SC07", "社会保障卡密码忘记了怎么重置？", "社保卡密码想不起来了")
HOUSE = {one.id: one for one in (LOST, PIN)}


def changed(was: Entry, answer: str, since: date) -> Publication:
    return Publication(replace(was, answer=answer, effective_from=since), version_until(was, since))


def test_each_version_holds_in_its_time() -> None:
    second = changed(LOST, "第二版。", date(2026, 12, 1))
    third = changed(second.entry, "第三版。", date(2027, 1, 1))
    known = Knowledge(overlaid(HOUSE, [second, third]), Parameters({}))
    answers = [
        known.in_force("SC01", day).answer
        for day in (date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 31), date(2027, 1, 1))
    ]
    assert answers == ["答。", "第二版。", "第二版。", "第三版。"]
    assert known.in_force("SC01-20261201", date(2027, 1, 1)).answer == "第三版。"
    assert known["SC07"] is PIN
    assert list(known.problems(TODAY)) == []


def test_an_entry_is_the_same_after_it_was_written_down() -> None:
    for one in by_id(load_topics()).values():
        assert read("test", written(table(one))) == one
    with pytest.raises(BadData):
        read("test", written(table(LOST)) | {"checked": "gestern"})


def test_a_published_entry_is_found_listed_and_shown() -> None:
    new = entry("SC98", "社保卡上的照片怎么更换？", "社保卡照片难看想换一张", section="挂失补办")
    book = playbook(published=[Publication(new)])
    found = book.search.search("社保卡照片难看想换一张")
    assert found.band == "answer"
    assert found.candidates[0].id == "SC98"

    def listed(branch: object) -> list[str]:
        return [*branch.entries, *(e for b in branch.branches for e in listed(b))]  # type: ignore[attr-defined]

    assert "SC98" in listed(book.menu.root)


@pytest.mark.parametrize(
    ("candidate", "said"),
    [
        (entry("SC99", "社保卡怎么换照片？", "社保卡换照片"), ""),
        (entry("SC99", "社保卡的事？", "社保卡掉了怎么办"), "also a wording of"),
        (entry("SC99", "社保卡怎么换照片？", related=("XX01",)), "there is no entry XX01"),
        (entry("SC99", "社保卡怎么换照片？", answer="{a.b}内办结。"), "there is no parameter a.b"),
        (entry("SC99", "社保卡怎么换照片？", answer="字" * 301), "301 characters, 300 at most"),
    ],
)
def test_what_speaks_against_an_entry_is_named(candidate: Entry, said: str) -> None:
    lines = objections(Knowledge(HOUSE, Parameters({})), Publication(candidate), TODAY, NOWHERE)
    assert any(said in line for line in lines) if said else lines == []


async def test_every_process_sees_what_is_published_and_leaves_out_what_it_cannot_read(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    known = Published()
    assert not await known.refresh(store)
    async with store.write() as tx:
        good = await published.propose(tx, written(table(LOST)), None, "a", MONDAY)
        bad = await published.propose(tx, {"id": "SC02"}, None, "a", MONDAY)
    assert not await known.refresh(store), "a draft is nobody's business"
    async with store.write() as tx:
        for number in (good, bad):
            await published.decide(tx, number, "approved", "b", MONDAY)
    with caplog.at_level(logging.ERROR):
        assert await known.refresh(store)
    assert [one.entry.id for one in known.now] == ["SC01"]
    assert f"published id={bad} left out" in caplog.text
    assert not await known.refresh(store)
    async with store.write() as tx:
        await published.decide(tx, good, "withdrawn", "b", MONDAY)
    assert await known.refresh(store)
    assert known.now == ()


async def test_the_look_goes_on_when_the_database_is_away(
    sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reloads: list[int] = []
    turns = 0

    async def reload() -> None:
        reloads.append(len(known.now))
        if len(reloads) == 1:
            raise OSError

    async def sleep(seconds: float) -> None:
        nonlocal turns
        turns += 1
        if turns > 2:
            raise asyncio.CancelledError
        async with store.write() as tx:
            number = await published.propose(tx, written(table(LOST)), None, "a", MONDAY)
            await published.decide(tx, number, "approved", "b", MONDAY)

    known = Published()
    async with Store(sqlite_url) as store:
        with caplog.at_level(logging.ERROR), pytest.raises(asyncio.CancelledError):
            await following(store, known, reload, sleep)
    assert reloads == [1, 2]
    assert "published error=OSError" in caplog.text
