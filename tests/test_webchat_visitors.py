"""Who a visitor is: the cookie, and the address made from it."""

from __future__ import annotations

import re

import httpx
import pytest

from bot.channels.webchat.visitor import new_token, user_of
from tests.talking import TalkingInbox
from tests.web_visitors import say, visiting

EMBEDDED = {"embed_origins": ("https://rsj.example.gov.cn",)}


def parts(answer: httpx.Response) -> list[str]:
    """The one Set-Cookie, part by part."""
    (cookie,) = answer.headers.get_list("set-cookie")
    return cookie.split("; ")


async def test_whoever_opens_the_page_gets_an_unguessable_cookie_that_no_script_can_read() -> None:
    async with visiting(TalkingInbox()) as client:
        told, *rules = parts(await client.get("/"))
    assert re.fullmatch(r"chat=[\w-]{43}", told)
    assert rules == ["Max-Age=15552000", "Path=/", "HttpOnly", "SameSite=Lax"]


async def test_the_cookie_stays_the_same_when_the_page_is_opened_again() -> None:
    async with visiting(TalkingInbox()) as client:
        first, second = parts(await client.get("/"))[0], parts(await client.get("/"))[0]
    assert first == second


async def test_two_strangers_get_two_cookies() -> None:
    async with visiting(TalkingInbox()) as client:
        first = parts(await client.get("/"))[0]
        client.cookies.clear()
        assert parts(await client.get("/"))[0] != first


@pytest.mark.parametrize("forged", ["", "admin", "a" * 42, "a" * 44, "字" * 43, "a" * 42 + ";"])
async def test_a_cookie_that_we_never_gave_is_no_visitor(forged: str) -> None:
    inbox = TalkingInbox()
    async with visiting(inbox) as client:
        header = {b"Cookie": f"chat={forged}".encode()}
        told = parts(await client.get("/", headers=header))[0]
        assert re.fullmatch(r"chat=[\w-]{43}", told)
        client.cookies.clear()
        answer = await client.post(
            "/chat/messages", json={"id": "message-1", "text": "x"}, headers=header
        )
    assert answer.status_code == 401
    assert not inbox.heard_all


@pytest.mark.parametrize(
    ("base", "options"),
    [
        ("https://chat.test", {}),
        ("http://10.0.0.7:8000", {"public_url": "https://chat.example.gov.cn"}),
    ],
)
async def test_over_https_the_cookie_is_secure_and_bound_to_the_host(
    base: str, options: dict[str, str]
) -> None:
    async with visiting(TalkingInbox(), base, **options) as client:
        told, *rules = parts(await client.get("/"))
    assert told.startswith("__Host-chat=")
    assert rules == ["Max-Age=15552000", "Path=/", "HttpOnly", "SameSite=Lax", "Secure"]


async def test_framed_by_another_site_the_cookie_is_kept_for_that_site_alone() -> None:
    async with visiting(TalkingInbox(), "https://chat.test", **EMBEDDED) as client:
        framed = parts(await client.get("/?embed=1"))
        alone = parts(await client.get("/"))
    assert framed[-3:] == ["SameSite=None", "Partitioned", "Secure"]
    assert "SameSite=Lax" in alone


@pytest.mark.parametrize(
    ("base", "options"), [("https://chat.test", {}), ("http://chat.test", EMBEDDED)]
)
async def test_without_sites_that_may_frame_us_or_without_https_the_cookie_stays_ours(
    base: str, options: dict[str, tuple[str, ...]]
) -> None:
    async with visiting(TalkingInbox(), base, **options) as client:
        assert "SameSite=Lax" in parts(await client.get("/?embed=1"))


async def test_the_address_that_is_stored_does_not_tell_the_cookie() -> None:
    inbox = TalkingInbox()
    async with visiting(inbox) as client:
        token = parts(await client.get("/"))[0].removeprefix("chat=")
        await say(client, "退休年龄")
    assert inbox.visitor.user == user_of(token)
    assert re.fullmatch(r"[0-9a-f]{32}", inbox.visitor.user)
    assert token not in str(inbox.heard_all)


def test_tokens_are_256_bits_and_never_alike() -> None:
    tokens = {new_token() for _ in range(1_000)}
    assert len(tokens) == len({user_of(token) for token in tokens}) == 1_000


async def test_who_leaves_is_somebody_new_when_the_page_is_opened_again() -> None:
    inbox = TalkingInbox()
    async with visiting(inbox) as client:
        await client.get("/")
        await say(client, "退休年龄")
        before = inbox.visitor
        left = await client.post("/chat/leave")
        assert left.status_code == 204
        assert (await say(client, "还在吗")).status_code == 401
        await client.get("/")
        await say(client, "退休年龄", "message-2")
    assert inbox.visitor != before


async def test_who_leaves_a_frame_forgets_both_cookies() -> None:
    async with visiting(TalkingInbox(), "https://chat.test", **EMBEDDED) as client:
        await client.get("/?embed=1")
        left = await client.post("/chat/leave?embed=1")
    gone = left.headers.get_list("set-cookie")
    assert all("Max-Age=0" in cookie and "Secure" in cookie for cookie in gone)
    assert {"Partitioned" in cookie for cookie in gone} == {True, False}
