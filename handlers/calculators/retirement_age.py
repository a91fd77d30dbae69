"""退休时间：法定退休年月、最低缴费年限、弹性提前和延迟的最早最晚年月及告知时间。

2025-01-01 起施行渐进式延迟；2025 年以前到龄的按原规定。出生日不影响月份，按附表以月计。
“延迟月数”自首个受影响的出生月起即为 1（1965-01 出生的男职工延迟 1 个月），不是 0。
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from bot.engine.calculator import Calculator, Ground, Sheet, Value, Worked, wish
from bot.engine.form import Ask, Unclear, never
from bot.engine.parameters import plain
from bot.engine.quantities import (
    age_spelt,
    coded,
    month_said,
    not_after_today,
    plus_months,
    spelt,
    year_month,
)
from bot.engine.text import plain as plain_text

CATEGORIES = {
    "male_60": "男职工",
    "female_55": "女干部或灵活就业",
    "female_50": "女工人",
    "special_male_55": "特殊工种男",
    "special_female_45": "特殊工种女",
}
_ALSO = {
    "male_60": "男(的|性|士|职工|同志|人|工人?|干部)*|m|male",
    "female_55": "女(职工)?(干部|管理|技术|管理岗|技术岗|灵活就业|白领)(人员|岗|岗位)?|管理岗|技术岗|原?55(岁|周岁)?|女55(岁)?|灵活就业女(职工|性)?",
    "female_50": "女(职工)?(工|工人|普工|生产岗|操作岗|工人岗)(位)?|生产岗|操作岗|工人岗|原?50(岁|周岁)?|女50(岁)?",
}
# 类别 → 原年龄、延迟后的年龄、每几个月出生延迟一个月
_RULES = {
    "male_60": ("original_age_men", "final_age_men", "step_four_months"),
    "female_55": ("original_age_women_cadre", "final_age_women_cadre", "step_four_months"),
    "female_50": ("original_age_women_worker", "final_age_women_worker", "step_two_months"),
    "special_male_55": ("special_original_age_men", "special_final_age_men", "step_four_months"),
    "special_female_45": (
        "special_original_age_women",
        "special_final_age_women",
        "step_two_months",
    ),
}
REFORM = date(2025, 1, 1)
_WHICH_WOMAN = (
    "女职工有两种：原来满50岁退休的选“女工人”，满55岁退休的选“女干部或灵活就业”。"
    "不清楚就看劳动合同的岗位，或问单位人事。"
)


def category(text: str) -> str:
    """类别的代码；只说“女”的，说明要选哪一种。"""
    try:
        return coded(CATEGORIES, _ALSO)(text)
    except Unclear:
        word = plain_text(text)
        if "女" in word and "男" not in word:
            raise Unclear(_WHICH_WOMAN) from None
        if re.search("工人|干部|职工|企业", word):
            raise Unclear("请再说一下男女，例如“男职工”“女工人”。") from None
        raise


def _category_said(text: str) -> str | None:
    """句子里说到的类别；只有“女”定不了。"""
    if "特殊" in text:
        return None
    if "男" in text and "女" not in text:
        return "男职工"
    if match := re.search("女工人|女职工50|女干部|女管理|女技术", text):
        return "女工人" if match[0] in ("女工人", "女职工50") else "女干部"
    return None


LAST_BORN = 2010  # 以后的年月不会是正在问退休的人的生日


def _born_said(text: str) -> str | None:
    """句子里的出生年月；没说“生”的，要短，或者年份只会是生日。"""
    found = month_said(text)
    if found is None or "生" in text or len(text) <= 20:
        return found
    return found if int(found[:4]) <= LAST_BORN else None


CATEGORY = Ask(
    "您属于哪一类？女职工原来满50岁退休的选女工人，满55岁退休的选女干部或灵活就业。",
    category,
    label="人员类别",
    options=tuple(CATEGORIES.values()),
    why="男职工、女干部、女工人的退休年龄不同，女职工原来是50还是55岁要看岗位。",
    spot=_category_said,
    show=lambda code: CATEGORIES[code],
    hint=" | ".join(CATEGORIES),
)
BORN = Ask(
    "请问您的出生年月？例如“1968-05”。和档案不一致的，以档案最先记载的为准。",
    year_month(date(1910, 1, 1), example="1968-05", what="出生年月"),
    label="出生年月",
    why="退休年龄按出生年月逐月确定，差一个月结果可能不同。",
    spot=_born_said,
    dated=True,
    check=not_after_today("出生年月", "1968-05"),
    show=lambda born: f"{born.year}年{born.month}月",
    hint="年-月，如 1975-06",
)


@dataclass(frozen=True)
class RetirementAge:
    category: Annotated[str, CATEGORY]
    born: Annotated[date, BORN]
    leave: Annotated[
        date | None,
        Ask(
            "打算哪年哪月退休？例如“2037-02”。",
            year_month(example="2037-02", what="退休年月"),
            label="打算退休年月",
            skip=True,
            only_if=never,
            dated=True,
            hint="年-月，看这个月退休是提前还是延迟、最低缴费年限是多少",
        ),
    ]


@dataclass(frozen=True)
class Retiring:
    """某人的法定退休：`earliest`、`latest` 在 2025 年以前到龄的没有。"""

    old_months: int
    delay: int
    month: date
    earliest: date | None
    latest: date | None

    @property
    def age(self) -> int:
        return self.old_months + self.delay


def retiring(category: str, born: date, sheet: Sheet) -> Retiring:
    """按类别和出生年月；一个月以其第一天表示。"""
    old, final, step = (
        int(sheet.figure(f"retirement.{n}", on=_ruled(sheet))) for n in _RULES[category]
    )
    since_first = (born.year - (REFORM.year - old)) * 12 + born.month - 1
    delay = 0 if since_first < 0 else min((final - old) * 12, since_first // step + 1)
    month = plus_months(born, old * 12 + delay)
    if delay == 0:
        return Retiring(old * 12, 0, month, None, None)
    early = int(sheet.figure("retirement.early_max_years", on=_ruled(sheet))) * 12
    late = int(sheet.figure("retirement.late_max_years", on=_ruled(sheet))) * 12
    earliest = max(plus_months(born, old * 12), plus_months(month, -early))
    return Retiring(old * 12, delay, month, earliest, plus_months(month, late))


def _ruled(sheet: Sheet) -> date:
    """2025 年以前查询，也按已公布的办法算。"""
    return max(sheet.day, REFORM)


def required_months(year: int, sheet: Sheet) -> int:
    """某年退休的最低缴费月数。2011-07 以前没有核实过的数，不算。"""
    years = sheet.figure("pension.min_contribution_years", on=date(max(year, 2012), 1, 1))
    return int(years * 12)


def said(month: date) -> str:
    return f"{month.year}年{month.month}月"


def compute(given: RetirementAge, sheet: Sheet) -> Worked:
    """法定退休年月及前后可选的月份。"""
    due = retiring(given.category, given.born, sheet)
    years, months = divmod(due.age, 12)
    values: dict[str, Value] = {
        "delay_months": due.delay,
        "age_years": years,
        "age_months": months,
        "retirement_month": f"{due.month:%Y-%m}",
        "required_months": required_months(due.month.year, sheet),
    }
    special = given.category.startswith("special")
    name = "特殊工种提前退休年龄对应的时间" if special else "法定退休时间"
    headline = f"{name}：{said(due.month)}（{age_spelt(due.age)}）。"
    if due.delay == 0:
        old = f"2025年以前已到原退休年龄（{age_spelt(due.old_months)}），不延迟。"
        return Worked(values, headline, (old,), _assumed(given))
    lines = [
        f"原来{age_spelt(due.old_months)}，延迟{due.delay}个月。",
        f"{due.month.year}年退休，最低缴费年限 {spelt(required_months(due.month.year, sheet))}。",
    ]
    if special:
        lines += _special_lines(sheet)
    else:
        values |= _flexible_values(due, sheet)
        lines += _flexible_lines(due, sheet)
    if given.leave and special and given.leave < due.month:
        raise Unclear(f"特殊工种也要到 {said(due.month)}才能办，请改一个年月。")
    if given.leave and not special:
        chosen = _chosen(given.leave, due, sheet)
        values |= chosen[0]
        lines.append(chosen[1])
    return Worked(values, headline, tuple(lines), _assumed(given))


def _flexible_values(due: Retiring, sheet: Sheet) -> dict[str, Value]:
    assert due.earliest is not None
    assert due.latest is not None
    notice = int(sheet.figure("retirement.early_notice_months", on=_ruled(sheet)))
    agreed = int(sheet.figure("retirement.late_notice_months", on=_ruled(sheet)))
    return {
        "earliest_month": f"{due.earliest:%Y-%m}",
        "earliest_age_months": due.age - _between(due.earliest, due.month),
        "earliest_required_months": required_months(due.earliest.year, sheet),
        "earliest_notice_by": f"{plus_months(due.earliest, -notice):%Y-%m}",
        "latest_month": f"{due.latest:%Y-%m}",
        "latest_required_months": required_months(due.month.year, sheet),
        "late_agreement_by": f"{plus_months(due.month, -agreed):%Y-%m}",
    }


def _between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def _flexible_lines(due: Retiring, sheet: Sheet) -> list[str]:
    assert due.earliest is not None
    assert due.latest is not None
    notice = int(sheet.figure("retirement.early_notice_months", on=_ruled(sheet)))
    agreed = int(sheet.figure("retirement.late_notice_months", on=_ruled(sheet)))
    need = spelt(required_months(due.earliest.year, sheet))
    told, settled = plus_months(due.earliest, -notice), plus_months(due.month, -agreed)
    return [
        f"可弹性提前，最早 {said(due.earliest)}（当年最低缴费年限 {need}），"
        f"须提前{notice}个月书面告知单位，即不晚于 {said(told)}。",
        f"与单位协商一致可延迟，最晚 {said(due.latest)}，须提前{agreed}个月书面约定，"
        f"即不晚于 {said(settled)}；最低缴费年限不变。",
        "单位应不晚于退休当月提出申请，养老金从次月起发。",
    ]


def _special_lines(sheet: Sheet) -> list[str]:
    """要干满几年；到了这个年龄可以办，也可以不用。"""
    heavy, deep, harmful = (
        plain(sheet.figure(f"retirement.special_{name}_years"))
        for name in ("heavy", "underground", "harmful")
    )
    return [
        f"累计年限：高空、特别繁重体力劳动{heavy}年，井下、高温{deep}年，其他有害身体健康{harmful}年。",
        "从这个月到法定退休年龄之间都可以办，也可以不提前。",
        "岗位算不算特殊工种，看档案原始记录和国家目录，不能自己认定。",
    ]


def _chosen(leave: date, due: Retiring, sheet: Sheet) -> tuple[dict[str, Value], str]:
    """打算的月份：提前按当年的最低年限，延迟按法定那年的。"""
    if due.earliest is None or due.latest is None or not due.earliest <= leave <= due.latest:
        raise Unclear(
            f"这个月份不在可选的范围内：最早 {said(due.earliest or due.month)}，"
            f"最晚 {said(due.latest or due.month)}。请改一个年月，例如“{due.month:%Y-%m}”。"
        )
    mode = "early" if leave < due.month else "delay" if leave > due.month else "statutory"
    need = required_months(min(leave, due.month).year, sheet)
    values: dict[str, Value] = {"mode": mode, "leave_required_months": need}
    how = {"early": "属于弹性提前", "delay": "属于弹性延迟", "statutory": "就是法定退休时间"}
    told = f"{said(leave)}退休{how[mode]}，最低缴费年限 {spelt(need)}"
    if mode == "early":
        notice = plus_months(
            leave, -int(sheet.figure("retirement.early_notice_months", on=_ruled(sheet)))
        )
        values["leave_notice_by"] = f"{notice:%Y-%m}"
        told += f"，不晚于 {said(notice)}书面告知单位"
    return values, told + "。"


def _assumed(given: RetirementAge) -> tuple[str, ...]:
    if given.category.startswith("special"):
        return ("能不能提前，以档案和参保地审核为准，这里不作认定，也不作承诺。",)
    notes = [
        "从事过特殊工种的，可另算特殊工种的年龄；因病完全丧失劳动能力的，2025年起不办病退，"
        "改领病残津贴，可算“病残津贴”。都须由参保地审核。"
    ]
    if given.category == "female_55":
        notes.append("灵活就业女职工适用50还是55岁，各地规定不同，请问参保地。")
    return tuple(notes)


def calculator(ground: Ground) -> Calculator[Any]:
    return Calculator(
        name="retirement_age",
        title="退休时间",
        inputs=RetirementAge,
        compute=compute,
        sources=(
            "《国务院关于渐进式延迟法定退休年龄的办法》（2025年1月1日起施行）",
            "《实施弹性退休制度暂行办法》（人社部发〔2024〕94号）",
        ),
        checked=date(2026, 11, 23),
        holds="2025-01-01 起",
        example="category=male_60 born=1975-06",
        triggers=(
            wish(
                r"(?:几岁|什么时候|啥时候|哪年|何时|多大)?(?:能|可以|该|才)*退休(?:的?(?:时间|年龄|日期|年月))?(?!金|工资|后|以后|能拿|拿)"
            ),
            r"月.*生.*(什么时候|几岁|哪年|何时|多大)(能|可以|才能|才)?(办)?退休",
            r"(?:^|\D)(?:19)?[4-9]\d年(?:\d{1,2}月)?(?:\d{1,2}日)?(?:的|生|出生|男|女|属|，|,).*(?:什么时候|啥时候|几岁|哪年|何时|多大|几年|多久).{0,4}退(?!休金|休工资|休后|费|保|款)",
        ),
        order=10,
    )
