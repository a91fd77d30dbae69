"""生育津贴：用人单位上年度职工月平均工资 ÷ 30 × 产假天数。

《女职工劳动保护特别规定》（2012-04-28 起）、《社会保险法》第五十六条。地方延长的产假按参保地查，
没有核实过的地方只算国家规定的天数；延长部分是否由生育保险基金发，各地不同。
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from bot.engine.calculator import Calculator, Ground, Sheet, Value, Worked, cents, wish, yuan
from bot.engine.form import Ask, never
from bot.engine.parameters import NoFigure, plain
from bot.engine.quantities import coded, money, whole
from bot.engine.reading import place
from handlers.calculators._sentences import amount_after, matching

KINDS = {
    "normal": "顺产",
    "difficult": "难产",
    "miscarriage_early": "流产未满4个月",
    "miscarriage_late": "流产满4个月",
}

LATER_CHILD = "maternity_local.leave_total_later_child"
LISTED = date(2100, 1, 1)  # 只看这个地方有没有这一项


def inputs(ground: Ground) -> type[Any]:
    """读地名要用到地区表，所以在这里定义。"""

    def by_child(given: Any) -> bool:
        where = given.get("place")
        return where is not None and Sheet(ground, LISTED).has(LATER_CHILD, where)

    @dataclass(frozen=True)
    class Maternity:
        days: Annotated[
            int | None,
            Ask(
                "产假一共多少天？例如“158天”。",
                whole(1, 400, "158天", "天数"),
                label="产假天数",
                skip=True,
                only_if=never,
                hint="天，可代替 kind、babies、place",
            ),
        ]
        unit_wage: Annotated[
            Decimal,
            Ask(
                "单位上年度职工月平均工资多少？单位人事知道，例如“6000元”。",
                money("1", "500000", "6000元", "单位月平均工资"),
                label="单位月平均工资",
                spot=amount_after("平均工资|单位工资|工资"),
                why="生育津贴按单位上年度职工月平均工资算，不是本人工资。",
                show=yuan,
                hint="元/月",
            ),
        ]
        kind: Annotated[
            str | None,
            Ask(
                "是哪种情况？剖宫产算不算难产，看医疗证明。",
                coded(KINDS, {"normal": "正常|顺|顺产的", "difficult": "难"}),
                label="情况",
                spot=matching(normal="顺产", difficult="难产", miscarriage_late="满4个月(?!以下)"),
                options=tuple(KINDS.values()),
                only_if=lambda given: given.get("days") is None,
                show=lambda code: KINDS[code],
                hint=" | ".join(KINDS),
            ),
        ]
        babies: Annotated[
            int | None,
            Ask(
                "生了几个宝宝？例如“1”。",
                whole(1, 6, "1", "个数"),
                label="宝宝个数",
                default="1",
                only_if=lambda given: given.get("kind") in ("normal", "difficult"),
                why="多胞胎每多一个，产假多十五天。",
                hint="1 到 6",
            ),
        ]
        place: Annotated[
            str | None,
            Ask(
                "生育保险交在哪个省或市？例如“上海”。不想说可以跳过。",
                place(ground.regions),
                label="参保地",
                skip=True,
                only_if=lambda given: given.get("kind") in ("normal", "difficult"),
                why="各省在国家98天之外另有延长。",
                spot=lambda text: next(iter(ground.regions.named(text)), None),
                show=str,
                hint="省或市；不给只算国家规定的天数",
            ),
        ]
        child: Annotated[
            int | None,
            Ask(
                "是第几个孩子？例如“1”。",
                whole(1, 9, "1", "数"),
                label="第几孩",
                default="1",
                only_if=by_child,
                why="这里生二孩、三孩的产假更长。",
                hint="1、2、3，只在二孩更长的地方要",
            ),
        ]

    return Maternity


def national_days(kind: str, babies: int, sheet: Sheet) -> int:
    """《女职工劳动保护特别规定》第七条。"""
    if kind.startswith("miscarriage"):
        return int(sheet.figure(f"maternity.{kind}_days"))
    days = sheet.figure("maternity.leave_days")
    if kind == "difficult":
        days += sheet.figure("maternity.difficult_birth_extra_days")
    return int(days + (babies - 1) * sheet.figure("maternity.multiple_birth_extra_days"))


def local_days(given: Any, sheet: Sheet) -> int | None:
    """参保地的合计天数；没有核实过的为 None。"""
    if given.place is None or given.kind not in ("normal", "difficult"):
        return None
    try:
        later = (given.child or 1) > 1 and sheet.has(LATER_CHILD, given.place)
        total = sheet.figure(LATER_CHILD if later else "maternity_local.leave_total", given.place)
    except NoFigure:
        return None
    if given.kind == "difficult":
        local = sheet.has("maternity_local.difficult_extra", given.place)
        name = (
            "maternity_local.difficult_extra" if local else "maternity.difficult_birth_extra_days"
        )
        total += sheet.figure(name, given.place)
    return int(total + (given.babies - 1) * sheet.figure("maternity.multiple_birth_extra_days"))


def compute(given: Any, sheet: Sheet) -> Worked:
    """月平均工资 ÷ 30 × 天数。"""
    days, notes = _days(given, sheet)
    month = sheet.figure("maternity.month_days")
    allowance = cents(given.unit_wage / month * days)
    lines = [f"{yuan(given.unit_wage)}÷{plain(month)}×{days}天＝{yuan(allowance)}。"]
    values: dict[str, Value] = {"days": days, "allowance": allowance}
    if given.days is None and given.kind is not None:
        least = national_days(given.kind, given.babies or 1, sheet)
        values["national_days"] = least
        if least != days:
            values["national_allowance"] = cents(given.unit_wage / month * least)
            lines.append(f"其中国家规定 {least}天：{yuan(given.unit_wage / month * least)}。")
    notes.append("津贴高于产假工资的不得克扣，低于的由单位补足；没参保的由单位发工资。")
    notes.append("生育待遇由医保部门负责，可拨打 12393。")
    return Worked(values, f"生育津贴约 {yuan(allowance)}（{days}天）。", tuple(lines), tuple(notes))


def _days(given: Any, sheet: Sheet) -> tuple[int, list[str]]:
    if given.days is not None:
        return given.days, ["按您给的数：产假天数"]
    local = local_days(given, sheet)
    if local is not None:
        return local, ["地方延长的天数是否由生育保险基金发津贴，以当地医保为准。"]
    notes = []
    if given.kind in ("normal", "difficult"):
        notes.append("只按国家规定的天数；各省另有延长，这里没有核实过的不算。")
    return national_days(given.kind, given.babies or 1, sheet), notes


def calculator(ground: Ground) -> Calculator[Any]:
    return Calculator(
        name="maternity_allowance",
        title="生育津贴",
        inputs=inputs(ground),
        compute=compute,
        sources=(
            "《社会保险法》第五十六条",
            "《女职工劳动保护特别规定》（国务院令第619号）第七条、第八条",
        ),
        checked=date(2026, 11, 23),
        holds="2012-04-28 起",
        example="unit_wage=6000 kind=normal place=上海",
        triggers=(wish(r"(?:生育津贴|产假工资|产假津贴)"),),
        order=75,
        main="allowance",
    )
