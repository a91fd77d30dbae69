"""计发月数：个人账户养老金除以多少个月，按退休时的实际年龄。

整岁按国发〔2005〕38号附件，2006-01-01 起。不是整岁的，2025 年起各地经办多按相邻两岁线性折算、四舍五入到 0.1；
这是经办做法，不是公布的全国规定，有的地方仍按整岁。
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any

from bot.engine.calculator import Calculator, Ground, Sheet, Worked, wish, yuan
from bot.engine.form import Ask, never
from bot.engine.parameters import plain
from bot.engine.quantities import age_spelt, money, number, whole

YOUNGEST, OLDEST = 40, 70


@dataclass(frozen=True)
class PayoutMonths:
    divisor: Annotated[
        Decimal | None,
        Ask(
            "计发月数是多少？例如“139”。",
            number("40", "240", "139", "计发月数"),
            label="计发月数",
            skip=True,
            only_if=never,
            hint="给了就不要年龄，只算 储存额÷它",
        ),
    ]
    age_years: Annotated[
        int | None,
        Ask(
            "退休时满多少周岁？例如“61”。",
            whole(YOUNGEST, OLDEST, "61", "周岁"),
            label="周岁",
            only_if=lambda given: given.get("divisor") is None,
            hint="40 到 70",
        ),
    ]
    age_months: Annotated[
        int | None,
        Ask(
            "再加几个月？没有零头请回“0”，例如“2”。",
            whole(0, 11, "2", "月数"),
            label="零几个月",
            default="0",
            only_if=lambda given: given.get("divisor") is None,
            hint="0 到 11",
        ),
    ]
    balance: Annotated[
        Decimal | None,
        Ask(
            "个人账户储存额多少？例如“10万元”。可以跳过。",
            money("0", "10000000", "10万元", "储存额"),
            label="账户储存额",
            skip=True,
            show=yuan,
            hint="元，给了就算个人账户养老金",
        ),
    ]


def payout_months(age: int, sheet: Sheet) -> Decimal:
    """`age` 是月数。超过 70 岁按 70 岁。"""
    years, months = divmod(min(max(age, YOUNGEST * 12), OLDEST * 12), 12)
    at = sheet.figure(f"payout_months.age_{years}")
    if months == 0:
        return at
    after = sheet.figure(f"payout_months.age_{years + 1}")
    return (at + (after - at) * months / 12).quantize(Decimal("0.1"), ROUND_HALF_UP)


def compute(given: PayoutMonths, sheet: Sheet) -> Worked:
    """计发月数，和储存额除以它。"""
    lines, notes = [], []
    if given.divisor is not None:
        months = sheet.instead(given.divisor, "计发月数")
    else:
        age = (given.age_years or 0) * 12 + (given.age_months or 0)
        months = payout_months(age, sheet)
        lines.append(f"{age_spelt(age)}退休。")
    if given.age_months:
        notes.append("不是整岁，按相邻两岁折算：这是多数经办机构的做法，有的地方按整岁。")
    values: dict[str, Any] = {"payout_months": months}
    if given.balance is not None:
        monthly = (given.balance / months).quantize(Decimal("0.01"), ROUND_HALF_UP)
        values["account_pension"] = monthly
        lines.append(f"个人账户养老金：{yuan(given.balance)}÷{plain(months)}＝{yuan(monthly)}/月。")
    notes.append("计发月数只是除数，账户发完以后仍由基金继续发，终身领取。")
    return Worked(values, f"计发月数：{plain(months)} 个月。", tuple(lines), tuple(notes))


def calculator(ground: Ground) -> Calculator[Any]:
    return Calculator(
        name="payout_months",
        title="计发月数",
        inputs=PayoutMonths,
        compute=compute,
        sources=("《国务院关于完善企业职工基本养老保险制度的决定》（国发〔2005〕38号）",),
        checked=date(2026, 11, 23),
        holds="2006-01-01 起",
        example="age_years=61 age_months=2 balance=100000",
        triggers=(wish(r"计发月数"),),
        order=130,
    )
