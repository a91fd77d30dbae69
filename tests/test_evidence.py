"""The evidence room: what is taken in, what of it is kept, who may read it, when it goes. Both databases."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select

from bot.channels.base import Unfetchable, Unkept
from bot.engine.attachments import KEPT_DAYS
from bot.engine.case import CaseDraft
from bot.engine.types import Address, Attachment, Evidence, Message
from bot.evidence import EvidenceRoom, Limits
from bot.evidence.gathering import PAUSES, Gatherer
from bot.evidence.harmless import Harmful, harmless
from bot.keys import new_key, read_keys
from bot.store import case_file, cases, evidence, tables
from bot.store.cases import Filing
from bot.store.engine import Store
from bot.store.evidence import Piece
from tests.case_office import LI, NUMBER, ZHANG, Office, opened
from tests.citizens_files import (
    HEIC,
    HTML,
    PDF,
    SECRET,
    SVG,
    bomb,
    encoded,
    gif,
    jpeg,
    picture,
    webp,
)
from tests.citizens_files import png as a_png

PHONE = Address("telegram", "4711")

# --- the copy -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "media", "size"),
    [
        (a_png(), "image/png", (40, 30)),
        (jpeg(), "image/jpeg", (30, 40)),  # as it was held
        (webp(), "image/jpeg", (40, 30)),
        (HEIC, "image/jpeg", (24, 32)),
    ],
    ids=["png", "jpeg", "webp", "heic"],
)
def test_a_picture_is_kept_and_nothing_rides_along(
    data: bytes, media: str, size: tuple[int, int]
) -> None:
    assert b"Secret" in data
    kept = harmless(data)
    assert kept.media == media
    assert b"Secret" not in kept.data
    seen = Image.open(io.BytesIO(kept.data))
    assert seen.size == size
    assert not seen.getexif()


def test_a_transparent_picture_lies_on_white() -> None:
    kept = harmless(encoded(Image.new("RGBA", (4, 4), (0, 0, 0, 0)), "PNG"))
    assert Image.open(io.BytesIO(kept.data)).getpixel((0, 0)) == (255, 255, 255)


def test_a_large_picture_is_kept_smaller() -> None:
    kept = harmless(encoded(picture(6_000, 300), "PNG"))
    assert Image.open(io.BytesIO(kept.data)).width == 4_096


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (gif(), "kind"),
        (SVG, "kind"),
        (HTML, "kind"),
        (HTML + a_png(), "kind"),
        (HTML + PDF, "kind"),
        (b"MZ\x90\x00" + b"\x00" * 500, "kind"),
        (b"PK\x03\x04" + b"\x00" * 500, "kind"),
        (a_png()[:-30], "broken"),
        (encoded(picture(900, 900), "JPEG")[:2_000], "broken"),
        (b"%PDF-1.4 and nothing more", "broken"),
        (bomb(), "dimensions"),
        (bomb(9_000, 9_000), "dimensions"),
        (bomb(65_535, 1), "broken"),
    ],
    ids=range(14),
)
def test_what_is_no_such_file_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(Harmful) as told:
        harmless(data)
    assert told.value.why == why


def test_a_picture_that_is_a_page_as_well_is_only_a_picture() -> None:
    assert b"script" not in harmless(a_png() + HTML).data


# --- the room -------------------------------------------------------------------------------------


@dataclass
class Place:
    """An office with its evidence room, and a platform that has files."""

    office: Office
    folder: Path
    ring: str = field(default_factory=lambda: new_key("k1"))
    limits: Limits = field(default_factory=Limits)
    there: dict[str, bytes | Unfetchable] = field(default_factory=dict)
    fetched: int = 0

    @property
    def room(self) -> EvidenceRoom:
        clock = self.office.clock
        return EvidenceRoom(
            self.office.store, read_keys(self.ring), self.folder, lambda: clock[0], self.limits
        )

    @property
    def gatherer(self) -> Gatherer:
        return Gatherer(self.room, self.office.host, {"telegram": self._fetch})

    async def _fetch(self, ref: str, most: int) -> bytes:
        self.fetched += 1
        found = self.there[ref]
        if isinstance(found, Unfetchable):
            raise found
        return found

    def files(self) -> list[Path]:
        return sorted(self.folder.iterdir()) if self.folder.is_dir() else []

    async def pieces(self) -> list[Piece]:
        async with self.office.store.read() as tx:
            ids = (await tx.execute(select(tables.evidence.c.id))).scalars()
            found = [await evidence.one(tx, one) for one in ids]
        return [piece for piece in found if piece]

    async def sends(self, ref: str, who: Address = PHONE, name: str = "", text: str = "") -> None:
        file = Attachment("file" if name else "image", ref, name)
        await self.office.host.heard(Message(ref, who, text, self.office.clock[0], file))

    async def submit(self, who: Address, *refs: str) -> str:
        now = self.office.clock[0]
        kept = tuple(Evidence("image", ref, "2026-11-23") for ref in refs)
        draft = CaseDraft("procedure", "少了", "少了", "少了", now, evidence=kept)
        async with self.office.store.write() as tx:
            (case,) = await cases.file(tx, [Filing(str(who), who, draft, "1")], now)
        return case.number


@pytest.fixture
async def place(store: Store, tmp_path: Path) -> AsyncIterator[Place]:
    async with opened(store) as office:
        yield Place(office, tmp_path / "evidence")


async def test_a_file_is_kept_sealed_and_opens_again(place: Place) -> None:
    piece = await place.room.keep(ZHANG, jpeg())
    (file,) = place.files()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.folder.stat().st_mode) == 0o700
    lies = file.read_bytes()
    assert b"\xff\xd8\xff" not in lies, "a JPEG begins so"
    assert SECRET not in lies
    (held,) = await place.pieces()
    assert (held.media, held.state, held.sender) == ("image/jpeg", "kept", ZHANG)
    opened = await place.room.open(held)
    assert opened
    assert opened.data == harmless(jpeg()).data
    assert len(opened.data) == held.size == piece.size


async def test_what_was_changed_or_moved_does_not_open(place: Place) -> None:
    one, two = [await place.room.keep(ZHANG, data) for data in (a_png(), jpeg())]
    (place.folder / one.id).write_bytes((place.folder / two.id).read_bytes())
    assert await place.room.open(one) is None
    (place.folder / two.id).unlink()
    assert await place.room.open(two) is None


async def test_too_large_and_too_many_are_refused_and_leave_nothing(place: Place) -> None:
    place.limits = Limits(most_bytes=10_000, most_a_day=2)
    with pytest.raises(Unkept, match="size"):
        await place.room.keep(ZHANG, PDF + b" " * 10_000)
    for _ in range(2):
        await place.room.keep(ZHANG, PDF)
    with pytest.raises(Unkept, match="day"):
        await place.room.keep(ZHANG, PDF)
    await place.room.keep(LI, PDF)
    assert len(place.files()) == 3
    await place.office.passes(days=1)
    await place.room.keep(ZHANG, PDF)


async def test_what_was_not_submitted_goes_after_its_days_row_and_file(place: Place) -> None:
    kept, loose = [await place.room.keep(ZHANG, data) for data in (a_png(), PDF)]
    number = await place.submit(ZHANG, kept.ref)
    await place.office.passes(days=KEPT_DAYS - 1)
    assert (await place.room.tidy())["forgotten"] == 0
    await place.office.passes(days=2)
    assert (await place.room.tidy())["forgotten"] == 1
    assert [(p.id, p.number) for p in await place.pieces()] == [(kept.id, number)]
    assert [file.name for file in place.files()] == [kept.id]
    assert loose.id != kept.id
    async with place.office.store.write() as tx:
        await tx.execute(tables.cases.delete())
    assert (await place.room.tidy())["forgotten"] == 1, "with its consultation"
    assert place.files() == []


async def test_a_file_without_a_row_is_swept_up_once_it_is_not_new(place: Place) -> None:
    piece = await place.room.keep(ZHANG, PDF)
    lone = place.folder / ("x" * 22)
    lone.write_bytes(b"?")
    (place.folder / "README").write_text("not ours")
    assert (await place.room.tidy())["swept"] == 0
    for file in place.files():
        os.utime(file, (0, 0))
    assert (await place.room.tidy())["swept"] == 1
    assert [file.name for file in place.files()] == sorted(["README", piece.id])


async def test_a_new_key_seals_again_and_the_old_one_may_go(place: Place) -> None:
    await place.room.keep(ZHANG, PDF)
    old, new = place.ring, new_key("k2")
    place.ring = f"{new},{old}"
    assert (await place.room.tidy())["resealed"] == 1
    assert (await place.room.tidy())["resealed"] == 0
    place.ring = new
    (piece,) = await place.pieces()
    opened = await place.room.open(piece)
    assert opened
    assert opened.data == PDF


async def test_an_erasure_takes_what_is_not_part_of_a_consultation(place: Place) -> None:
    kept, loose = [await place.room.keep(ZHANG, data) for data in (a_png(), PDF)]
    others = await place.room.keep(LI, PDF)
    await place.submit(ZHANG, kept.ref)
    (said,) = (await place.office.says(ZHANG, "/erase yes"))[-1:]
    assert "发来的材料 1 条" in said
    assert {p.id for p in await place.pieces()} == {kept.id, others.id}
    for file in place.files():
        os.utime(file, (0, 0))
    await place.room.tidy()
    assert loose.id not in {file.name for file in place.files()}


# --- what came on a platform ----------------------------------------------------------------------


async def test_a_picture_is_fetched_after_the_turn_and_submitted_with_the_case(
    place: Place,
) -> None:
    place.there = {"AgAC": jpeg()}
    await place.sends("AgAC")
    assert place.fetched == 0
    assert [p.state for p in await place.pieces()] == ["awaited"]
    assert await place.gatherer.gather() == 1
    (piece,) = await place.pieces()
    assert (piece.state, piece.media, piece.number) == ("kept", "image/jpeg", None)
    number = await place.submit(PHONE, "AgAC")
    async with place.office.store.read() as tx:
        assert [p.id for p in await evidence.of_case(tx, number)] == [piece.id]
    assert await place.gatherer.gather() == 0


async def test_a_picture_with_words_and_a_document_are_kept_and_other_files_are_not(
    place: Place,
) -> None:
    await place.sends("one", text="看看这个")
    await place.sends("two", name="../../明细.PDF")
    await place.sends("three", name="game.exe")
    assert sorted(p.ref for p in await place.pieces()) == ["one", "two"]


async def test_staff_who_open_it_do_not_wait_for_the_round(place: Place) -> None:
    place.there = {"AgAC": a_png()}
    await place.sends("AgAC")
    (waiting,) = await place.pieces()
    piece, file = await place.gatherer.look(waiting.id)
    assert piece
    assert file
    assert (piece.state, file.media) == ("kept", "image/png")
    assert await place.gatherer.look("nothing-of-that-name") == (None, None)


async def test_what_fails_is_tried_again_later_and_at_last_lost(place: Place) -> None:
    place.there = {"AgAC": Unfetchable("busy")}
    await place.sends("AgAC")
    for n in range(len(PAUSES)):
        assert await place.gatherer.gather() == 1, n
        assert await place.gatherer.gather() == 0, "not at once"
        await place.office.passes(seconds=PAUSES[n].total_seconds())
    assert [p.state for p in await place.pieces()] == ["lost"]
    assert place.fetched == len(PAUSES)


async def test_what_the_platform_has_no_longer_is_lost_at_once(place: Place) -> None:
    place.there = {"AgAC": Unfetchable("gone", permanent=True)}
    await place.sends("AgAC")
    await place.sends("elsewhere", ZHANG)  # a channel from which nothing can be fetched
    await place.gatherer.gather()
    assert [p.state for p in await place.pieces()] == ["lost", "lost"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (HTML, "PNG、JPEG"),
        (bomb(), "尺寸太大"),
        (b"", "空的"),
        (Unfetchable("large", too_large=True), "超过 8 MB"),
    ],
)
async def test_what_is_refused_is_told_to_its_sender_once(
    place: Place, data: bytes | Unfetchable, said: str
) -> None:
    place.there = {"AgAC": data}
    await place.sends("AgAC")
    await place.gatherer.gather()
    await place.gatherer.gather()
    told = [line for line in await place.office.told(PHONE) if "没能保存" in line]
    assert len(told) == 1
    assert said in told[0]
    assert [p.state for p in await place.pieces()] == ["refused"]
    assert place.files() == []


async def test_what_was_erased_while_it_was_fetched_is_not_kept(place: Place) -> None:
    await place.sends("AgAC")

    async def slow(ref: str, most: int) -> bytes:
        await place.office.says(PHONE, "/erase yes")
        return a_png()

    await Gatherer(place.room, place.office.host, {"telegram": slow}).gather()
    assert await place.pieces() == []
    assert place.files() == []


async def test_the_same_picture_heard_twice_is_one(place: Place) -> None:
    await place.sends("AgAC")
    await place.sends("AgAC")
    async with place.office.store.read() as tx:
        assert (await tx.execute(select(func.count()).select_from(tables.evidence))).scalar() == 1


async def test_the_room_is_full_for_today_on_a_platform_too(place: Place) -> None:
    place.limits = Limits(most_a_day=1)
    place.there = {"one": a_png(), "two": a_png()}
    await place.sends("one")
    await place.sends("two")
    await place.office.passes(minutes=1)
    await place.gatherer.gather()
    assert sorted(p.state for p in await place.pieces()) == ["kept", "refused"]


# --- to a case that is under way ------------------------------------------------------------------


async def test_what_staff_asked_for_goes_to_that_case(place: Place) -> None:
    office = place.office
    await office.says(PHONE, "file 社保转移")
    await office.casework.need(NUMBER, "请发缴费截图。", "t1", "xiaowang")
    place.there = {"AgAC": jpeg()}
    await place.sends("AgAC")
    (asked,) = (await office.told(PHONE))[-1:]
    assert f"补充到咨询 {NUMBER}" in asked
    await office.says(PHONE, f"/attach {NUMBER}")
    await place.gatherer.gather()
    async with office.store.read() as tx:
        (piece,) = await evidence.of_case(tx, NUMBER)
        one = await case_file.whole(tx, NUMBER)
        history = await case_file.history(tx, NUMBER)
    assert piece.state == "kept"
    assert one
    assert one.state == "taken"
    assert [(e.kind, e.text, len(e.evidence)) for e in history][-1] == (
        "supplement",
        "补充了 1 份材料",
        1,
    )
    await office.says(PHONE, f"/attach {NUMBER}")
    async with office.store.read() as tx:
        assert len(await evidence.of_case(tx, NUMBER)) == 1


async def test_nobody_adds_to_the_case_of_another(place: Place) -> None:
    await place.office.says(ZHANG, "file 社保转移")
    await place.sends("AgAC")
    (said,) = (await place.office.says(PHONE, f"/attach {NUMBER}"))[-1:]
    assert "不在您的账号下" in said
    async with place.office.store.read() as tx:
        assert await evidence.of_case(tx, NUMBER) == []
