"""病残津贴：完全丧失劳动能力、没到退休年龄的，按缴费年限和离退休多久，属于哪一种、发多久。

《企业职工基本养老保险病残津贴暂行办法》（人社部发〔2024〕72号），2025-01-01 起；此后不再办病退。
只说规则，不承诺能领：是不是完全丧失劳动能力，由劳动能力鉴定委员会定；数额由经办机构按养老金的办法算。
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any

from bot.engine.calculator import Calculator, Ground, Sheet, Value, Worked, wish
from bot.engine.form import Ask, Unclear, never
from bot.engine.parameters import plain
from bot.engine.quantities import duration, plus_months, spelt, year_month
from handlers.calculators._sentences import span_after
from handlers.calculators.retirement_age import BORN, CATEGORY, REFORM, required_months, retiring
from handlers.calculators.retirement_age import said as month_said


def _needs_age(given: Any) -> bool:
    return given.get("to_retirement") is None


@dataclass(frozen=True)
class Disability:
    to_retirement: Annotated[
        int | None,
        Ask(
            "离法定退休年龄还有多久？例如“4年6个月”。",
            duration(540, 0, "4年6个月", "时间"),
            label="距法定退休",
            skip=True,
            only_if=never,
            hint="“4年6个月”或月数，可代替 category 和 born",
        ),
    ]
    month: Annotated[
        date | None,
        Ask(
            "打算哪年哪月申请？例如“2026-11”。",
            year_month(example="2026-11", what="年月"),
            label="申请年月",
            skip=True,
            only_if=never,
            dated=True,
            hint="年-月，不给按今天",
        ),
    ]
    category: Annotated[str | None, replace(CATEGORY, only_if=_needs_age)]
    born: Annotated[date | None, replace(BORN, only_if=_needs_age)]
    paid: Annotated[
        int,
        Ask(
            "养老保险一共缴了多久？视同缴费也算，例如“12年3个月”。",
            duration(720, 1, "12年3个月", "缴费年限"),
            label="缴费年限",
            spot=span_after("缴|交|工龄|社保"),
            why="够不够最低缴费年限，发的不一样；不够的按年限长短发一段时间。",
            show=spelt,
            hint="“12年3个月”或月数",
        ),
    ]


def limited_months(paid: int, sheet: Sheet) -> int:
    """不够最低年限的发几个月：不满5年12个月，满5年后每多1年加3个月，不满1年按1年。"""
    years = sheet.figure("retirement.disability_short_years")
    months = sheet.figure("retirement.disability_short_months")
    over = max(0, paid - int(years * 12))
    return int(months + -(-over // 12) * sheet.figure("retirement.disability_added_months"))


def compute(given: Disability, sheet: Sheet) -> Worked:
    """三种情形：按养老金全额、按基础养老金、按基础养老金发一段时间。"""
    at = given.month or sheet.day.replace(day=1)
    if at < REFORM:
        raise Unclear("2025年1月1日以前按当地原来的病退规定，我算不了。请拨打参保地 12333。")
    left = _left(given, at, sheet)
    if left <= 0:
        raise Unclear("已经到法定退休年龄的，直接申请养老金，不适用病残津贴。")
    need = required_months(at.year, sheet)
    near = sheet.figure("retirement.disability_near_years")
    values: dict[str, Value] = {"required_months": need, "to_retirement_months": left}
    lines = [f"缴费{spelt(given.paid)}，{at.year}年最低要{spelt(need)}；离法定退休{spelt(left)}。"]
    if given.paid < need:
        months = limited_months(given.paid, sheet)
        values |= {"kind": "limited", "months": months}
        headline = f"按基础养老金的办法算，发 {months} 个月。"
        lines.append("不够最低缴费年限的，按缴费年限长短发一段时间。")
    elif left <= near * 12:
        values["kind"] = "full"
        headline = "按养老金的办法全额算，发到法定退休年龄。"
        lines.append(f"离法定退休不超过{plain(near)}年。到龄后不再重新算。")
    else:
        again = plus_months(at, left - int(near * 12))
        values |= {"kind": "basic", "recalculated": f"{again:%Y-%m}"}
        headline = "按基础养老金的办法算，离退休5年时重新算。"
        lines.append(f"到{month_said(again)}，离法定退休{plain(near)}年，重新核定。")
    notes = (
        "须经劳动能力鉴定为完全丧失劳动能力，鉴定结论一年内有效；能不能领，以经办机构审核为准。",
        "领取期间不再缴费；2025年以前已经办病退的照旧。具体数额请问待遇领取地 12333。",
    )
    return Worked(values, f"病残津贴：{headline}", tuple(lines), notes)


def _left(given: Disability, at: date, sheet: Sheet) -> int:
    if given.to_retirement is not None:
        return given.to_retirement
    assert given.category is not None
    assert given.born is not None
    due = retiring(given.category, given.born, Sheet(sheet.ground, REFORM)).month
    return (due.year - at.year) * 12 + due.month - at.month


def calculator(ground: Ground) -> Calculator[Any]:
    return Calculator(
        name="illness_allowance",
        title="病残津贴",
        inputs=Disability,
        compute=compute,
        sources=("《企业职工基本养老保险病残津贴暂行办法》（人社部发〔2024〕72号）",),
        checked=date(2026, 11, 23),
        holds="2025-01-01 起",
        example="category=male_60 born=1975-06 paid=12年3个月",
        triggers=(wish(r"病残津贴"),),
        order=28,
    )
