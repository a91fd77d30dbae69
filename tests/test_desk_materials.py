"""What citizens sent in, at the desk: listed with the case, opened in a sandbox, every look noted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.base import Unfetchable
from bot.engine.case import CaseDraft
from bot.engine.types import Address, Evidence
from bot.evidence import EvidenceRoom
from bot.evidence.gathering import Gatherer
from bot.evidence.harmless import harmless
from bot.keys import read_keys
from bot.store import cases, evidence, handoffs
from bot.store.cases import Filing
from bot.store.engine import Store
from bot.store.evidence import Piece
from tests.citizens_files import PDF, jpeg
from tests.desk_house import Bureau

ZHANG = Address("webchat", "zhang")
PHONE = Address("telegram", "4711")


@pytest.fixture
async def bureau(store: Store, tmp_path: Path) -> AsyncIterator[Bureau]:
    one = Bureau(store)

    async def fetch(ref: str, most: int) -> bytes:
        if ref == "busy":
            raise Unfetchable("busy")
        return jpeg()

    room = EvidenceRoom(store, read_keys(one.ring), tmp_path / "evidence", one.clock)
    one.materials = Gatherer(room, one.host, {"telegram": fetch})
    one.app = one.made()
    async with one.host:
        yield one


async def kept(bureau: Bureau, data: bytes, who: Address = ZHANG) -> Piece:
    assert bureau.materials
    return await bureau.materials.room.keep(who, data)


async def awaited(bureau: Bureau, ref: str) -> Piece:
    piece = Piece(evidence.new_id(), bureau.clock(), PHONE, ref, "awaited")
    async with bureau.store.write() as tx:
        await evidence.expect(tx, [piece], bureau.clock())
    return piece


async def filed(bureau: Bureau, who: Address, *pieces: Piece) -> str:
    now = bureau.clock()
    sent = tuple(Evidence("image", piece.ref, "2026-11-23") for piece in pieces)
    draft = CaseDraft("procedure", "少了", "少了", "少了", now + timedelta(days=3), evidence=sent)
    async with bureau.store.write() as tx:
        (case,) = await cases.file(tx, [Filing(str(who), who, draft, "1")], now)
    return case.number


async def test_the_case_lists_what_was_sent_and_each_opens_in_a_sandbox(bureau: Bureau) -> None:
    one, two = [await kept(bureau, data) for data in (jpeg(), PDF)]
    number = await filed(bureau, ZHANG, one, two)
    clerk = await bureau.clerk("xiaowang", "agent")
    for page in (f"/desk/cases/{number}", f"/desk/cases/{number}/lately"):
        shown = (await clerk.get(page)).text
        for piece in (one, two):
            assert f'href="/desk/cases/{number}/materials/{piece.id}" target="_blank"' in shown
        assert "PDF 文件" in shown
    picture = await clerk.get(f"/desk/cases/{number}/materials/{one.id}")
    assert picture.content == harmless(jpeg()).data
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.headers["content-disposition"] == f'inline; filename="{one.id}.jpg"'
    paper = await clerk.get(f"/desk/cases/{number}/materials/{two.id}")
    assert paper.content == PDF
    assert paper.headers["content-disposition"] == f'attachment; filename="{two.id}.pdf"'
    for answer in (picture, paper):
        assert answer.headers["content-security-policy"].endswith("sandbox")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
    acts = [act for act in await bureau.acts() if act[1] == "material_opened"]
    assert acts == [("xiaowang", "material_opened", f"case:{number}")] * 2


async def test_what_still_lies_on_the_platform_is_fetched_when_it_is_opened(
    bureau: Bureau,
) -> None:
    there, busy = await awaited(bureau, "AgAC"), await awaited(bureau, "busy")
    number = await filed(bureau, PHONE, there, busy)
    clerk = await bureau.clerk()
    assert "点开时去取" in (await clerk.get(f"/desk/cases/{number}")).text
    opened = await clerk.get(f"/desk/cases/{number}/materials/{there.id}")
    assert opened.headers["content-type"] == "image/jpeg"
    later = await clerk.get(f"/desk/cases/{number}/materials/{busy.id}")
    assert later.status_code == 303
    assert "现在取不到" in (await clerk.get(later.headers["location"])).text


async def test_what_was_not_kept_says_why_and_is_no_link(bureau: Bureau) -> None:
    piece = await awaited(bureau, "AgAC")
    number = await filed(bureau, PHONE, piece)
    async with bureau.store.write() as tx:
        await evidence.settle(tx, piece.id, {"state": "refused", "why": "kind"})
    clerk = await bureau.clerk()
    shown = (await clerk.get(f"/desk/cases/{number}")).text
    assert "不是图片或 PDF，没有保存" in shown
    assert piece.id not in shown


async def test_a_file_opens_under_its_own_case_only_and_for_who_may_read_it(
    bureau: Bureau,
) -> None:
    one, loose = [await kept(bureau, data) for data in (jpeg(), PDF)]
    number = await filed(bureau, ZHANG, one)
    other = await filed(bureau, ZHANG)
    clerk = await bureau.clerk()
    for path in (
        f"/desk/cases/{other}/materials/{one.id}",
        f"/desk/cases/{number}/materials/{loose.id}",
        f"/desk/cases/{number}/materials/..%2f..%2fetc%2fpasswd",
        f"/desk/cases/{number}/materials/{'x' * 22}",
    ):
        assert (await clerk.get(path)).status_code == 404, path
    auditor = await bureau.clerk("shen", "auditor")
    path = f"/desk/cases/{number}/materials/{one.id}"
    assert (await auditor.get(path)).status_code == 403
    assert (await bureau.visitor().get(path)).status_code == 303


async def test_what_is_sent_during_a_handover_is_seen_there(bureau: Bureau) -> None:
    before = await kept(bureau, PDF)
    bureau.clock.turn(minutes=1)
    async with bureau.store.write() as tx:
        ((number, _),) = await handoffs.request(tx, [(ZHANG, "要找人")], bureau.clock())
    during = await kept(bureau, jpeg())
    clerk = await bureau.clerk()
    shown = (await clerk.get(f"/desk/handoffs/{number}")).text
    assert during.id in shown
    assert before.id not in shown
    here = f"/desk/handoffs/{number}/materials"
    assert (await clerk.get(f"{here}/{during.id}")).headers["content-type"] == "image/jpeg"
    assert (await clerk.get(f"{here}/{before.id}")).status_code == 404
