"""A playbook of a handful of things, for tests of the conversation alone."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from bot.engine.contacts import Contacts
from bot.engine.documents import Library
from bot.engine.form import Ask, Finished, Form, Unclear
from bot.engine.guide import Guide, Item, Step, Trouble
from bot.engine.knowledge import Basis, Entry, Knowledge
from bot.engine.menu import Branch, Menu
from bot.engine.parameters import Parameters
from bot.engine.playbook import Playbook
from bot.engine.promise import Service
from bot.engine.reading import one_of, place, sentence
from bot.engine.regions import Regions
from bot.engine.sayings import Sayings
from bot.engine.types import Conversation, Reply
from bot.engine.workdays import Office, WorkCalendar, read_hours
from handlers.forms import consultation, lecture_question, quiet_hours, subscribe
from tests.talk import Knows

REGIONS = Regions({"湖南": "全国", "长沙": "湖南", "北京": "全国", "深圳": "广东", "广东": "全国"})


def months(text: str) -> int:
    if not text.isdecimal() or int(text) > 600:
        raise Unclear("没看懂几个月。请回复数字，例如“147”。")
    return int(text)


@dataclass(frozen=True)
class Case:
    """What the test form collects."""

    place: Annotated[
        str,
        Ask(
            "您的参保地是？例如“长沙”。",
            place(REGIONS),
            label="参保地",
            why="各地规定不同。",
            spot=lambda text: next(iter(REGIONS.named(text)), None),
        ),
    ]
    kind: Annotated[
        str, Ask("哪个险种？", one_of(("养老", "失业")), label="险种", options=("养老", "失业"))
    ]
    paid: Annotated[int, Ask("缴了几个月？", months, label="月数", default="180")]
    note: Annotated[str | None, Ask("还有要补充的吗？", sentence(2), label="补充", skip=True)]


def finish(given: Case, was: Conversation, now: datetime) -> Finished:
    text = f"{given.place}|{given.kind}|{given.paid}|{given.note}"
    return Finished((Reply("receipt", text),))


CASE: Form[Any] = Form("case", "查缴费", Case, finish, triggers=("查缴费",))
OTHER: Form[Any] = Form("other", "另一件事", Case, finish)
OFFICE = Office(read_hours("09:00-12:00 13:30-17:30"), WorkCalendar())
# Those that the conversation itself begins.
ALWAYS: tuple[Form[Any], ...] = (
    consultation.form(REGIONS, OFFICE, Service()),
    subscribe.form(REGIONS),
    quiet_hours.form(),
    lecture_question.form(),
)


def entry(id: str, **changes: Any) -> Entry:
    plain: dict[str, Any] = {
        "question": f"{id} 的问题？",
        "answer": f"{id} 的答案。",
        "checked": date(2026, 11, 1),
        "basis": (Basis("《社会保险法》"),),
        "materials": ("身份证",),
    }
    return Entry(id=id, **{**plain, **changes})


ENTRIES = {
    "AA01": entry("AA01", starts=("guide:walk",)),
    "AA02": entry("AA02", checked=date(2026, 3, 1)),
    "AA03": entry("AA03", effective_from=date(2025, 1, 1)),
    "AA03-2024": entry("AA03-2024", effective_to=date(2024, 12, 31), superseded_by="AA03"),
}
GUIDE = Guide(
    name="walk",
    title="领失业金",
    short="办失业金",
    triggers=("带我办失业金",),
    entry="AA01",
    steps=(
        Step("登录", "打开小程序。", (Trouble("人脸识别失败", "换个亮的地方。", ("人脸",)),)),
        Step("填写", "填申请表。"),
        Step("等待", "等审核。"),
    ),
    items=(Item("离职证明", "请单位补开。"),),
)


def small_book(**knows: Any) -> Playbook:
    return Playbook(
        knowledge=Knowledge(ENTRIES, Parameters({})),
        search=Knows(**knows),
        menu=Menu(Branch("", "", (Branch("1", "养老", entries=("AA01",)),))),
        sayings=Sayings((), (), ("急死",)),
        contacts=Contacts((), read_hours("09:00-12:00 13:30-17:30")),
        library=Library(()),
        regions=REGIONS,
        forms={form.name: form for form in (CASE, OTHER, *ALWAYS)},
        guides={"walk": GUIDE},
    )
