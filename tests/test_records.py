"""Exported contribution records: real xlsx and csv bytes, pasted text, and what stands out in them."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from telegram.error import TimedOut

from bot import records
from bot.channels.telegram.records import opened
from bot.engine.form import Unclear
from bot.engine.paid_months import (
    Paid,
    as_text,
    findings,
    of_insurance,
    read_rows,
    read_text,
    runs,
    spelt_runs,
)
from bot.engine.quantities import plus_months
from bot.engine.types import Attachment, Message
from handlers.calculators.contribution_gaps import calculator
from tests.small_world import small_book
from tests.talk import MONDAY, ZHANG, Talk
from tests.test_calculators import GROUND

HEADER = ["费款所属期", "险种类型", "单位名称", "缴费基数", "个人缴费", "缴费状态"]
ROWS: list[list[Any]] = [
    [202301, "企业职工基本养老保险", "甲公司", 5000.0, 400, "已缴费"],
    [202301, "失业保险", "甲公司", 5000.0, 15, "已缴费"],
    [202302, "企业职工基本养老保险", "甲公司", 5000.0, 400, "已缴费"],
    [202303, "企业职工基本养老保险", "甲公司", 5000.0, 400, "未缴费"],
    [202304, "企业职工基本养老保险", "乙公司", 3000.0, 240, "已缴费"],
    ["合计", "", "", "", 1455, ""],
]
PENSION = (
    Paid(date(2023, 1, 1), Decimal(5000), "甲公司", "养老"),
    Paid(date(2023, 2, 1), Decimal(5000), "甲公司", "养老"),
    Paid(date(2023, 4, 1), Decimal(3000), "乙公司", "养老"),
)


def workbook(*rows: list[Any]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def sheet(encoding: str, mark: str = ",") -> bytes:
    return "\r\n".join(mark.join(map(str, row)) for row in [HEADER, *ROWS]).encode(encoding)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("缴费明细.xlsx", workbook(["个人缴费明细"], HEADER, *ROWS)),
        ("缴费明细.csv", sheet("utf-8-sig")),
        ("缴费明细.csv", sheet("gb18030")),
        ("缴费明细.txt", sheet("utf-8", "\t")),
    ],
    ids=["xlsx", "csv-utf8", "csv-gbk", "tabs"],
)
def test_a_file_gives_the_months_of_its_rows(name: str, data: bytes) -> None:
    read = read_rows(records.rows(name, data))
    assert of_insurance(read) == ("养老", PENSION)


def test_dates_of_a_workbook_are_months() -> None:
    data = workbook(["缴费年月", "缴费基数"], [date(2024, 2, 29), 4000])
    assert read_rows(records.rows("a.xlsx", data)) == (Paid(date(2024, 2, 1), Decimal(4000)),)


def test_years_and_months_in_columns_of_their_own_are_put_together() -> None:
    assert read_rows([["年度", "月份", "缴费基数"], ["2023", "12", "4000"]]) == (
        Paid(date(2023, 12, 1), Decimal(4000)),
    )


def test_a_span_of_months_is_each_of_them() -> None:
    table = [["起始年月", "终止年月", "缴费基数"], ["202311", "202401", "4000"]]
    assert [p.month for p in read_rows(table)] == [
        date(2023, 11, 1),
        date(2023, 12, 1),
        date(2024, 1, 1),
    ]


@pytest.mark.parametrize(
    ("line", "months", "base", "employer"),
    [
        ("2023-01 某某公司 5000", 1, "5000", "某某公司"),
        ("2023年1月至2023年6月 某某厂 缴费基数4000元", 6, "4000", "某某厂"),
        ("202301~202303 4106.5", 3, "4106.5", ""),
        ('２０２３／０１,甲公司,"5,000.00"', 1, "5000.00", "甲公司"),
        ("2023.1|养老|甲公司|5000", 1, "5000", "甲公司"),
    ],
)
def test_pasted_lines_read_as_people_write_them(
    line: str, months: int, base: str, employer: str
) -> None:
    read = read_text(line)
    assert len(read) == months
    assert {(p.base, p.employer) for p in read} == {(Decimal(base), employer)}


def test_arrears_and_totals_are_no_payment() -> None:
    assert len(read_text("2023-01 5000\n2023-02 5000 欠费\n2023年合计 60000\n共 12 个月")) == 1


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0" + bytes(100), "另存为 xlsx"),
        ("a.xlsx", b"PK\x03\x04" + bytes(100), "读不了"),
        ("a.csv", b"\x00\xff" * 50, "读不了"),
        ("a.csv", "姓名,金额\n张,1".encode(), "没找到缴费月份"),
        ("a.csv", b"1" * (records.MOST_BYTES + 1), "太大"),
        ("a.csv", b"", "没找到缴费月份"),
    ],
)
def test_what_cannot_be_read_is_told_kindly(name: str, data: bytes, said: str) -> None:
    with pytest.raises(Unclear, match=said):
        records.text_of(name, data)


def test_a_bomb_is_not_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/workbook.xml", bytes(records.MOST_UNPACKED + 1))
    with pytest.raises(Unclear, match="太大"):
        records.rows("a.xlsx", out.getvalue())


months = st.integers(0, 400).map(lambda n: plus_months(date(1992, 1, 1), n))
paid = st.builds(
    Paid,
    months,
    st.none() | st.integers(500, 30000).map(Decimal),
    st.sampled_from(["", "甲公司", "乙厂"]),
    st.sampled_from(["", "养老", "失业"]),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(paid, min_size=1, max_size=60))
def test_a_record_written_as_text_reads_the_same(record: list[Paid]) -> None:
    written = read_text(as_text(record))
    assert sorted(map(repr, written)) == sorted(map(repr, record))


@settings(max_examples=100, deadline=None)
@given(st.lists(months, min_size=1, max_size=60))
def test_paid_and_missing_months_make_up_the_whole(paid_in: list[date]) -> None:
    found = findings([Paid(m) for m in paid_in], lambda month: None)
    span = (found.last.year - found.first.year) * 12 + found.last.month - found.first.month + 1
    assert found.paid + len(found.missing) == span
    assert not set(found.missing) & set(paid_in)


def test_what_stands_out_is_found() -> None:
    record = [*PENSION, Paid(date(2023, 4, 1), Decimal(3500), "丙公司", "养老")]
    found = findings(record, lambda month: Decimal(4000), until=date(2023, 6, 1))
    assert spelt_runs(found.missing) == "2023-03、2023-05~2023-06"
    assert found.doubled == (date(2023, 4, 1),)
    assert found.below == (date(2023, 4, 1),)
    assert found.changes == ((date(2023, 4, 1), "甲公司", "乙公司"),)


def test_rows_that_are_always_two_a_month_are_not_paid_twice() -> None:
    record = [Paid(m, Decimal(4000), "甲公司") for m in (date(2023, 1, 1), date(2023, 2, 1))] * 2
    assert findings(record, lambda month: None).doubled == ()


def test_a_base_that_is_just_the_minimum_is_not_below_it() -> None:
    record = [Paid(date(2023, 1, 1), Decimal(4000))]
    assert findings(record, lambda month: Decimal(4000)).below == ()
    assert findings(record, lambda month: Decimal("4000.01")).below == (date(2023, 1, 1),)


def test_runs_end_at_a_gap_and_pass_a_new_year() -> None:
    assert runs([date(2023, 12, 1), date(2024, 1, 1), date(2024, 3, 1)]) == [
        (date(2023, 12, 1), date(2024, 1, 1)),
        (date(2024, 3, 1), date(2024, 3, 1)),
    ]


def citizen() -> Talk:
    form = calculator(GROUND).form(GROUND)
    return Talk(replace(small_book(), forms={form.name: form}))


def test_a_file_that_was_read_is_answered_at_once() -> None:
    said = Message("1", ZHANG, "", MONDAY, Attachment("file", "ref", "缴费明细.xlsx"))
    read = records.heard(said, workbook(HEADER, *ROWS))
    talk = citizen()
    assert "哪个城市" in talk.heard(read.text)
    reply = talk.say("跳过").replies[0]
    assert reply.kind == "result"
    assert reply.text.startswith("2023-01到2023-04，养老保险缴了3个月，缺1个月：2023-03。")
    assert "2023-04 由甲公司换到乙公司" in reply.text


def test_pasted_text_is_answered_and_not_kept_as_a_draft() -> None:
    talk = citizen()
    talk.say("查断缴")
    talk.say("2025-01 甲公司 4000\n2025-02 甲公司 5000\n2025-04 甲公司 5000")
    reply = talk.say("长沙").replies[0]
    assert "缺1个月：2025-03" in reply.text
    assert "低于当地最低基数的月份：2025-01" in reply.text
    assert not talk.state.drafts


def test_many_pasted_lines_start_it_by_themselves() -> None:
    talk = citizen()
    lines = "\n".join(f"2025-{n:02} 甲公司 5000" for n in (1, 2, 3, 5, 6))
    assert "5条" in talk.heard(lines)


def test_thirty_years_of_a_file_fit_one_message() -> None:
    start = date(1996, 1, 1)
    record = [
        Paid(
            plus_months(start, n), Decimal(1000 + n // 12 * 200), "长沙某某机械制造有限公司", "养老"
        )
        for n in range(360)
    ]
    table = [HEADER[:4], *([f"{p.month:%Y%m}", "养老", p.employer, str(p.base)] for p in record)]
    text = records.text_of("a.xlsx", workbook(*table))
    assert len(read_text(text)) == 360


class Fetched:
    """A file that Telegram holds."""

    def __init__(self, data: bytes, size: int | None = None) -> None:
        self.data, self.file_size = data, size

    async def download_as_bytearray(self) -> bytearray:
        return bytearray(self.data)


class Holder:
    """Telegram, as far as files go."""

    def __init__(self, file: Fetched | Exception) -> None:
        self.file, self.asked = file, 0

    async def get_file(self, ref: str) -> Fetched:
        self.asked += 1
        if isinstance(self.file, Exception):
            raise self.file
        return self.file


def sent(name: str, text: str = "") -> Message:
    return Message("1", ZHANG, text, MONDAY, Attachment("file", "file-id", name))


async def test_a_record_sent_on_telegram_is_heard_as_its_text() -> None:
    bot: Any = Holder(Fetched(workbook(HEADER, *ROWS), 9_000))
    message = await opened(bot, sent("缴费明细.XLSX"))
    assert message.attachment is None
    assert read_text(message.text) == read_rows(records.rows("a.xlsx", workbook(HEADER, *ROWS)))


@pytest.mark.parametrize(
    ("name", "file", "asked"),
    [
        ("证明.pdf", Fetched(b""), 0),
        ("明细.xlsx", Fetched(b"PK\x03\x04", records.MOST_BYTES + 1), 1),
        ("明细.csv", Fetched("姓名,金额".encode()), 1),
        ("明细.csv", TimedOut(), 1),
    ],
    ids=["other", "large", "no-months", "unreachable"],
)
async def test_any_other_file_is_heard_as_a_file(
    name: str, file: Fetched | Exception, asked: int
) -> None:
    bot: Any = Holder(file)
    assert await opened(bot, sent(name)) == sent(name)
    assert bot.asked == asked
