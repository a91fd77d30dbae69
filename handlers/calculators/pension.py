"""企业职工养老金：基础养老金加个人账户养老金；过渡性养老金只在给出年数和系数时算。

国发〔2005〕38号，2006-01-01 起。计发基数是各省公布的当年数（没公布的先用最近一年的），不是缴费基数。
过渡性养老金各省办法不同，没有统一公式：没有核实过的省份不算，并说明没有包括。
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Annotated, Any

from bot.engine.calculator import (
    Calculator,
    Ground,
    Sheet,
    Value,
    Worked,
    cents,
    wish,
    yuan,
)
from bot.engine.form import Ask, Unclear, never
from bot.engine.parameters import NoFigure, plain
from bot.engine.quantities import (
    age_spelt,
    coded,
    duration,
    folded,
    money,
    number,
    rate,
    spelt,
    year_month,
)
from bot.engine.reading import place
from handlers.calculators._pension_changes import NUMERAL, changes
from handlers.calculators._pension_formula import (
    Parts,
    Span,
    effects,
    ends,
    index,
    outlook,
    parts,
    sensitivity,
    stepped,
)
from handlers.calculators.account_projection import span
from handlers.calculators.payout_months import payout_months
from handlers.calculators.retirement_age import (
    BORN,
    CATEGORY,
    REFORM,
    required_months,
    retiring,
    said,
)

_PAID = re.compile(
    rf"(?:缴费?|交|工龄|年限|社保|养老保险)[^{NUMERAL}]{{0,6}}([{NUMERAL}]+年(?:半|零?[{NUMERAL}]+个?月)?)"
)
_BALANCE = re.compile(
    rf"(?:余额|账户|储存额)[^{NUMERAL}]{{0,6}}([{NUMERAL}]+[来多]?[千万kw]?[{NUMERAL}]*元?)"
)
_INDEX = re.compile(r"指数\D{0,4}(\d\.\d+|\d)")


FORMS = {"indexed_wage": "指数化工资", "mean": "基数和指数化工资的平均", "base": "基数"}


def _found(pattern: re.Pattern[str]) -> Any:
    def spot(text: str) -> str | None:
        match = pattern.search(folded(text))
        return match[1] if match else None

    return spot


def inputs(ground: Ground) -> type[Any]:
    """读地名要用到地区表，所以在这里定义。"""

    def unknown_base(given: Any) -> bool:
        where = given.get("place")
        return where is None or not Sheet(ground, date(2100, 1, 1)).has("pension_base.base", where)

    def when(given: Any) -> str:
        return _aside(given, ground)

    @dataclass(frozen=True)
    class Pension:
        payout_months: Annotated[
            Decimal | None,
            Ask(
                "计发月数是多少？例如“139”。",
                number("40", "240", "139", "计发月数"),
                label="计发月数",
                skip=True,
                only_if=never,
                hint="给了就不要 category 和 born",
            ),
        ]
        years: Annotated[
            Decimal | None,
            Ask(
                "折算后的缴费年限是多少年？例如“30.5”。",
                number("0.01", "60", "30.5", "缴费年限"),
                label="折算缴费年限",
                skip=True,
                only_if=never,
                hint="年，带小数，可代替 paid",
            ),
        ]
        indexed_wage: Annotated[
            Decimal | None,
            Ask(
                "指数化月平均缴费工资是多少？例如“6071.56元”。",
                money("1", "200000", "6071.56元", "指数化工资"),
                label="指数化月平均缴费工资",
                skip=True,
                only_if=never,
                hint="元/月，可代替 index",
            ),
        ]
        retire: Annotated[
            date | None,
            Ask(
                "打算哪年哪月退休？例如“2031-07”。",
                year_month(example="2031-07", what="退休年月"),
                label="打算退休年月",
                skip=True,
                only_if=never,
                dated=True,
                hint="年-月，不给按法定退休年月",
            ),
        ]
        transitional_years: Annotated[
            Decimal | None,
            Ask(
                "过渡性养老金的年数是多少？例如“14.42”。",
                number("0.01", "50", "14.42", "年数"),
                label="过渡性养老金年数",
                skip=True,
                only_if=never,
                hint="年，和 transitional_rate 一起给才算过渡性养老金",
            ),
        ]
        transitional_rate: Annotated[
            Decimal | None,
            Ask(
                "过渡性养老金的系数是多少？例如“1.3%”。",
                rate("0.05", "1.3%"),
                label="过渡性养老金系数",
                skip=True,
                only_if=never,
                hint="如 1.3%",
            ),
        ]
        transitional_form: Annotated[
            str | None,
            Ask(
                "过渡性养老金按哪个公式？例如“指数化工资”。",
                coded(FORMS),
                label="过渡性养老金公式",
                skip=True,
                only_if=never,
                hint="indexed_wage：指数化工资×年数×系数；mean：（基数＋指数化工资）÷2×年数×系数；"
                "base：基数×年数×系数，不给按 indexed_wage",
            ),
        ]
        transitional_more: Annotated[
            Decimal | None,
            Ask(
                "另按基数乘指数计的年数是多少？例如“6.25”。",
                number("0.01", "50", "6.25", "年数"),
                label="过渡性养老金另计年数",
                skip=True,
                only_if=never,
                hint="年，另加 基数×指数×这个年数×系数（北京视同缴费以后、建账户以前的）",
            ),
        ]
        growth: Annotated[
            Span | None,
            Ask(
                "计发基数以后每年涨多少？例如“0%到4%”。",
                span,
                label="计发基数年增长",
                skip=True,
                only_if=never,
                hint="如 3% 或 0%到4%，只影响退休时的范围；不给按0到当地近年",
            ),
        ]
        interest: Annotated[
            Span | None,
            Ask(
                "账户以后的利率按多少算？例如“1.5%到3%”。",
                span,
                label="账户利率",
                skip=True,
                only_if=never,
                hint="如 2% 或 1.5%到3%，只影响退休时的范围",
            ),
        ]
        category: Annotated[str | None, replace(CATEGORY, only_if=_needs_age)]
        born: Annotated[date | None, replace(BORN, only_if=_needs_age)]
        place: Annotated[
            str | None,
            Ask(
                "养老保险在哪个省或市领取？例如“长沙”。",
                place(ground.regions),
                label="参保地",
                why="各省的计发基数不同，同样的缴费，各省的养老金也不同。",
                skip=True,
                spot=lambda text: next(iter(ground.regions.named(text)), None),
                show=str,
                aside=when,
                hint="省或市；给了 base 可以不给",
            ),
        ]
        paid: Annotated[
            int | None,
            Ask(
                "到退休时养老保险一共缴多久？视同缴费年限也算，例如“25年3个月”。",
                duration(720, 1, "25年3个月", "缴费年限"),
                label="缴费年限",
                only_if=lambda given: given.get("years") is None,
                why="基础养老金每缴满一年发百分之一，按月数折算。",
                spot=_found(_PAID),
                show=spelt,
                hint="“25年3个月”或月数",
            ),
        ]
        balance: Annotated[
            Decimal,
            Ask(
                "到退休时个人账户大约有多少钱？只知道现在的就填现在的，例如“10万元”。",
                money("0", "10000000", "10万元", "账户余额"),
                label="个人账户余额",
                why="个人账户养老金等于账户余额除以计发月数。",
                spot=_found(_BALANCE),
                show=yuan,
                hint="元",
            ),
        ]
        index: Annotated[
            Span | None,
            Ask(
                "平均缴费指数大约多少？权益单上有，例如“0.8”。不知道就按0.6到1.0算一个范围。",
                index,
                label="平均缴费指数",
                default="0.6到1.0",
                only_if=lambda given: given.get("indexed_wage") is None,
                why="按平均工资缴是1，按最低基数缴是0.6。它是对结果影响最大的一项。",
                spot=_found(_INDEX),
                show=lambda span: "到".join(dict.fromkeys(plain(v) for v in span)),
                hint="0.3 到 5，或一个范围",
            ),
        ]
        base: Annotated[
            Decimal | None,
            Ask(
                "这里的计发基数我没有核实过。您知道当地最近的养老金计发基数吗？例如“7694元”。",
                money("1000", "50000", "7694元", "计发基数"),
                label="计发基数",
                only_if=unknown_base,
                why="计发基数由省里每年公布，可拨打参保地 12333 询问。",
                show=yuan,
                hint="元/月，不给按地方查",
            ),
        ]

    return Pension


def _needs_age(given: Any) -> bool:
    return given.get("payout_months") is None


def _aside(given: Any, ground: Ground) -> str:
    """问地方以前，先说能定的：法定退休年月、够不够年限。"""
    if not given.get("category") or not given.get("born"):
        return ""
    sheet = Sheet(ground, REFORM)
    due = retiring(given["category"], given["born"], sheet)
    need = required_months(due.month.year, sheet)
    told = f"法定退休 {said(due.month)}（{age_spelt(due.age)}，延迟{due.delay}个月），"
    told += f"最低缴费 {spelt(need)}。"
    if due.earliest and due.earliest < due.month:
        told += f"可弹性提前，最早 {said(due.earliest)}；也可延迟至多3年。"
    return told + "\n"


def compute(given: Any, sheet: Sheet) -> Worked:
    """基础 + 个人账户（+ 过渡性）；指数是范围时给出两头。"""
    age, month = _age(given, sheet)
    base = _base(given, sheet, month)
    years = _years(given, sheet)
    divisor = _divisor(given, age, sheet)
    low, high = (parts(given, base, years, i, sheet) for i in ends(given, base))
    account = stepped(given.balance / divisor, given, sheet)
    extra, extra_line = _transitional(given, low, base, sheet)
    totals = [cents(part.basic + account + extra) for part in (low, high)]
    middle = cents(sum(totals, Decimal(0)) / 2)
    values: dict[str, Value] = {
        "base": cents(base),
        "contribution_years": str(years),
        "payout_months": str(divisor),
        "basic_pension": cents((low.basic + high.basic) / 2),
        "account_pension": account,
        "transitional_pension": extra if extra_line else None,
        "monthly": middle,
        "monthly_low": totals[0],
        "monthly_high": totals[1],
    }
    if month:
        values["retirement_month"] = f"{month:%Y-%m}"
    between = f"（{yuan(totals[0])}～{yuan(totals[1])}）" if totals[0] != totals[1] else ""
    later, ahead = outlook(given, base, years, divisor, extra, month, sheet)
    moved = effects(given, base, years, divisor, age, month, sheet)
    values |= later | {f"if_{name}": amount for name, (_, amount) in moved.items()}
    when = f"{said(month)}退休（{age_spelt(age)}）；" if month and age else ""
    lines = [
        f"{when}计发基数 {yuan(base)}，缴费年限 {plain(years)}年，{_index_said(given)}。",
        f"基础养老金 {_range(low.basic, high.basic)}：（计发基数＋指数化工资）÷2×年限×1%。",
        f"个人账户 {yuan(account)}：{yuan(given.balance)}÷{plain(divisor)}。",
        *extra_line,
        *ahead,
        sensitivity(moved),
    ]
    return Worked(
        values,
        f"每月约 {yuan(middle)}{between}。",
        tuple(lines),
        _notes(given, month, extra_line, sheet),
    )


def _age(given: Any, sheet: Sheet) -> tuple[int | None, date | None]:
    if given.payout_months is not None:
        return None, given.retire
    due = retiring(given.category, given.born, sheet)
    month = given.retire or due.month
    if not (due.earliest or due.month) <= month <= (due.latest or due.month):
        raise Unclear(
            f"这个退休年月不在可选的范围内：最早 {said(due.earliest or due.month)}，"
            f"最晚 {said(due.latest or due.month)}。"
        )
    return (month.year - given.born.year) * 12 + month.month - given.born.month, month


def _base(given: Any, sheet: Sheet, month: date | None) -> Decimal:
    """退休当年的计发基数，没有的用最近一年的。"""
    if given.base is None and given.place is None:
        raise NoFigure("pension_base.base")
    on = min(month, sheet.day) if month else sheet.day
    return sheet.instead(given.base, "计发基数", "pension_base.base", given.place or "", on=on)


def _years(given: Any, sheet: Sheet) -> Decimal:
    """月数除以 12，小数按当地的取法。"""
    if given.years is not None:
        return Decimal(given.years)
    where = given.place or ""
    decimals = 4
    if where and sheet.has("pension_rules.years_decimals", where):
        decimals = int(sheet.figure("pension_rules.years_decimals", where))
    up = bool(where) and sheet.has("pension_rules.years_round_up", where)
    how = ROUND_CEILING if up else ROUND_HALF_UP
    return (Decimal(given.paid) / 12).quantize(Decimal(1).scaleb(-decimals), how)


def _divisor(given: Any, age: int | None, sheet: Sheet) -> Decimal:
    if age is None:
        return sheet.instead(given.payout_months, "计发月数")
    return payout_months(age, sheet)


def _transitional(
    given: Any, part: Parts, base: Decimal, sheet: Sheet
) -> tuple[Decimal, list[str]]:
    """给了年数和系数才算；公式各省不同，按给的那种。"""
    if given.transitional_years is None or given.transitional_rate is None:
        return Decimal(0), []
    share = sheet.instead(given.transitional_rate, "过渡性养老金系数")
    form = given.transitional_form or "indexed_wage"
    wage = {"indexed_wage": part.wage, "mean": (base + part.wage) / 2, "base": base}[form]
    amount = wage * given.transitional_years * share
    said_more = ""
    if given.transitional_more is not None:
        amount += part.wage * given.transitional_more * share
        said_more = f"＋指数化工资×{plain(given.transitional_more)}年×系数"
    amount = stepped(amount, given, sheet)
    return amount, [
        f"过渡性养老金 {yuan(amount)}：{FORMS[form]}×{plain(given.transitional_years)}年×系数{said_more}。"
    ]


def _index_said(given: Any) -> str:
    if given.indexed_wage is not None:
        return f"指数化月平均缴费工资 {yuan(given.indexed_wage)}"
    return "平均缴费指数 " + "～".join(dict.fromkeys(plain(v) for v in given.index))


def _range(low: Decimal, high: Decimal) -> str:
    return yuan(low) if low == high else f"{yuan(low)}～{yuan(high)}"


def _notes(given: Any, month: date | None, extra: list[str], sheet: Sheet) -> tuple[str, ...]:
    notes = []
    if month and given.paid is not None:
        need = required_months(month.year, sheet)
        if given.paid < need:
            notes.append(
                f"{month.year}年退休最低要缴满 {spelt(need)}，还差 {spelt(need - given.paid)}。"
            )
    if month and month.year > sheet.day.year:
        notes.append("每月数按现在的计发基数和您给的余额；以后缴的费没有计入余额。")
    if not extra:
        notes.append("没有包括过渡性养老金（建立个人账户前参加工作的才有）和地方加发。")
    return tuple(notes)


def calculator(ground: Ground) -> Calculator[Any]:
    return Calculator(
        name="pension",
        title="企业职工养老金",
        inputs=inputs(ground),
        compute=compute,
        sources=("《国务院关于完善企业职工基本养老保险制度的决定》（国发〔2005〕38号）",),
        checked=date(2026, 11, 23),
        holds="2006-01-01 起",
        example="category=male_60 born=1969-05 place=长沙 paid=25年 balance=10万 index=0.8",
        triggers=(
            wish(r"(?:企业|职工)?(?:退休金|养老金)"),
            # when they were born, how long they have paid, and what they will get, in any words
            r"(出生|生的|生人|月生|年生|[\d一二三四五六七八九十]{2,3}岁)"
            r".*(缴|交)\D{0,8}?[\d一二三四五六七八九十].*(拿|领|得|发)(得?到)?(多|几|好多)",
        ),
        order=20,
        changes=lambda said, values, day: changes(said, values, ground, day),
        main="monthly",
    )
