"""灵活就业缴费：职工养老保险按所选基数的20%缴，其中8%进个人账户；可以给出医疗、失业比例一起算。

国发〔2005〕38号、国办发〔2019〕13号。有当地上下限的，把下限、所选、上限并列比较；
有计发基数和参考工资的，另算每多缴一年养老金大约多多少、领几年能领回。
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import Annotated, Any

from bot.engine.calculator import Calculator, Ground, Sheet, Value, Worked, cents, wish, yuan
from bot.engine.form import Ask, Unclear, never
from bot.engine.parameters import NoFigure, plain
from bot.engine.quantities import age_spelt, money, rate, spelt, whole, year_month
from bot.engine.reading import place
from handlers.calculators._sentences import amount_after
from handlers.calculators.payout_months import payout_months


def _share(label: str, example: str, hint: str) -> Any:
    return Ask(
        f"{label}是多少？例如“{example}”。",
        rate("0.5", example),
        label=label,
        skip=True,
        only_if=never,
        hint=hint,
    )


def inputs(ground: Ground) -> type[Any]:
    """读地名要用到地区表，所以在这里定义。"""

    def comparable(given: Any) -> bool:
        where, later = given.get("place"), Sheet(ground, date(2100, 1, 1))
        return where is not None and later.has("pension_base.base", where)

    @dataclass(frozen=True)
    class Flexible:
        pension_rate: Annotated[Decimal | None, _share("养老比例", "20%", "不给按规定的20%")]
        medical_rate: Annotated[Decimal | None, _share("医疗比例", "6.5%", "给了才算医疗，按 base")]
        unemployment_rate: Annotated[Decimal | None, _share("失业比例", "1%", "给了才算失业")]
        month: Annotated[
            date | None,
            Ask(
                "算哪个月的？例如“2026-11”。",
                year_month(example="2026-11", what="年月"),
                label="缴费月份",
                skip=True,
                only_if=never,
                dated=True,
                hint="年-月，上下限按这个月的；不给按今天",
            ),
        ]
        place: Annotated[
            str | None,
            Ask(
                "在哪个城市参保？例如“长沙”。",
                place(ground.regions),
                label="参保地",
                why="各地的基数上下限和计发基数不同。",
                skip=True,
                spot=lambda text: next(iter(ground.regions.named(text)), None),
                show=str,
                hint="城市；不给就只按所给基数算",
            ),
        ]
        base: Annotated[
            Decimal,
            Ask(
                "想按多少的基数缴？例如“5000元”。",
                money("100", "100000", "5000元", "缴费基数"),
                label="缴费基数",
                spot=amount_after("基数|按"),
                why="基数可以在当地上下限之间自己选，缴得多以后领得多。",
                show=yuan,
                hint="元/月",
            ),
        ]
        retire_age: Annotated[
            int | None,
            Ask(
                "打算几岁开始领养老金？例如“63岁”。不知道可以跳过，按60岁比较。",
                whole(45, 70, "63岁", "年龄"),
                label="开始领的年龄",
                skip=True,
                only_if=comparable,
                why="几岁开始领，决定账户除以多少个月，和几岁能领回本。",
                show=lambda age: f"{age}岁",
                hint="周岁，不给按60",
            ),
        ]

    return Flexible


def compute(given: Any, sheet: Sheet) -> Worked:
    """基数 × 比例；当地有数据的再比较。"""
    share = _pension_rate(given, sheet)
    account = sheet.figure("contributions.flexible_account_rate") / 100
    limits = _limits(given, sheet)
    if limits and not limits[0] <= given.base <= limits[1]:
        raise Unclear(
            f"这个基数不在当地上下限之间：{plain(limits[0])}元到{plain(limits[1])}元。"
            f"请改一个，例如“{plain(limits[0])}元”。"
        )
    pension = cents(given.base * share)
    values: dict[str, Value] = {
        "pension": pension,
        "to_account": cents(given.base * account),
        "yearly": cents(pension * 12),
    }
    lines = [
        f"养老：{yuan(given.base)}×{plain((share * 100).normalize() + 0)}%＝{yuan(pension)}/月，"
        f"其中{yuan(given.base * account)}进个人账户。"
    ]
    for name, label in (("medical", "医疗"), ("unemployment", "失业")):
        told = getattr(given, f"{name}_rate")
        if told is not None:
            values[name] = cents(given.base * told)
            lines.append(f"{label}：{yuan(given.base * told)}/月（按您给的比例）。")
    compared = _compared(given, limits, share, account, sheet)
    if limits:
        values |= {"base_lower": limits[0], "base_upper": limits[1]}
    if limits and not compared:
        lines.append(
            f"当地上下限：{plain(limits[0])}元缴{yuan(limits[0] * share)}/月，"
            f"{plain(limits[1])}元缴{yuan(limits[1] * share)}/月。"
        )
    for prefix, choice in compared.items():
        values |= {f"{prefix}{name}": amount for name, amount in choice.values().items()}
    lines += [choice.line(_NAMED[prefix]) for prefix, choice in compared.items()]
    notes = ["自己缴的全由个人负担，不能事后补缴以前年度。"]
    if compared:
        notes.insert(
            0,
            f"按缴一年、{given.retire_age or USUAL_AGE}岁开始领、今天的数比较，不计利息和以后的增长；"
            "缴得越多领得越多，回本快慢主要看能领多久。",
        )
    else:
        notes.append("没有当地核实过的计发基数或参考工资，没有比较以后能领多少。")
    return Worked(values, f"养老保险每月缴 {yuan(pension)}。", tuple(lines), tuple(notes))


def _pension_rate(given: Any, sheet: Sheet) -> Decimal:
    if given.pension_rate is not None:
        return sheet.instead(given.pension_rate, "养老比例")
    return sheet.figure("contributions.flexible_pension_rate") / 100


def _limits(given: Any, sheet: Sheet) -> tuple[Decimal, Decimal] | None:
    if given.place is None:
        return None
    try:
        return (
            sheet.figure("contribution_rates.pension_lower", given.place, given.month),
            sheet.figure("contribution_rates.pension_upper", given.place, given.month),
        )
    except NoFigure:
        return None


@dataclass(frozen=True)
class Choice:
    """按某个基数缴一年：每月缴多少，以后每月多领多少，领多久回本。"""

    base: Decimal
    monthly: Decimal
    gain: Decimal
    months: int  # 领这么多个月，合计不少于这一年缴的
    age: int  # 那时的年龄，月数

    def values(self) -> dict[str, Value]:
        return {
            "pension": self.monthly,
            "pension_gain": self.gain,
            "break_even_months": self.months,
            "break_even_age": age_spelt(self.age),
            "break_even_age_months": self.age,
        }

    def line(self, named: str) -> str:
        return (
            f"{named}{yuan(self.base)}：每月缴{yuan(self.monthly)}，缴一年以后每月多领{yuan(self.gain)}，"
            f"领{spelt(self.months)}回本（到{age_spelt(self.age)}）。"
        )


USUAL_AGE = 60
_NAMED = {"lower_": "下限", "": "所选", "upper_": "上限"}


def _compared(
    given: Any,
    limits: tuple[Decimal, Decimal] | None,
    share: Decimal,
    account: Decimal,
    sheet: Sheet,
) -> dict[str, Choice]:
    """下限、所选、上限并列；没有当地计发基数或参考工资的不比。"""
    if given.place is None:
        return {}
    try:
        base = sheet.figure("pension_base.base", given.place)
        average = sheet.figure("contribution_rates.reference_wage", given.place, given.month)
    except NoFigure:
        return {}
    accrual = sheet.figure("pension.accrual_rate") / 100
    age = (given.retire_age or USUAL_AGE) * 12
    divisor = payout_months(age, sheet)
    bases = {"lower_": limits[0], "": given.base, "upper_": limits[1]} if limits else {}
    found: dict[str, Choice] = {}
    for prefix, chosen in (bases or {"": given.base}).items():
        cost = cents(chosen * share)
        basic = base * (1 + chosen / average) / 2 * accrual
        gain = cents(basic + chosen * account * 12 / divisor)
        months = int((cost * 12 / gain).to_integral_value(ROUND_CEILING))
        found[prefix] = Choice(chosen, cost, gain, months, age + months)
    return found


def calculator(ground: Ground) -> Calculator[Any]:
    return Calculator(
        name="flexible_employment",
        title="灵活就业缴费",
        inputs=inputs(ground),
        compute=compute,
        sources=(
            "《国务院关于完善企业职工基本养老保险制度的决定》（国发〔2005〕38号）",
            "《降低社会保险费率综合方案》（国办发〔2019〕13号）",
        ),
        checked=date(2026, 11, 23),
        holds="2006-01-01 起",
        example="place=长沙 base=5000",
        triggers=(wish(r"灵活就业(?:缴费|社保|养老)?"),),
        order=45,
        main="pension",
    )
