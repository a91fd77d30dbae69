"""The page and the widget as files: small, from here alone, and nothing inline."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bot.channels.webchat import WebchatChannel
from bot.channels.webchat.pages import FOLDER
from tests.talking import TalkingInbox
from tests.web_visitors import visiting

HTML = (FOLDER / "chat.html").read_text(encoding="utf-8")
FILES = sorted(FOLDER.iterdir())


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(HTML)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


TAGS = _Tags().tags


def test_style_and_scripts_are_under_30_kb() -> None:
    sizes = [path.stat().st_size for path in FILES if path.suffix in (".css", ".js")]
    assert len(sizes) == 3
    assert sum(sizes) < 30_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_is_loaded_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z]", text) == []


def test_nothing_runs_or_styles_inline() -> None:
    for tag, attributes in TAGS:
        assert tag != "style"
        assert tag != "script" or attributes.get("src")
        assert not any(name.startswith("on") or name == "style" for name in attributes)


@pytest.mark.parametrize("name", ["chat.js", "widget.js"])
def test_no_text_ever_becomes_markup(name: str) -> None:
    script = (FOLDER / name).read_text(encoding="utf-8")
    sinks = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|Function\("
    assert re.findall(sinks, script) == []


def test_every_id_that_the_script_asks_for_is_on_the_page() -> None:
    script = (FOLDER / "chat.js").read_text(encoding="utf-8")
    asked = set(re.findall(r'\$\("([\w-]+)"\)', script))
    assert asked - {attributes.get("id") for _, attributes in TAGS} == set()
    assert len(asked) > 10


def test_every_sentence_that_the_script_says_is_on_the_page() -> None:
    script = (FOLDER / "chat.js").read_text(encoding="utf-8")
    said = set(re.findall(r"\bwords\.(\w+)", script))
    assert said - {attributes.get("data-word") for _, attributes in TAGS} == set()
    assert re.findall(r'"[^"\n]*[\u4e00-\u9fff]{2}[^"\n]*"', script) == []


async def test_the_page_may_only_do_what_it_needs() -> None:
    async with visiting(TalkingInbox()) as client:
        page = await client.get("/")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["content-security-policy"].split("; ") == [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "frame-ancestors 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]


async def test_only_named_sites_may_frame_the_page() -> None:
    sites = ("https://rsj.example.gov.cn", "http://localhost:3000")
    async with visiting(TalkingInbox(), embed_origins=sites) as client:
        policy = (await client.get("/?embed=1")).headers["content-security-policy"]
    assert f"frame-ancestors 'self' {sites[0]} {sites[1]};" in policy


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "rsj.example.gov.cn",
        "https://rsj.example.gov.cn/",
        "https://a.cn; script-src *",
        "https://a.cn\r\nX: y",
        "javascript:alert(1)",
        "",
    ],
)
def test_a_site_that_is_no_address_is_refused_at_the_start(origin: str) -> None:
    with pytest.raises(ValueError, match="embed_origins"):
        WebchatChannel(embed_origins=(origin,))


async def test_style_and_script_are_named_by_what_they_hold_and_kept() -> None:
    async with visiting(TalkingInbox()) as client:
        page = (await client.get("/")).text
        for name, media in (("chat.css", "text/css"), ("chat.js", "text/javascript")):
            (found,) = re.findall(rf'"({re.escape(name)}\?v=[0-9a-f]{{12}})"', page)
            file = await client.get(f"/{found}")
            assert file.content == (FOLDER / name).read_bytes()
            assert file.headers["content-type"] == f"{media}; charset=utf-8"
            assert "immutable" in file.headers["cache-control"]


async def test_the_widget_may_be_loaded_by_other_sites_and_is_asked_for_again() -> None:
    async with visiting(TalkingInbox()) as client:
        file = await client.get("/widget.js")
        assert file.headers["cross-origin-resource-policy"] == "cross-origin"
        assert file.headers["cache-control"] == "public, max-age=3600"
        headers = {"If-None-Match": file.headers["etag"]}
        assert (await client.get("/widget.js", headers=headers)).status_code == 304
