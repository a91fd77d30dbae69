"""The question coach: what a message is about, what staff will miss in it, and how it is best put.

Rule 1: pure reading; nothing is guessed: what no word says is missing, not assumed.
Rule 2: a single question is never split; sub-questions about one matter (材料, 网上, 多久) are one.
Rule 3: the composed question is neutral and polite; the original is kept beside it, never corrected.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Literal

from bot.engine.case import CaseKind
from bot.engine.consulting.moments import moment
from bot.engine.consulting.places import ROLES, full, roles
from bot.engine.form import Unclear
from bot.engine.regions import Regions
from bot.engine.text import plain

Matter = Literal["general", "missing", "card", "complaint", "check"]
Item = Literal["参保地", "户籍地", "转到哪里", "就医地", "时间", "险种", "缺失月份", "单位", "现象"]

# --- kind ---------------------------------------------------------------------------------------

_COMPLAINT = re.compile(
    r"投诉|举报|态度(很|太|特别|不)?(差|恶劣|不好|蛮横|凶)|推诿|踢皮球|不作为|刁难|敷衍|异议|申诉|不公平|吼人|骂人"
    r"|(提|有)(个|点|条|一些)?(意见|建议)|^(强烈)?(建议|希望|呼吁)|我建议|希望(你们|贵局|窗口)?(能|可以)?(改进|改善|增加|延长|加强)"
)
_ACCOUNT = re.compile(
    r"(少了|漏了|缺了|没了|不见了|不对|对不上|查不到|查不着|没到账|没到帐|没有到账|还没(到|发|批|下来|办好|处理)|(一直|迟迟)没|没发|停发|停了|少发|多扣|扣多|重复扣|算错|错了)"
    r"|没有?(缴费)?记录|没交上|未缴|断档|缺失|漏缴|没给我交|没交(?!满|够|过)|状态(异常|不正常)"
    r"|我的?[^，。？?]{0,8}(余额|明细|个人账户|账户里|缴费记录|缴费年限|到账)"
)
_PROCEDURE = re.compile(
    r"怎么(办|弄|领|转|申|交|查|补|开|打|取|参|认证|备案|报|激活|换|挂失|注销|续|操作|填|走)|如何(办|领|转|申|交|查|补|开|参|备案|报|续|认证|激活)"
    r"|咋(办|弄|领|转|交|查|补)|怎样(办|领|转|申|交|补)|流程|手续|材料|网上(能|可以)?办|在哪(里|儿)?(办|领|申|交|查|补)|去哪(里|儿)?(办|领|交|查|补)"
    r"|刷不了|用不了|不能用|登不上|登录不了|打不开|提示|报错|失败|(想|要|帮我|需要)(办|转|领|补|申请|备案)|马上办|找谁|去哪(里|儿)?换|要去哪|提交不了|办不了|登不了"
)
_POLICY = re.compile(
    r"规定|政策|条件|标准|区别|多少|几年|几个月|多久|多长时间|怎么(定|算|计算|确定|规定)|如何(计算|确定|规定)|能不能|可不可以|可以[^，。]{0,10}吗|能[^，。]{0,10}吗"
    r"|是不是|是否|有没有|会不会|要不要|为什么|为啥|多大|到什么年龄|有影响|影响吗|算不算|必须|什么时候"
)
_ASKING = re.compile(
    r"[?？]|吗|怎|如何|咋|什么|啥|谁|多少|几|哪|是否|是不是|能不能|可不可以|有没有|为何|多久|区别"
)


_TROUBLE = re.compile(r"不(认|给|肯|管|让|理|行|对|能|了)|没|拒绝|拖")


def kind_of(text: str) -> CaseKind | None:
    """The kind that the words tell; None if 了解规定 and 马上办理 both fit."""
    if _COMPLAINT.search(text):
        return "complaint"
    if _ACCOUNT.search(text) and not re.search(r"怎么(查|算|定)|如何(查|算)|如果|要是|规定", text):
        return "account"
    procedure, policy = _PROCEDURE.search(text), _POLICY.search(text)
    if policy and procedure:
        # the first thing that is asked is what it is about; materials and time are details of it
        return "policy" if policy.start() < procedure.start() else "procedure"
    if procedure:
        return "procedure"
    if policy or _ASKING.search(text):
        return "policy"
    return "procedure" if _TROUBLE.search(text) else None


# --- topic and matter ---------------------------------------------------------------------------

_TOPICS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("社保卡", r"社保卡|社会保障卡|电子社保卡|无效卡"),
        (
            "异地就医",
            r"异地(就医|备案|看病|住院|报销|结算)|就医备案|外地(看病|住院|就医)|跨省(就医|看病|住院)",
        ),
        ("医保", r"医保|医疗保险|住院|报销|门诊|看病|合作医疗|新农合"),
        ("失业", r"失业"),
        ("工伤", r"工伤|劳动能力鉴定|职业病"),
        ("生育", r"生育|产假|产检|怀孕|生孩子|生小孩"),
        (
            "社保转移",
            r"(社保|养老|保险|关系)[^，。？?]{0,8}(转|迁)|(转|迁)[^，。？?]{0,6}(社保|养老|保险|关系)",
        ),
        ("退休", r"退休|养老金|退休金|养老钱"),
        ("居民养老", r"城乡居民|居民养老|新农保|农保"),
        ("灵活就业", r"灵活就业|自由职业|个体(户)?(自己)?(交|缴|参)|自己(交|缴)社?保"),
        ("公积金", r"公积金"),
        ("缴费", r"缴费|基数|断缴|断交|补缴|补交|欠缴|漏缴|没交|未缴|交社保|缴社保|社保费|扣"),
        ("养老保险", r"养老"),
        ("社保", r"社保|五险|保险"),
    )
)
_INSURANCE: tuple[tuple[str, str], ...] = (
    ("养老", r"养老"),
    ("医疗", r"医保|医疗"),
    ("失业", r"失业(?!了|后|在家)"),
    ("工伤", r"工伤"),
    ("生育", r"生育"),
    ("五险都缺", r"五险|全部|都没|三险|五个|各项|所有"),
)
_MISSING = re.compile(
    r"(社保|养老|医保|保险|缴费|记录|月的?)[^。？?，]{0,10}(没有?交(?!满|够|过)|没缴|未缴|漏缴|漏交|断档|少了|缺了|缺失|没有?(缴费)?记录|没显示|空白|不见了|查不到|没交上)"
    r"|(没有?交|没缴|未缴|少交|漏交|漏缴|少了|缺了)[^。？?]{0,8}(社保|养老|医保|保险)|(工资|单位|公司)[^。？?]{0,8}扣[^。？?]{0,12}(没交|没有?缴|未缴|没记录|没给)"
    r"|缴费记录(缺失|异常|有误|少|不对)"
)
_NOT_MISSING = re.compile(
    r"怎么补|如何补|能补|补缴|补交|有什么影响|影响|断缴了?怎|仲裁|如果|怎么查|待遇|养老金"
)
_CARD = re.compile(
    r"(社保卡|社会保障卡|卡)[^。？?]{0,14}(不能用|用不了|不好使|刷不了|刷不出|刷不上|不出来|无效|失灵|读不出|没反应|不能刷|刷卡失败)|提示.{0,4}无效卡"
)
_CHECK = "请核对"


def topic_of(text: str) -> str:
    """`社保卡`, `社保转移` …; empty if no word tells."""
    return next((name for name, pattern in _TOPICS if pattern.search(text)), "")


def matter_of(text: str) -> Matter:
    """Which questions the form asks."""
    if text.startswith(_CHECK):
        return "check"
    if _CARD.search(text) and not re.search(r"异地|外地医院|丢|挂失|欠费|停保", text):
        return "card"
    if _COMPLAINT.search(text) and _about_service(text):
        return "complaint"
    if _MISSING.search(text) and not _NOT_MISSING.search(text):
        return "missing"
    return "complaint" if kind_of(text) == "complaint" and not _ASKING.search(text) else "general"


def _about_service(text: str) -> bool:
    return bool(
        re.search(r"窗口|工作人员|服务|态度|大厅|办事|热线|电话|推诿|刁难|敷衍|我要投诉", text)
    )


def insurance_of(text: str) -> str | None:
    return next((name for name, pattern in _INSURANCE if re.search(pattern, text)), None)


# --- what is missing ----------------------------------------------------------------------------

_HAPPENED = re.compile(
    r"离职|辞职|失业了|被(裁|辞|开除)|断(缴|交|保|了)|停(缴|交|发|保)了?|没到账|没到帐|还没(到|发|批|下来|处理|办好)|少发|没发|申请了|提交了|办了|报了|受伤|摔伤|出(了)?事故|住(了)?院|生了(孩子|小孩|娃)"
    r"|刷不了|用不了|不能用|一直(没|不)|迟迟|转(走|过来|出)了"
)
_TIMELESS = re.compile(r"如果|要是|假如|以后|打算|准备|想(要)?(离职|辞职)|一般")
_PHENOMENON = re.compile(
    r"刷不了|用不了|不能用|登不上|登录不了|打不开|报错|失败|办不了|不成功|提交不了|认证不了|不通过|出错|异常|没反应"
)
_SHOWN = re.compile(
    r"提示|显示|说(是)?[“\"「]|[“\"「].{2,20}[”\"」]|弹出|写着|报(的是)?错误码|无效卡"
)
_TWO_PLACES = re.compile(
    r"转移|转到|转回|转过|迁|跨省|跨市|换(城市|地方)|转社保|社保转|(社保|养老)[^，。？?]{0,4}转走"
)
_RESIDENCE = re.compile(r"户籍|户口|农村|居民(养老|医保)|城乡居民|灵活就业|外地人|新农")
_KIND_OF_HOUSEHOLD = re.compile(r"户口(在|是)?(农村|城镇|本地)|(农村|城镇|本地)户口")
_OWN_EMPLOYER = re.compile(
    r"(单位|公司|厂|老板)(不|没|未|少|漏|拖|欠)|没(给|帮|为)我(们)?(交|缴|上)"
)
_NAMED_EMPLOYER = re.compile(
    r"[\u4e00-\u9fffA-Za-z]{2,20}(有限公司|公司名|集团|医院|学校|厂名|物业|餐饮|酒店|超市)|(单位|公司|厂)(叫|是|名)"
)


def missing(text: str, regions: Regions, today: date) -> tuple[Item, ...]:
    """The background that staff need and the message does not tell, in the order of asking."""
    told = roles(text, regions)
    when = _told_when(text, today)
    matter, topic = matter_of(text), topic_of(text)
    lacks: list[Item] = []

    def lack(item: Item, has: object) -> None:
        if not has:
            lacks.append(item)

    if matter == "complaint":
        return () if when else ("时间",)
    if matter == "missing":
        lack("险种", insurance_of(text))
        lack("缺失月份", when)
        lack("单位", _NAMED_EMPLOYER.search(text))
    elif _OWN_EMPLOYER.search(text) and not _POLICY_ONLY.search(text):
        lack("单位", _NAMED_EMPLOYER.search(text))
    if matter == "card" or _PHENOMENON.search(text):
        lack("现象", _SHOWN.search(text))
    lack("参保地", "insured" in told)
    if topic == "异地就医":
        lack("就医地", "care" in told)
    elif _TWO_PLACES.search(text):
        lack("户籍地", "household" in told)
        lack("转到哪里", "target" in told)
    elif _RESIDENCE.search(text):
        lack("户籍地", "household" in told or _KIND_OF_HOUSEHOLD.search(text))
    if matter != "missing" and _HAPPENED.search(text) and not _TIMELESS.search(text):
        lack("时间", when)
    return tuple(lacks)


_POLICY_ONLY = re.compile(r"合法吗|违法吗|可以不交吗|有什么处罚|怎么处罚|规定")


def _told_when(text: str, today: date) -> str | None:
    try:
        return moment(text, today)
    except Unclear:
        return None


# --- two questions ------------------------------------------------------------------------------

_SENTENCE = re.compile(r"[^。！？!?\n；;]+[。！？!?\n；;]*")
_NUMBERED = re.compile(
    r"(?:^|[\n。；;，,？?！! ：:])\s*(?:[1-9一二三四][、.．)），](?!\d)|第[一二三四][，,、：: ]?|[一二三四]是(?!否)|[①②③④])"
)
_JOINED = re.compile(
    r"[,，。；;?？!！\s]*(?:另外|还有就是|还有|顺便(?:问(?:一)?下)?|再(?:请)?问(?:一)?(?:下|个)?|同时(?:也)?想问|其次|对了)[,，：: ]*"
)
MOST_PARTS = 3
LONGEST_TO_SPLIT = 120  # characters; a longer message is a story about one matter, unless numbered


def split(text: str) -> tuple[str, ...]:
    """The questions of one message, each whole; empty for a single one, however long."""
    if plain(text).startswith(_CHECK) or len(text) > 400:
        return ()
    pieces = _pieces(text)
    if len(pieces) < 2 or (len(text) > LONGEST_TO_SPLIT and not _NUMBERED.search(text)):
        return ()
    groups: list[list[str]] = []
    topics: list[str] = []
    for piece in pieces:
        topic = topic_of(piece)
        asks = bool(_ASKING.search(piece) or _WANTS.search(piece))
        leans = _LEANS.search(piece) is not None
        if groups and (not topic or not asks or leans or _akin(topic, topics[-1])):
            groups[-1].append(piece)
            topics[-1] = topics[-1] or topic
        else:
            groups.append([piece])
            topics.append(topic)
    # what comes before the first question belongs to it
    while len(groups) > 1 and not _asks("".join(groups[0])):
        groups[1] = groups[0] + groups[1]
        groups, topics = groups[1:], topics[1:]
    parts = tuple("".join(group).strip(" ，,；;。\n") for group in groups)
    whole = 1 < len(parts) <= MOST_PARTS and all(_asks(p) and len(plain(p)) >= 4 for p in parts)
    return parts if whole else ()


_LEANS = re.compile(r"^(那|这|领的?时候|期间|到时|然后|如果|这种)")
_WANTS = re.compile(
    r"丢了|丢失|没到账|没到|少了|不能用|刷不了|不给|没交|没发|想(问|办|知道|了解|咨询)|要(办|投诉)"
)


def asks(text: str) -> bool:
    """Whether it is put as a question."""
    return _ASKING.search(text) is not None


def _asks(text: str) -> bool:
    return bool(_ASKING.search(text) or _WANTS.search(text))


def _pieces(text: str) -> list[str]:
    marked = _JOINED.sub("\n", _NUMBERED.sub("\n", text))
    return [p.strip() for p in _SENTENCE.findall(marked) if len(plain(p)) >= 2]


_KIN = (
    {"社保转移", "社保", "养老保险", "缴费"},
    {"缴费", "社保", "灵活就业", "养老保险"},
    {"退休", "养老保险", "社保"},
    {"居民养老", "养老保险", "社保", "缴费"},
    {"退休", "居民养老", "养老保险"},
    {"失业", "缴费"},
    {"异地就医", "医保"},
    {"失业", "社保", "缴费"},
    {"工伤", "社保"},
    {"生育", "社保"},
    {"社保卡", "社保"},
)


def _akin(one: str, other: str) -> bool:
    """Whether two topics are so near that they may be one question."""
    return one == other or not other or any({one, other} <= kin for kin in _KIN)


# --- composing ----------------------------------------------------------------------------------

_HEAT = re.compile(
    r"(真是)?(急死|气死|烦死|愁死|急疯|气疯|坑死|累死)(我|人|个人)?(了)?|崩溃(了)?|受不了(了)?|太过分了?|没天理|欺负(老百姓|老人|人)"
    r"|什么(破|烂|鬼|垃圾)(玩意|东西|地方|单位|系统)?儿?|(你们)?(到底|究竟)(管不管|有没有人管)|有没有人管|混蛋|王八蛋|他妈的|(?<![爸我他她你老姑姨舅干])妈的(?=[,，。!！]|$)|垃圾|狗屁|坑人|黑心|不要脸|缺德|救命(啊)?|求求(你们|您)?(了)?|(真|太)(是)?(无语|可恶|恶心|离谱)(了)?"
)
_GREETING = re.compile(
    r"^(您好|你好|请问(一下)?|您好请问|咨询(一下)?|想问(一下|问)?|我想(问|咨询)(一下|问)?|麻烦问(一下|下)?|老师|领导|在吗|喂)[,，。：: ！!]*"
)
_THANKS = re.compile(
    r"[,，。 ]*(谢谢(了|您|你们?|大家)?|多谢|感谢|急急急|急急|在线等|跪求|盼复|望回复|望解答)[啦了啊！!。~～]*$"
)
_COLLOQUIAL = (
    (re.compile(r"咋办|咋弄|怎么弄|怎么搞|咋整"), "怎么办理"),
    (re.compile(r"咋"), "怎么"),
    (re.compile(r"啥"), "什么"),
    (re.compile(r"(?<![不没])怎么办(?=[?？。]|$)"), "如何办理"),
)
_TONE = re.compile(r"[啊呀哇呢嘛哎唉哼]+(?=[,，。!！?？]|$)|^(哎呀?|唉|喂)[,，]?")
NOT_TOLD = "未说明"
NOTHING = "没有"


_MASKED = re.compile(
    r"(我的?)?(身份证|社保卡|手机|电话|银行卡|卡|账)?(号码?|号)?(是|为|：|:)?[（(]?(卡号[:：]?)?\*{4}\w{0,4}[)）]?[,，]?"
)


def unnumbered(text: str) -> str:
    """Without the remains of masked numbers: staff do not need them."""
    return _MASKED.sub("", text).strip()


def neutral(text: str) -> str:
    """Without heat, greetings and doubled marks; facts and their order stay."""
    said = re.sub(r"[!！]+", "。", unnumbered(text) or text.strip())
    said = re.sub(r"[?？]+", "？", said)
    before = None
    while before != said:
        before = said
        said = _THANKS.sub("", _GREETING.sub("", said)).strip()
    said = _TONE.sub("", _HEAT.sub("", said))
    said = re.sub(r"[,，]{2,}", "，", said)
    said = re.sub(r"[,，、]*[。.]{1,}[,，。.]*", "。", said)
    said = re.sub(r"[,，、]+(?=[。？])|^[,，、。\s]+|[,，、\s]+$", "", said)
    return re.sub(r"([。？])[。，,]+", r"\1", said).strip() or text.strip()


STORY = 90  # characters; a longer question keeps its own order of sentences


def composed(story: str, kind: CaseKind, told: Mapping[str, str], regions: Regions) -> str:
    """The good question: background, what is asked, politely. `told`: label → words."""
    said = neutral(story)
    for pattern, plainer in _COLLOQUIAL:
        said = pattern.sub(plainer, said)
    lead = _stopped(_background(said, told, regions, _LEAD if kind != "complaint" else _WHEN))
    details = _stopped(_background(said, told, regions, _DETAILS))
    if "\n" in said:
        return f"您好，{lead}{details}\n{said}\n请问以上应如何办理？谢谢。"
    if kind == "complaint":
        return f"您好，{lead}{_stopped(said)}{details}请予核查处理，谢谢。"
    if len(said) > STORY:
        ending = "" if _ASKING.search(said) else "请问应如何处理？"
        return f"您好，{lead}{_stopped(said)}{details}{ending}谢谢。"
    facts, question = _parted(said)
    if not question:
        question = "是怎么规定的" if kind == "policy" else "应如何处理"
        if len(plain(said)) <= 12 and kind != "account" and not _STATES.search(said):
            facts, question = "", f"{said.rstrip('。')}{question.replace('处理', '办理')}"
    more = ""
    if kind == "procedure" and not re.search(r"材料|资料|证件", said):
        more += "需要哪些材料？"
    if kind == "procedure" and not re.search(r"网上|线上|手机上?办", said):
        more += "能否网上办理？"
    asked = question.rstrip("。？?，, ")
    return f"您好，{lead}{_stopped(facts)}{details}请问{asked}？{more}谢谢。"


_STATES = re.compile(r"不|没|了(?!解)|未|刷|提示|失败|我")  # a sentence of its own, not a heading


def _stopped(text: str) -> str:
    text = text.strip(" ，,")
    return text if not text or text[-1] in "。？" else f"{text}。"


def _parted(said: str) -> tuple[str, str]:
    """Facts, and the clauses that ask."""
    said = re.sub(r"(?<=[^，。？\n])(我想)?请问(一?下)?(领导|老师|你们|贵局)?[,，]?", "，", said)
    sentences = [s.strip() for s in re.findall(r"[^。？\n]+[。？]?", said) if s.strip()]
    if len(sentences) == 1 and not _ASKING.search(sentences[0]):
        return said, ""
    facts, asked = [], []
    for sentence in sentences:
        if not _ASKING.search(sentence):
            facts.append(sentence)
            continue
        clauses = re.split(r"[,，]", sentence)
        first = next((n for n, c in enumerate(clauses) if _ASKING.search(c)), 0)
        before, after = "，".join(clauses[:first]), "，".join(clauses[first:])
        if before:
            facts.append(before + "。")
        asked.append(re.sub(r"^请问", "", after.strip()))
    return "".join(facts), "".join(a if a.endswith("？") else f"{a.rstrip('。')}？" for a in asked)


_Background = tuple[tuple[str, str], ...]
_WHEN: _Background = (("时间", "{}"),)
_LEAD: _Background = (
    ("参保地", "我在{}参保"),
    ("时间", "{}"),
    ("户籍地", "户籍{}"),
    ("工作地", "在{}工作"),
    ("转到哪里", "计划在{}继续参保"),
    ("就医地", "在{}就医"),
)
_DETAILS: _Background = (
    ("险种", "险种{}"),
    ("缺失月份", "{}没有缴费记录"),
    ("工资是否已扣", "工资{}"),
    ("单位", "单位{}"),
    ("刷卡地点", "刷卡地点{}"),
    ("提示", "提示{}"),
    ("卡的情况", "卡{}"),
    ("投诉对象", "对象：{}"),
    ("经过", "经过：{}"),
    ("诉求", "诉求：{}"),
    ("已尝试", "{}"),
)


def _background(said: str, told: Mapping[str, str], regions: Regions, wanted: _Background) -> str:
    """What the slots add to the words; what the words say already is not said twice."""
    places = {ROLES[role] for role in roles(said, regions)}
    parts: list[str] = []
    for label, pattern in wanted:
        name = next((n for n in told if n == label or (label == "时间" and n.endswith(label))), "")
        value = told.get(name, "")
        known = value in said or label in places or any(value in part for part in parts[-1:])
        if not value or value in (NOT_TOLD, NOTHING) or (known and label not in ROLES.values()):
            continue
        if label in places:
            continue
        if label == "时间":
            parts.append(_when(name, value))
        else:
            shown = full(value, regions) if label in ROLES.values() else value
            parts.append(pattern.format(shown))
    return "，".join(part for part in parts if part)


def _when(name: str, value: str) -> str:
    event = name.removesuffix("时间")
    return f"{value}{event}" if event else f"时间是{value}"


# --- what was tried -----------------------------------------------------------------------------

_WHOM = (
    ("单位", r"单位|公司|人事|hr|老板|财务|厂里"),
    ("12333", r"12333"),
    ("12345", r"12345"),
    ("社保窗口", r"窗口|大厅|社保局|社保中心|柜台|现场"),
    ("网上", r"网上|网站|app|小程序|公众号|手机"),
    ("银行", r"银行"),
    ("医院", r"医院|药店"),
    ("税务", r"税务"),
    ("电话", r"电话|热线"),
)
_NOTHING = {
    "没有",
    "没",
    "无",
    "没试过",
    "还没有",
    "没有试过",
    "什么都没做",
    "没做什么",
    "都没有",
    "还没",
    "没办法",
}


def tried(text: str) -> str:
    """`已问单位，未解决`; the words themselves where nobody known was asked; 没有 for nothing."""
    said = plain(text)
    if said in _NOTHING or re.fullmatch(
        r"(什么|啥)?(都|也)?没(有)?(试|做|办|问|弄)(过)?(呢|啊)?", said
    ):
        return NOTHING
    whom = [name for name, pattern in _WHOM if re.search(pattern, said)]
    if not whom or len(said) > 40:
        return text.strip()
    verb = {
        "12333": "已打 12333",
        "12345": "已打 12345",
        "网上": "已在网上查过",
        "电话": "已打过电话",
    }
    done = "、".join(verb.get(name, f"已问{name}") for name in whom[:2])
    solved = re.search(r"解决了|办好了|已经好了", said) and not re.search(r"没解决|未解决", said)
    return f"{done}，{'已解决' if solved else '未解决'}"


_DID = re.compile(
    r"(打|拨)(过|了)[^，。]{0,8}(电话|热线|12\d{3})|(问|找)(过|了)[^，。]{0,6}(单位|公司|人事|社保局|窗口|银行)"
    r"|(去|跑)(过|了)[^，。]{0,8}(窗口|大厅|社保局|社保中心)|(网上|手机上|小程序|app)[^，。]{0,6}(查|试|办|弄)(过|了)"
    r"|(电话|热线|12333)[^，。]{0,4}(没人接|打不通|占线)|没人接|打不通"
)


def did(text: str) -> str:
    """The words of a short message that say what was tried already; empty if it says no such thing."""
    if len(text) > 40 or asks(text):
        return ""
    return text.strip("。.，, ") if _DID.search(plain(text)) else ""


def event_label(text: str) -> str:
    """What the time is of: `离职时间`, `断缴时间`, `时间`."""
    for word in ("离职", "断缴", "停发", "停保", "失业", "受伤", "住院", "转出", "申请", "开始"):
        if word in text or (word == "离职" and re.search(r"辞职|不干了|走人", text)):
            return f"{word}时间"
    return "时间"
