"""最低缴费年限：哪一年退休，至少要缴满多少。

《国务院关于渐进式延迟法定退休年龄的办法》第二条：2029 年及以前15年，2030 年起每年提高6个月，2039 年起20年。
按哪一年看（人社部发〔2024〕94号）：正常退休和弹性延迟看法定退休那年，弹性提前看实际选的那年。
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from bot.engine.calculator import Calculator, Ground, Sheet, Value, Worked, wish
from bot.engine.form import Ask, Unclear, never
from bot.engine.quantities import coded, duration, spelt, whole
from handlers.calculators.retirement_age import required_months

MODES = {"statutory": "法定退休", "early": "弹性提前", "delay": "弹性延迟"}


def _year(question: str, label: str, hint: str, **more: Any) -> Any:
    return Ask(
        question,
        whole(2012, 2100, "2033", "年份"),
        label=label,
        show=lambda year: f"{year}年",
        hint=hint,
        **more,
    )


@dataclass(frozen=True)
class Minimum:
    mode: Annotated[
        str | None,
        Ask(
            "是法定退休，还是弹性提前、延迟？例如“弹性提前”。",
            coded(MODES),
            label="退休方式",
            options=tuple(MODES.values()),
            skip=True,
            only_if=never,
            hint=" | ".join(MODES) + "，不给按两个年份看",
        ),
    ]
    statutory_year: Annotated[
        int,
        _year(
            "法定退休是哪一年？不知道先算“退休时间”，例如“2033”。",
            "法定退休年份",
            "四位年份",
        ),
    ]
    chosen_year: Annotated[
        int | None,
        _year(
            "打算实际哪一年退休？就在法定那年请跳过，例如“2030”。",
            "实际退休年份",
            "四位年份，不给就是法定那年",
            skip=True,
        ),
    ]
    paid: Annotated[
        int | None,
        Ask(
            "到退休时一共缴多久？视同缴费也算，可以跳过，例如“14年8个月”。",
            duration(720, 0, "14年8个月", "缴费年限"),
            label="缴费年限",
            skip=True,
            show=spelt,
            hint="“14年8个月”或月数，给了就说还差多少",
        ),
    ]


def compute(given: Minimum, sheet: Sheet) -> Worked:
    """提前看选的那年，其余看法定那年。"""
    chosen = given.chosen_year or given.statutory_year
    mode = given.mode or _mode(given.statutory_year, chosen)
    if mode != _mode(given.statutory_year, chosen) and chosen != given.statutory_year:
        raise Unclear("退休方式和两个年份对不上，请再核对一下。")
    if not -3 <= chosen - given.statutory_year <= 3:
        raise Unclear("弹性提前或延迟最多3年，请再核对两个年份。")
    counted = chosen if mode == "early" else given.statutory_year
    need = required_months(counted, sheet)
    values: dict[str, Value] = {"mode": mode, "counted_year": counted, "required_months": need}
    lines = [f"{MODES[mode]}，看{counted}年的：{spelt(need)}（{need}个月）。"]
    if mode == "delay":
        lines.append("弹性延迟的，仍按法定退休那年，不随延迟提高。")
    if given.paid is not None:
        short = max(0, need - given.paid)
        values["short_months"] = short
        lines.append(f"还差 {spelt(short)}。" if short else "已经够了。")
    notes = [
        "够不够按月数看；视同缴费年限也算。不够的可以延长缴费，办法以参保地为准。",
        "能不能提前、延迟，另看年龄和时限，请算“退休时间”。",
    ]
    return Worked(values, f"最低缴费年限：{spelt(need)}。", tuple(lines), tuple(notes))


def _mode(statutory: int, chosen: int) -> str:
    if chosen == statutory:
        return "statutory"
    return "early" if chosen < statutory else "delay"


def calculator(ground: Ground) -> Calculator[Any]:
    return Calculator(
        name="minimum_contribution",
        title="最低缴费年限",
        inputs=Minimum,
        compute=compute,
        sources=(
            "《国务院关于渐进式延迟法定退休年龄的办法》第二条",
            "《实施弹性退休制度暂行办法》（人社部发〔2024〕94号）第七条",
        ),
        checked=date(2026, 11, 23),
        holds="2025-01-01 起",
        example="statutory_year=2033 chosen_year=2030",
        triggers=(wish(r"最低(?:养老)?缴费年限"),),
        order=15,
    )
