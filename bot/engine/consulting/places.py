"""Places in a sentence and what each is to the asker: insured there, registered there, working there.

Rule 1: the words around a place decide its role; a place without such words has none.
Rule 2: a role word without a place of its own (户口也在那) takes the place named before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bot.engine.regions import Regions
from bot.engine.text import plain

Role = Literal["insured", "household", "working", "target", "care"]
ROLES: dict[Role, str] = {
    "insured": "参保地",
    "household": "户籍地",
    "working": "工作地",
    "target": "转到哪里",
    "care": "就医地",
}
ELSEWHERE = "外地（未说明）"
SAME = re.compile(
    r"(也|都|和)?(是)?(同上|一样|相同|同样|同参保地|跟上面一样|和上面一样|也是|也一样)(的)?"
)
UNKNOWN = {"不知道", "不清楚", "不晓得", "不懂", "忘了", "记不清", "不记得", "不确定", "没有"}

_UNNAMED = r"[A-Za-z甲乙丙丁某]\d?[市县省]"  # a place that the asker does not want to name
_EDGE = re.compile(r"[,，。.;；!！?？\n、 ]")
_BEFORE: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (
        "target",
        re.compile(
            r"(转到|转回|转去|转入|转移到|转移回|转至|迁到|迁回|调到|调回|计划在|打算在|准备在|想在|回到)[^，。]{0,3}$"
        ),
    ),
    (
        "household",
        re.compile(
            r"(户口|户籍|老家|籍贯|落户)(所在)?(地|是|在|的|原来|目前|还|：|:)*[^，。、]{0,2}$"
        ),
    ),
    (
        "care",
        re.compile(
            r"(住在|长住|长期住|居住在|居住|常住|定居在?|看病在|去|到|备案到|就医地(是|在)?|住院在)$"
        ),
    ),
    ("working", re.compile(r"(工作地?|上班|打工|单位|公司|就业|务工)(地|是|在|的|：|:)*$")),
    (
        "insured",
        re.compile(
            r"(参保地?|社保|养老保险|医保|保险|五险)(关系)?(所在)?(地|都|是|在|交在|缴在|的|一直|目前|还|：|:)*$"
        ),
    ),
    ("insured", re.compile(r"(原来在|原在|以前在|之前在|从|原先在|由)$")),
)
_AFTER: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (
        "household",
        re.compile(r"^(市|省|县|区)?(的)?(人(?!参保|社)|户口|户籍|农村户|城镇户|本地户)"),
    ),
    (
        "insured",
        re.compile(
            r"^(市|省|县|区)?(的)?(这边|那边)?(参保|参加|交的?|缴|买的?|上的|社保|养老保险|医保|职工医保|居民医保|灵活就业)"
        ),
    ),
    (
        "working",
        re.compile(
            r"^(市|省|县|区)?(这边|那边|这里)?(工作|上班|打工|务工|就业|干活|做|开店|找工作|找了工作|的?公司|的?单位|的?厂)"
        ),
    ),
    ("target", re.compile(r"^(市|省|县|区)?(继续|续)(参保|交|缴)")),
    (
        "care",
        re.compile(
            r"^(市|省|县|区)?(这边|那边)?(看病|住院|就医|居住|长住|生活|带孙|带孩|做手术|治疗|住)"
        ),
    ),
)
_INSURED_THERE = re.compile(r"^(市|省|县|区)?(这边|那边)?(参保|交的?|缴的?|买的?|上的)")
_ROLE_WORDS: tuple[tuple[Role, str], ...] = (
    ("household", r"户口|户籍"),
    ("working", r"上班|工作|打工|单位"),
    ("insured", r"参保|社保"),
)
_THREE: tuple[Role, ...] = ("insured", "household", "working")
_ALL_IN = re.compile(r"(都在|都是|全在|全是|三个都|一直在)")
_AWAY = re.compile(r"外地(户籍|户口|人)|(户籍|户口)(是|在)?外地|非(本市|本地|京|沪)(户籍|户口)")


@dataclass(frozen=True, slots=True)
class Mention:
    """A place as it was named, and where in the text."""

    name: str
    start: int
    end: int


def mentions(text: str, regions: Regions) -> list[Mention]:
    """The places of a text in order; a province before its city belongs to the city."""
    found: list[Mention] = []
    for match in _pattern(regions).finditer(text):
        last = found[-1] if found else None
        name = match[0]
        if last and last.end >= match.start() - 1 and regions.province_of.get(name) == last.name:
            found[-1] = Mention(name, last.start, match.end())
        else:
            found.append(Mention(name, match.start(), match.end()))
    return found


def _pattern(regions: Regions) -> re.Pattern[str]:
    return re.compile(f"{regions.pattern}|{_UNNAMED}")


def roles(text: str, regions: Regions, open_role: Role | None = None) -> dict[Role, str]:
    """What a sentence tells of places. `open_role`: the one that was asked for."""
    found: dict[Role, str] = {}
    named = mentions(text, regions)
    bare: list[str] = []
    for n, mention in enumerate(named):
        before = _back(text, mention.start, named[n - 1].end if n else 0)
        role = _role(before, text[mention.end : mention.end + 8])
        if role is None:
            bare.append(mention.name)
        elif role not in found:
            found[role] = mention.name
        if role == "household" and _INSURED_THERE.search(text[mention.end : mention.end + 8]):
            found.setdefault("insured", mention.name)
    found |= _moves(text, regions)
    _share(text, named, found)
    if _AWAY.search(text):
        found.setdefault("household", ELSEWHERE)
    if open_role and open_role not in found and bare:
        found[open_role] = bare[0]
    elif not open_role and len(bare) == 1 and not found:
        found["insured"] = bare[0]
    return found


def _back(text: str, start: int, least: int) -> str:
    """The words just before a place, up to the last mark or place."""
    words = text[max(least, start - 12) : start]
    return _EDGE.split(words)[-1]


def _role(before: str, after: str) -> Role | None:
    after = _EDGE.split(after)[0]
    for role, pattern in _BEFORE:
        if role == "care" and re.search(r"^(市|省)?(的)?(工作|上班|打工|参保)", after):
            continue
        if pattern.search(before):
            return "working" if role == "target" and re.match("(市)?(工作|上班)", after) else role
    return next((role for role, pattern in _AFTER if pattern.search(after)), None)


def _moves(text: str, regions: Regions) -> dict[Role, str]:
    """从深圳转到长沙: where from and where to."""
    place = _pattern(regions).pattern
    moved = re.search(
        rf"(?:从|由|在)?({place})(?:市|省)?[^，。？?]{{0,6}}(?:转|迁|调)(?:到|回|去|至|入|移到)?({place})",
        text,
    )
    return {"insured": moved[1], "target": moved[2]} if moved else {}


def _share(text: str, named: list[Mention], found: dict[Role, str]) -> None:
    """户口也在那, 其他一样, 都在长沙: roles that share a place."""
    if not named:
        return
    if _ALL_IN.search(text) and len({m.name for m in named}) == 1:
        for role in _THREE:
            found.setdefault(role, named[0].name)
    if re.search(r"(其他|其它|另外两个|别的|后面)(都|也)?(一样|同上|相同)", text):
        for role in _THREE:
            found.setdefault(role, named[-1].name)
    for role, word in _ROLE_WORDS:
        if same := re.search(rf"({word})地?(同|和|跟)(户籍地?|户口|参保地?|工作地?)", text):
            other = next(r for r, w in _ROLE_WORDS if re.search(w, same[3]))
            if other in found:
                found[role] = found[other]
            continue
        match = re.search(rf"({word})[^，。]{{0,3}}(也|都|同)[^，。]{{0,4}}", text)
        if match and role not in found and (m := _last_before(named, match.start())):
            found[role] = m.name


def _last_before(named: list[Mention], at: int) -> Mention | None:
    return next((m for m in reversed(named) if m.end <= at), None)


def full(place: str, regions: Regions) -> str:
    """深圳 → 广东深圳."""
    province = regions.province_of.get(place, "")
    return f"{province}{place}" if province and province in regions.province_of else place


_ENDS = re.compile(r"[\u4e00-\u9fff]{1,8}(省|市|县|区|旗|州|盟|镇|乡|街道)")
_QUESTION = re.compile(
    r"[?？吗呢]|怎|什么|多少|为何|哪|咋|谢|哈|嗯|呵"
    r"|可以|行|好|对|不|没|算了|随便|这|那|你|我|他|她|知道|提交|匿名|急|快|等|再|钱|卡|保险|修改"
)


def named_alone(text: str) -> str | None:
    """A place that is in no list (昆山市, 昆山), given as the whole answer."""
    word = plain(text)
    word = re.sub(r"^(我)?(在|是)|(那边|这边|的|交的|人)$", "", word)
    if word in UNKNOWN or _QUESTION.search(word):
        return None
    if _ENDS.fullmatch(word):
        return word
    return word if re.fullmatch(r"[\u4e00-\u9fff]{2,3}", word) else None


def listed(found: dict[Role, str]) -> Iterator[tuple[str, str]]:
    for role, label in ROLES.items():
        if role in found:
            yield label, found[role]
