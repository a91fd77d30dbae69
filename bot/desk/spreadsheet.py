"""Lists as CSV that opens in a spreadsheet: UTF-8 with its mark, and no cell that would be run."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Sequence

from starlette.responses import Response, StreamingResponse

_RUNS = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for a formula at the start


def line(cells: Sequence[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([_safe(str(cell)) for cell in cells])
    return out.getvalue()


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_RUNS) else cell


def download(name: str, heads: Sequence[str], rows: AsyncIterator[Sequence[object]]) -> Response:
    """`name`: of the file, in ASCII, without its ending. The rows are sent as they are read."""

    async def text() -> AsyncIterator[str]:
        yield "\ufeff" + line(heads)
        async for row in rows:
            yield line(row)

    headers = {
        "Content-Disposition": f'attachment; filename="{name}.csv"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(text(), media_type="text/csv; charset=utf-8", headers=headers)
