"""工亡待遇：一次性工亡补助金、丧葬补助金。

一次性工亡补助金全国统一：工亡发生上一年度全国城镇居民人均可支配收入的20倍。按工亡发生的年份，不是领取的年份。
丧葬补助金为六个月的统筹地区上年度职工月平均工资。供养亲属抚恤金按人另算，这里不算。
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from bot.engine.calculator import Calculator, Ground, Sheet, Value, Worked, cents, wish, yuan
from bot.engine.form import Ask, never
from bot.engine.parameters import plain
from bot.engine.quantities import money, whole


@dataclass(frozen=True)
class WorkDeath:
    year: Annotated[
        int,
        Ask(
            "工亡发生在哪一年？例如“2026”。",
            whole(2011, 2100, "2026", "年份"),
            label="发生年份",
            why="补助金按发生那年的上一年度全国城镇居民人均可支配收入算。",
            show=lambda year: f"{year}年",
            hint="四位年份",
        ),
    ]
    income: Annotated[
        Decimal | None,
        Ask(
            "上一年度全国城镇居民人均可支配收入多少？例如“56502元”。",
            money("1000", "1000000", "56502元", "人均可支配收入"),
            label="上年全国城镇居民人均可支配收入",
            skip=True,
            only_if=never,
            hint="元，不给按年份查",
        ),
    ]
    average_wage: Annotated[
        Decimal | None,
        Ask(
            "当地上年度职工月平均工资多少？例如“8634元”。不知道可以跳过。",
            money("500", "100000", "8634元", "月平均工资"),
            label="当地月平均工资",
            skip=True,
            why="丧葬补助金按它的六个月算。",
            show=yuan,
            hint="元/月，给了就算丧葬补助金",
        ),
    ]
    own_wage: Annotated[
        Decimal | None,
        Ask(
            "本人受伤前12个月的平均月缴费工资多少？例如“5000元”。",
            money("1", "500000", "5000元", "本人工资"),
            label="本人工资",
            skip=True,
            only_if=never,
            hint="元/月，和下面几项一起给，算供养亲属抚恤金",
        ),
    ]
    spouse: Annotated[
        int | None,
        Ask(
            "符合条件的配偶有几人？例如“1”。",
            whole(0, 1, "1", "人数"),
            label="供养的配偶",
            skip=True,
            only_if=never,
            hint="0 或 1，每月40%",
        ),
    ]
    others: Annotated[
        int | None,
        Ask(
            "符合条件的其他供养亲属有几人？例如“2”。",
            whole(0, 20, "2", "人数"),
            label="其他供养亲属",
            skip=True,
            only_if=never,
            hint="人数，每人每月30%",
        ),
    ]
    alone: Annotated[
        int | None,
        Ask(
            "其中孤寡老人或孤儿有几人？例如“1”。",
            whole(0, 20, "1", "人数"),
            label="孤寡老人或孤儿",
            skip=True,
            only_if=never,
            hint="人数，每人再加10%",
        ),
    ]


def compute(given: WorkDeath, sheet: Sheet) -> Worked:
    """全国收入×20；给了当地平均工资的另算丧葬补助金。"""
    if given.income is not None:
        times = sheet.figure("work_injury.death_income_multiple")
        income = sheet.instead(given.income, "上年全国城镇居民人均可支配收入")
        grant = cents(income * times)
        how = f"{yuan(income)}×{plain(times)}。"
    else:
        grant = cents(_of_year(given.year, sheet))
        how = f"按{given.year}年工亡适用的全国统一标准。"
    values: dict[str, Value] = {"amount": grant}
    lines = [f"一次性工亡补助金：{how}"]
    if given.average_wage is not None:
        months = sheet.figure("work_injury.funeral_months")
        funeral = cents(given.average_wage * months)
        values |= {"funeral": funeral, "total": cents(grant + funeral)}
        lines.append(
            f"丧葬补助金：{yuan(given.average_wage)}×{plain(months)}个月＝{yuan(funeral)}。"
        )
    pension = _dependants(given, sheet)
    if pension is not None:
        values["dependants"] = pension
        lines.append(f"供养亲属抚恤金：每月合计 {yuan(pension)}，不超过本人工资。")
    notes = (
        "谁算供养亲属，由经办机构按条件核定。"
        if pension is not None
        else "供养亲属抚恤金按亲属人数和情况另算，这里没有包括。",
        "是否属于工亡，以工伤认定为准；没有参保的由单位付。",
    )
    return Worked(values, f"一次性工亡补助金 {yuan(grant)}。", tuple(lines), notes)


def _dependants(given: WorkDeath, sheet: Sheet) -> Decimal | None:
    """每月：配偶40%，其他每人30%，孤寡老人或孤儿每人再加10%，合计不超过本人工资。"""
    if given.own_wage is None or (given.spouse is None and given.others is None):
        return None
    share = sum(
        (given_count or 0) * sheet.figure(f"work_injury.{name}")
        for name, given_count in (
            ("dependant_spouse_rate", given.spouse),
            ("dependant_other_rate", given.others),
            ("dependant_orphan_extra_rate", given.alone),
        )
    )
    return cents(given.own_wage * min(Decimal(100), Decimal(share)) / 100)


def _of_year(year: int, sheet: Sheet) -> Decimal:
    """那一年的数；以后的年份还没有公布，不能沿用。Raises NoFigure。"""
    parameter = sheet.ground.parameters["work_injury.death_grant"]
    last = max(f.since.year for f in parameter.figures)
    return sheet.figure(parameter.name, on=date(year if year <= last else 1900, 6, 30))


def calculator(ground: Ground) -> Calculator[Any]:
    return Calculator(
        name="work_death",
        title="工亡补助金",
        inputs=WorkDeath,
        compute=compute,
        sources=("《工伤保险条例》（国务院令第586号）第三十九条",),
        checked=date(2026, 11, 23),
        holds="2011-01-01 起",
        example="year=2026",
        triggers=(wish(r"工亡"),),
        order=80,
        main="amount",
    )
