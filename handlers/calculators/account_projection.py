"""个人账户：现在的余额，到退休时大约有多少，偏低、居中、偏高三种。

人社部发〔2017〕31号：2016 年起记账利率全国统一，一年公布一个。公布过的年份用公布的利率；还没公布、或来源不一致的
年份没有利率可用，按三种假设各算一遍：居中取最近公布的，偏低取它的一半，偏高取最近三个的平均。不是预测。
上年末的余额计全年利息，当年缴的按记账以后的月数计息。
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any

from bot.engine.calculator import (
    Calculator,
    Ground,
    Sheet,
    Value,
    Worked,
    cents,
    percent,
    wish,
    yuan,
)
from bot.engine.form import Ask, Unclear, never
from bot.engine.parameters import NATIONWIDE, NoFigure, plain
from bot.engine.quantities import coded, folded, money, number, plus_months, rate, year_month
from handlers.calculators.payout_months import payout_months
from handlers.calculators.retirement_age import BORN, CATEGORY, REFORM, retiring, said

RATE = "account_interest.rate"
SPOKEN = {"low": "偏低", "likely": "居中", "high": "偏高"}
Span = tuple[Decimal, Decimal]
Yearly = Mapping[int, Decimal]


def span(text: str) -> Span:
    """`2%` 或 `1.5%到3%`。"""
    read = rate("0.2", "2%")
    values = [read(part) for part in re.split(r"到|至|~|～|—", folded(text))]
    if len(values) > 2 or values[0] > values[-1]:
        raise Unclear("没看懂这个利率，请按“2%”或“1.5%到3%”这样填写。")
    return values[0], values[-1]


def yearly(text: str) -> Yearly:
    """`2021:6.69%，2025:1.5%`。"""
    read = rate("0.2", "2%")
    found = re.findall(r"(20\d\d)年?[:=是](\d+(?:\.\d+)?%)", folded(text))
    if not found:
        raise Unclear("没看懂各年的利率，请按“2024:2.62%，2025:1.5%”这样填写。")
    return {int(year): read(share) for year, share in found}


def _until_unknown(given: Any) -> bool:
    return given.get("until") is None


def _until(text: str) -> str | None:
    match = re.search(r"(?:到|算到)(\d{4}[-年]\d{1,2})月?", folded(text))
    return match[1] if match else None


@dataclass(frozen=True)
class Account:
    until: Annotated[
        date | None,
        Ask(
            "算到哪年哪月？例如“2036-07”。",
            year_month(example="2036-07", what="年月"),
            label="算到",
            skip=True,
            only_if=never,
            spot=_until,
            dated=True,
            hint="年-月，可代替 category 和 born",
        ),
    ]
    since: Annotated[
        date | None,
        Ask(
            "余额是截至哪年哪月的？例如“2025-12”。",
            year_month(example="2025-12", what="年月"),
            label="余额截至",
            skip=True,
            only_if=never,
            dated=True,
            hint="年-月，这个月缴的已在余额里；不给按今天的月份",
        ),
    ]
    interest: Annotated[
        Span | None,
        Ask(
            "没有公布利率的年份按多少算？例如“2%”或“1.5%到3%”。",
            span,
            label="假设利率",
            skip=True,
            only_if=never,
            hint="如 2% 或 1.5%到3%，不给按三种假设",
        ),
    ]
    rates: Annotated[
        Yearly | None,
        Ask(
            "各年的记账利率是多少？例如“2024:2.62%”。",
            yearly,
            label="各年利率",
            skip=True,
            only_if=never,
            hint="如 2024:2.62%,2025:1.5%，代替公布的",
        ),
    ]
    growth: Annotated[
        Decimal | None,
        Ask(
            "缴费基数每年涨多少？例如“3%”。",
            rate("0.3", "3%"),
            label="基数年增长",
            skip=True,
            only_if=never,
            hint="如 3%，不给按不涨；每年一月涨",
        ),
    ]
    account_rate: Annotated[
        Decimal | None,
        Ask(
            "每月缴费进账户的比例是多少？例如“8%”。",
            rate("0.2", "8%"),
            label="记账比例",
            skip=True,
            only_if=never,
            hint="如 8%，不给按规定",
        ),
    ]
    in_year: Annotated[
        str | None,
        Ask(
            "当年缴的当年计不计利息？例如“按月计息”。",
            coded({"monthly": "按月计息", "none": "当年不计息"}),
            label="当年计息",
            skip=True,
            only_if=never,
            hint="monthly | none，不给按 monthly",
        ),
    ]
    payout_months: Annotated[
        Decimal | None,
        Ask(
            "计发月数是多少？例如“139”。",
            number("40", "240", "139", "计发月数"),
            label="计发月数",
            skip=True,
            only_if=never,
            hint="给了就算每月个人账户养老金；给了 category 和 born 可不给",
        ),
    ]
    category: Annotated[str | None, replace(CATEGORY, only_if=_until_unknown)]
    born: Annotated[date | None, replace(BORN, only_if=_until_unknown)]
    balance: Annotated[
        Decimal,
        Ask(
            "现在个人账户有多少钱？例如“6万元”。",
            money("0", "10000000", "6万元", "账户余额"),
            label="账户余额",
            why="电子社保卡或掌上12333的权益单上，写的是“个人账户累计储存额”。",
            spot=lambda text: _spotted(_BALANCE, text),
            show=yuan,
            hint="元",
        ),
    ]
    base: Annotated[
        Decimal,
        Ask(
            "现在每月的缴费基数多少？不再缴了请回“0”，例如“6000元”。",
            money("0", "200000", "6000元", "缴费基数"),
            label="缴费基数",
            why="缴费基数的8%每月进个人账户。",
            spot=lambda text: _spotted(_BASE, text),
            show=yuan,
            hint="元/月，不再缴填 0",
        ),
    ]


_NUMERAL = "0-9.零一二两三四五六七八九十百"
_BALANCE = re.compile(
    rf"(?:余额|账户|储存额)[^{_NUMERAL}]{{0,6}}([{_NUMERAL}]+[来多]?[千万kw]?[{_NUMERAL}]*元?)"
)
_BASE = re.compile(rf"基数[^{_NUMERAL}]{{0,4}}([{_NUMERAL}]+[千万kw]?[{_NUMERAL}]*元?)")


def _spotted(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(folded(text))
    return match[1] if match else None


@dataclass(frozen=True)
class Grown:
    """账户到期末的数，其中缴的和利息。"""

    account: Decimal
    paid: Decimal
    interest: Decimal


def grown(
    balance: Decimal,
    monthly: Decimal,
    since: date,
    until: date,
    rate_of: Callable[[int], Decimal],
    *,
    growth: Decimal = Decimal(0),
    at_once: bool = True,
) -> Grown:
    """逐年：余额按这一年的月数计息；每月缴的从当月起计到年底（`at_once` 为假时当年不计）。"""
    paid = interest = Decimal(0)
    for year in range(since.year, until.year + 1):
        first = since.month + 1 if year == since.year else 1
        last = until.month if year == until.year else 12
        months = max(0, last - first + 1)
        each = cents(monthly * (1 + growth) ** (year - since.year))
        share = rate_of(year) if months else Decimal(0)
        waited = months * (months + 1) // 2 if at_once else 0
        earned = cents((balance * months + each * waited) * share / 12)
        balance += each * months + earned
        paid += each * months
        interest += earned
    return Grown(cents(balance), cents(paid), cents(interest))


def supposed(given: Any, sheet: Sheet) -> dict[str, Decimal]:
    """没有公布的年份用的三种利率。"""
    if given.interest is not None:
        low, high = given.interest
        sheet.given.append("假设利率 " + "～".join(dict.fromkeys((percent(low), percent(high)))))
        return {"low": low, "likely": (low + high) / 2, "high": high}
    known = [
        f
        for f in sheet.ground.parameters[RATE].figures
        if f.confidence != "low" and f.since <= sheet.day and f.region == NATIONWIDE
    ]
    if not known:
        raise NoFigure(RATE)
    last = sorted(known, key=lambda f: f.since)[-3:]
    newest = sheet.figure(RATE, on=last[-1].since)
    mean = sum((f.amount for f in last), Decimal(0)) / len(last)
    shares = {"low": newest / 2, "likely": newest, "high": max(newest, mean)}
    return {k: (v / 100).quantize(Decimal("0.0001"), ROUND_HALF_UP) for k, v in shares.items()}


def published(given: Any, sheet: Sheet, years: range) -> dict[int, Decimal]:
    """这些年份里公布过（或给了）的利率。"""
    found = dict(given.rates or {})
    if found:
        sheet.given.append("、".join(f"{y}年利率 {percent(r)}" for y, r in found.items()))
    for year in years:
        if year not in found:
            try:
                found[year] = sheet.figure(RATE, on=date(year, 1, 1)) / 100
            except NoFigure:
                continue
    return {year: found[year] for year in years if year in found}


def compute(given: Account, sheet: Sheet) -> Worked:
    """三种利率各滚一遍。"""
    since = given.since or sheet.day.replace(day=1)
    until, age = _end(given, sheet)
    if until <= since:
        raise Unclear(
            f"要算到的年月应在 {said(since)} 之后，例如“{plus_months(since, 12):%Y-%m}”。"
        )
    share = given.account_rate
    if share is None:
        share = sheet.figure("contributions.flexible_account_rate") / 100
    years = range(plus_months(since, 1).year, until.year + 1)
    known = published(given, sheet, years)
    guessed = [year for year in years if year not in known]
    ways = supposed(given, sheet) if guessed else dict.fromkeys(SPOKEN, Decimal(0))
    monthly = given.base * share
    at_once = given.in_year != "none"

    def run(way: str, more: Decimal = Decimal(0), base: Decimal = Decimal(0)) -> Grown:
        return grown(
            given.balance,
            monthly + base * share,
            since,
            until,
            lambda year: known.get(year, ways[way] + more),
            growth=given.growth or Decimal(0),
            at_once=at_once,
        )

    runs = {way: run(way) for way in SPOKEN}
    likely = runs["likely"]
    months = (until.year - since.year) * 12 + until.month - since.month
    values: dict[str, Value] = {
        "until": f"{until:%Y-%m}",
        "months": months,
        "contributed": likely.paid,
        "interest": likely.interest,
        **{f"account_{way}": result.account for way, result in runs.items()},
        "account": likely.account,
    }
    lines = [
        f"现有 {yuan(given.balance)}，再缴{months}个月，每月记入{yuan(monthly)}，共 {yuan(likely.paid)}；"
        f"利息约 {yuan(likely.interest)}。",
        *_rates_said(known, guessed, ways),
    ]
    divisor = _divisor(given, age, sheet)
    if divisor is not None:
        values["payout_months"] = str(divisor)
        for way, result in runs.items():
            values[f"pension_{way}"] = cents(result.account / divisor)
        lines.append(
            f"每月个人账户养老金约 {yuan(likely.account / divisor)}"
            f"（{yuan(runs['low'].account / divisor)}～{yuan(runs['high'].account / divisor)}），"
            f"除以{plain(divisor)}。"
        )
    dearer = run("likely", base=Decimal(1000)).account - likely.account
    more = run("likely", more=Decimal("0.01")).account - likely.account
    effects = [(dearer, "基数每高1000元"), (more, "以后利率每高1个百分点")]
    moved = [f"{what}约＋{yuan(much)}" for much, what in sorted(effects, reverse=True) if much]
    lines.append("影响大小：" + "；".join(moved) + "。")
    notes = [] if given.growth else ["缴费基数按一直不变算，没有计涨工资。"]
    notes.append("这是账户里的钱，不包括基础养老金；账户余额可以继承。")
    return Worked(values, _headline(until, runs), tuple(lines), tuple(notes))


def _headline(until: date, runs: Mapping[str, Grown]) -> str:
    low, likely, high = (runs[way].account for way in SPOKEN)
    span = f"（{yuan(low)}～{yuan(high)}）" if low != high else ""
    return f"到{said(until)}，个人账户约 {yuan(likely)}{span}。"


def _rates_said(known: Yearly, guessed: list[int], ways: Mapping[str, Decimal]) -> list[str]:
    told = []
    if known:
        told.append(
            "已公布的利率：" + "、".join(f"{y}年{percent(r)}" for y, r in known.items()) + "。"
        )
    if guessed:
        many = f"{guessed[0]}年" + (f"等{len(guessed)}个年份" if len(guessed) > 1 else "")
        shares = "、".join(f"{SPOKEN[w]}{percent(ways[w])}" for w in SPOKEN)
        told.append(f"{many}没有核实过的公布利率，按假设：{shares}。")
    return told


def _end(given: Account, sheet: Sheet) -> tuple[date, int | None]:
    if given.until is not None:
        return given.until, None
    assert given.category is not None
    assert given.born is not None
    due = retiring(given.category, given.born, Sheet(sheet.ground, REFORM))
    return due.month, due.age


def _divisor(given: Account, age: int | None, sheet: Sheet) -> Decimal | None:
    if given.payout_months is not None:
        return sheet.instead(given.payout_months, "计发月数")
    return payout_months(age, sheet) if age is not None else None


def calculator(ground: Ground) -> Calculator[Any]:
    return Calculator(
        name="account_projection",
        title="个人账户",
        inputs=Account,
        compute=compute,
        sources=("《统一和规范职工养老保险个人账户记账利率办法》（人社部发〔2017〕31号）",),
        checked=date(2026, 11, 23),
        holds="2016-01-01 起",
        example="balance=60000 base=6000 category=male_60 born=1976-05",
        triggers=(
            wish(r"(?:养老保险|养老)?个人账户"),
            r"个人账户.*(到|退休).*(有|剩|攒)多少",
        ),
        order=25,
        main="account",
    )
