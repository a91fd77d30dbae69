"""The desk's pages: who may open what, what is noted, people, hand-overs, and how every answer is sent."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Executable, delete, text, update
from sqlalchemy.exc import DBAPIError

from bot.channels.base import Line
from bot.clock import CHINA
from bot.desk.browsers import browser
from bot.desk.commands import run
from bot.desk.desk import PAGES
from bot.desk.paging import paged
from bot.desk.roles import MAY, ROLES, Permission, may
from bot.desk.spreadsheet import line
from bot.desk.times import ago, how_long
from bot.engine.types import Address, Reply
from bot.store import audit, conversations, handoffs, tables
from bot.store.audit import Act
from bot.store.conversations import Remembered
from bot.store.engine import Store
from bot.store.retention import forget_before
from tests.desk_house import Bureau, Clerk, csrf_in

ZHANG = Address("webchat", "a1")
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=CHINA)


@pytest.fixture
async def bureau(store: Store) -> Bureau:
    return Bureau(store)


@pytest.fixture
async def light(sqlite_url: str) -> AsyncIterator[Bureau]:
    async with Store(sqlite_url) as store:
        yield Bureau(store)


async def filed(bureau: Bureau, capsule: str = "问 失业金怎么领") -> int:
    async with bureau.store.write() as tx:
        ((number, _),) = await handoffs.request(tx, [(ZHANG, capsule)], bureau.clock())
    bureau.citizens.open.add(number)
    return number


# --- roles ---------------------------------------------------------------------------------


def test_every_permission_belongs_to_somebody_and_only_to_roles_that_exist() -> None:
    for permission, roles in MAY.items():
        assert roles, permission
        assert roles <= set(ROLES)
    assert not may("nobody", "audit.read")


def test_only_the_ways_in_are_open_to_whoever_is_not_signed_in() -> None:
    opened = {page.path for page in PAGES if page.stage == "any"}
    assert opened == {"/sign-in", "/sign-out", "/welcome/{token}", "/{rest:path}"}


async def test_each_role_opens_what_it_may_and_nothing_else(light: Bureau) -> None:
    number = await filed(light)
    for role in ROLES:
        clerk = await light.clerk(role, role)
        csrf = csrf_in(await clerk.get("/desk/account"))
        for page in PAGES:
            if page.permission is None or page.permission not in OPENED_HERE:
                continue
            path = "/desk" + page.path.replace("{number:int}", str(number))
            if page.methods == ("GET",):
                answer = await clerk.get(path)
            else:
                answer = await clerk.send(path, "" if may(role, page.permission) else csrf)
            refused = answer.status_code == 403
            assert refused is not may(role, page.permission), (role, path)
        shown = re.findall(r'href="/desk(/\w+)"', (await clerk.get("/desk/account")).text)
        allowed = [path for path, one in MENU.items() if may(role, one)]
        assert [path for path in shown if path in MENU] == allowed
    assert ("agent", "refused", "") in await light.acts()


OPENED_HERE = {"handoffs.read", "handoffs.answer", "audit.read", "people.manage"}
MENU: dict[str, Permission] = {
    "/handoffs": "handoffs.read",
    "/audit": "audit.read",
    "/people": "people.manage",
}


async def test_a_role_that_is_taken_away_counts_at_once(light: Bureau) -> None:
    chief, li = await light.clerk("wang", "admin"), await light.clerk("li", "agent")
    assert (await li.get("/desk/audit")).status_code == 403
    await chief.post("/desk/people/2", "/desk/people/2/role", role="auditor")
    assert (await li.get("/desk/audit")).status_code == 200
    assert (await li.get("/desk/handoffs")).status_code == 403


# --- how answers are sent --------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/sign-in", "/welcome/x", "/handoffs", "/nowhere", "/audit"])
async def test_every_page_is_strict_and_kept_by_nobody(light: Bureau, path: str) -> None:
    wang = await light.clerk("wang", "admin")
    for visitor in (wang, light.visitor("")):
        answer = await visitor.http.get(f"/desk{path}", follow_redirects=True)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert not re.search(r"<script(?! src)|<style| style=| on\w+=", answer.text)


async def test_static_files_are_kept_and_named_by_what_they_hold(light: Bureau) -> None:
    visitor = light.visitor("")
    page = (await visitor.get("/desk/sign-in")).text
    names = re.findall(r'"(/desk/static/[\w.]+\?v=[0-9a-f]{12})"', page)
    assert len(names) == 4
    for name in names:
        answer = await visitor.get(name)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        again = await visitor.get(name, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304


async def test_a_page_that_is_not_there_says_so_within_the_desk(light: Bureau) -> None:
    wang = await light.clerk("wang", "admin")
    for path in (
        "/desk/nowhere",
        "/desk/handoffs/999",
        "/desk/people/999",
        f"/desk/people/{2**70}",
    ):
        answer = await wang.get(path)
        assert answer.status_code == 404
        assert "没有找到这一页" in answer.text
        assert "wang" in answer.text
    assert (await wang.http.put("/desk/people")).status_code in (404, 405)


async def test_what_breaks_is_told_without_its_words(
    light: Bureau, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    wang = await light.clerk("wang", "admin")

    async def broken(*_: object) -> None:
        raise RuntimeError("my number is 11010519491231002X")

    monkeypatch.setattr(handoffs, "filed", broken)
    answer = await wang.get("/desk/handoffs")
    assert answer.status_code == 500
    assert "这边出了点问题" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "request failed path=/desk/handoffs error=RuntimeError" in caplog.text
    assert "11010519491231002X" not in caplog.text + answer.text


async def test_files_and_floods_of_fields_are_refused(light: Bureau) -> None:
    wang = await light.clerk("wang", "admin")
    csrf = csrf_in(await wang.get("/desk/account"))
    sent = await wang.http.post(
        "/desk/people", data={"csrf": csrf}, files={"name": ("x.txt", b"hello")}
    )
    assert sent.status_code == 400
    many = await wang.send("/desk/people", csrf, **{f"f{n}": "x" for n in range(500)})
    assert many.status_code == 400


# --- the audit log ---------------------------------------------------------------------------


async def test_nobody_changes_or_deletes_what_was_noted(store: Store) -> None:
    async with store.write() as tx:
        await audit.note(tx, Act(NOW, "wang", "signed_in"))
    table = tables.audit
    attempts: list[Executable] = [
        update(table).values(name="li"),
        delete(table),
        text("UPDATE audit SET name = 'li' WHERE id = 1"),
    ]
    if store.url.get_backend_name() == "sqlite":
        attempts.append(
            text(
                "INSERT OR REPLACE INTO audit (id, at, name, action, subject, detail, address)"
                " VALUES (1, '2026', 'li', 'x', '', '', '')"
            )
        )
    else:
        attempts.append(text("TRUNCATE audit"))
    for attempt in attempts:
        with pytest.raises(DBAPIError, match="append-only"):
            async with store.write() as tx:
                await tx.execute(attempt)
    async with store.write() as tx:
        await forget_before(tx, NOW + timedelta(days=9_999))
        (kept,) = await audit.page(tx, audit.Wanted(), 0, 10)
    assert kept.act == Act(NOW, "wang", "signed_in")


async def test_the_auditor_filters_and_turns_pages(bureau: Bureau) -> None:
    auditor = await bureau.clerk("auditor", "auditor")
    async with bureau.store.write() as tx:
        rows = [
            Act(NOW + timedelta(hours=n), f"clerk{n % 2}", "handoff_opened", f"handoff:{n}")
            for n in range(120)
        ]
        for row in rows:
            await audit.note(tx, row)
    first = (await auditor.get("/desk/audit?name=clerk1&action=handoff_opened")).text
    assert "共 60 条" in first
    assert "第 1 / 2 页" in first
    assert "handoff:119<" in first
    assert "handoff:118<" not in first
    (following,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = (await auditor.get(following.replace("&amp;", "&"))).text
    assert "第 2 / 2 页" in second
    assert "handoff:1<" in second
    day = (await auditor.get("/desk/audit?since=2026-11-24&until=2026-11-24&name=clerk0")).text
    assert "共 12 条" in day
    one = (await auditor.get("/desk/audit?subject=handoff:7&page=99")).text
    assert "共 1 条" in one
    none = (await auditor.get("/desk/audit?name=%27;drop&since=x&page=x")).text
    assert "没有符合条件的记录" in none


async def test_an_export_holds_all_that_the_filter_lets_through_and_is_noted(
    light: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "BATCH", 3)
    auditor = await light.clerk("auditor", "auditor")
    async with light.store.write() as tx:
        for n in range(8):
            await audit.note(tx, Act(NOW, "li", "handoff_opened", f"handoff:{n}", "=1+1"))
    answer = await auditor.get("/desk/audit.csv?name=li")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    told = answer.content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(told)))
    assert [row["对象"] for row in rows] == [f"handoff:{n}" for n in range(7, -1, -1)]
    assert {row["说明"] for row in rows} == {"'=1+1"}
    assert (await light.acts())[-1][1] == "audit_exported"


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\tx"])
def test_no_cell_of_an_export_is_run_by_a_spreadsheet(cell: str) -> None:
    (row,) = csv.reader(io.StringIO(line([cell, "好", 3])))
    assert row == ["'" + cell, "好", "3"]


# --- people ----------------------------------------------------------------------------------


async def test_an_administrator_adds_resets_and_disables(bureau: Bureau) -> None:
    chief = await bureau.clerk("wang", "admin")
    made = await chief.post("/desk/people", "/desk/people", name="Li.Si", role="agent")
    li = bureau.visitor("li.si")
    await li.arrive(link_in(made.text))
    assert await li.is_in()
    again = await chief.post("/desk/people/2", "/desk/people/2/reset")
    assert not await li.is_in()
    assert (await bureau.visitor("li.si").tell_password()).status_code == 422
    await li.arrive(link_in(again.text))
    assert await li.is_in()
    await chief.post("/desk/people/2", "/desk/people/2/disable")
    assert not await li.is_in()
    assert (await bureau.visitor("li.si").tell_password()).status_code == 422
    refused = await chief.post("/desk/people/2", "/desk/people/2/reset")
    assert (refused.status_code, "请先恢复" in refused.text) == (422, True)
    await chief.post("/desk/people/2", "/desk/people/2/enable")
    await li.sign_in()
    assert await li.is_in()
    acts = [act for name, act, subject in await bureau.acts() if subject == "staff:2"]
    for act in ("member_added", "member_reset", "member_disabled", "member_enabled"):
        assert act in acts
    assert "停用人员" in (await chief.get("/desk/audit")).text


def link_in(page: str) -> str:
    (token,) = re.findall(r"http://desk\.test/desk/welcome/([\w-]{43})", page)
    return str(token)


@pytest.mark.parametrize(
    ("name", "role", "says"),
    [
        ("wang", "agent", "已有人用过"),
        ("WANG", "agent", "已有人用过"),
        ("li si", "agent", "中间没有空格"),
        ("<b>", "agent", "中间没有空格"),
        ("", "agent", "中间没有空格"),
        ("x" * 41, "agent", "40"),
        ("li", "root", "没有这个角色"),
    ],
)
async def test_who_cannot_be_added_is_told_why(
    light: Bureau, name: str, role: str, says: str
) -> None:
    chief = await light.clerk("wang", "admin")
    answer = await chief.post("/desk/people", "/desk/people", name=name, role=role)
    assert answer.status_code == 422
    assert says in answer.text
    assert "<b>" not in answer.text


async def test_the_last_administrator_stays_and_nobody_disables_themselves(
    bureau: Bureau,
) -> None:
    chief = await bureau.clerk("wang", "admin")
    other = await bureau.clerk("li", "admin")
    for act, fields in (("disable", {}), ("role", {"role": "agent"}), ("reset", {})):
        answer = await chief.post("/desk/people/1", f"/desk/people/1/{act}", **fields)
        assert "desk-said=not_yourself" in answer.headers["set-cookie"]
    await chief.post("/desk/people/2", "/desk/people/2/disable")
    assert not await other.is_in()
    await chief.post("/desk/people/2", "/desk/people/2/enable")
    await other.sign_in()
    await other.post("/desk/people/1", "/desk/people/1/role", role="agent")
    assert (await chief.get("/desk/people")).status_code == 403
    assert await chief.is_in()


async def test_the_command_adds_lists_resets_and_disables(light: Bureau) -> None:
    told: list[str] = []

    async def staff(*words: str) -> int:
        told.clear()
        base = "https://desk.example"
        return await run(light.store, light.clock, light.options, base, told.append, list(words))

    assert await staff("add", "王芳", "admin") == 0
    (token,) = re.findall(r"https://desk\.example/desk/welcome/([\w-]{43})", "\n".join(told))
    wang = light.visitor("王芳")
    await wang.arrive(token)
    assert await wang.is_in()
    assert await staff("add", "王芳", "agent") == 1
    assert "已有人用过" in told[0]
    assert await staff("list") == 0
    assert told == ["王芳\t管理员\t可登录\t2026-11-23"]
    assert await staff("role", "王芳", "agent") == 0
    assert (await wang.get("/desk/people")).status_code == 403
    assert await staff("reset", "王芳") == 0
    assert "/desk/welcome/" in told[1]
    assert not await wang.is_in()
    assert await staff("disable", "王芳") == 0
    assert await staff("list") == 0
    assert "已停用" in told[0]
    assert await staff("enable", "王芳") == 0
    assert await staff("reset", "nobody") == 1
    assert {name for name, act, _ in await light.acts() if act.startswith("member")} == {"命令行"}


# --- hand-overs --------------------------------------------------------------------------------


async def answerer(bureau: Bureau) -> Clerk:
    return await bureau.clerk("li", "agent")


def token_in(page: str) -> str:
    (token,) = re.findall(r'name="token" value="([\w-]{43})"', page)
    return str(token)


async def test_whoever_waits_is_listed_with_what_they_said(bureau: Bureau) -> None:
    li = await answerer(bureau)
    assert "没有人在等" in (await li.get("/desk/handoffs")).text
    number = await filed(bureau, "问 <script>失业金</script>")
    bureau.clock.turn(minutes=3)
    shown = (await li.get("/desk/handoffs", headers={"HX-Request": "true"})).text
    assert "有 1 人在等" in shown
    assert f"H{number}" in shown
    assert "3 分钟前" in shown
    assert "网页" in shown
    assert "&lt;script&gt;" in shown
    assert "<html" not in shown


async def test_a_reply_is_sent_once_however_often_it_is_clicked(light: Bureau) -> None:
    li, number = await answerer(light), await filed(light)
    here = f"/desk/handoffs/{number}"
    page = (await li.get(here)).text
    csrf, token = re.findall(r'value="([0-9a-f]{64})"', page)[0], token_in(page)
    for _ in range(3):
        done = await li.send(f"{here}/reply", csrf, token=token, text=" 您好 ")
        assert done.headers["location"] == here
    assert light.citizens.said == [(number, "您好")]
    assert "回复已发出" in (await li.get(here)).text
    await li.send(f"{here}/reply", csrf, token=token, text="再说一句")  # gone back, changed
    assert light.citizens.said[1:] == [(number, "再说一句")]
    acts = [act for act in await light.acts() if act[2] == f"handoff:{number}"]
    assert acts.count(("li", "handoff_answered", f"handoff:{number}")) == 2
    assert ("li", "handoff_opened", f"handoff:{number}") in acts
    assert "您好" not in str(await light.acts())


async def test_a_double_click_reaches_the_citizen_once_and_is_noted_once(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bureau, "citizens", bureau.host)
    bureau.app = bureau.made()
    li = await bureau.clerk("li", "agent")
    async with bureau.store.write() as tx:
        await conversations.remember(tx, [Remembered(ZHANG, 1)], bureau.clock())
        ((number, _),) = await handoffs.request(tx, [(ZHANG, "问")], bureau.clock())
    here = f"/desk/handoffs/{number}"
    page = (await li.get(here)).text
    csrf, token = re.findall(r'value="([0-9a-f]{64})"', page)[0], token_in(page)
    clicks = [li.send(f"{here}/reply", csrf, token=token, text="您好") for _ in range(4)]
    answers = await asyncio.gather(*clicks)
    assert {answer.headers["location"] for answer in answers} == {here}
    said = await bureau.host.lines(ZHANG)
    assert [line.text for line in said if line.reply and line.reply.kind == "staff"] == ["您好"]
    acts = await bureau.acts()
    assert acts.count(("li", "handoff_answered", f"handoff:{number}")) == 1


async def test_a_reply_that_cannot_be_sent_says_why(light: Bureau) -> None:
    li, number = await answerer(light), await filed(light)
    here = f"/desk/handoffs/{number}"
    page = (await li.get(here)).text
    csrf, token = re.findall(r'value="([0-9a-f]{64})"', page)[0], token_in(page)
    for words, said in (("  ", "handoff_empty"), ("长" * 2_001, "handoff_long")):
        answer = await li.send(f"{here}/reply", csrf, token=token, text=words)
        assert f"desk-said={said}" in answer.headers["set-cookie"]
    assert (await li.send(f"{here}/reply", csrf, token="x", text="好")).status_code == 400
    light.citizens.open.clear()
    answer = await li.send(f"{here}/reply", csrf, token=token, text="好")
    assert "desk-said=handoff_gone" in answer.headers["set-cookie"]
    assert light.citizens.said == []


async def test_an_ended_one_is_told_and_takes_no_reply(light: Bureau) -> None:
    li, number = await answerer(light), await filed(light)
    here = f"/desk/handoffs/{number}"
    done = await li.post(here, f"{here}/close")
    assert done.headers["location"] == "/desk/handoffs"
    assert light.citizens.open == set()
    async with light.store.write() as tx:
        await handoffs.close(tx, number, light.clock())
    page = (await li.get(here)).text
    assert "已结束" in page
    assert 'name="text"' not in page
    open_page = await li.get(f"{here}/lines?after=0")
    assert (open_page.status_code, open_page.headers["hx-refresh"]) == (204, "true")
    assert ("li", "handoff_closed", f"handoff:{number}") in await light.acts()
    assert f"H{number}" in (await li.get("/desk/handoffs")).text
    light.clock.turn(days=8)
    await li.sign_in()
    assert f"H{number}" not in (await li.get("/desk/handoffs")).text


async def test_a_conversation_shows_who_said_what_and_the_last_lines_first(
    light: Bureau,
) -> None:
    li, number = await answerer(light), await filed(light)
    async with light.store.write() as tx:
        await conversations.remember(tx, [Remembered(ZHANG, 1, said=100)], NOW)
    light.citizens.talk = [Line(n, NOW, f"第{n}句<b>") for n in range(1, 99)]
    light.citizens.talk += [
        Line(99, NOW, "机器人的话", Reply("answer", "")),
        Line(100, NOW, "工作人员的话", Reply("staff", "")),
    ]
    page = (await li.get(f"/desk/handoffs/{number}")).text
    assert "第40句" not in page
    assert "第41句&lt;b&gt;" in page
    assert re.search(r'class="line bot".*?机器人的话', page, re.DOTALL)
    assert re.search(r'class="line staff".*?工作人员的话', page, re.DOTALL)
    assert f"/desk/handoffs/{number}?from=1" in page
    earlier = (await li.get(f"/desk/handoffs/{number}?from=1")).text
    assert "第1句" in earlier
    assert "看更早的对话" not in earlier
    new = await li.get(f"/desk/handoffs/{number}/lines?after=98")
    assert len(re.findall("<article", new.text)) == 2
    assert "lines?after=100" in new.text
    assert (await li.get(f"/desk/handoffs/{number}/lines?after=100")).status_code == 204


# --- small things ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (NOW, "刚刚"),
        (NOW - timedelta(seconds=59), "刚刚"),
        (NOW - timedelta(minutes=59), "59 分钟前"),
        (NOW - timedelta(hours=9), "9 小时前"),
        (NOW - timedelta(hours=11), "昨天 23:00"),
        (NOW - timedelta(days=2), "11月21日 10:00"),
        (NOW - timedelta(days=366), "2025年11月22日"),
        (NOW + timedelta(hours=1), "今天 11:00"),
        (NOW + timedelta(days=1), "11月24日 10:00"),
    ],
)
def test_how_long_ago_is_said_in_words(at: datetime, said: str) -> None:
    assert ago(at, NOW) == said


def test_a_span_is_said_in_words() -> None:
    spans = [timedelta(seconds=3), timedelta(minutes=3), timedelta(hours=3), timedelta(days=3)]
    assert [how_long(span) for span in spans] == ["不到 1 分钟", "3 分钟", "3 小时", "3 天"]


@pytest.mark.parametrize(
    ("wanted", "number"), [("", 1), ("2", 2), ("3", 3), ("99", 3), ("0", 1), ("-1", 1), ("二", 1)]
)
def test_a_page_that_is_none_is_the_nearest_one(wanted: str, number: int) -> None:
    shown = paged(wanted, 101)
    assert (shown.number, shown.last, shown.offset) == (number, 3, (number - 1) * 50)
    assert paged(wanted, 0).last == 1


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/150.0 Safari/537.36 Edg/150.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; like Mac OS X) Safari/604.1 MicroMessenger/8.0", "微信 · iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/150.0 Mobile Safari/537.36", "Chrome · 安卓"),
        ("curl/8.1", "curl/8.1"),
        ("", "没有说"),
    ],
)
def test_a_browser_is_called_as_people_call_it(agent: str, name: str) -> None:
    assert browser(agent) == name
