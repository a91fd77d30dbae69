"""领导信箱: the head's letters have a queue, a target and a row of their own; the flag stays."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.desk.numbers import NAMES
from bot.engine.consulting.overheard import for_head
from bot.engine.types import Address, Reply
from bot.store import cases, plain, tables
from bot.store.engine import Store
from tests.case_office import NUMBER, ZHANG, opened
from tests.desk_house import Bureau
from tests.test_desk_cases import act, filed

LETTER, OTHER = "20261123001", "20261123002"


@pytest.fixture
async def bureau(store: Store) -> Bureau:
    made = Bureau(store)
    await filed(made, "窗口说法不一", kind="complaint", for_head=True)
    await filed(made, "窗口说法不同", kind="complaint")
    return made


async def test_who_reads_letters_has_a_queue_of_them(bureau: Bureau) -> None:
    for name, role in (("zhao", "supervisor"), ("wang", "head"), ("root", "admin")):
        clerk = await bureau.clerk(name, role)
        shown = (await clerk.get("/desk/cases?head=1")).text
        assert LETTER in shown
        assert OTHER not in shown
        assert "领导信箱" in (await clerk.get("/desk/")).text
        assert "领导信箱" in (await clerk.get(f"/desk/cases/{LETTER}")).text


async def test_others_see_a_letter_only_once_it_is_theirs(bureau: Bureau) -> None:
    agent, lead = await bureau.clerk("xiaowu", "agent"), await bureau.clerk("zhao", "supervisor")
    for path in (
        "/desk/cases",
        "/desk/cases?head=1",
        "/desk/cases?text=窗口",
        "/desk/cases/" + OTHER,
    ):
        assert LETTER not in (await agent.get(path)).text, path
    assert "领导信箱" not in (await agent.get("/desk/")).text
    for path in ("", "/lately", "/materials/none"):
        assert (await agent.get(f"/desk/cases/{LETTER}{path}")).status_code == 403, path
    refused = await agent.post("/desk/account", f"/desk/cases/{LETTER}/claim")
    assert refused.status_code == 403
    assert LETTER in (await lead.get(f"/desk/cases/{OTHER}")).text, "as one that asks the same"
    await act(lead, LETTER, "assign", to="xiaowu")
    for path in ("/desk/cases", f"/desk/cases/{LETTER}"):
        assert LETTER in (await agent.get(path)).text, path


async def test_a_letter_stays_one_wherever_it_goes(bureau: Bureau) -> None:
    lead = await bureau.clerk("zhao", "supervisor")
    await act(lead, LETTER, "transfer", department="稽核科")
    await act(lead, LETTER, "kind", kind="policy")
    await act(lead, LETTER, "claim")
    await act(lead, LETTER, "reply", text="已核实，正在整改。")
    shown = (await lead.get("/desk/cases?head=1&status=answered")).text
    assert LETTER in shown
    assert "领导信箱" in shown


async def test_letters_have_a_row_of_their_own(bureau: Bureau) -> None:
    lead = await bureau.clerk("wang", "head")
    rows = (await lead.get("/desk/numbers.csv?by=kind")).text.splitlines()[1:]
    assert {row.split(",")[0]: row.split(",")[1] for row in rows} == {
        "领导信箱": "1",
        "投诉建议": "1",
    }
    shown = (await lead.get("/desk/numbers?by=kind")).text
    assert NAMES["head"] in shown
    assert "目标：3 个工作日答复" in shown


async def test_the_group_sees_that_it_is_a_letter(store: Store) -> None:
    group = Address("telegram", "-100")
    async with opened(store, staff=group) as office:
        await office.says(ZHANG, "file 社保转移")
        async with store.write() as tx:
            await cases.change(tx, NUMBER, {"for_head": True, "region": "长沙"})
        await office.says(ZHANG, "催一下")
        async with store.read() as tx:
            box = tables.outbox
            rows = await tx.execute(
                select(box.c.reply).where(box.c.origin == "case").order_by(box.c.id.desc())
            )
            newest = plain.loads(Reply, rows.scalars().first() or "")
    assert newest.text.startswith(f"#C{NUMBER}\n【领导信箱·操作流程·长沙】")


@pytest.mark.parametrize(
    ("said", "letter"),
    [
        ("领导信箱", ""),
        ("局长信箱。", ""),
        ("我要找你们领导", ""),
        ("领导信箱：窗口让我来回跑了三趟", "窗口让我来回跑了三趟"),
        ("我要写信给局长，社保卡两个月没有办下来，没有人管", "社保卡两个月没有办下来，没有人管"),
        ("公司领导说社保自己交，这样合法吗，我应该怎么办才好", None),
        ("社保卡丢了", None),
        ("我去年找过领导信箱的电话，一直没有打通，现在想问失业金怎么领", None),
    ],
)
def test_a_letter_is_heard_and_nothing_else_is_taken_for_one(said: str, letter: str | None) -> None:
    assert for_head(said) == letter
