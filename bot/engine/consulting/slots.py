"""What a sentence tells: places, times, insurance, employer, card, complaint, by the form's fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.engine.consulting import coach, told
from bot.engine.consulting.moments import EXAMPLE, moment
from bot.engine.consulting.places import ELSEWHERE, SAME, Role, mentions, named_alone, roles
from bot.engine.form import Unclear
from bot.engine.quantities import dated
from bot.engine.regions import Regions
from bot.engine.scene import Scene
from bot.engine.text import clean, plain

_WAGE = re.compile(
    r"(工资|钱|个人部分)[^，。]{0,6}(没有?扣|未扣)|工资[^，。]{0,10}扣|扣了(工资|钱|款)|(从)?工资里扣"
)
_EMPLOYER = re.compile(
    r"(?:单位|公司|厂)(?:名称|名字)?(?:是|叫|为|：|:)\s*([^，。,；;\s]{2,30})"
    r"|([\u4e00-\u9fffA-Za-z0-9（）()]{2,26}(?:有限公司|集团|股份公司|分公司|事务所|服装厂|电子厂|物业公司))"
    r"|(?:^|[，。,；; ])([\u4e00-\u9fff]{2,10}(?:公司|工厂|饭店|酒店))(?=$|[，。,；; ])"
)
_ASKED_EMPLOYER = re.compile(
    r"(问|找|联系)[^，。]{0,4}(单位|公司|人事|老板|财务|hr)|(单位|公司|人事|老板)[^，。]{0,6}(说|让|不理|不管|推|没人|答复|不承认)",
    re.I,
)
_WHERE_CARD = re.compile(r"药店|医院|诊所|取款机|柜员机|ATM|银行|门诊|地铁|公交|超市", re.I)
_SHOWN = re.compile(
    r"(?:提示|显示|说是?|写着|弹出|报)[：: ]?[“\"「]?([^，。,”\"」]{2,24})|(无效卡)"
)
_CARD_STATE = re.compile(
    r"(卡)?(没有?|未)(坏|损|折|断|弯|消磁)[^，。]{0,4}|(折|断|弯|消磁|裂|坏|磨损)(了|过)|好好的|完好"
)
_OBJECT = re.compile(
    r"([^，。,；;、\s]{0,14}(?:\d+|[一二三四五六七八九十]+)号?窗口|[^，。,；;、我要投诉\s]{2,12}(?:窗口|大厅|热线|办事处|社保局|社保中心|工作人员))"
)
_DEMAND = re.compile(
    r"((?:希望|要求|请求|请你们|诉求(?:是|：|:)?|想要|应该"
    r"|我?要(?=(?:他|她|你|窗口|对方|工作人员|单位|当面|有人)[^。，]{0,8}(?:道歉|说法|处理|解决|赔)))[^。]{2,80})"
)
PLACES: dict[str, Role] = {
    "region": "insured",
    "household": "household",
    "working": "working",
    "target": "target",
    "care": "care",
}
_RANGE = re.compile(r"(\d{4}年\d{1,2}月)份?((?:(?:和|、|，|到|至|-|~|—)(?:\d{4}年)?\d{1,2}月份?)+)")


def told_in(text: str, scene: Scene, values: Mapping[str, Any], field: str = "") -> dict[str, str]:
    """Slots that a sentence fills, by field name. `field`: the open question, if any.

    Raises nothing: a time that has not come is left out.
    """
    regions, matter = (
        scene.book.regions,
        told.matter({**values, "question": values.get("question") or text}),
    )
    found: dict[str, str] = {}
    word = plain(text)
    named = roles(text, regions, PLACES.get(field))
    found |= {name: named[role] for name, role in PLACES.items() if role in named}
    if field in PLACES and field not in found and (place := _alone(word, values)):
        found[field] = place
    try:
        when = moment(text, scene.today)
    except Unclear:
        when = None
    name = "month" if matter == "missing" else "when"
    if when and name == "month":
        when = _months(text, scene) or when
    if when and (field in (name, "kind", "") or not values.get(name)):
        found[name] = when
        found["when_said"] = text[:40]
    match matter:
        case "missing":
            found |= _of_missing(text, field)
        case "card":
            found |= _of_card(text)
        case "complaint":
            found |= _of_complaint(text, field)
        case _:
            if employer := _employer(text):
                found["employer"] = employer
    if field and (done := coach.did(text)):
        found.setdefault("tried", done)
    if field == "message" and (shown := _shown(text)):
        found["message"] = shown
    order = [*told.LABELS, "when_said"]
    return {
        n: found[n]
        for n in sorted(found, key=order.index)
        if (n == field or not values.get(n)) and (found[n] or n == field)
    }


def _months(text: str, scene: Scene) -> str | None:
    """`2023年10月和11月`, where more than one month is named."""
    found = _RANGE.search(dated(text, scene.today))
    return f"{found[1]}{found[2]}" if found else None


def _alone(word: str, values: Mapping[str, Any]) -> str | None:
    if SAME.fullmatch(word) and values.get("region"):
        return str(values["region"])
    if word in ("外地", "外省", "外地的"):
        return ELSEWHERE
    return named_alone(word)


def _employer(text: str) -> str | None:
    match = _EMPLOYER.search(text)
    name = next(filter(None, match.groups()), "") if match else ""
    wrong = re.search(r"什么|哪|没|不|被|让|我们?(公司|单位)|从(公司|单位)|在(公司|单位)", name)
    return name if name and not wrong else None


def _of_missing(text: str, field: str) -> dict[str, str]:
    found = {}
    if insurance := coach.insurance_of(text):
        found["insurance"] = insurance
    if wage := _WAGE.search(text):
        found["wage"] = "未扣" if re.search(r"没|未", wage[0]) else "已扣"
    if employer := _employer(text):
        found["employer"] = employer
    if _ASKED_EMPLOYER.search(text) and field != "employer":
        found["tried"] = text
    return found


def _of_card(text: str) -> dict[str, str]:
    found = {}
    if where := _WHERE_CARD.search(text):
        found["card_where"] = where[0]
    if shown := _shown(text):
        found["message"] = shown
    if state := _CARD_STATE.search(text):
        good = re.search(r"没|未|好", state[0])
        found["card_state"] = "没有损坏" if good else "有损坏"
    return found


def _shown(text: str) -> str | None:
    match = _SHOWN.search(text)
    return (match[1] or match[2]).strip() if match else None


def _of_complaint(text: str, field: str) -> dict[str, str]:
    found = {}
    if ((match := _OBJECT.search(text)) and not re.match(r"(就是)?(那|这)个|就是", match[1])) or (
        match := re.search(r"投诉(?:一下)?([^，。,、]{2,12}(?:局|所|中心|部门))", text)
    ):
        found["object"] = match[1]
    if match := _DEMAND.search(text):
        found["demand"] = match[1].rstrip("，, ")
    event = text.replace(found.get("demand", "\0"), "").strip("，,。;； ")
    if field != "demand" and len(plain(event.replace(found.get("object", "\0"), ""))) >= 10:
        found["event"] = clean(event)
    return found


def place_reader(regions: Regions) -> Callable[[str], str]:
    """A place, also one that is in no list."""

    def read(text: str) -> str:
        if found := mentions(text, regions):
            return found[0].name
        if text == ELSEWHERE or (alone := named_alone(text)):
            return text if text == ELSEWHERE else str(alone)
        raise Unclear(
            "没认出这个地方。请回复省或市的名字，例如“长沙”或“湖南”；不清楚可以回“不知道”。"
        )

    return read


def moment_reader(text: str) -> str:
    """A time, written out already."""
    if re.search(r"\d{4}年", text):
        return text
    raise Unclear(f"没看懂这个时间，请按{EXAMPLE}这样说；不记得可以回“跳过”。")
