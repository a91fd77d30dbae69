"""The form in which an entry is written: its fields as text, and the `[[entry]]` table that they make."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.desk.visit import Visit
from bot.engine.knowledge import ANSWER_LENGTH, BODIES, Basis, Entry
from bot.engine.parameters import NATIONWIDE, BadData
from bot.engine.playbook import Playbook
from bot.engine.publications import Publication, read, table, version_until, written

LISTS = {"asks": "问法", "conditions": "条件", "materials": "材料", "channels": "怎么办"}
BASIS = {"title": "文件", "number": "文号", "article": "条款", "url": "官方地址"}
LABELS = {
    **{"question": "问题", "answer": "答案", "time_limit": "时限", "basis": "依据"},
    **{"region": "地区", "body": "部门", "checked": "核对日期", "effective_from": "生效日期"},
    **{"related": "相关知识", "section": "栏目", **LISTS},
}
DAYS = ("checked", "effective_from")
ROWS, MOST_ROWS = 3, 12  # documents to fill in, and at most
_APART = re.compile(r"[、，,;；\s]+")


@dataclass(frozen=True, slots=True)
class Written:
    """The fields as they stand in the form. `rule`: the rule itself changes, the old one ends."""

    fields: dict[str, str]
    basis: tuple[dict[str, str], ...] = ()
    rule: bool = False

    @classmethod
    def of(cls, entry: Entry, today: date) -> Written:
        row = written(table(entry))
        lists = {name: "\n".join(row.get(name, ())) for name in LISTS}
        texts = {name: str(row.get(name, "")) for name in LABELS if name not in (*LISTS, "basis")}
        related = {"related": "、".join(entry.related), "checked": today.isoformat()}
        return cls(texts | lists | related, tuple(row["basis"]))


def blank(ask: str, today: date) -> Written:
    fields = dict.fromkeys(LABELS, "")
    return Written(
        fields
        | {"question": ask, "region": NATIONWIDE, "body": "人社", "checked": today.isoformat()}
    )


def typed(visit: Visit) -> Written:
    fields = {name: visit.field(name).replace("\r\n", "\n") for name in LABELS}
    rows = ({part: visit.field(f"basis_{n}_{part}") for part in BASIS} for n in range(MOST_ROWS))
    return Written(
        fields, tuple(row for row in rows if any(row.values())), visit.field("rule") == "1"
    )


def proposed(
    told: Written, id: str, was: Entry | None, book: Playbook, today: date
) -> Publication | list[str]:
    """What it would publish, or what is wrong. `was`: the entry that it changes."""
    row: dict[str, Any] = table(was) if was else {}
    row |= {name: told.fields[name] for name in LABELS if name not in (*LISTS, *DAYS, "basis")}
    row |= {name: _lines(told.fields[name]) for name in LISTS}
    row["related"] = [part for part in _APART.split(told.fields["related"].upper()) if part]
    row["basis"] = [{k: v for k, v in one.items() if v} for one in told.basis]
    row["id"] = id
    row["region"] = row["region"] or NATIONWIDE
    row |= {name: told.fields[name] for name in DAYS}
    row = {name: value for name, value in row.items() if value}
    wrong = list(_wrong(told, row, book, today))
    if wrong:
        return wrong
    try:
        entry = read("desk", row)
        if was is None or not told.rule:
            return Publication(entry)
        since = entry.effective_from or today
        ended = version_until(was, since)
        if was.effective_from and ended.effective_to and ended.effective_to < was.effective_from:
            return ["生效日期：要在原来的生效日期之后。"]
        return Publication(
            read("desk", written(table(entry)) | {"effective_from": since.isoformat()}), ended
        )
    except BadData as problem:
        return [in_words(str(problem))]


def _wrong(told: Written, row: dict[str, Any], book: Playbook, today: date) -> Sequence[str]:
    found = []
    if not told.fields["question"] or len(told.fields["question"]) > 60:
        found.append("问题：要写，最多 60 字。")
    if not told.fields["answer"] or len(told.fields["answer"]) > 2 * ANSWER_LENGTH:
        found.append(f"答案：要写，最多 {ANSWER_LENGTH} 字。")
    if not row.get("asks"):
        found.append("问法：至少写一个，像百姓平常那样问。")
    if not row.get("basis"):
        found.append("依据：至少写一份文件。")
    if row["region"] != NATIONWIDE and row["region"] not in book.regions:
        found.append(f"地区：没有“{row['region']}”，请写省或市，例如“长沙”；全国就写“全国”。")
    if row.get("body") not in BODIES:
        found.append("部门：请从名单里选。")
    for name in DAYS:
        try:
            day = date.fromisoformat(told.fields[name]) if told.fields[name] else None
        except ValueError:
            found.append(f"{LABELS[name]}：没看懂，请重新选。")
            continue
        if name == "checked" and (day is None or day > today):
            found.append("核对日期：请选跟文件核对过的那一天，不能是以后。")
    return found


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in text.split("\n") if line.strip()))


def as_basis(rows: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Enough rows to fill in."""
    empty = dict.fromkeys(Basis.__slots__, "")
    return [empty | row for row in (*rows, *({},) * ROWS)][: max(ROWS, len(rows))]


# --- what speaks against it, in words ------------------------------------------------------------

_SAID = (
    (
        r"entry (\S+): asks: “(.+)” is also a wording of (\S+)",
        "“{1}”同时是 {0} 和 {2} 的问法，请删掉一处。",
    ),
    (r"“(.+)” wants (\S+), (\S+) takes it", "问“{0}”本该答 {1}，会变成答 {2}。"),
    (r"“(.+)” wants (\S+), finds nothing", "问“{0}”会找不到 {1}。"),
    (r"“(.+)” must not be answered, (\S+) takes it", "问“{0}”本来不该答，会变成答 {1}。"),
    (r"there is no entry (\S+)", "相关知识：没有 {0}。"),
    (r"there is no parameter (\S+)", "没有参数 {{{0}}}，请从参数表里选。"),
    (r"no figure: (\S+) on \S+ in (\S+)", "参数 {{{0}}} 在{1}没有核对过的数值。"),
    (r"answer: (\d+) characters, (\d+) at most", "答案填上数值后有 {0} 字，最多 {1} 字。"),
    (r"(\S+) is typed; use a parameter", "“{0}”请用参数代替（见参数表），以后数值变了只改一处。"),
    (r"url: (\S+) is not an official", "依据：{0} 不是政府网站的地址（gov.cn）。"),
    (r"basis: title, and optionally", "依据：要写文件名。"),
    (r"a wording stands twice", "问法：有一个写了两遍。"),
)


def in_words(line: str) -> str:
    """A line of the gate as staff read it."""
    for pattern, said in _SAID:
        if found := re.search(pattern, line):
            return said.format(*found.groups())
    return line
