"""经济补偿与赔偿金：N、N+1、2N，高工资职工双封顶。

自 2008-01-01《劳动合同法》施行起的工龄适用；此前的工龄按当时规定，这里不算。
只对月工资超过当地上年度职工月平均工资三倍的人封顶：工资按三倍、年限最多十二年。没超过的没有十二年上限。
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from bot.engine.calculator import Calculator, Ground, Sheet, Value, Worked, cents, wish, yuan
from bot.engine.form import Ask, never
from bot.engine.parameters import plain
from bot.engine.quantities import coded, duration, money, spelt
from handlers.calculators._sentences import amount_after, matching, span_after

KINDS = {
    "n": "依法解除，单位给补偿",
    "n_plus_1": "没提前30天通知",
    "2n": "单位违法解除",
    "no_contract": "没签书面合同",
}
_ALSO = {
    "n": "n|.*(协商|裁员|到期|欠薪|拖欠|没[缴交]社保|被迫).*|经济补偿",
    "n_plus_1": r"n\+1|.*(没提前|代通知).*",
    "2n": "2n|n2|赔偿金|.*(违法|无故).*|赔偿",
    "no_contract": ".*没签.*合同.*|二倍工资|双倍工资",
}


@dataclass(frozen=True)
class Severance:
    kind: Annotated[
        str,
        Ask(
            "是哪种情况？主动辞职一般没有经济补偿。拿不准可以先选第一项，再改条件比较。",
            coded(KINDS, _ALSO),
            label="情况",
            spot=matching(
                n="协商|裁员|被裁|到期|不续签|欠薪|拖欠|没缴社保|没交社保|被迫",
                n_plus_1="没提前|代通知|n[+＋]1|N[+＋]1",
                _2n="违法|无故|2n|2N|赔偿金",
                no_contract="没签|二倍工资|双倍工资",
            ),
            options=tuple(KINDS.values()),
            why="依法解除是 N；第四十条的情形没提前30日通知是 N+1；违法解除是 2N。",
            show=lambda code: KINDS[code],
            hint=" | ".join(KINDS),
        ),
    ]
    service: Annotated[
        int,
        Ask(
            "在这家单位工作了多久？例如“3年8个月”。",
            duration(600, 1, "3年8个月", "工作时间"),
            label="工作时间",
            spot=span_after("干|工作|工龄|入职|做|上班"),
            why="每满一年算一个月；零头满六个月算一年，不满六个月算半个月。",
            show=spelt,
            hint="月数或“3年8个月”",
        ),
    ]
    wage: Annotated[
        Decimal,
        Ask(
            "离职前12个月的平均应得工资每月多少？含奖金、津贴、补贴，例如“8000元”。",
            money("1", "1000000", "8000元", "月工资"),
            label="月平均工资",
            spot=amount_after("月薪|平均工资|工资|月入|一个月"),
            why="经济补偿按解除前十二个月的平均应得工资算，不是基本工资。",
            show=yuan,
            hint="元/月",
        ),
    ]
    last_wage: Annotated[
        Decimal | None,
        Ask(
            "离职前最后一个完整月的工资是多少？例如“8200元”。",
            money("1", "1000000", "8200元", "上月工资"),
            label="上月工资",
            only_if=lambda given: given.get("kind") == "n_plus_1",
            why="代通知金按上一个月的工资算，不是十二个月平均。",
            show=yuan,
            hint="元，只在 n_plus_1 时要",
        ),
    ]
    average_wage: Annotated[
        Decimal | None,
        Ask(
            "当地上年度职工月平均工资是多少？例如“8634元”。不知道可以跳过。",
            money("500", "100000", "8634元", "月平均工资"),
            label="当地月平均工资",
            skip=True,
            only_if=lambda given: given.get("wage") is not None and given["wage"] > 15000,
            why="月工资超过它三倍的才封顶。各地公布的不同，可问当地人社局。",
            show=yuan,
            hint="元/月，封顶用，不给则不封顶并说明",
        ),
    ]
    triple_cap: Annotated[
        Decimal | None,
        Ask(
            "当地职工月平均工资的三倍是多少？例如“25902元”。",
            money("1500", "300000", "25902元", "三倍封顶数"),
            label="三倍封顶数",
            skip=True,
            only_if=never,
            hint="元/月，可代替 average_wage",
        ),
    ]
    min_wage: Annotated[
        Decimal | None,
        Ask(
            "当地最低工资是多少？例如“2200元”。",
            money("500", "10000", "2200元", "最低工资"),
            label="最低工资",
            skip=True,
            only_if=never,
            hint="元/月，月平均工资低于它时按它算",
        ),
    ]


def months_due(service: int, sheet: Sheet) -> Decimal:
    """工作月数 → 补偿月数：满一年一个月，零头满六个月算一年，不满六个月算半个月。"""
    years, rest = divmod(service, 12)
    if rest == 0:
        return Decimal(years)
    if rest >= sheet.figure("labour.severance_threshold_months"):
        return Decimal(years + 1)
    return years + sheet.figure("labour.severance_half_months")


def _double_wage(given: Severance, sheet: Sheet) -> Worked:
    """没签书面合同：用工满一个月的次日起，每月另付一倍，最长十一个月。第八十二条。"""
    grace = int(sheet.figure("labour.contract_grace_months"))
    longest = int(sheet.figure("labour.double_wage_max_months"))
    months = min(longest, max(0, given.service - grace))
    amount = cents(given.wage * months)
    lines = (
        f"用工{spelt(given.service)}，从满{grace}个月的次日起算，另付{months}个月（最长{longest}个月）。",
        f"{yuan(given.wage)}×{months}＝{yuan(amount)}，是已发工资以外的一倍。",
    )
    notes = ("满一年没签的，视为已订立无固定期限合同；申请仲裁有一年的时效。",)
    values: dict[str, Value] = {"months": months, "amount": amount}
    return Worked(values, f"没签合同的二倍工资差额约 {yuan(amount)}。", lines, notes)


def compute(given: Severance, sheet: Sheet) -> Worked:
    """月工资 × 补偿月数，再按情形加一个月或乘二。"""
    if given.kind == "no_contract":
        return _double_wage(given, sheet)
    months, wage, notes = months_due(given.service, sheet), given.wage, []
    if given.min_wage and wage < given.min_wage:
        wage = sheet.instead(given.min_wage, "当地最低工资")
    cap = _cap(given, sheet)
    years = sheet.figure("labour.severance_cap_years") if cap and wage > cap else None
    capped_wage = min(wage, cap) if cap else wage
    capped = min(months, years) if years else months
    n = cents(capped_wage * capped)
    total, how = _total(given, n, sheet)
    if cap is None:
        notes.append("没有用当地月平均工资封顶；月工资超过它三倍的，数额会变少，最多算12年。")
    notes.append("2008年以前的工龄按当时规定另算；谁提出解除、是否违法，由仲裁或法院认定。")
    lines = [
        f"工作{spelt(given.service)}，折算{plain(capped)}个月。",
        f"月工资按{yuan(capped_wage)}算" + ("（已按当地月平均工资三倍封顶）。" if years else "。"),
        f"N＝{yuan(capped_wage)}×{plain(capped)}＝{yuan(n)}。",
        *how,
    ]
    values: dict[str, Value] = {
        "n_months": str(capped.normalize() + 0),
        "wage_used": cents(capped_wage),
        "n": n,
        "amount": total,
        "wage_capped": "yes" if years else "no",
        "year_cap_applies": "yes" if years and months > years else "no",
    }
    return Worked(values, f"{_NAMES[given.kind]}约 {yuan(total)}。", tuple(lines), tuple(notes))


_NAMES = {"n": "经济补偿（N）", "n_plus_1": "经济补偿加代通知金（N+1）", "2n": "赔偿金（2N）"}


def _cap(given: Severance, sheet: Sheet) -> Decimal | None:
    if given.triple_cap:
        return sheet.instead(given.triple_cap, "当地月平均工资三倍")
    if given.average_wage is None:
        return None
    average = sheet.instead(given.average_wage, "当地月平均工资")
    return average * sheet.figure("labour.severance_wage_cap_multiple")


def _total(given: Severance, n: Decimal, sheet: Sheet) -> tuple[Decimal, list[str]]:
    if given.kind == "2n":
        times = sheet.figure("labour.unlawful_dismissal_multiple")
        return cents(n * times), ["违法解除按二倍付；付了2N，不再另付N和代通知金。"]
    if given.kind == "n_plus_1":
        last = given.last_wage or given.wage
        extra = cents(last * sheet.figure("labour.notice_pay_months"))
        return n + extra, [f"代通知金按上个月工资一个月：{yuan(extra)}。"]
    return n, []


def calculator(ground: Ground) -> Calculator[Any]:
    return Calculator(
        name="severance",
        title="经济补偿金",
        inputs=Severance,
        compute=compute,
        sources=("《劳动合同法》第四十六条、第四十七条、第四十八条、第八十二条、第八十七条",),
        checked=date(2026, 11, 23),
        holds="2008-01-01 起的工龄",
        example="kind=n service=3年8个月 wage=8000",
        triggers=(wish(r"(?:经济)?(?:补偿|赔偿)(?:金|款)?"),),
        order=60,
        main="amount",
    )
