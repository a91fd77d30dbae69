"""医保报销：（总费用－自费－先行自付－起付线）×比例，不超过限额。

起付线、比例和限额由参保地医保每年定：没有核实过的地方一律不估算，只给出要问的几项和 12393。
自己知道起付线和比例的，可以按公式算；分段的可以逐段给。起付线以下不报。
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
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
from bot.engine.parameters import NoFigure
from bot.engine.quantities import coded, folded, money, rate
from bot.engine.reading import place

KINDS = {
    "employee_inpatient": "职工医保住院",
    "employee_outpatient": "职工医保门诊",
    "resident_inpatient": "居民医保住院",
    "resident_outpatient": "居民医保门诊",
}
_ALSO = {
    "employee_inpatient": ".*职工.*住院|住院.*职工.*",
    "employee_outpatient": ".*职工.*门诊|门诊.*职工.*",
    "resident_inpatient": ".*居民.*住院|住院.*居民.*",
    "resident_outpatient": ".*居民.*门诊|门诊.*居民.*",
}
TO_ASK = (
    "报销比例由参保地医保确定，我没有您参保地核实过的数据，不估算。\n"
    "可以在“国家医保服务平台”App 查，或拨打参保地 12393，问清这几项：\n"
    "1. 我参加的是职工医保还是居民医保，待遇现在是不是正常；\n"
    "2. 这家医院是几级，起付线多少，今年已经抵扣了多少；\n"
    "3. 政策范围内报销比例多少，是否分段；\n"
    "4. 全年限额多少，超过的大病或大额怎么报；\n"
    "5. 在外地看病的：要不要备案，比例降多少。\n"
    "问到起付线和比例后，可以再来算。"
)
Bands = tuple[tuple[Decimal, Decimal | None, Decimal], ...]


def bands(text: str) -> Bands:
    """`0-30000:85%，30000-40000:90%，40000-:95%`：按可报销费用分段的比例。"""
    number, share = money("0", "100000000"), rate("1", "85%")
    found: list[tuple[Decimal, Decimal | None, Decimal]] = []
    for part in re.split(r"[,，;；、]", folded(text)):
        match = re.fullmatch(r"([\d.]+万?)(?:-|到|至)([\d.]+万?)?[:=：]([\d.]+%)", part)
        if match is None:
            raise Unclear("没看懂分段，请按“0-30000:85%，30000-:90%”这样填写。")
        top = number(match[2]) if match[2] else None
        found.append((number(match[1]), top, share(match[3])))
    for (_, top, _), (low, _, _) in pairwise(found):
        if top != low:
            raise Unclear("分段要一段接一段，请按“0-30000:85%，30000-:90%”这样填写。")
    return tuple(found)


def _own(label: str, example: str, hint: str) -> Any:
    return Ask(
        f"{label}是多少？例如“{example}”。",
        money("0", "100000000", example, label),
        label=label,
        skip=True,
        only_if=never,
        show=yuan,
        hint=hint,
    )


def inputs(ground: Ground) -> type[Any]:
    """读地名要用到地区表，所以在这里定义。"""

    def unknown(given: Mapping[str, Any]) -> bool:
        return not given.get("bands") and not _known(given, ground)

    def has_rate(given: Mapping[str, Any]) -> bool:
        return bool(given.get("bands") or given.get("ratio") or _known(given, ground))

    def needs_deductible(given: Mapping[str, Any]) -> bool:
        return has_rate(given) and not _known(given, ground)

    @dataclass(frozen=True)
    class Reimbursement:
        bands: Annotated[
            Bands | None,
            Ask(
                "分段的比例是多少？例如“0-30000:85%，30000-:90%”。",
                bands,
                label="分段比例",
                skip=True,
                only_if=never,
                hint="如 0-30000:85%,30000-:90%，按可报销费用分段，代替 ratio",
            ),
        ]
        excluded: Annotated[
            Decimal | None, _own("目录外自费", "1000元", "元，不在报销范围的，不给按0")
        ]
        first_paid: Annotated[
            Decimal | None, _own("乙类先行自付", "500元", "元，先由个人付的部分，不给按0")
        ]
        cap: Annotated[Decimal | None, _own("年度限额", "100000元", "元，不给不限")]
        used: Annotated[Decimal | None, _own("今年已报销", "20000元", "元，已占用的限额，不给按0")]
        extra: Annotated[
            Decimal | None, _own("大病等另外支付", "3000元", "元，大额、大病、救助付的，不给按0")
        ]
        place: Annotated[
            str | None,
            Ask(
                "医保交在哪个省或市？例如“长沙”。",
                place(ground.regions),
                label="参保地",
                why="起付线和比例由参保地医保定，各地不同。",
                skip=True,
                only_if=lambda given: not given.get("bands"),
                spot=lambda text: next(iter(ground.regions.named(text)), None),
                show=str,
                hint="省或市；给了 ratio 或 bands 可以不给",
            ),
        ]
        kind: Annotated[
            str | None,
            Ask(
                "是哪一种？例如“职工医保住院”。",
                coded(KINDS, _ALSO),
                label="种类",
                options=tuple(KINDS.values()),
                only_if=lambda given: _listed(given, ground),
                show=lambda code: KINDS[code],
                hint=" | ".join(KINDS),
            ),
        ]
        ratio: Annotated[
            Decimal | None,
            Ask(
                "我没有这里核实过的报销数据。您如果知道报销比例，请告诉我，例如“85%”；"
                "不知道请回“不知道”，我给您列出要问的几项。",
                rate("1", "85%"),
                label="报销比例",
                skip=True,
                only_if=unknown,
                show=percent,
                hint="如 85%；不给就只列出要问什么",
            ),
        ]
        deductible: Annotated[
            Decimal | None,
            Ask(
                "起付线还剩多少没抵扣？例如“800元”，没有请回“0”。",
                money("0", "100000", "800元", "起付线"),
                label="剩余起付线",
                only_if=needs_deductible,
                why="起付线以下的由个人付，全年抵扣过的不再扣。",
                show=yuan,
                hint="元",
            ),
        ]
        total: Annotated[
            Decimal | None,
            Ask(
                "总费用一共多少？例如“15000元”。",
                money("0.01", "100000000", "15000元", "总费用"),
                label="总费用",
                only_if=has_rate,
                show=yuan,
                hint="元，含自费",
            ),
        ]

    return Reimbursement


def _figure(name: str, kind: str) -> str:
    return f"medical_reimbursement.{kind}_{name}"


def _listed(given: Mapping[str, Any], ground: Ground) -> bool:
    """这个地方有核实过的数据（任何一种）。"""
    where = given.get("place")
    return where is not None and any(_has(_later(ground), kind, where) for kind in KINDS)


def _known(given: Mapping[str, Any], ground: Ground) -> bool:
    """这个地方、这一种有核实过的起付线和比例。"""
    where, kind = given.get("place"), given.get("kind")
    if where is None or kind is None:
        return False
    return _has(_later(ground), kind, where)


def _later(ground: Ground) -> Sheet:
    return Sheet(ground, date(2100, 1, 1))


def _has(sheet: Sheet, kind: str, where: str) -> bool:
    """起付线和比例都核实过原文；转引的不算。"""
    try:
        for name in ("ratio", "deductible"):
            sheet.figure(_figure(name, kind), where)
    except NoFigure:
        return False
    return all(used.confidence == "high" for used in sheet.used)


def compute(given: Any, sheet: Sheet) -> Worked:
    """起付线以上的部分×比例，不超过剩余限额。"""
    shares, deductible, cap = _rules(given, sheet)
    excluded, first = given.excluded or Decimal(0), given.first_paid or Decimal(0)
    eligible = given.total - excluded - first
    if eligible < 0:
        raise Unclear("自费和先行自付加起来比总费用还多，请再核对一下。")
    fund = _fund(eligible, deductible, shares)
    left = None if cap is None else max(Decimal(0), cap - (given.used or Decimal(0)))
    limited = left is not None and fund > left
    fund = cents(min(fund, left)) if left is not None else cents(fund)
    extra = given.extra or Decimal(0)
    own = cents(given.total - fund - extra)
    values: dict[str, Value] = {
        "eligible": cents(eligible),
        "fund": fund,
        "personal": own,
        "capped": "yes" if limited else "no",
    }
    lines = [
        f"可报销范围：{yuan(given.total)}－自费{yuan(excluded)}－先行自付{yuan(first)}"
        f"＝{yuan(eligible)}。",
        f"减起付线{yuan(deductible)}，再按{_said(shares)}，统筹支付 {yuan(fund)}"
        + ("（已到年度限额）。" if limited else "。"),
        f"个人负担 {yuan(own)}" + (f"（已减另外支付的{yuan(extra)}）。" if extra else "。"),
    ]
    notes = ["自费药、乙类先付多少，以医院结算单为准；大病保险、医疗救助另算。"]
    if given.excluded is None:
        notes.append("没有扣目录外自费，实际报销一般会少一些。")
    notes.append("医保待遇由参保地医保部门定，可拨打 12393。")
    return Worked(
        values, f"约报销 {yuan(fund)}，个人负担 {yuan(own)}。", tuple(lines), tuple(notes)
    )


def _rules(given: Any, sheet: Sheet) -> tuple[Bands, Decimal, Decimal | None]:
    told = given.bands or ((Decimal(0), None, given.ratio),) if given.ratio or given.bands else None
    if told:
        sheet.given.append(f"报销比例 {_said(told)}")
        return told, sheet.instead(given.deductible or Decimal(0), "起付线"), given.cap
    if given.place is None or given.kind is None or given.total is None:
        raise Unclear(TO_ASK)
    if not _has(Sheet(sheet.ground, sheet.day), given.kind, given.place):
        raise Unclear(TO_ASK)
    share = sheet.figure(_figure("ratio", given.kind), given.place) / 100
    deductible = sheet.figure(_figure("deductible", given.kind), given.place)
    cap = given.cap
    name = _figure("cap", given.kind)
    if cap is None and name in sheet.ground.parameters and sheet.has(name, given.place):
        cap = sheet.figure(name, given.place)
    least = deductible if given.deductible is None else given.deductible
    return ((Decimal(0), None, share),), least, cap


def _fund(eligible: Decimal, deductible: Decimal, shares: Bands) -> Decimal:
    """每段里起付线以上的部分，按这一段的比例。"""
    paid = Decimal(0)
    for low, top, share in shares:
        reached = eligible if top is None else min(eligible, top)
        paid += max(Decimal(0), reached - max(low, deductible)) * share
    return paid


def _said(shares: Bands) -> str:
    if len(shares) == 1 and shares[0][1] is None:
        return percent(shares[0][2])
    return "、".join(
        f"{yuan(low)}～{yuan(top)} {percent(s)}"
        if top is not None
        else f"{yuan(low)}以上 {percent(s)}"
        for low, top, s in shares
    )


def calculator(ground: Ground) -> Calculator[Any]:
    return Calculator(
        name="medical_reimbursement",
        title="医保报销",
        inputs=inputs(ground),
        compute=compute,
        sources=("《社会保险法》第二十八条、第三十条",),
        checked=date(2026, 11, 23),
        holds="2011-07-01 起，待遇标准按参保地当年",
        example="ratio=85% deductible=800 total=15000 excluded=1000",
        triggers=(
            wish(r"(?:医保|住院|门诊|看病)+(?:能|可以)?报销(?:比例|金额)?"),
            r"^(医保|住院|门诊)报销比例计算$",
        ),
        order=105,
        main="fund",
    )
