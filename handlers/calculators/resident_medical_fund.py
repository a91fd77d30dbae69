"""居民医保一年筹资：个人缴费加财政补助。

财政补助是国家每年定的最低标准，个人缴费各地可以更高或分人群；没有核实过的年度不用往年的顶替。
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from bot.engine.calculator import Calculator, Ground, Sheet, Value, Worked, cents, wish, yuan
from bot.engine.form import Ask, never
from bot.engine.quantities import money, whole


@dataclass(frozen=True)
class Fund:
    year: Annotated[
        int,
        Ask(
            "哪个年度？例如“2026”。",
            whole(2003, 2100, "2026", "年度"),
            label="年度",
            show=lambda year: f"{year}年度",
            hint="四位年份",
        ),
    ]
    personal: Annotated[
        Decimal | None,
        Ask(
            "个人一年缴多少？例如“400元”。",
            money("0", "20000", "400元", "个人缴费"),
            label="个人缴费",
            skip=True,
            only_if=never,
            hint="元/年，不给按国家口径",
        ),
    ]
    subsidy: Annotated[
        Decimal | None,
        Ask(
            "财政一年补助多少？例如“700元”。",
            money("0", "20000", "700元", "财政补助"),
            label="财政补助",
            skip=True,
            only_if=never,
            hint="元/年，不给按国家最低",
        ),
    ]


def compute(given: Fund, sheet: Sheet) -> Worked:
    """两边相加。"""
    on = date(given.year, 1, 1)
    personal = sheet.instead(given.personal, "个人缴费", "resident_medical_fund.personal", on=on)
    subsidy = sheet.instead(given.subsidy, "财政补助", "resident_medical_fund.subsidy", on=on)
    total = cents(personal + subsidy)
    values: dict[str, Value] = {
        "personal": cents(personal),
        "subsidy": cents(subsidy),
        "total": total,
    }
    lines = (f"个人 {yuan(personal)}，财政补助至少 {yuan(subsidy)}。",)
    notes = (
        "各地个人缴费可以更高，老人、学生、困难人员另有标准；缴费请看当地税务和医保的公告。",
        "每人筹到的钱进统筹基金，用来报销，不是您能领的钱。",
    )
    return Worked(values, f"{given.year}年度居民医保每人筹资 {yuan(total)}。", lines, notes)


def calculator(ground: Ground) -> Calculator[Any]:
    return Calculator(
        name="resident_medical_fund",
        title="居民医保筹资",
        inputs=Fund,
        compute=compute,
        sources=("国家医保部门年度筹资口径",),
        checked=date(2026, 11, 23),
        holds="2025 年度起",
        example="year=2026",
        triggers=(wish(r"居民医保(?:筹资|缴费)"),),
        order=115,
        main="total",
    )
