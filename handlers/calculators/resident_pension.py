"""城乡居民养老金：基础养老金加个人账户储存额除以 139。

2014-02 国发〔2014〕8号起适用，满60周岁、缴满15年领取。基础养老金由各省定：全国最低标准不是您能领的数，
所以必须给出当地标准，不知道时不算。
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from bot.engine.calculator import Calculator, Ground, Sheet, Value, Worked, cents, wish, yuan
from bot.engine.form import Ask, never
from bot.engine.parameters import plain
from bot.engine.quantities import duration, money, rate, spelt
from handlers.calculators._sentences import amount_after, span_after


@dataclass(frozen=True)
class ResidentPension:
    base: Annotated[
        Decimal,
        Ask(
            "您参保地的城乡居民基础养老金每月多少？例如“205元”。不知道请先拨打当地 12333。",
            money("1", "5000", "205元", "基础养老金"),
            label="当地基础养老金",
            spot=amount_after("基础养老金"),
            why="各省标准差别很大，全国最低标准不等于您能领的数，所以要用当地的。",
            show=yuan,
            hint="元/月，当地公布的标准",
        ),
    ]
    balance: Annotated[
        Decimal | None,
        Ask(
            "个人账户储存额多少？例如“13900元”。",
            money("0", "1000000", "13900元", "储存额"),
            label="账户储存额",
            skip=True,
            only_if=never,
            hint="元，可代替 payment、subsidy、paid",
        ),
    ]
    payment: Annotated[
        Decimal | None,
        Ask(
            "每年缴多少？例如“1000元”。",
            money("0", "20000", "1000元", "年缴费"),
            label="每年缴费",
            spot=amount_after("每年(?:缴|交)|一年(?:缴|交)|年(?:缴|交)"),
            only_if=lambda given: given.get("balance") is None,
            show=yuan,
            hint="元/年",
        ),
    ]
    subsidy: Annotated[
        Decimal | None,
        Ask(
            "政府每年补贴多少？例如“60元”。不知道就按国家规定的最低补贴算。",
            money("0", "5000", "60元", "缴费补贴"),
            label="每年补贴",
            skip=True,
            only_if=lambda given: given.get("balance") is None,
            why="缴费有补贴，档次越高补得越多，各地不同。",
            show=yuan,
            hint="元/年，不给按国家最低补贴",
        ),
    ]
    paid: Annotated[
        int | None,
        Ask(
            "到60岁一共缴多少年？例如“15年”。",
            duration(540, 1, "15年", "缴费年限"),
            label="缴费年限",
            spot=span_after("(?<!每年)(?<!一年)(?:缴|交)"),
            only_if=lambda given: given.get("balance") is None,
            show=spelt,
            hint="“15年”或月数",
        ),
    ]
    interest: Annotated[
        Decimal | None,
        Ask(
            "账户年利率是多少？例如“2%”。",
            rate("0.2", "2%"),
            label="账户年利率",
            skip=True,
            only_if=never,
            hint="不给不计利息",
        ),
    ]


def subsidy_of(given: ResidentPension, sheet: Sheet) -> Decimal:
    """给的补贴；没给的按国家最低，达到提高档次的按较高一档。"""
    if given.subsidy is not None:
        return given.subsidy
    assert given.payment is not None
    level = sheet.figure("resident_pension.subsidy_level")
    name = "subsidy_higher" if given.payment >= level else "subsidy_lowest"
    return sheet.figure(f"resident_pension.{name}")


def balance_of(given: ResidentPension, sheet: Sheet) -> Decimal:
    """每年年末缴一次、补一次，按年计息。"""
    if given.balance is not None:
        return given.balance
    assert given.payment is not None
    assert given.paid is not None
    yearly = given.payment + subsidy_of(given, sheet)
    grows = 1 + (given.interest or Decimal(0))
    years, rest = divmod(given.paid, 12)
    total = Decimal(0)
    for _ in range(years):
        total = total * grows + yearly
    return cents(total + yearly * rest / 12)


def compute(given: ResidentPension, sheet: Sheet) -> Worked:
    """基础养老金 + 储存额 ÷ 139。"""
    divisor = sheet.figure("resident_pension.divisor")
    balance = balance_of(given, sheet)
    account = cents(balance / divisor)
    base = sheet.instead(given.base, "当地基础养老金")
    total = cents(base + account)
    notes = ["没有计算利息以外的集体补助、丧葬补助和长缴多得的加发部分，各地另有规定。"]
    if given.balance is None and given.subsidy is None:
        notes.append(f"补贴按国家最低每年 {yuan(subsidy_of(given, sheet))}，当地可能更高。")
    if given.balance is None and given.interest is None:
        notes.append("账户没有计利息，实际会比这多一点。")
    least = sheet.figure("resident_pension.min_years") * 12
    if given.paid is not None and given.paid < least:
        notes.insert(0, f"缴费不满{plain(least / 12)}年的，到60岁还不能按月领取，要先补足。")
    lines = (
        f"基础养老金 {yuan(base)}。",
        f"个人账户 {yuan(balance)}÷{plain(divisor)}＝{yuan(account)}。",
    )
    values: dict[str, Value] = {
        "balance": cents(balance),
        "account_pension": account,
        "base_pension": cents(base),
        "monthly": total,
    }
    return Worked(values, f"城乡居民养老金约 {yuan(total)}/月。", lines, tuple(notes))


def calculator(ground: Ground) -> Calculator[Any]:
    return Calculator(
        name="resident_pension",
        title="城乡居民养老金",
        inputs=ResidentPension,
        compute=compute,
        sources=("《国务院关于建立统一的城乡居民基本养老保险制度的意见》（国发〔2014〕8号）",),
        checked=date(2026, 11, 23),
        holds="2014-02-21 起",
        example="base=205 payment=1000 subsidy=120 paid=15年",
        triggers=(wish(r"(?:城乡)?居民(?:基本)?养老(?:金|保险)"),),
        order=30,
        main="monthly",
    )
