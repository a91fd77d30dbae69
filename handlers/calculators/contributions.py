"""职工每月缴费：各险种的基数（夹在当地上下限之间）、个人和单位各缴多少。

基数上下限和费率按城市、险种和年度查；同一城市的医保上下限可能和养老不同，缺哪个险种就不算哪个，不拿别的顶替。
也可以直接给上下限，或给参考工资（按60%～300%，取整到元）。
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any

from bot.engine.calculator import Calculator, Ground, Sheet, Value, Worked, cents, wish, yuan
from bot.engine.form import Ask, Unclear, never
from bot.engine.parameters import NoFigure, plain
from bot.engine.quantities import coded, money, rate, year_month
from bot.engine.reading import place

ROUNDINGS = {"integer": "取整", "none": "不取整"}
INSURANCES = {"pension": "养老", "medical": "医疗", "unemployment": "失业"}


def _given(name: str, label: str, example: str, hint: str) -> Any:
    return Ask(
        f"{label}是多少？例如“{example}”。",
        rate("3", example) if example.endswith("%") else money("0", "500000", example, label),
        label=label,
        skip=True,
        only_if=never,
        hint=hint,
    )


def inputs(ground: Ground) -> type[Any]:
    """读地名要用到地区表，所以在这里定义。"""
    limits = "元/月，和 upper 一起给，代替按地方查"

    @dataclass(frozen=True)
    class Contributions:
        lower: Annotated[Decimal | None, _given("lower", "基数下限", "4106元", limits)]
        upper: Annotated[Decimal | None, _given("upper", "基数上限", "20529元", "元/月")]
        reference_wage: Annotated[
            Decimal | None,
            _given("reference_wage", "参考工资", "6843元", "元/月，代替上下限：下限60%、上限300%"),
        ]
        rounding: Annotated[
            str | None,
            Ask(
                "上下限取整到元吗？例如“取整”。",
                coded(ROUNDINGS),
                label="上下限取整",
                skip=True,
                only_if=never,
                hint="integer | none，只在给 reference_wage 时用，不给按取整",
            ),
        ]
        lower_ratio: Annotated[Decimal | None, _given("lower_ratio", "下限比例", "60%", "默认60%")]
        upper_ratio: Annotated[
            Decimal | None, _given("upper_ratio", "上限比例", "300%", "默认300%")
        ]
        pension_rate: Annotated[
            Decimal | None, _given("pension_rate", "养老个人比例", "8%", "不给按规定")
        ]
        medical_rate: Annotated[
            Decimal | None, _given("medical_rate", "医疗个人比例", "2%", "不给按地方查")
        ]
        unemployment_rate: Annotated[
            Decimal | None, _given("unemployment_rate", "失业个人比例", "0.5%", "不给按地方查")
        ]
        month: Annotated[
            date | None,
            Ask(
                "算哪个月的？例如“2026-11”。",
                year_month(example="2026-11", what="年月"),
                label="缴费月份",
                skip=True,
                only_if=never,
                dated=True,
                hint="年-月，不给按今天",
            ),
        ]
        place: Annotated[
            str | None,
            Ask(
                "社保交在哪个城市？例如“长沙”。",
                place(ground.regions),
                label="参保地",
                why="各地的基数上下限和比例不同。",
                only_if=lambda given: not (given.get("lower") or given.get("reference_wage")),
                spot=lambda text: next(iter(ground.regions.named(text)), None),
                show=str,
                hint="城市；给了上下限或参考工资可以不给",
            ),
        ]
        wage: Annotated[
            Decimal | None,
            Ask(
                "上年度月平均工资多少？新参加工作的填首月工资，例如“8000元”。只看上下限可以跳过。",
                money("0.01", "1000000", "8000元", "月工资"),
                label="月工资",
                why="缴费基数按本人上年度月平均工资，夹在当地上下限之间。",
                skip=True,
                spot=_wage_said,
                show=yuan,
                hint="元/月，不给只看上下限",
            ),
        ]

    return Contributions


def _wage_said(text: str) -> str | None:
    for word in ("月薪", "工资", "月入", "基数"):
        if word in text:
            return (
                text.partition(word)[2].strip(" ，,。是为：:").split("，")[0].split(" ")[0] or None
            )
    return None


@dataclass(frozen=True)
class Line:
    """一个险种：基数和两边的钱；`limits` 为空是没有上下限数据。"""

    base: Decimal
    employee: Decimal
    employer: Decimal | None
    lower: Decimal
    upper: Decimal


def compute(given: Any, sheet: Sheet) -> Worked:
    """每个险种 基数×比例，按分四舍五入。"""
    on = given.month or sheet.day
    if given.wage is None:
        return _only_limits(given, sheet, on)
    found = {name: _line(name, given, sheet, on) for name in INSURANCES}
    known = {name: line for name, line in found.items() if line}
    if "pension" not in known:
        raise NoFigure("contribution_rates.pension_lower")
    employee = sum((line.employee for line in known.values()), Decimal(0))
    employer = sum((line.employer or Decimal(0) for line in known.values()), Decimal(0))
    missing = [INSURANCES[name] for name in found if name not in known]
    values: dict[str, Value] = {
        "base": known["pension"].base,
        "base_lower": known["pension"].lower,
        "base_upper": known["pension"].upper,
        "employee_total": cents(employee),
    }
    for name, line in known.items():
        values |= {
            f"{name}_base": line.base,
            f"employee_{name}": line.employee,
            f"employer_{name}": line.employer,
        }
    partly = f"（不含{'、'.join(missing)}）" if missing else ""
    lines = [_said(name, line) for name, line in known.items()]
    if all(line.employer is not None for line in known.values()):
        values["employer_total"] = cents(employer)
        lines.append(f"单位合计 {yuan(employer)}（另缴工伤保险，个人不缴）。")
    notes = ["单位申报的基数不同的，以申报为准；公积金不在内。"]
    if missing:
        notes.insert(
            0, f"{'、'.join(missing)}保险没有核实过的数据，没有计入，请拨打 12333 或 12393。"
        )
    return Worked(values, f"个人每月缴 {yuan(employee)}{partly}。", tuple(lines), tuple(notes))


def _only_limits(given: Any, sheet: Sheet, on: date) -> Worked:
    """没有给工资的，只说上下限。Raises NoFigure。"""
    values: dict[str, Value] = {}
    lines = []
    for name, label in INSURANCES.items():
        try:
            lower, upper = _limits(name, given, sheet, on)
        except NoFigure:
            continue
        values |= {f"{name}_lower": lower, f"{name}_upper": upper}
        lines.append(f"{label}：下限 {plain(lower)}元，上限 {plain(upper)}元。")
    if "pension_lower" not in values:
        raise NoFigure("contribution_rates.pension_lower")
    lower, upper = _limits("pension", given, sheet, on)
    values |= {"base_lower": lower, "base_upper": upper}
    headline = f"缴费基数下限 {plain(lower)}元，上限 {plain(upper)}元。"
    return Worked(values, headline, tuple(lines), ("没有给工资，没有算每月缴多少。",))


def _said(name: str, line: Line) -> str:
    employer = f"，单位 {yuan(line.employer)}" if line.employer is not None else ""
    limits = f"下限{plain(line.lower)}、上限{plain(line.upper)}"
    return (
        f"{INSURANCES[name]}：基数 {yuan(line.base)}（{limits}），"
        f"个人 {yuan(line.employee)}{employer}。"
    )


def _line(name: str, given: Any, sheet: Sheet, on: date) -> Line | None:
    """没有核实过的上下限或比例的险种，返回 None。"""
    try:
        lower, upper = _limits(name, given, sheet, on)
        mine = _rate(name, "employee", given, sheet, on)
    except NoFigure:
        return None
    base = cents(max(lower, min(upper, given.wage)))
    employee = cents(base * mine)
    if name == "medical" and given.place and given.medical_rate is None:
        employee += sheet.figure("contribution_rates.medical_employee_fixed", given.place, on)
    try:
        employer = cents(base * _rate(name, "employer", given, sheet, on))
        if name == "medical":
            extra = sheet.figure("contribution_rates.maternity_employer_rate", given.place, on)
            employer += cents(base * extra / 100)
    except NoFigure:
        return Line(base, employee, None, lower, upper)
    return Line(base, employee, employer, lower, upper)


def _limits(name: str, given: Any, sheet: Sheet, on: date) -> tuple[Decimal, Decimal]:
    if given.reference_wage is not None:
        wage = sheet.instead(given.reference_wage, "参考工资")
        low = given.lower_ratio or sheet.figure("contributions.base_floor_ratio", on=on) / 100
        high = given.upper_ratio or sheet.figure("contributions.base_ceiling_ratio", on=on) / 100
        if given.rounding == "none":
            return cents(wage * low), cents(wage * high)
        return _to_yuan(wage * low), _to_yuan(wage * high)
    if given.lower is not None and given.upper is not None:
        if given.lower > given.upper:
            raise Unclear("基数下限比上限还大，请再核对一下。")
        lower = sheet.instead(given.lower, "基数下限")
        return lower, sheet.instead(given.upper, "基数上限")
    if given.place is None:
        raise NoFigure(f"contribution_rates.{name}_lower")
    return (
        sheet.figure(f"contribution_rates.{name}_lower", given.place, on),
        sheet.figure(f"contribution_rates.{name}_upper", given.place, on),
    )


def _to_yuan(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal(1), ROUND_HALF_UP)


def _rate(name: str, side: str, given: Any, sheet: Sheet, on: date) -> Decimal:
    """比例，以一为整。养老个人比例全国一样，其余按城市。"""
    told = getattr(given, f"{name}_rate") if side == "employee" else None
    if told is not None:
        return Decimal(told)
    if given.place is None and name == "pension":
        return sheet.figure(f"contributions.pension_{side}_rate", on=on) / 100
    if given.place is None:
        raise NoFigure(f"contribution_rates.{name}_{side}_rate")
    return sheet.figure(f"contribution_rates.{name}_{side}_rate", given.place, on) / 100


def calculator(ground: Ground) -> Calculator[Any]:
    return Calculator(
        name="contributions",
        title="职工每月缴费",
        inputs=inputs(ground),
        compute=compute,
        sources=(
            "《社会保险法》第十二条、第三十五条、第六十条",
            "《降低社会保险费率综合方案》（国办发〔2019〕13号）",
        ),
        checked=date(2026, 11, 23),
        holds="2023 年起，按各城市公布的年度",
        example="place=长沙 wage=8000",
        triggers=(
            wish(r"(?:职工)?(?:社保)?(?:缴费|社保费|社保|五险)(?:基数)?"),
            r"^(?:社保)?缴费基数测算$",
        ),
        order=40,
        main="employee_total",
    )
