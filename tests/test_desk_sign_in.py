"""Signing in at the desk: the link, the password, the telephone, and what keeps others out."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from bot.desk import members
from bot.desk.office import Options
from bot.desk.passwords import Passwords
from bot.keys import new_key, read_keys
from bot.store import staff, tables
from bot.store.engine import Store
from tests.desk_house import PASSWORD, Bureau, csrf_in, nothing

HTTPS = "https://desk.test"
OURS_TO_KEEP = (
    tables.staff,
    tables.staff_recovery_codes,
    tables.staff_sessions,
    tables.sign_in_failures,
    tables.audit,
)


@pytest.fixture
async def bureau(store: Store) -> Bureau:
    return Bureau(store)


@pytest.fixture
async def light(sqlite_url: str) -> AsyncIterator[Bureau]:
    """For what is the same on both databases."""
    async with Store(sqlite_url) as store:
        yield Bureau(store)


async def test_the_first_sign_in_sets_a_password_and_a_telephone(bureau: Bureau) -> None:
    wang = await bureau.newcomer("wang", "agent")
    assert await wang.is_in()
    assert len(set(wang.recovery)) == 10
    again = bureau.visitor("WANG ")
    again.secret = wang.secret
    assert (await again.sign_in()).status_code == 303
    assert await again.is_in()
    assert [act[:2] for act in await bureau.acts()] == [
        ("wang", "invitation_used"),
        ("wang", "telephone_enrolled"),
        ("wang", "signed_in"),
    ]


async def test_a_link_opens_once_and_within_its_hours(bureau: Bureau) -> None:
    token = await bureau.invited("wang", "agent")
    first, second = bureau.visitor("wang"), bureau.visitor("wang")
    shown = await second.get(f"/desk/welcome/{token}")
    await first.arrive(token)
    assert (await second.get(f"/desk/welcome/{token}")).status_code == 410
    late = await second.send(
        f"/desk/welcome/{token}", csrf_in(shown), password=PASSWORD + "!", again=PASSWORD + "!"
    )
    assert late.status_code == 410
    li = await bureau.invited("li", "agent")
    bureau.clock.turn(hours=72)
    assert (await second.get(f"/desk/welcome/{li}")).status_code == 410


@pytest.mark.parametrize(
    ("password", "again", "says"),
    [
        ("short", "short", "至少 12"),
        (PASSWORD, PASSWORD + "x", "不一样"),
        ("aaaaaaaaaaaaa", "aaaaaaaaaaaaa", "不同的字"),
        ("hello Wang 2026!", "hello Wang 2026!", "自己的名字"),
        ("长" * 5 + "x" * 200, "长" * 5 + "x" * 200, "最长"),
    ],
)
async def test_a_bad_password_is_told_and_the_link_still_works(
    light: Bureau, password: str, again: str, says: str
) -> None:
    here = f"/desk/welcome/{await light.invited('wang', 'agent')}"
    wang = light.visitor("wang")
    told = await wang.post(here, here, password=password, again=again)
    assert told.status_code == 422
    assert says in told.text
    assert password not in told.text
    assert (await wang.get(here)).status_code == 200


async def test_whoever_is_turned_away_reads_the_same(light: Bureau) -> None:
    await light.newcomer("wang", "agent")
    gone = await light.newcomer("zhao", "agent")
    async with light.store.write() as tx:
        member = await staff.by_name(tx, "zhao")
        assert member
        await members.disable(tx, member.member, light.clock(), nothing)
    assert not await gone.is_in()
    await light.invited("new", "agent")
    told = set()
    for name, password in (
        ("wang", "wrong"),
        ("nobody", PASSWORD),
        ("zhao", PASSWORD),
        ("new", PASSWORD),
        ("new", ""),
    ):
        answer = await light.visitor(name).tell_password(password)
        told.add((answer.status_code, answer.text.replace(name, "")))
    assert len({status for status, _ in told}) == 1
    assert len({text.count("用户名或密码不对") for _, text in told}) == 1


async def test_a_code_counts_once(bureau: Bureau) -> None:
    wang = await bureau.newcomer("wang", "agent")
    code = await wang.next_code()
    first, second = bureau.visitor("wang"), bureau.visitor("wang")
    await first.tell_password()
    await second.tell_password()
    assert (await first.tell_code(code)).status_code == 303
    refused = await second.tell_code(code)
    assert refused.status_code == 422
    assert not await second.is_in()
    assert (await second.tell_code(await wang.next_code())).status_code == 303


async def test_a_clock_may_be_half_a_minute_off_and_no_more(light: Bureau) -> None:
    wang = await light.newcomer("wang", "agent")
    for seconds, taken in ((30, True), (-30, True), (90, False), (-90, False)):
        light.clock.turn(minutes=5)
        one = light.visitor("wang")
        await one.tell_password()
        light.clock.turn(seconds=seconds)
        code = wang.code()
        light.clock.turn(seconds=-seconds)
        assert ((await one.tell_code(code)).status_code == 303) is taken, seconds


async def test_a_recovery_code_opens_once(bureau: Bureau) -> None:
    wang = await bureau.newcomer("wang", "agent")
    one, two = bureau.visitor("wang"), bureau.visitor("wang")
    await one.tell_password()
    typed = wang.recovery[3].upper().replace("-", " ")
    assert (await one.tell_code(typed)).status_code == 303
    assert "还剩 9 个" in (await one.get("/desk/account")).text
    await two.tell_password()
    assert (await two.tell_code(wang.recovery[3])).status_code == 422
    assert ("wang", "recovery_code_used", "") in await bureau.acts()


async def test_the_password_alone_opens_nothing(light: Bureau) -> None:
    await light.newcomer("wang", "admin")
    half = light.visitor("wang")
    await half.tell_password()
    for path in ("/desk/", "/desk/account", "/desk/people", "/desk/handoffs"):
        answer = await half.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/desk/sign-in/code")
    light.clock.turn(minutes=11)
    assert (await half.get("/desk/sign-in/code")).headers["location"].startswith("/desk/sign-in?")


async def test_failures_lock_the_account_for_a_while(bureau: Bureau) -> None:
    wang = await bureau.newcomer("wang", "agent")
    for n in range(5):
        wrong = await bureau.visitor("wang", f"192.0.2.{n}").tell_password("wrong")
        assert wrong.status_code == 422
    locked = await bureau.visitor("wang", "198.51.100.7").tell_password()
    assert locked.status_code == 429
    assert "15 分钟后" in locked.text
    bureau.clock.turn(minutes=14)
    assert (await bureau.visitor("wang").tell_password()).status_code == 429
    bureau.clock.turn(minutes=2)  # trying on did not make it longer
    again = bureau.visitor("wang")
    again.secret = wang.secret
    await again.sign_in()
    assert await again.is_in()
    for _ in range(4):  # what went well has cleared the count
        assert (await bureau.visitor("wang").tell_password("wrong")).status_code == 422
    acts = [act for _, act, _ in await bureau.acts()]
    assert acts.count("sign_in_locked") == 2
    assert acts.count("sign_in_failed") == 9


async def test_a_name_that_does_not_exist_is_locked_alike(light: Bureau) -> None:
    for n in range(5):
        await light.visitor("nobody", f"192.0.2.{n}").tell_password("wrong")
    assert (await light.visitor("nobody").tell_password("wrong")).status_code == 429


async def test_failures_from_one_address_lock_it_whatever_the_names(light: Bureau) -> None:
    light.options = Options(lock_after_address=6)
    light.app = light.made()
    await light.newcomer("wang", "agent")
    for n in range(6):
        one = await light.visitor(f"name{n}", f"2001:db8::{n}").tell_password("wrong")
        assert one.status_code == 422
    assert (await light.visitor("wang", "2001:db8::ff:1").tell_password()).status_code == 429
    assert (await light.visitor("wang", "2001:db8:0:1::1").tell_password()).status_code == 303


async def test_codes_cannot_be_guessed_by_signing_in_again_and_again(light: Bureau) -> None:
    wang = await light.newcomer("wang", "agent")
    wrong = "000000" if wang.code() != "000000" else "111111"
    for _ in range(5):
        one = light.visitor("wang")
        assert (await one.tell_password()).status_code == 303
        assert (await one.tell_code(wrong)).status_code == 422
    one = light.visitor("wang")
    await one.tell_password()
    assert (await one.tell_code(await wang.next_code())).status_code == 429


async def test_a_form_needs_the_token_of_its_own_session(light: Bureau) -> None:
    wang, li = await light.newcomer("wang", "admin"), await light.clerk("li", "admin")
    theirs = csrf_in(await li.get("/desk/account"))
    for csrf in ("", "0" * 64, theirs, "ü"):
        answer = await wang.send("/desk/sign-out", csrf)
        assert answer.status_code == 409
        assert "已经过期" in answer.text
    assert await wang.is_in()


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.test"},
    ],
)
async def test_a_form_of_another_site_is_refused(light: Bureau, headers: dict[str, str]) -> None:
    wang = await light.newcomer("wang", "admin")
    csrf = csrf_in(await wang.get("/desk/account"))
    answer = await wang.http.post("/desk/sign-out", data={"csrf": csrf}, headers=headers)
    assert answer.status_code == 403
    assert await wang.is_in()


async def test_a_session_ends_without_clicks_and_at_its_longest(light: Bureau) -> None:
    wang = await light.newcomer("wang", "agent")
    light.clock.turn(minutes=59)
    assert await wang.is_in()
    light.clock.turn(minutes=59)
    polled = await wang.get("/desk/handoffs", headers={"HX-Request": "true"})
    assert polled.status_code == 200
    light.clock.turn(minutes=2)
    assert not await wang.is_in()  # a page that asks by itself is no click
    polled = await wang.get("/desk/handoffs", headers={"HX-Request": "true"})
    assert (polled.status_code, polled.headers["hx-redirect"]) == (401, "/desk/sign-in")
    await wang.sign_in()
    for _ in range(13):
        assert await wang.is_in()
        light.clock.turn(minutes=55)
    light.clock.turn(minutes=10)
    assert not await wang.is_in()


async def test_signing_out_ends_the_session_itself(light: Bureau) -> None:
    wang = await light.newcomer("wang", "agent")
    cookie = wang.http.cookies["desk"]
    await wang.post("/desk/account", "/desk/sign-out")
    wang.http.cookies.set("desk", cookie)
    assert not await wang.is_in()


async def test_a_session_can_be_ended_from_elsewhere_and_only_ones_own(bureau: Bureau) -> None:
    wang, li = await bureau.newcomer("wang", "agent"), await bureau.clerk("li", "agent")
    phone = bureau.visitor("wang")
    phone.secret = wang.secret
    await phone.sign_in()
    async with bureau.store.read() as tx:
        rows = (await tx.execute(select(tables.staff_sessions).order_by("id"))).all()
    by_staff = [(row.staff, row.id) for row in rows]
    (_, of_li), (_, of_phone) = by_staff[1], by_staff[2]
    await wang.post("/desk/account", f"/desk/account/sessions/{of_li}/end")
    assert await li.is_in()
    await wang.post("/desk/account", f"/desk/account/sessions/{of_phone}/end")
    assert not await phone.is_in()
    await phone.sign_in()
    await wang.post("/desk/account", "/desk/account/sessions/end")
    assert not await phone.is_in()
    assert await wang.is_in()


async def test_a_new_password_ends_the_other_sessions(light: Bureau) -> None:
    wang = await light.newcomer("wang", "agent")
    other = light.visitor("wang")
    other.secret = wang.secret
    await other.sign_in()
    new = "eine lange neue Zeile"
    here, to = "/desk/account", "/desk/account/password"
    wrong = await wang.post(here, to, current="wrong", password=new, again=new)
    assert (wrong.status_code, "现在的密码不对" in wrong.text) == (422, True)
    short = await wang.post(here, to, current=PASSWORD, password="x", again="x")
    assert short.status_code == 422
    done = await wang.post(here, to, current=PASSWORD, password=new, again=new)
    assert done.status_code == 303
    assert "密码已改" in (await wang.get("/desk/account")).text
    assert "密码已改" not in (await wang.get("/desk/account")).text  # said once
    assert not await other.is_in()
    assert (await light.visitor("wang").tell_password()).status_code == 422
    assert (await light.visitor("wang").tell_password(new)).status_code == 303


async def test_guessing_the_password_from_within_is_locked_too(light: Bureau) -> None:
    wang = await light.newcomer("wang", "agent")
    here, to = "/desk/account", "/desk/account/password"
    for _ in range(5):
        assert (await wang.post(here, to, current="wrong")).status_code == 422
    assert (await wang.post(here, to, current=PASSWORD)).status_code == 429


async def test_new_recovery_codes_take_a_code_and_void_the_old(light: Bureau) -> None:
    wang = await light.newcomer("wang", "agent")
    here, to = "/desk/account", "/desk/account/recovery-codes"
    assert (await wang.post(here, to, code="12345")).status_code == 422
    fresh = await wang.post(here, to, code=await wang.next_code())
    assert fresh.status_code == 200
    assert fresh.text.count("<li><code>") == 10
    one = light.visitor("wang")
    await one.tell_password()
    assert (await one.tell_code(wang.recovery[0])).status_code == 422


async def test_nothing_in_the_database_opens_the_door(bureau: Bureau) -> None:
    wang = await bureau.newcomer("wang", "agent")
    link = await bureau.invited("li", "agent")
    secrets = [PASSWORD, wang.secret, wang.http.cookies["desk"], link, *wang.recovery]
    secrets += [code.replace("-", "") for code in wang.recovery]
    async with bureau.store.read() as tx:
        held = [str(row) for table in OURS_TO_KEEP for row in await tx.execute(select(table))]
    assert any("argon2id" in row for row in held)
    assert [secret for secret in secrets if any(secret in row for row in held)] == []


async def test_a_secret_sealed_with_an_old_key_is_sealed_again(light: Bureau) -> None:
    wang = await light.newcomer("wang", "agent")
    async with light.store.read() as tx:
        before = await tx.scalar(select(tables.staff.c.totp))
    new = new_key("k2")
    light.ring = f"{new} {light.ring}"
    light.app = light.made()
    one = light.visitor("wang")
    one.secret = wang.secret
    assert (await one.sign_in()).status_code == 303
    async with light.store.read() as tx:
        after = await tx.scalar(select(tables.staff.c.totp))
    assert after is not None
    assert before != after
    assert read_keys(new).open(after, "staff:1/totp") == wang.secret


async def test_over_https_the_cookie_is_bound_to_the_host(light: Bureau) -> None:
    light.base, light.options = HTTPS, Options(public_url=HTTPS)
    light.app = light.made()
    wang = light.visitor("wang")
    shown = await wang.get("/desk/sign-in")
    cookie = shown.headers["set-cookie"]
    assert cookie.startswith("__Host-desk=")
    for part in ("Path=/", "HttpOnly", "SameSite=Lax", "Secure"):
        assert part in cookie
    assert "Domain" not in cookie
    await wang.arrive(await light.invited("wang", "agent"))
    assert await wang.is_in()


async def test_the_cookie_changes_at_every_stage(light: Bureau) -> None:
    wang = await light.newcomer("wang", "agent")
    one = light.visitor("wang")
    one.secret = wang.secret
    seen = []
    await one.get("/desk/sign-in")
    seen.append(one.http.cookies["desk"])
    await one.tell_password()
    seen.append(one.http.cookies["desk"])
    await one.tell_code(await one.next_code())
    seen.append(one.http.cookies["desk"])
    assert len(set(seen)) == 3
    for old in seen[:2]:
        one.http.cookies.set("desk", old)
        assert not await one.is_in()


async def test_one_goes_on_where_one_wanted_to_and_never_elsewhere(light: Bureau) -> None:
    wang = await light.newcomer("wang", "admin")
    for wanted, path in (
        ("/desk/people", "/desk/people"),
        ("//evil.test", "/desk/"),
        ("https://evil.test/desk", "/desk/"),
        ("/desk/../x", "/desk/"),
        ("/desk\\@evil.test", "/desk/"),
        ("/desk/\nSet-Cookie: a=b", "/desk/"),
    ):
        one = light.visitor("wang")
        await one.tell_password()
        shown = await one.get("/desk/sign-in/code", params={"next": wanted})
        code = await wang.next_code()
        done = await one.http.post(
            "/desk/sign-in/code", data={"csrf": csrf_in(shown), "code": code, "next": wanted}
        )
        assert done.headers["location"] == path


async def test_a_password_reset_while_it_is_verified_does_not_sign_in(light: Bureau) -> None:
    """Between the slow look at the password and the session, an administrator resets it."""
    wang = await light.newcomer("wang", "agent")
    one = light.visitor("wang")
    async with light.store.read() as tx:
        known = await staff.peek(tx, 1)
    assert known
    verified = Passwords.fits

    async def slow(self: Passwords, hashed: str | None, password: str) -> bool:
        fitting = await verified(self, hashed, password)
        async with light.store.write() as tx:
            await members.reset(tx, known.member, light.clock(), light.options, nothing)
        return fitting

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Passwords, "fits", slow)
        assert (await one.tell_password()).status_code == 422
    assert not await wang.is_in()
