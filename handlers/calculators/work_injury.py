"""工伤伤残待遇：一次性伤残补助金、伤残津贴、生活护理费，按伤残等级。

《工伤保险条例》（2011-01-01 起）。本人工资是受伤前12个月平均月缴费工资，低于当地职工平均工资60%按60%，高于300%按300%。
五至十级离职时的医疗、就业补助金由各省定，核实过的省才算。是不是工伤、几级，由认定和鉴定部门定，这里只算钱。
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from bot.engine.calculator import Calculator, Ground, Sheet, Value, Worked, cents, wish, yuan
from bot.engine.form import Ask, never
from bot.engine.parameters import NoFigure, plain
from bot.engine.quantities import coded, money, whole
from bot.engine.reading import place
from handlers.calculators._sentences import amount_after, first

CARE = {
    "none": "不需要护理",
    "part": "部分不能自理",
    "most": "大部分不能自理",
    "full": "完全不能自理",
}
BY_FUND, BY_EMPLOYER = range(1, 5), range(5, 7)
LOCAL = "work_injury_local"
NEAR = 5  # 年，距法定退休


def _leaves(given: Any) -> bool:
    grade = given.get("grade")
    return grade is not None and grade not in BY_FUND


def inputs(ground: Ground) -> type[Any]:
    """读地名要用到地区表，所以在这里定义。"""

    def by_province(given: Any) -> bool:
        """按全省平均工资的月数给的地方，要问这个平均工资。"""
        where = given.get("place")
        if where is None or not _leaves(given):
            return False
        later = Sheet(ground, date(2100, 1, 1))
        months = later.has(f"{LOCAL}.medical_5_months", where)
        return months and not later.has(f"{LOCAL}.own_wage_counts", where)

    @dataclass(frozen=True)
    class WorkInjury:
        grade: Annotated[
            int,
            Ask(
                "鉴定的伤残等级是几级？例如“9级”。",
                whole(1, 10, "9级", "等级"),
                label="伤残等级",
                spot=first(r"([0-9一二三四五六七八九十]{1,2})级"),
                why="待遇按劳动能力鉴定的一至十级计算。",
                show=lambda grade: f"{grade}级",
                hint="1 到 10",
            ),
        ]
        wage: Annotated[
            Decimal,
            Ask(
                "受伤前12个月的平均月缴费工资多少？例如“5000元”。",
                money("1", "500000", "5000元", "本人工资"),
                label="本人工资",
                spot=amount_after("月薪|平均工资|缴费工资|工资|月入"),
                why="工伤待遇按受伤前十二个月的平均月缴费工资算。",
                show=yuan,
                hint="元/月",
            ),
        ]
        average_wage: Annotated[
            Decimal | None,
            Ask(
                "当地上年度职工月平均工资多少？例如“8634元”。不知道可以跳过。",
                money("500", "100000", "8634元", "月平均工资"),
                label="当地月平均工资",
                skip=True,
                why="本人工资低于它的60%按60%算，高于300%按300%算，护理费也按它算。",
                show=yuan,
                hint="元/月，统筹地区公布的；不给不作上下限",
            ),
        ]
        care: Annotated[
            str | None,
            Ask(
                "生活自理障碍鉴定到哪一等？例如“部分不能自理”。",
                coded(CARE),
                label="护理等级",
                options=tuple(CARE.values()),
                skip=True,
                only_if=never,
                hint=" | ".join(CARE),
            ),
        ]
        place: Annotated[
            str | None,
            Ask(
                "工伤保险交在哪个省或市？离职时的补助金由省里定，例如“浙江”。可以跳过。",
                place(ground.regions),
                label="参保地",
                skip=True,
                only_if=_leaves,
                why="五至十级离职时的两项补助金，各省标准不同。",
                spot=lambda text: next(iter(ground.regions.named(text)), None),
                show=str,
                hint="省或市，5到10级给了就算离职时的补助金",
            ),
        ]
        province_wage: Annotated[
            Decimal | None,
            Ask(
                "上年度全省职工月平均工资多少？例如“8310元”。不知道可以跳过。",
                money("500", "100000", "8310元", "月平均工资"),
                label="全省月平均工资",
                skip=True,
                only_if=by_province,
                why="这个省的补助金按全省职工月平均工资的月数给。",
                show=yuan,
                hint="元/月，只在按它计的省要",
            ),
        ]
        years_left: Annotated[
            int | None,
            Ask(
                "离法定退休年龄还有几年？例如“3年”。",
                whole(0, 60, "3年", "年数"),
                label="距法定退休年数",
                skip=True,
                only_if=never,
                hint="整年，不足5年的有的省递减就业补助金",
            ),
        ]

    return WorkInjury


def own_wage(wage: Decimal, average: Decimal | None, sheet: Sheet) -> Decimal:
    """第六十四条：夹在当地平均工资的60%和300%之间。"""
    if average is None:
        return wage
    average = sheet.instead(average, "当地月平均工资")
    floor = average * sheet.figure("work_injury.own_wage_floor") / 100
    cap = average * sheet.figure("work_injury.own_wage_cap") / 100
    return max(floor, min(cap, wage))


def compute(given: Any, sheet: Sheet) -> Worked:
    """本人工资 × 月数；一至六级另有按月的津贴。"""
    wage = cents(own_wage(given.wage, given.average_wage, sheet))
    months = sheet.figure(f"work_injury.lump_{given.grade}")
    lump = cents(wage * months)
    values: dict[str, Value] = {"own_wage": wage, "months": int(months), "amount": lump}
    lines = [
        f"一次性伤残补助金：{yuan(wage)}×{plain(months)}个月＝{yuan(lump)}，由工伤保险基金付。"
    ]
    notes = []
    if given.grade in BY_FUND or given.grade in BY_EMPLOYER:
        share = sheet.figure(f"work_injury.allowance_{given.grade}")
        monthly = cents(wage * share / 100)
        payer = "由基金付" if given.grade in BY_FUND else "难以安排工作时由单位付"
        values["allowance"] = monthly
        lines.append(f"伤残津贴：{yuan(wage)}×{plain(share)}%＝{yuan(monthly)}/月，{payer}。")
        notes.append("津贴低于当地最低工资的，补足到最低工资。")
    if given.care and given.care != "none" and given.average_wage is not None:
        share = sheet.figure(f"work_injury.care_{given.care}")
        care = cents(given.average_wage * share / 100)
        values["care"] = care
        lines.append(f"生活护理费：当地月平均工资×{plain(share)}%＝{yuan(care)}/月。")
    if given.grade not in BY_FUND:
        leaving = _leaving(given, wage, sheet)
        values |= leaving
        if leaving:
            lines.append(
                f"离职时另有：一次性工伤医疗补助金 {yuan(Decimal(str(leaving['medical_grant'])))}（基金付），"
                f"伤残就业补助金 {yuan(Decimal(str(leaving['job_grant'])))}（单位付）。"
            )
        else:
            notes.append(
                "离职时另有一次性工伤医疗补助金和伤残就业补助金，标准由省里定，请拨打 12333。"
            )
    if given.average_wage is None:
        notes.append("没有按当地平均工资的60%和300%作上下限。")
    notes.append("没有参保的，这些待遇由单位付；是否工伤、几级，以认定和鉴定为准。")
    return Worked(values, f"一次性伤残补助金 {yuan(lump)}。", tuple(lines), tuple(notes))


def _leaving(given: Any, wage: Decimal, sheet: Sheet) -> dict[str, Value]:
    """离职时的两项补助金；没有核实过的省，或缺全省平均工资的，不算。"""
    if given.place is None:
        return {}
    try:
        medical = _grant("medical", given, wage, sheet)
        job = _grant("job", given, wage, sheet)
    except NoFigure:
        return {}
    left = given.years_left
    if left is not None and left < NEAR and sheet.has(f"{LOCAL}.near_retirement_cut", given.place):
        cut = sheet.figure(f"{LOCAL}.near_retirement_cut", given.place) / 100
        job = cents(job * (1 - cut * (NEAR - left)))
    return {"medical_grant": medical, "job_grant": job}


def _grant(kind: str, given: Any, wage: Decimal, sheet: Sheet) -> Decimal:
    name = f"{LOCAL}.{kind}_{given.grade}"
    if sheet.has(f"{name}_amount", given.place):
        return cents(sheet.figure(f"{name}_amount", given.place))
    months = sheet.figure(f"{name}_months", given.place)
    if sheet.has(f"{LOCAL}.own_wage_counts", given.place):
        return cents(wage * months)
    if given.province_wage is None:
        raise NoFigure("province_wage")
    return cents(sheet.instead(given.province_wage, "全省月平均工资") * months)


def calculator(ground: Ground) -> Calculator[Any]:
    return Calculator(
        name="work_injury",
        title="工伤伤残待遇",
        inputs=inputs(ground),
        compute=compute,
        sources=("《工伤保险条例》（国务院令第586号）第三十四条至第三十七条、第六十四条",),
        checked=date(2026, 11, 23),
        holds="2011-01-01 起",
        example="grade=9 wage=5000",
        triggers=(wish(r"工伤(?!保险费)"),),
        order=70,
        main="amount",
    )
