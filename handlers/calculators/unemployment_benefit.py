"""失业保险金：能领几个月、每月多少。

《社会保险法》第四十六条只定上限（12、18、24个月），实际月数按参保地的折算办法；没有核实过的地方只说上限。
标准由省级政府定，没有核实过的地方不报数；可以给最低工资和比例来算。
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from bot.engine.calculator import Calculator, Ground, Sheet, Value, Worked, cents, wish, yuan
from bot.engine.form import Ask, Unclear, never
from bot.engine.parameters import NoFigure, plain
from bot.engine.quantities import coded, duration, money, rate, spelt, whole
from bot.engine.reading import place
from handlers.calculators._sentences import matching, span_after

REASONS = {"dismissed": "单位解除或到期", "resigned": "自己辞职"}
NEAR = 12  # 月，距法定退休不足一年
TIERS = (20, 15, 10, 5)  # 年，标准按缴费年数分档的地方
_TABLE = "unemployment_benefit"


def inputs(ground: Ground) -> type[Any]:
    """读地名要用到地区表，所以在这里定义。"""

    @dataclass(frozen=True)
    class Unemployment:
        min_wage: Annotated[
            Decimal | None,
            Ask(
                "当地月最低工资多少？例如“2280元”。",
                money("500", "10000", "2280元", "最低工资"),
                label="最低工资",
                skip=True,
                only_if=never,
                hint="元/月，和 ratio 一起给，代替按地方查",
            ),
        ]
        ratio: Annotated[
            Decimal | None,
            Ask(
                "失业金是最低工资的百分之多少？例如“90%”。",
                rate("1", "90%"),
                label="占最低工资的比例",
                skip=True,
                only_if=never,
                hint="如 90%",
            ),
        ]
        left_over: Annotated[
            int | None,
            Ask(
                "上次失业还有几个月没领完？例如“3个月”。",
                whole(0, 24, "3个月", "月数"),
                label="上次没领完的月数",
                skip=True,
                only_if=never,
                hint="月数，和这次的合并，最长24个月",
            ),
        ]
        to_retirement: Annotated[
            int | None,
            Ask(
                "离法定退休年龄还有多久？例如“10个月”。",
                duration(600, 0, "10个月", "时间"),
                label="距法定退休",
                skip=True,
                only_if=never,
                hint="“10个月”或“2年”，不足1年的另有延长和养老缴费",
            ),
        ]
        place: Annotated[
            str | None,
            Ask(
                "失业保险交在哪个省或市？例如“上海”。",
                place(ground.regions),
                label="参保地",
                why="能领几个月、每月多少，各地办法不同。",
                skip=True,
                spot=lambda text: next(iter(ground.regions.named(text)), None),
                show=str,
                hint="省或市；不给只算全国上限",
            ),
        ]
        paid: Annotated[
            int,
            Ask(
                "失业保险一共缴了多久？领过失业金的，从再就业算起，例如“5年3个月”。",
                duration(600, 0, "5年3个月", "缴费时间"),
                label="缴费时间",
                spot=span_after("缴|交|失业保险|社保|干|工作"),
                show=spelt,
                hint="“5年3个月”或月数",
            ),
        ]
        reason: Annotated[
            str,
            Ask(
                "是怎么离职的？例如“单位解除或到期”。",
                coded(
                    REASONS, {"dismissed": ".*(辞退|解除|到期|裁|协商).*", "resigned": ".*辞职.*"}
                ),
                label="离职原因",
                spot=matching(
                    dismissed="辞退|裁员|被裁|开除|到期|解除|解聘|倒闭|破产|协商",
                    resigned="自己辞|我辞|主动辞|辞职了",
                ),
                options=tuple(REASONS.values()),
                why="非本人意愿中断就业的才能领，一般自己辞职不能领。",
                default="dismissed",
                hint=" | ".join(REASONS),
            ),
        ]

    return Unemployment


def national_cap(paid: int, sheet: Sheet) -> int:
    """法定最长月数；不满一年为零。"""
    if paid < sheet.figure("unemployment.min_contribution_years") * 12:
        return 0
    if paid < sheet.figure("unemployment.tier1_max_years") * 12:
        return int(sheet.figure("unemployment.tier1_months"))
    if paid < sheet.figure("unemployment.tier2_max_years") * 12:
        return int(sheet.figure("unemployment.tier2_months"))
    return int(sheet.figure("unemployment.max_months"))


def local_months(paid: int, where: str, sheet: Sheet) -> int:
    """按参保地折算的月数，不超过全国最长。Raises NoFigure。"""

    def at(name: str) -> int:
        return int(sheet.figure(f"{_TABLE}.{name}", where))

    years = paid // 12
    later = at("later_years")
    if years >= later:
        months = at("later_base") + (paid - later * 12) // at("later_step")
    elif years >= 5 and sheet.has(f"{_TABLE}.middle_months", where):
        months = at("middle_months")
    else:
        months = min(years, at("first_years")) * at("first_months")
    return min(months, int(sheet.figure("unemployment.max_months")))


def compute(given: Any, sheet: Sheet) -> Worked:
    """月数和分段的标准；缺的说明问谁。"""
    if given.reason == "resigned":
        raise Unclear(
            "自己辞职一般不能领失业金；因单位没缴社保、拖欠工资被迫辞职的除外。"
            "情况特殊的，请拨打 12333 或转人工。"
        )
    cap = national_cap(given.paid, sheet)
    if cap == 0:
        raise Unclear(
            f"失业保险缴满1年才能领失业金，您缴了{spelt(given.paid)}。"
            "有以前没领完的期限，或在广东等地有例外，请拨打参保地 12333。"
        )
    months = _months(given, sheet)
    first, later, how = _amounts(given, sheet)
    left = given.left_over or 0
    values: dict[str, Value] = {"max_months": cap, "months": months, "monthly": first}
    lines, notes = [], []
    if months is None:
        lines.append(f"全国规定最长 {cap} 个月，实际月数由参保地折算，可能更少。")
    else:
        lines.append(
            f"缴费{spelt(given.paid)}，按当地办法折算 {months} 个月（全国最长 {cap} 个月）。"
        )
    if left:
        lines.append(f"上次没领完的 {left} 个月合并计算，合计最长24个月。")
        longest = int(sheet.figure("unemployment.max_months"))
        values["max_months"] = min(longest, cap + left)
        if months is not None:
            values["months"] = months = min(longest, months + left)
    if first is None:
        notes.append("每月多少，没有核实过这里的标准，请拨打参保地 12333。")
    else:
        lines.append(how)
        values |= _total(months, first, later)
    if (total := values.get("total")) is not None and isinstance(total, Decimal):
        lines.append(f"合计约 {yuan(total)}。")
    if given.to_retirement is not None and given.to_retirement < NEAR:
        extended = _extended(given, values, sheet)
        notes.append(
            f"距法定退休不足1年，领满仍未就业的可以继续发到法定退休年龄{extended}；自己缴职工养老的，"
            "按当地灵活就业最低标准先缴后补（人社部发〔2024〕76号，2025年至2039年）。"
        )
    merged = "" if left else "以前领过还有没领完的，合并计算，最长24个月；"
    notes.append(f"{merged}领取期间职工医保由基金缴。")
    cap = int(str(values["max_months"]))
    return Worked(values, _headline(months, cap, first), tuple(lines), tuple(notes))


def _extended(given: Any, values: dict[str, Value], sheet: Sheet) -> str:
    name = f"{_TABLE}.monthly_extended"
    if given.place is None or not sheet.has(name, given.place):
        return ""
    values["monthly_extended"] = amount = cents(sheet.figure(name, given.place))
    return f"，每月 {yuan(amount)}"


def _headline(months: int | None, cap: int, first: Decimal | None) -> str:
    span = f"可领 {months} 个月" if months is not None else f"最长可领 {cap} 个月"
    return f"失业金{span}" + (f"，每月 {yuan(first)}。" if first is not None else "。")


def _months(given: Any, sheet: Sheet) -> int | None:
    if given.place is None:
        return None
    try:
        return local_months(given.paid, given.place, sheet)
    except NoFigure:
        return None


def _amounts(given: Any, sheet: Sheet) -> tuple[Decimal | None, Decimal | None, str]:
    """前12个月、第13个月起的标准，和怎么来的。"""
    if given.min_wage is not None and given.ratio is not None:
        wage = sheet.instead(given.min_wage, "最低工资")
        amount = cents(wage * sheet.instead(given.ratio, "比例"))
        return amount, amount, f"每月 {yuan(amount)}：{yuan(wage)}×{plain(given.ratio * 100)}%。"
    if given.place is None:
        return None, None, ""
    try:
        first = sheet.figure(_tier(given, sheet), given.place)
        later = sheet.figure(f"{_TABLE}.monthly_later", given.place)
        return cents(first), cents(later), f"第1至12个月 {yuan(first)}，第13个月起 {yuan(later)}。"
    except NoFigure:
        return _by_min_wage(given.place, sheet)


def _tier(given: Any, sheet: Sheet) -> str:
    """缴费越久标准越高的地方，取够得上的最高一档。"""
    for years in TIERS:
        name = f"{_TABLE}.monthly_first_{years}"
        if given.paid >= years * 12 and sheet.has(name, given.place):
            return name
    return f"{_TABLE}.monthly_first"


def _by_min_wage(where: str, sheet: Sheet) -> tuple[Decimal | None, Decimal | None, str]:
    try:
        wage = sheet.figure(f"{_TABLE}.min_wage", where)
        share = sheet.figure(f"{_TABLE}.ratio", where)
    except NoFigure:
        return None, None, ""
    amount = cents(wage * share / 100)
    return amount, amount, f"每月 {yuan(amount)}：当地最低工资{yuan(wage)}×{plain(share)}%。"


def _total(months: int | None, first: Decimal, later: Decimal | None) -> dict[str, Value]:
    if months is None or later is None:
        return {}
    return {"total": cents(first * min(months, 12) + later * max(0, months - 12))}


def calculator(ground: Ground) -> Calculator[Any]:
    return Calculator(
        name="unemployment_benefit",
        title="失业金",
        inputs=inputs(ground),
        compute=compute,
        sources=("《社会保险法》第四十五条、第四十六条、第四十七条",),
        checked=date(2026, 11, 23),
        holds="2011-07-01 起",
        example="place=上海 paid=5年",
        triggers=(wish(r"失业(?:金|保险金)"),),
        order=50,
        main="monthly",
    )
