"""What citizens sent in: looked at one by one, each look noted.

Rule 1: a file comes as a picture or as a download, in a sandbox, and no cache keeps it.
Rule 2: it is opened under the case or hand-over that it belongs to, never by its id alone.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.desk.door import Pages
from bot.desk.sight import allowed
from bot.desk.visit import Visit
from bot.evidence.harmless import ENDINGS, Harmless
from bot.store import evidence, handoffs
from bot.store.evidence import Piece
from bot.store.handoffs import Filed

pages = Pages()

POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
KINDS = {"image/png": "PNG 图片", "image/jpeg": "图片", "application/pdf": "PDF 文件"}
WHY_NOT = {
    "gone": "平台上已经取不到了，请对方重发",
    "empty": "是空的，没有保存",
    "kind": "不是图片或 PDF，没有保存",
    "broken": "打不开，没有保存",
    "dimensions": "图片尺寸过大，没有保存",
    "size": "文件过大，没有保存",
    "day": "超过每人每天的份数，没有保存",
}


def told(piece: Piece) -> str:
    """What stands beside it in a list."""
    if piece.state == "kept":
        return f"{KINDS.get(piece.media, '文件')}，{max(1, piece.size // 1_000)} KB"
    return WHY_NOT.get(piece.why, "还在平台上，点开时去取")


@pages.get("/cases/{number:str}/materials/{id:str}", may="cases.read")
async def of_case(visit: Visit) -> Response:
    number = visit.request.path_params["number"]
    async with visit.office.store.read() as tx:
        await allowed(visit, tx, number)
    return await _shown(
        visit, f"/desk/cases/{number}", f"case:{number}", lambda p: p.number == number
    )


@pages.get("/handoffs/{number:int}/materials/{id:str}", may="handoffs.read")
async def of_handoff(visit: Visit) -> Response:
    number = visit.number()
    async with visit.office.store.read() as tx:
        one = await handoffs.read(tx, number)
    if one is None:
        raise HTTPException(404)
    here = f"/desk/handoffs/{number}"
    return await _shown(visit, here, f"handoff:{number}", lambda piece: _during(one, piece))


async def sent_in(tx: AsyncConnection, one: Filed) -> list[Piece]:
    """What came during a hand-over."""
    found = await evidence.of_person(tx, one.citizen, one.created_at)
    return [piece for piece in found if _during(one, piece)]


def _during(one: Filed, piece: Piece) -> bool:
    began = piece.sender == one.citizen and piece.at >= one.created_at
    return began and (one.closed_at is None or piece.at <= one.closed_at)


async def _shown(
    visit: Visit, back: str, subject: str, theirs: Callable[[Piece], bool]
) -> Response:
    name, room = visit.request.path_params["id"], visit.office.materials
    async with visit.office.store.write() as tx:
        piece = await evidence.one(tx, name)
        if room is None or piece is None or not theirs(piece):
            raise HTTPException(404)
        await visit.note(tx, "material_opened", subject, name)
    _, file = await room.look(name)
    return visit.go(back, said="material_not_here") if file is None else _handed_out(name, file)


def _handed_out(name: str, file: Harmless) -> Response:
    shown = "inline" if file.media.startswith("image/") else "attachment"
    headers = {
        "Content-Disposition": f'{shown}; filename="{name}.{ENDINGS[file.media]}"',
        "Content-Security-Policy": POLICY,
        "Cache-Control": "no-store",
    }
    return Response(file.data, media_type=file.media, headers=headers)
