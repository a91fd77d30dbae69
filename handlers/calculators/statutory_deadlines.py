"""法定时限：哪一天以前要办、经办机构哪一天以前要办结，写明条文。

按日、月、年计的，开始当天不算；最后一天是休息日的，依《民法典》第二百零三条顺延到休息日结束的次日，
为稳妥以不顺延的日期为准提醒。按工作日计的，不算周末和节假日，调休上班的算。
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from bot.engine.calculator import Calculator, Ground, Sheet, Value, Worked, wish
from bot.engine.enclosures import Day
from bot.engine.form import Ask
from bot.engine.quantities import coded, day, plus_months
from handlers.calculators.workdays import named


@dataclass(frozen=True)
class Limit:
    """一项时限：`since` 是从哪一天起，`figure` 是参数名，`unit` 是 日、工作日、月、年。"""

    label: str
    since: str
    figure: str
    unit: str
    article: str


LIMITS = {
    "injury_person": Limit(
        "本人申请工伤认定",
        "事故发生或诊断为职业病之日",
        "work_injury.personal_claim_years",
        "年",
        "《工伤保险条例》第十七条",
    ),
    "injury_employer": Limit(
        "单位申请工伤认定",
        "事故发生或诊断为职业病之日",
        "work_injury.employer_claim_days",
        "日",
        "《工伤保险条例》第十七条",
    ),
    "injury_decision": Limit(
        "工伤认定作出决定",
        "受理之日",
        "work_injury.decision_days",
        "日",
        "《工伤保险条例》第二十条",
    ),
    "reassessment": Limit(
        "申请再次鉴定",
        "收到鉴定结论之日",
        "work_injury.reassessment_days",
        "日",
        "《工伤保险条例》第二十六条",
    ),
    "arbitration": Limit(
        "申请劳动仲裁",
        "知道或应当知道权利被侵害之日",
        "labour.arbitration_limit_years",
        "年",
        "《劳动争议调解仲裁法》第二十七条",
    ),
    "reconsideration": Limit(
        "申请行政复议",
        "知道该行政行为之日",
        "work_injury.reconsideration_days",
        "日",
        "《行政复议法》第二十条",
    ),
    "lawsuit": Limit(
        "提起行政诉讼",
        "知道该行政行为之日",
        "work_injury.lawsuit_months",
        "月",
        "《行政诉讼法》第四十六条",
    ),
    "unemployment": Limit(
        "失业金申领办结",
        "提出申请之日",
        "unemployment.claim_review_days",
        "工作日",
        "《社会保险经办条例》第二十四条",
    ),
    "pension": Limit(
        "养老金申领办结",
        "提出申请之日",
        "retirement.claim_days",
        "工作日",
        "《社会保险经办条例》",
    ),
    "transfer": Limit(
        "养老关系转移办结",
        "提出申请之日",
        "transfer.pension_online_days",
        "工作日",
        "跨省转移线上办理时限",
    ),
    "maternity": Limit(
        "生育津贴申领办结",
        "提出申请之日",
        "maternity.claim_review_days",
        "工作日",
        "《社会保险经办条例》第二十条",
    ),
    "registration": Limit(
        "单位办理参保登记",
        "用工之日",
        "contributions.registration_days",
        "日",
        "《社会保险法》第五十八条",
    ),
    "injury_simple": Limit(
        "事实清楚的工伤认定作出决定",
        "受理之日",
        "work_injury.simple_decision_days",
        "日",
        "《工伤保险条例》第二十条",
    ),
    "injury_assessment": Limit(
        "劳动能力鉴定作出结论",
        "受理之日",
        "work_injury.assessment_days",
        "日",
        "《工伤保险条例》第二十五条",
    ),
    "injury_reimbursement": Limit(
        "工伤费用手工报销办结",
        "提出申请之日",
        "work_injury.reimbursement_days",
        "工作日",
        "《社会保险经办条例》第二十二条",
    ),
    "medical_reimbursement": Limit(
        "医疗费用手工报销办结",
        "提出申请之日",
        "medical.manual_claim_days",
        "工作日",
        "《社会保险经办条例》第二十条",
    ),
    "medical_transfer_out": Limit(
        "医保关系转移转出办结",
        "收到申请之日",
        "transfer.medical_out_days",
        "工作日",
        "医保办发〔2021〕43号",
    ),
    "medical_transfer_in": Limit(
        "医保关系转移转入办结",
        "收到转出信息之日",
        "transfer.medical_in_days",
        "工作日",
        "医保办发〔2021〕43号",
    ),
    "transfer_legal": Limit(
        "养老关系转移法定办结",
        "提出申请之日",
        "transfer.pension_statutory_days",
        "工作日",
        "《城镇企业职工基本养老保险关系转移接续暂行办法》（国办发〔2009〕66号）",
    ),
    "layoff_list": Limit(
        "单位报送失业人员名单",
        "解除或终止之日",
        "unemployment.list_report_days",
        "日",
        "《社会保险法》第五十条",
    ),
}


_ALSO = {
    "injury_person": "(本人|自己)?(申请)?工伤(认定|申请)?",
    "arbitration": "(劳动)?仲裁",
    "reconsideration": "(行政)?复议",
    "lawsuit": "(行政)?(诉讼|起诉)",
    "unemployment": "失业金.*|失业保险金.*",
    "pension": "养老金.*|退休.*",
    "transfer": "(养老|社保)(保险)?(关系)?转移.*",
    "maternity": "生育津贴.*",
    "reassessment": "再次鉴定",
    "injury_assessment": "(劳动能力)?鉴定",
    "medical_reimbursement": "(医疗费用?|医保)?(手工)?报销",
}


@dataclass(frozen=True)
class Deadline:
    matter: Annotated[
        str,
        Ask(
            "要算哪一项的时限？",
            coded({code: limit.label for code, limit in LIMITS.items()}, _ALSO),
            label="事项",
            options=tuple(limit.label for limit in list(LIMITS.values())[:7]),
            show=lambda code: LIMITS[code].label,
            hint=" | ".join(LIMITS),
        ),
    ]
    since: Annotated[
        date,
        Ask(
            "从哪一天起算（事故、收到决定或提出申请的那天）？例如“2026-11-23”。",
            day("2026-11-23", "起算日期"),
            label="起算日期",
            dated=True,
            show=str,
            hint="年-月-日",
        ),
    ]


def compute(given: Deadline, sheet: Sheet) -> Worked:
    """截止日；落在休息日的另说可顺延到哪天。"""
    limit = LIMITS[given.matter]
    amount = int(sheet.figure(limit.figure, on=max(given.since, date(2024, 1, 1))))
    due = _due(given.since, amount, limit.unit, sheet)
    calendar = sheet.ground.calendar
    extended = due if calendar.works(due) else calendar.following(due)
    lines = [
        f"从{limit.since}（{named(given.since)}）起 {amount}{_UNITS[limit.unit]}，当天不算。",
        f"条文：{limit.article}。",
    ]
    notes = []
    if extended != due:
        lines.append(f"这一天是休息日，依《民法典》第二百零三条可顺延到 {named(extended)}。")
    if not calendar.published(extended):
        notes.append(f"{extended.year}年放假安排还没有公布，按周一至周五算，日期可能变化。")
    if given.matter == "arbitration":
        notes.append("中断、中止，或在职期间拖欠工资的，另有规定，请问仲裁机构。")
    left = (due - sheet.day).days
    notes.append(
        f"离今天还有 {left} 天。" if left >= 0 else f"已经过了 {-left} 天，请尽快问经办机构。"
    )
    values: dict[str, Value] = {
        "due": due.isoformat(),
        "extended": extended.isoformat(),
        "days_left": left,
        "limit": f"{amount}{_UNITS[limit.unit]}",
    }
    headline = f"{limit.label}：不晚于 {named(due)}。"
    return Worked(values, headline, tuple(lines), tuple(notes))


_UNITS = {"日": "日", "工作日": "个工作日", "月": "个月", "年": "年"}


def _due(since: date, amount: int, unit: str, sheet: Sheet) -> date:
    match unit:
        case "工作日":
            return sheet.ground.calendar.after(since, amount)
        case "月":
            return plus_months(since, amount)
        case "年":
            return plus_months(since, amount * 12)
        case _:
            return since + timedelta(days=amount)


LONG = 60  # days; of a longer limit one is reminded a month before, else a week


def days(given: Deadline, values: Mapping[str, Value], day: date) -> tuple[Day, ...]:
    """截止日，提前提醒。"""
    due = date.fromisoformat(str(values["due"]))
    limit = LIMITS[given.matter]
    ahead = 30 if (due - given.since).days > LONG else 7
    ahead = min(ahead, max(1, (due - day).days // 2))
    note = f"从{limit.since}（{given.since}）起算，{limit.article}。"
    return (Day(given.matter, due.isoformat(), f"{limit.label}的截止日", note, ahead),)


def calculator(ground: Ground) -> Calculator[Any]:
    return Calculator(
        name="statutory_deadlines",
        days=days,
        title="法定时限",
        inputs=Deadline,
        compute=compute,
        sources=("《民法典》第二百零一条至第二百零三条",),
        checked=date(2026, 11, 23),
        holds="2024-01-01 起",
        example="matter=injury_person since=2026-03-02",
        triggers=(wish(r"(?:法定)?(?:时限|期限|截止日期?)"),),
        order=90,
    )
