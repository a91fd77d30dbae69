"""An exported contribution record: which months were paid, missed, paid twice, or below the minimum.

Rule 1: only what is written counts: rows give months; nothing is filled in between them.
Rule 2: a table with a header is read by its columns, one without by what its cells look like.
Rule 3: rows that say 欠费 or 未缴 are no payment; totals and rows without a month are passed over.
Rule 4: `as_text` writes a record so shortly that it fits a message, and `read_text` reads it again.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from bot.engine.form import Unclear
from bot.engine.quantities import plus_months

FILE_MARK = "缴费记录文件"  # opens the text that stands for a file
MOST_MONTHS = 12 * 60
INSURANCES = ("养老", "医疗", "失业", "工伤", "生育")

_YM = r"((?:19|20)\d\d)\s*[-年/.]\s*(0?[1-9]|1[0-2])(?!\d)\s*月?"
_SOLID = r"((?:19|20)\d\d)(0[1-9]|1[0-2])(?:[0-3]\d)?(?!\d)"
_MONTH = re.compile(rf"(?<!\d)(?:{_SOLID}|{_YM})(?:[-/.日号]?[0-3]?\d[日号]?(?!\d))?")
_BETWEEN = re.compile(r"\s*(?:至|到|~|～|—+|–|--)\s*")
_UNPAID = re.compile(r"欠|未(?:缴|到|足|入)|补缴中|失败|作废|退")
_COLUMNS = {
    "year": re.compile(r"^(?:缴费|所属)?年度?$"),
    "from": re.compile(r"起始|开始|自|费款所属期起|起$"),
    "to": re.compile(r"终止|截止|结束|止$"),
    "month": re.compile(r"所属期|年月|月份|缴费期|缴费月|费款|对应|期间|时间|账期"),
    "base": re.compile(r"基数|申报工资"),
    "employer": re.compile(r"单位名称|参保单位|缴费单位|用人单位|公司|单位$"),
    "insurance": re.compile(r"险种"),
    "state": re.compile(r"状态|标志|到账|是否"),
}
_FIRM = re.compile(r"公司|厂|店|中心|局|院|校|所|社|集团|单位|个体|灵活|商行|部$|户$")


@dataclass(frozen=True, slots=True)
class Paid:
    """A month of one insurance. `base`: CNY, None if it is not written."""

    month: date
    base: Decimal | None = None
    employer: str = ""
    insurance: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """What stands out in the months from `first` to `last`."""

    first: date
    last: date
    paid: int  # different months
    missing: tuple[date, ...]
    doubled: tuple[date, ...]
    below: tuple[date, ...]
    changes: tuple[tuple[date, str, str], ...]  # from that month on, before, after


def read_text(text: str) -> tuple[Paid, ...]:
    """Pasted lines, a month or a span of months each. Raises Unclear."""
    lines = re.split(r"[\n;]", unicodedata.normalize("NFKC", text).replace(FILE_MARK, ""))
    return read_rows(_cells(line) for line in lines)


def _cells(line: str) -> list[str]:
    """Cells between tabs, bars, commas (not those of 5,000.00) or, failing these, spaces."""
    line = re.sub(r"(?<=\d),(?=\d{3}(?:\D|$))", "", line).replace('"', "")
    for mark in ("\t", "|", r"[,、]"):
        if len(cells := re.split(mark if len(mark) > 1 else re.escape(mark), line)) > 1:
            return [c.strip() for c in cells]
    joined = _BETWEEN.sub("至", line) if _MONTH.search(line) else line
    return joined.split()


def read_rows(rows: Iterable[Sequence[str]]) -> tuple[Paid, ...]:
    """Rows of a table. Raises Unclear if no month was found."""
    found: list[Paid] = []
    columns: dict[str, int] = {}
    for row in rows:
        if header := _header(row):
            columns = header
            continue
        found += _by_columns(row, columns) if columns else _by_looks(row)
        if len(found) > MOST_MONTHS * len(INSURANCES):
            raise Unclear("这份记录太长了，请只发最近几年的，或转人工。")
    if not found:
        raise Unclear("没找到缴费月份。请一个月一行，例如“2023-01 某某公司 5000”。")
    return tuple(sorted(found, key=lambda p: (p.month, p.insurance, p.employer)))


def _header(row: Sequence[str]) -> dict[str, int]:
    """Which column holds what; empty if the row is no header."""
    if any(_MONTH.search(cell) for cell in row):
        return {}
    columns: dict[str, int] = {}
    for name, pattern in _COLUMNS.items():
        for at, cell in enumerate(row):
            if name not in columns and at not in columns.values() and pattern.search(cell):
                columns[name] = at
    return columns if {"month", "from"} & set(columns) else {}


def _by_columns(row: Sequence[str], columns: dict[str, int]) -> list[Paid]:
    def cell(name: str) -> str:
        at = columns.get(name)
        return row[at].strip() if at is not None and at < len(row) else ""

    if _UNPAID.search(cell("state")):
        return []
    base = _number(cell("base"))
    insurance = _insurance(cell("insurance"))
    when = f"{cell('from')}至{cell('to')}" if cell("to") else cell("month") or cell("from")
    if cell("year") and re.fullmatch(r"\d{1,2}月?", when):
        when = f"{cell('year').rstrip('年度')}-{when}"
    return [Paid(m, base, cell("employer"), insurance) for m in _months(when)]


def _by_looks(row: Sequence[str]) -> list[Paid]:
    whole = " ".join(row)
    months = _months(_BETWEEN.sub("至", whole))
    if not months or _UNPAID.search(whole):
        return []
    base = re.search(r"基数\D{0,3}(\d+(?:\.\d+)?)", whole)
    numbers = [n for c in row if not _MONTH.match(c) and (n := _number(c)) is not None and n >= 500]
    names = [c for c in row if _FIRM.search(c) and not _MONTH.match(c)]
    amount = Decimal(base[1]) if base else next(iter(numbers), None)
    employer = names[0] if names else ""
    return [Paid(m, amount, employer, _insurance(whole.replace(employer, ""))) for m in months]


def _months(text: str) -> list[date]:
    """The month written, or all from the first to the second of a span; none if there is none."""
    found = list(_MONTH.finditer(text))
    if not found:
        return []
    days = [date(int(m[1] or m[3]), int(m[2] or m[4]), 1) for m in found[:2]]
    spanned = len(found) > 1 and _BETWEEN.fullmatch(text[found[0].end() : found[1].start()])
    if not spanned:
        return days[:1]
    count = (days[1].year - days[0].year) * 12 + days[1].month - days[0].month + 1
    if not 0 < count <= MOST_MONTHS:
        raise Unclear("有一行的起止年月不对，请核对后再发，例如“2023-01至2023-06 5000”。")
    return [plus_months(days[0], n) for n in range(count)]


def _number(cell: str) -> Decimal | None:
    word = re.sub(r"[,¥￥\s]|元$", "", cell)
    try:
        value = Decimal(word)
    except InvalidOperation:
        return None
    return value if value.is_finite() and value >= 0 else None


def _insurance(text: str) -> str:
    return next((name for name in INSURANCES if name in text), "")


def of_insurance(paid: Sequence[Paid]) -> tuple[str, tuple[Paid, ...]]:
    """The rows of one insurance: 养老 if it is there, else the first that is; all if none is named."""
    named = [p.insurance for p in paid if p.insurance]
    if not named:
        return "", tuple(paid)
    wanted = "养老" if "养老" in named else named[0]
    return wanted, tuple(p for p in paid if p.insurance == wanted)


def findings(
    paid: Sequence[Paid],
    lowest: Callable[[date], Decimal | None],
    until: date | None = None,
) -> Findings:
    """What stands out. `lowest`: the minimum base of a month, None if it is not known."""
    months = sorted({p.month for p in paid})
    first, last = months[0], max(months[-1], until or months[-1])
    span = (last.year - first.year) * 12 + last.month - first.month + 1
    known = set(months)
    missing = [m for n in range(span) if (m := plus_months(first, n)) not in known]
    return Findings(
        first,
        last,
        len(months),
        tuple(missing),
        tuple(_doubled(paid)),
        tuple(_below(paid, lowest)),
        tuple(_changes(paid)),
    )


def _doubled(paid: Sequence[Paid]) -> list[date]:
    """Months with more rows than usual, or from two employers."""
    rows = Counter(p.month for p in paid)
    usual = Counter(rows.values()).most_common(1)[0][0]
    employers: dict[date, set[str]] = {}
    for p in paid:
        employers.setdefault(p.month, set()).add(p.employer)
    return [m for m in sorted(rows) if rows[m] > usual or len(employers[m] - {""}) > 1]


def _below(paid: Sequence[Paid], lowest: Callable[[date], Decimal | None]) -> list[date]:
    """Months whose highest base is below the minimum."""
    highest: dict[date, Decimal] = {}
    for p in paid:
        if p.base is not None:
            highest[p.month] = max(p.base, highest.get(p.month, Decimal(0)))
    return [m for m in sorted(highest) if (least := lowest(m)) is not None and highest[m] < least]


def _changes(paid: Sequence[Paid]) -> list[tuple[date, str, str]]:
    """The employer stays the same as long as it is there, whoever pays besides."""
    employers: dict[date, list[str]] = {}
    for p in paid:
        if p.employer:
            employers.setdefault(p.month, []).append(p.employer)
    found: list[tuple[date, str, str]] = []
    now = ""
    for month, there in sorted(employers.items()):
        if now in there:
            continue
        if now:
            found.append((month, now, there[0]))
        now = there[0]
    return found


def runs(months: Sequence[date]) -> list[tuple[date, date]]:
    """Months in a row, each run with its first and last."""
    found: list[tuple[date, date]] = []
    for month in months:
        if found and plus_months(found[-1][1], 1) == month:
            found[-1] = (found[-1][0], month)
        else:
            found.append((month, month))
    return found


def spelt_runs(months: Sequence[date]) -> str:
    """`2023-04、2023-06~2023-08`."""
    return "、".join(
        f"{a:%Y-%m}" if a == b else f"{a:%Y-%m}~{b:%Y-%m}" for a, b in runs(sorted(months))
    )


def as_text(paid: Sequence[Paid]) -> str:
    """A line for each run of equal months; `read_text` gives the same back."""
    lines = [FILE_MARK]
    kinds: dict[tuple[str, str, Decimal | None], list[date]] = {}
    for p in paid:
        kinds.setdefault((p.insurance, p.employer, p.base), []).append(p.month)
    for (insurance, employer, base), months in kinds.items():
        for run in _unrepeated(months):
            for a, b in runs(run):
                span = f"{a:%Y-%m}" if a == b else f"{a:%Y-%m}至{b:%Y-%m}"
                lines.append(
                    "|".join((span, insurance, employer, "" if base is None else str(base)))
                )
    return "\n".join(lines)


def _unrepeated(months: Sequence[date]) -> list[list[date]]:
    """The months in lists in which none stands twice."""
    left, found = Counter(months), []
    while left:
        found.append(sorted(left))
        left -= Counter(left.keys())
    return found
