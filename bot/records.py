"""An exported contribution record (xlsx, csv) as the text that the engine reads. The file is not kept.

Rule 1: whoever has the bytes calls `heard(message, data)` and drops them: what goes on is months,
        employers and bases, without numbers of persons.
Rule 2: a file is never trusted: at most `MOST_BYTES`, no macros, no formulas, no bombs.
Rule 3: what cannot be read is `Unclear` with a sentence for the citizen.
"""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from bot.engine.form import Unclear
from bot.engine.paid_months import as_text, read_rows
from bot.engine.text import LONGEST_MESSAGE
from bot.engine.types import Message

MOST_BYTES = 2_000_000
MOST_UNPACKED = 40_000_000  # bytes of all parts of an xlsx together
MOST_ROWS = 5_000
MOST_COLUMNS = 60
ENDINGS = (".xlsx", ".csv", ".txt")
_UNREADABLE = "这个文件我读不了。请发从官方渠道导出的 xlsx 或 csv 文件，或者把明细粘贴成文字。"
_TOO_LARGE = "这个文件太大了。请只导出最近几年的，或者把明细粘贴成文字。"
_OLD = "这是老格式的 xls 文件，我读不了。请另存为 xlsx，或者把明细粘贴成文字。"


def wanted(name: str) -> bool:
    """Whether a file of that name may be such a record."""
    return name.lower().endswith((*ENDINGS, ".xls"))


def heard(message: Message, data: bytes) -> Message:
    """The message with the file's record as its text. Raises Unclear."""
    name = message.attachment.name if message.attachment else ""
    return replace(message, text=text_of(name, data), attachment=None)


def text_of(name: str, data: bytes) -> str:
    """The record in at most one message's length. Raises Unclear."""
    text = as_text(read_rows(rows(name, data)))
    if len(text) > LONGEST_MESSAGE:
        raise Unclear(_TOO_LARGE)
    return text


def rows(name: str, data: bytes) -> list[list[str]]:
    """The cells as texts, row by row. Raises Unclear."""
    if len(data) > MOST_BYTES:
        raise Unclear(_TOO_LARGE)
    if data[:4] == b"PK\x03\x04":
        return list(_xlsx(data))
    if data[:4] == b"\xd0\xcf\x11\xe0" or name.lower().endswith(".xls"):
        raise Unclear(_OLD)
    return list(_csv(data))


def _xlsx(data: bytes) -> Iterator[list[str]]:
    """All sheets, one after the other."""
    from openpyxl import load_workbook  # 8 MB and 50 ms that most runs never need

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
                raise Unclear(_TOO_LARGE)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles that it does not know
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            read = 0
            for sheet in book.worksheets:
                for row in sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True):
                    read += 1
                    if read > MOST_ROWS:
                        raise Unclear(_TOO_LARGE)
                    yield [_shown(cell) for cell in row]
            book.close()
    except Unclear:
        raise
    except Exception as error:  # a damaged file fails in many ways inside the library
        raise Unclear(_UNREADABLE) from error


def _csv(data: bytes) -> Iterator[list[str]]:
    text = _decoded(data)
    try:
        dialect: Any = csv.Sniffer().sniff(text[:4096], ",\t;|")
    except csv.Error:
        dialect = csv.excel
    try:
        for read, row in enumerate(csv.reader(io.StringIO(text), dialect)):
            if read >= MOST_ROWS:
                raise Unclear(_TOO_LARGE)
            yield [cell.strip().lstrip("=").strip('"') for cell in row[:MOST_COLUMNS]]
    except csv.Error as error:
        raise Unclear(_UNREADABLE) from error


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Unclear(_UNREADABLE)


def _shown(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return f"{cell:%Y-%m-%d}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
