"""缴费缺口：导出的缴费记录里，哪些月没缴、重复、低于最低基数，什么时候换的单位。

只看发来的记录，不查个人账户。有养老的看养老；低于最低基数，只在参保地的下限核实过的月份里看。
发来的记录不留作草稿。缴费权利与核查：《社会保险法》第四条、第七十四条，《社会保险个人权益记录管理办法》（人社部令第14号）。
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from bot.engine.calculator import Calculator, Ground, Sheet, Value, Worked, yuan
from bot.engine.form import Ask, never
from bot.engine.paid_months import (
    FILE_MARK,
    Findings,
    Paid,
    findings,
    of_insurance,
    read_text,
    spelt_runs,
)
from bot.engine.parameters import NoFigure
from bot.engine.quantities import money, spelt, year_month
from bot.engine.reading import place

SHOWN = 120  # 一行里月份的字数
_LOWER = {
    "": "pension_lower",
    "养老": "pension_lower",
    "医疗": "medical_lower",
    "失业": "unemployment_lower",
}


def inputs(ground: Ground) -> type[Any]:
    """读地名要用到地区表，所以在这里定义。"""

    @dataclass(frozen=True)
    class Record:
        lower: Annotated[
            Decimal | None,
            Ask(
                "当地缴费基数下限多少？例如“4106元”。",
                money("1", "100000", "4106元", "基数下限"),
                label="基数下限",
                skip=True,
                only_if=never,
                hint="元/月，不给按地方和月份查",
            ),
        ]
        until: Annotated[
            date | None,
            Ask(
                "应该缴到哪年哪月？例如“2026-10”。",
                year_month(example="2026-10", what="年月"),
                label="应缴到",
                skip=True,
                only_if=never,
                dated=True,
                hint="年-月，不给按记录里最后一个月",
            ),
        ]
        record: Annotated[
            tuple[Paid, ...],
            Ask(
                "请把缴费明细粘贴过来，一个月一行，例如“2023-01 某某公司 5000”。"
                "也可以发从官方渠道导出的 xlsx、csv 文件。请先删去身份证号。",
                read_text,
                label="缴费记录",
                why="我看不到您的个人账户，只能看您发来的记录；记录不会留作草稿。",
                spot=lambda text: text if FILE_MARK in text or text.count("\n") > 1 else None,
                show=lambda paid: f"{len(paid)}条",
                hint="每行（或用；隔开）“年-月 单位 基数”，也可用“2023-01至2023-06 单位 基数”",
            ),
        ]
        place: Annotated[
            str | None,
            Ask(
                "社保交在哪个城市？例如“长沙”。用来看有没有低于最低基数，可以跳过。",
                place(ground.regions),
                label="参保地",
                skip=True,
                only_if=_has_base,
                spot=lambda text: (
                    next(iter(ground.regions.named(text)), None) if "\n" not in text else None
                ),
                show=str,
                hint="城市；不给就不看最低基数",
            ),
        ]

    return Record


def _has_base(given: Mapping[str, Any]) -> bool:
    return given.get("lower") is None and any(p.base is not None for p in given.get("record", ()))


def compute(given: Any, sheet: Sheet) -> Worked:
    """逐月看一遍。"""
    insurance, paid = of_insurance(given.record)
    found = findings(paid, lambda month: _lowest(given, insurance, month, sheet), given.until)
    values: dict[str, Value] = {
        "insurance": insurance,
        "first": f"{found.first:%Y-%m}",
        "last": f"{found.last:%Y-%m}",
        "paid_months": found.paid,
        "missing_months": len(found.missing),
        "missing": spelt_runs(found.missing),
        "doubled": spelt_runs(found.doubled),
        "below": spelt_runs(found.below),
        "changes": "；".join(f"{m:%Y-%m} {a}→{b}" for m, a, b in found.changes),
    }
    notes = ["只看您发来的记录；转移、补缴还没记上的，也会显示为没缴。"]
    if given.lower is None and given.place is None:
        notes.append("没有看是否低于最低基数。")
    notes.append("有异议可以向经办机构申请核查；单位漏缴的，先问单位人事，再问税务 12366、12333。")
    return Worked(values, _headline(found, insurance), tuple(_lines(found)), tuple(notes))


def _headline(found: Findings, insurance: str) -> str:
    name = f"{insurance}保险" if insurance else "记录里"
    span = f"{found.first:%Y-%m}到{found.last:%Y-%m}，{name}"
    if not found.missing:
        return f"{span}缴了{spelt(found.paid)}，中间没有断。"
    return f"{span}缴了{spelt(found.paid)}，缺{len(found.missing)}个月：{_cut(found.missing)}。"


def _lines(found: Findings) -> list[str]:
    lines = []
    if found.doubled:
        lines.append(f"重复的月份：{_cut(found.doubled)}。可能是两家单位都缴了，或补过差额。")
    if found.below:
        lines.append(f"低于当地最低基数的月份：{_cut(found.below)}。")
    if found.changes:
        told = "；".join(f"{m:%Y-%m} 由{a}换到{b}" for m, a, b in found.changes[:6])
        more = f"；共{len(found.changes)}次" if len(found.changes) > 6 else ""
        lines.append(f"换单位：{told}{more}。")
    return lines or ["没有看到重复和换单位的月份。"]


def _cut(months: tuple[date, ...]) -> str:
    said = spelt_runs(months)
    return said if len(said) <= SHOWN else said[:SHOWN].rpartition("、")[0] + "等"


def _lowest(given: Any, insurance: str, month: date, sheet: Sheet) -> Decimal | None:
    if given.lower is not None:
        if not any(said.startswith("基数下限") for said in sheet.given):
            sheet.given.append(f"基数下限 {yuan(given.lower)}")
        return Decimal(given.lower)
    name = _LOWER.get(insurance)
    if given.place is None or name is None:
        return None
    try:
        return sheet.figure(f"contribution_rates.{name}", given.place, month)
    except NoFigure:
        return None


def calculator(ground: Ground) -> Calculator[Any]:
    return Calculator(
        name="contribution_gaps",
        title="查缴费缺口",
        inputs=inputs(ground),
        compute=compute,
        sources=(
            "《社会保险法》第四条、第七十四条",
            "《社会保险个人权益记录管理办法》（人社部令第14号）",
        ),
        checked=date(2026, 11, 23),
        holds="2011-07-01 起",
        example="record=2023-01至2023-03|甲公司|5000；2023-05|乙公司|5000",
        triggers=(
            rf"^{FILE_MARK}",
            r"^(?:.{0,12}?(?:19|20)\d\d[-年/.]?(?:0[1-9]|1[0-2]|[1-9]月).{0,60}?){4,}",
            r"^(请|帮我|给我|我要|我想)*(查|看|算|找)(一下|一算|看)?我?的?(社保|养老|医保)?(断缴|漏缴|缴费缺口|缺口|缴费记录)(在哪|哪几个月|有没有断)?$",
        ),
        order=95,
        keep=False,
    )
