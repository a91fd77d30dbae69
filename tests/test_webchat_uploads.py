"""Files that visitors send: taken in, refused in a sentence, one message each. Both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import select

from bot.channels.webchat import WebchatChannel
from bot.evidence import EvidenceRoom, Limits
from bot.keys import new_key, read_keys
from bot.store import tables
from bot.store.engine import Store
from bot.web import create_app
from tests.case_office import Office, opened
from tests.citizens_files import HTML, PDF, SVG, bomb, jpeg
from tests.citizens_files import png as a_png
from tests.talking import TalkingInbox
from tests.web_visitors import OURS, client_of, visiting


@dataclass
class Counter:
    """A visitor with a page open, and the room behind it."""

    office: Office
    client: httpx.AsyncClient
    folder: Path

    async def send(
        self, data: object, id: str = "upload-01", name: str = "x.png", **headers: str
    ) -> httpx.Response:
        return await self.client.post(
            f"/chat/uploads?id={id}&name={quote(name)}",
            content=data,  # type: ignore[arg-type]  # bytes, or a stream of them
            headers=headers,
        )

    async def rows(self) -> list[tuple[str, str]]:
        async with self.office.store.read() as tx:
            c = tables.evidence.c
            return [(r.media, r.state) for r in await tx.execute(select(c.media, c.state))]

    async def said(self) -> list[tuple[str, str]]:
        """What was heard and answered, at every address."""
        async with self.office.store.read() as tx:
            c = tables.outbox.c
            replies = await tx.execute(select(c.reply).order_by(c.id))
            texts = [row.reply for row in replies]
            words = await tx.execute(select(tables.heard.c.text))
            return list(zip([row.text for row in words], texts, strict=False))

    def files(self) -> int:
        return len(list(self.folder.iterdir())) if self.folder.is_dir() else 0


@pytest.fixture
async def counter(store: Store, tmp_path: Path) -> AsyncIterator[Counter]:
    folder = tmp_path / "evidence"
    async with opened(store) as office:
        clock = office.clock
        ring = read_keys(new_key("k1"))
        limits = Limits(most_bytes=1_000_000, most_a_day=3)
        room = EvidenceRoom(store, ring, folder, lambda: clock[0], limits)
        chat = WebchatChannel(files=room, clock=lambda: clock[0])
        async with client_of(create_app([chat], office.host)) as client:
            await client.get("/")
            yield Counter(office, client, folder)


async def test_a_picture_is_taken_in_and_answered(counter: Counter) -> None:
    assert (await counter.send(jpeg())).status_code == 202
    assert await counter.rows() == [("image/jpeg", "kept")]
    ((words, reply),) = await counter.said()
    assert words == ""
    assert "暂存为证据 1" in reply


async def test_a_document_is_taken_in(counter: Counter) -> None:
    assert (await counter.send(PDF, name="明细.exe")).status_code == 202
    assert await counter.rows() == [("application/pdf", "kept")]
    assert "读不了" in (await counter.said())[0][1]


async def test_the_same_file_sent_again_is_one(counter: Counter) -> None:
    for _ in range(2):
        assert (await counter.send(a_png())).status_code == 202
    assert len(await counter.rows()) == 1
    assert counter.files() == 1


async def test_a_list_of_contributions_is_read_and_dropped(counter: Counter) -> None:
    rows = "年月,单位,缴费基数\n202501,甲公司,5000\n202502,甲公司,5000\n".encode()
    assert (await counter.send(rows, name="C:\\明细.csv")).status_code == 202
    assert await counter.rows() == []
    assert counter.files() == 0
    assert "2025-01" in (await counter.said())[0][0]


@pytest.mark.parametrize(
    ("data", "name", "say"),
    [
        (b"", "x.png", "空的"),
        (HTML, "x.png", "PNG"),
        (SVG, "x.svg", "PNG"),
        (bomb(), "x.png", "尺寸太大"),
        (b"PK\x03\x04 a bomb", "x.xlsx", "读不了"),
        (b"\xd0\xcf\x11\xe0", "../../etc/x.xls", "另存为"),
        (b"x" * 1_000_001, "x.png", "超过 1 MB"),
    ],
    ids=["nothing", "page", "drawing", "bomb", "broken list", "old list", "large"],
)
async def test_what_is_refused_leaves_nothing(
    counter: Counter, data: bytes, name: str, say: str
) -> None:
    refused = await counter.send(data, name=name)
    assert refused.status_code == 422
    assert say in refused.json()["say"]
    assert await counter.rows() == []
    assert await counter.said() == []
    assert counter.files() == 0


async def test_a_stream_without_an_end_is_refused_when_it_is_too_long(counter: Counter) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while read < 100_000_000:
            read += 65_536
            yield b"\x00" * 65_536

    refused = await counter.send(endless())
    assert refused.status_code == 422
    assert "超过 1 MB" in refused.json()["say"]
    assert read < 2_000_000


async def test_one_person_sends_so_many_a_day(counter: Counter) -> None:
    for n in range(3):
        assert (await counter.send(PDF, id=f"upload-{n}")).status_code == 202
    refused = await counter.send(PDF, id="upload-4")
    assert "今天已收下 3 份" in refused.json()["say"]
    assert counter.files() == 3


async def test_only_a_visitor_from_our_page_sends(counter: Counter) -> None:
    foreign = await counter.send(a_png(), **{"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert (await counter.send(a_png(), id="../x")).status_code == 400
    counter.client.cookies.clear()
    assert (await counter.send(a_png())).status_code == 401
    assert await counter.rows() == []


async def test_whoever_hurries_waits(counter: Counter) -> None:
    answers = [await counter.send(b"", id=f"upload-{n}") for n in range(25)]
    assert answers[-1].status_code == 429
    assert "秒" in answers[-1].json()["say"]


async def test_what_could_not_be_heard_is_not_kept(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    inbox = TalkingInbox(down=1)
    async with opened(store) as office:
        clock = office.clock
        room = EvidenceRoom(store, read_keys(new_key("k1")), folder, lambda: clock[0])
        async with client_of(create_app([WebchatChannel(files=room)], inbox)) as client:
            await client.get("/")
            counter = Counter(office, client, folder)
            assert (await counter.send(a_png())).status_code == 503
            assert await counter.rows() == []
            assert counter.files() == 0
            assert (await counter.send(a_png())).status_code == 202
            assert counter.files() == 1


async def test_without_a_room_there_is_no_way_to_send() -> None:
    async with visiting(TalkingInbox()) as client:
        page = (await client.get("/")).text
        assert 'data-megabytes="0" hidden' in page
        assert (await client.post("/chat/uploads?id=upload-01", headers=OURS)).status_code == 404
