"""滞纳金：用人单位欠缴社会保险费，自欠缴之日起按日加收万分之五。

2011-07-01《社会保险法》施行起适用；此前按日千分之二，这里不算。个人不承担单位欠缴的滞纳金。
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from bot.engine.calculator import Calculator, Ground, Sheet, Value, Worked, cents, wish, yuan
from bot.engine.form import Ask, Unclear, never
from bot.engine.parameters import plain
from bot.engine.quantities import day, money, rate, whole
from handlers.calculators._sentences import amount_after

LAW = date(2011, 7, 1)


@dataclass(frozen=True)
class LateFee:
    amount: Annotated[
        Decimal,
        Ask(
            "欠缴的社会保险费一共多少？例如“20000元”。",
            money("0.01", "100000000", "20000元", "欠缴金额"),
            label="欠缴金额",
            spot=amount_after("欠缴|欠|本金|金额"),
            show=yuan,
            hint="元",
        ),
    ]
    days: Annotated[
        int | None,
        Ask(
            "欠了多少天？例如“90天”。",
            whole(0, 20000, "90天", "天数"),
            label="欠缴天数",
            skip=True,
            only_if=never,
            hint="天，可代替 since 和 until",
        ),
    ]
    since: Annotated[
        date | None,
        Ask(
            "从哪一天起欠缴（应缴期限的次日）？例如“2026-01-16”。",
            day("2026-01-16", "欠缴日期"),
            label="欠缴日期",
            only_if=lambda given: given.get("days") is None,
            dated=True,
            show=str,
            hint="年-月-日，从这一天起计",
        ),
    ]
    until: Annotated[
        date | None,
        Ask(
            "算到哪一天补缴？例如“2026-12-31”。不知道就按今天算。",
            day("2026-12-31", "补缴日期"),
            label="补缴日期",
            skip=True,
            only_if=lambda given: given.get("days") is None,
            dated=True,
            show=str,
            hint="年-月-日，这一天不计；不给按今天",
        ),
    ]
    rate: Annotated[
        Decimal | None,
        Ask(
            "按日加收的比例是多少？例如“0.05%”。",
            rate("0.01", "0.05%"),
            label="日加收比例",
            skip=True,
            only_if=never,
            hint="如 0.05%，不给按法定比例",
        ),
    ]


def compute(given: LateFee, sheet: Sheet) -> Worked:
    """欠缴金额 × 天数 × 日比例；起日计入，补缴日不计。"""
    days, span = _days(given, sheet)
    if given.rate is None:
        share = sheet.figure("contributions.late_fee_daily_rate") / 100
    else:
        share = sheet.instead(given.rate, "日加收比例")
    fee = cents(given.amount * days * share)
    percent = plain(share * 100)
    lines = (
        f"{span}{days}天。",
        f"{yuan(given.amount)}×{days}天×{percent}%＝{yuan(fee)}。",
        f"连本金共 {yuan(given.amount + fee)}。",
        "滞纳金由欠缴的单位承担，不从职工工资里扣。",
    )
    values: dict[str, Value] = {"days": days, "late_fee": fee, "total": cents(given.amount + fee)}
    notes = ("起算日和是否减免，以征收机关（税务）核定为准；逾期仍不缴的另有罚款。",)
    return Worked(values, f"滞纳金约 {yuan(fee)}。", lines, notes)


def _days(given: LateFee, sheet: Sheet) -> tuple[int, str]:
    if given.days is not None:
        return given.days, "欠缴"
    assert given.since is not None
    until = given.until or sheet.day
    if given.since < LAW:
        raise Unclear("2011年7月1日以前的欠费按当时规定，我算不了。请拨打 12366 问征收机关。")
    if until < given.since:
        raise Unclear(f"补缴日期（{until}）在欠缴日期（{given.since}）之前，请再核对一下。")
    return (until - given.since).days, f"从 {given.since} 到 {until}（补缴当天不计），"


def calculator(ground: Ground) -> Calculator[Any]:
    return Calculator(
        name="late_fee",
        title="欠缴滞纳金",
        inputs=LateFee,
        compute=compute,
        sources=("《社会保险法》第八十六条",),
        checked=date(2026, 11, 23),
        holds="2011-07-01 起的欠费",
        example="amount=20000 since=2026-01-16 until=2026-11-23",
        triggers=(wish(r"(?:社保)?(?:欠缴)?的?滞纳金"),),
        order=100,
        main="late_fee",
    )
