"""养老金的“晚退一年”“再缴5年”“按300%缴”：哪些答案变成什么。供企业职工养老金用。"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from bot.engine.calculator import Change, Ground, Sheet, cents, percent, yuan
from bot.engine.form import Unclear
from bot.engine.parameters import NoFigure, plain
from bot.engine.quantities import folded, months_in, plus_months, spelt
from handlers.calculators._pension_formula import contributed, index, months_ahead
from handlers.calculators.retirement_age import REFORM, retiring

RETIRED = "按您给的条件，已经到了退休年月，以后不再缴费。要改的话，请按“改一个条件”。"
NUMERAL = "0-9.零一二两三四五六七八九十百"
_ASKED = r"(?:呢|会?怎么?样|是?多少|多少钱|能拿多少|可以吗)?"
_IF = r"(?:改|如果|要是|假如|那|我|想|打算|再)*"
_SPAN = rf"([{NUMERAL}]+(?:年半?|个月)(?:零?[{NUMERAL}]+个月)?|半年)"
_LATER = re.compile(rf"{_IF}(晚|推迟|延迟|早|提前)(?:退休?)?{_SPAN}(?:再?退休?)?{_ASKED}")
_LONGER = re.compile(rf"{_IF}(?:多|再|接着|继续)*(?:缴费?|交){_SPAN}{_ASKED}")
_AT = re.compile(
    rf"{_IF}(?:以后|往后)?(?:都|一直)?按(?:照)?(\d{{2,3}})%(?:的?(?:基数|档次?))?(?:来|去)?(?:缴费?|交)?{_ASKED}"
)
_LEVELS = (
    (re.compile(r"按(?:照)?(?:最低|下限)(?:的?(?:基数|档次?))?"), "按60%"),
    (re.compile(r"按(?:照)?(?:最高|上限)(?:的?(?:基数|档次?))?"), "按300%"),
    (re.compile(r"按(?:照)?(?:百分之一百|一倍|平均工资)"), "按100%"),
    (re.compile(r"按(?:照)?(?:百分之三百|[三3]倍)"), "按300%"),
    (re.compile(r"按(?:照)?(?:百分之二百|[二两2]倍)"), "按200%"),
)


def changes(said: str, values: Mapping[str, Any], ground: Ground, day: date) -> Change | None:
    """“晚退一年”“再缴5年”“按300%缴”，也可以一句说几样；整句就是这个意思才算。"""
    text = folded(said)
    for pattern, usual in _LEVELS:
        text = pattern.sub(usual, text)
    if values.get("paid") is None:
        return None
    now = dict(values)
    found: list[Change] = []
    for part in re.split(r"[,，、;；]|并且?|同时|然后|而且", text):
        if not part:
            continue
        change = _one(part, now, ground, day)
        if change is None:
            return None
        found.append(change)
        now |= _read(change.answers)
    if not found:
        return None
    answers = {k: v for change in found for k, v in change.answers.items()}
    notes = "".join(dict.fromkeys(change.note for change in found))
    return Change("、".join(change.said for change in found) + "，每月", answers, notes)


def _read(answers: Mapping[str, str]) -> dict[str, Any]:
    """改过的答案的值，给同一句的下一样用。"""
    values: dict[str, Any] = {}
    if "retire" in answers:
        values["retire"] = date.fromisoformat(answers["retire"] + "-01")
    if "paid" in answers:
        values["paid"] = int(answers["paid"].removesuffix("个月"))
    if "balance" in answers:
        values["balance"] = Decimal(answers["balance"].removesuffix("元"))
    if "index" in answers:
        values["index"] = index(answers["index"])
    return values


def _one(text: str, values: Mapping[str, Any], ground: Ground, day: date) -> Change | None:
    if match := _LATER.fullmatch(text):
        return _moved(match[1], _months(match[2]), values, ground, day)
    if match := _LONGER.fullmatch(text):
        months = _months(match[1])
        if (due := _due(values, ground)) is not None and months_ahead(due, day) <= 0:
            raise Unclear(RETIRED)
        more = _account(months, None, values, ground, day)
        paid = {"paid": f"{values['paid'] + months}个月"}
        return Change(f"多缴{spelt(months)}", {**paid, **more[0]}, more[1])
    if (match := _AT.fullmatch(text)) and values.get("index"):
        return _at(Decimal(match[1]) / 100, values, ground, day)
    return None


def _months(said: str) -> int:
    try:
        return months_in(said)
    except ValueError:
        return 12


def _due(values: Mapping[str, Any], ground: Ground) -> date | None:
    if values.get("born") is None:
        return values.get("retire")
    due = retiring(values["category"], values["born"], Sheet(ground, REFORM)).month
    return values.get("retire") or due


def _moved(
    word: str, months: int, values: Mapping[str, Any], ground: Ground, day: date
) -> Change | None:
    """晚退的一直缴到退休，早退的少缴。"""
    due = _due(values, ground)
    if values.get("born") is None or due is None:
        return None
    late = word in ("晚", "推迟", "延迟")
    signed = months if late else -months
    paid = max(1, values["paid"] + signed)
    more = _account(signed, None, values, ground, day)
    answers = {"retire": f"{plus_months(due, signed):%Y-%m}", "paid": f"{paid}个月", **more[0]}
    return Change(
        f"{'晚' if late else '早'}退{spelt(months)}，缴费年限随着变",
        answers,
        f"同时{'少' if late else '多'}领{spelt(months)}。{more[1]}",
    )


def _at(share: Decimal, values: Mapping[str, Any], ground: Ground, day: date) -> Change | None:
    """从现在到退休按这个比例缴，以前的不变：平均指数按月数加权。"""
    paid, low_high = values["paid"], values["index"]
    months = max(0, min(paid, months_ahead(_due(values, ground), day)))
    if not months:
        if _due(values, ground) is None:
            mean = plain(share)
            return Change(f"平均指数{mean}", {"index": mean})
        raise Unclear(RETIRED)
    mixed = [
        ((old * (paid - months) + share * months) / paid).quantize(Decimal("0.0001"))
        for old in low_high
    ]
    more = _account(months, share, values, ground, day)
    said_index = "到".join(dict.fromkeys(plain(v) for v in mixed))
    return Change(
        f"以后{spelt(months)}按{percent(share)}缴，平均指数{said_index}",
        {"index": said_index, **more[0]},
        more[1],
    )


def _account(
    months: int,
    share: Decimal | None,
    values: Mapping[str, Any],
    ground: Ground,
    day: date,
) -> tuple[dict[str, str], str]:
    """账户随着多记或少记的钱；`share` 是以后的缴费比例，不给按原来的平均指数。"""
    low, high = values.get("index") or (Decimal(0), Decimal(0))
    usual = (low + high) / 2
    sheet = Sheet(ground, day)
    where = values.get("place")
    base = values.get("base")
    try:
        base = base or sheet.figure("pension_base.base", where or "")
    except (NoFigure, KeyError):
        return {}, ""
    if not values.get("index"):
        return {}, ""
    index_moved = usual if share is None else share - usual
    given = _Where(where)
    moved = contributed(abs(months), abs(index_moved), given, base, sheet)
    if (months < 0) != (index_moved < 0):
        moved = -moved
    balance = max(Decimal(0), values["balance"] + moved)
    word = "多" if moved >= 0 else "少"
    return {"balance": f"{plain(cents(balance))}元"}, f"账户{word}记{yuan(abs(moved))}，未计利息。"


@dataclass(frozen=True)
class _Where:
    place: str | None
