"""居民医保待遇等待期：断缴几年后再参保，要等几个月才能报销。

国办发〔2024〕38号：固定等待期3个月，每多断缴1年另加1个月变动等待期；可补缴修复，每补1年减1个月；
连续断缴4年及以上的，修复后合计不少于6个月。各省细则以当地医保为准。
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from bot.engine.calculator import Calculator, Ground, Sheet, Value, Worked, wish
from bot.engine.form import Ask, Unclear, never
from bot.engine.quantities import whole
from handlers.calculators._sentences import first

LONG_LAPSE = 4  # 年，国办发〔2024〕38号：连续断缴4年及以上


@dataclass(frozen=True)
class MedicalWait:
    lapse_months: Annotated[
        int | None,
        Ask(
            "职工医保中断了几个月？例如“4个月”。",
            whole(0, 600, "4个月", "月数"),
            label="职工医保中断月数",
            skip=True,
            only_if=never,
            spot=first(r"职工医保\D{0,6}断\D{0,4}([0-9一二两三四五六七八九十]{1,3})个?月"),
            hint="月数，给了就按职工医保看，不要下面两项",
        ),
    ]
    missed_years: Annotated[
        int | None,
        Ask(
            "居民医保连续断缴了几年？例如“2年”。",
            whole(0, 60, "2年", "年数"),
            label="断缴年数",
            only_if=lambda given: given.get("lapse_months") is None,
            spot=first(r"(?:断|没[缴交])[了缴交保过]*([0-9一二两三四五六七八九十]{1,3})年"),
            show=lambda n: f"{n}年",
            hint="0 到 60",
        ),
    ]
    repaired_years: Annotated[
        int | None,
        Ask(
            "打算补缴修复几年？不补缴请回“0”，例如“1年”。",
            whole(0, 60, "1年", "年数"),
            label="补缴年数",
            default="0",
            only_if=lambda given: given.get("lapse_months") is None,
            show=lambda n: f"{n}年",
            hint="0 到断缴年数",
        ),
    ]


def _employee(lapse: int, sheet: Sheet) -> Worked:
    """职工医保：中断不超过3个月的可补缴并追溯；超过的，统筹区可以设不超过6个月的等待期。"""
    bridged = int(sheet.figure("medical.lapse_backpay_months"))
    longest = int(sheet.figure("medical.lapse_waiting_max_months"))
    notes = ("职工医保怎么执行由参保地定，请拨打 12393。",)
    if lapse <= bridged:
        headline = "可以补缴，缴费当月恢复，中断期间的待遇可追溯，没有等待期。"
        lines = (f"职工医保中断 {lapse} 个月，不超过 {bridged} 个月。",)
        return Worked({"wait_months": 0}, headline, lines, notes)
    lines = (f"职工医保中断 {lapse} 个月，超过 {bridged} 个月，各地可以设等待期。",)
    values: dict[str, Value] = {"wait_months": None, "longest_wait_months": longest}
    return Worked(values, f"待遇等待期由参保地定，最长 {longest} 个月。", lines, notes)


def compute(given: MedicalWait, sheet: Sheet) -> Worked:
    """固定等待期 + 变动等待期；长期断缴的有下限。"""
    if given.lapse_months is not None:
        return _employee(given.lapse_months, sheet)
    assert given.missed_years is not None
    assert given.repaired_years is not None
    if given.repaired_years > given.missed_years:
        raise Unclear("补缴的年数不会多于断缴的年数，请再核对一下。")
    fixed = int(sheet.figure("resident_medical.waiting_fixed_months"))
    step = int(sheet.figure("resident_medical.waiting_step_months"))
    left = given.missed_years - given.repaired_years
    wait = fixed + left * step
    lines = [f"固定等待期 {fixed} 个月，变动等待期 {left}×{step} 个月。"]
    if given.missed_years >= LONG_LAPSE:
        least = int(sheet.figure("resident_medical.waiting_long_lapse_min_months"))
        wait = max(wait, least)
        lines.append(f"连续断缴{LONG_LAPSE}年及以上的，合计不少于 {least} 个月。")
    notes = (
        "等待期内的住院等费用不能报销；在集中参保期参保的没有断缴的，不用等。",
        "新生儿等特殊人群除外；各省细则以当地医保（12393）为准。",
    )
    if given.missed_years == 0:
        lines.append("没有断缴年度，但错过集中参保期的，仍有固定等待期。")
    return Worked({"wait_months": wait}, f"待遇等待期 {wait} 个月。", tuple(lines), notes)


def calculator(ground: Ground) -> Calculator[Any]:
    return Calculator(
        name="medical_wait",
        title="居民医保等待期",
        inputs=MedicalWait,
        compute=compute,
        sources=(
            "《国务院办公厅关于健全基本医疗保险参保长效机制的指导意见》（国办发〔2024〕38号）",
            "《基本医疗保险关系转移接续暂行办法》（医保办发〔2021〕43号）",
        ),
        checked=date(2026, 11, 23),
        holds="2025 年度参保起",
        example="missed_years=2",
        triggers=(wish(r"(?:居民)?(?:医保)?等待期"),),
        order=110,
    )
