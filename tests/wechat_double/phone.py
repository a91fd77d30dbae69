"""People's phones, and the servers that bring their messages to us: five seconds, three tries."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any
from xml.sax.saxutils import escape

import httpx

from tests.wechat_double.api import MESSAGE, TAP, WechatApi
from tests.wechat_double.seal import Seal

FAULT = "该公众号提供的服务出现故障，请稍后再试"
ACCOUNT = "gh_shebao"
LINK = re.compile(r'<a href="weixin://bizmsgmenu\?msgmenucontent=(.*?)&msgmenuid=(.*?)">(.*?)</a>')
_SEEDS = count(7)  # no two of them give the same nonces


def on_a_port(address: str) -> httpx.AsyncClient:
    """A client without certificates: reading them takes longer than a conversation."""
    plain = httpx.AsyncHTTPTransport(verify=False)
    return httpx.AsyncClient(transport=plain, base_url=address, timeout=60)


@dataclass
class Platform:
    """WeChat's servers: they post to `http` at /wechat. `cut`: seconds that they wait."""

    api: WechatApi
    seal: Seal
    http: httpx.AsyncClient
    cut: float = 5.0
    tries: int = 3
    compatible: bool = False
    posts: int = 0
    chance: Random = field(default_factory=lambda: Random(next(_SEEDS)))
    last: tuple[dict[str, str], str] = field(default_factory=lambda: ({}, ""))
    last_seen: str = ""
    _ids: Any = field(default_factory=lambda: count(23_000_000_000_000_000))

    def next_id(self) -> str:
        return str(next(self._ids))

    def sealed(self, xml: str) -> tuple[dict[str, str], str]:
        stamp = str(int(self.api.clock().timestamp()))
        nonce = str(self.chance.randrange(10**9))
        return self.seal.close(xml, stamp, nonce, compatible=self.compatible)

    async def bring(self, xml: str) -> str:
        """What the person sees for an answer: words, nothing, or the notice of a fault."""
        query, body = self.last = self.sealed(xml)
        for _ in range(self.tries):
            answer = await self.post(query, body)
            if answer is not None:
                self.last_seen = self._seen(answer)
                return self.last_seen
        return FAULT

    async def reports(self, **changes: str) -> int:
        """Mass messages reach people, and each is reported; how many."""
        ended = [mass for mass in self.api.masses if not mass.told]
        for mass in ended:
            fields = self.api.through(mass) | changes
            office = Phone(self, "mphelper")
            await self.bring(office.event("MASSSENDJOBFINISH", **fields))
        return len(ended)

    async def post(self, query: Mapping[str, str], body: str) -> httpx.Response | None:
        """None if the answer took too long."""
        self.posts += 1
        try:
            async with asyncio.timeout(self.cut):
                return await self.http.post("/wechat", params=dict(query), content=body.encode())
        except (TimeoutError, httpx.HTTPError):
            return None

    def _seen(self, answer: httpx.Response) -> str:
        if answer.status_code != 200:
            return FAULT
        if answer.text in ("", "success"):
            return ""
        told = self.seal.open(answer.text)
        if told.get("MsgType") != "text" or len(told["Content"].encode()) > 2048:
            return FAULT
        assert told["FromUserName"] == ACCOUNT
        return told["Content"]


@dataclass
class Phone:
    """One person. `seen`: what stands on the screen, oldest first."""

    platform: Platform
    openid: str
    seen: list[str] = field(default_factory=list)
    _read: int = 0

    def __post_init__(self) -> None:
        self.follower = self.platform.api.follower(self.openid)

    def look(self) -> list[str]:
        """What has come since the last look, pushed messages as well."""
        new = self.follower.texts[self._read :]
        self._read += len(new)
        self.seen += new
        return new

    async def says(self, words: str, **more: str) -> str:
        return await self.sends("text", Content=words, **more)

    async def sends(self, kind: str, **fields: str) -> str:
        """The answer that came with it; what is pushed comes by `look`."""
        xml = self.message(kind, **fields)
        span, name = (TAP, "tap") if "bizmsgmenuid" in fields else (MESSAGE, "message")
        return await self._brought(xml, span, name)

    async def taps(self, label: str) -> str:
        """The newest link of that label."""
        for text in reversed(self.seen):
            for content, number, shown in LINK.findall(text):
                if shown == label:
                    return await self.says(content, bizmsgmenuid=number)
        raise LookupError(label)

    async def taps_menu(self, key: str) -> str:
        return await self._event("CLICK", TAP, EventKey=key)

    async def follows(self, scene: str = "") -> str:
        self.follower.follows = True
        more = {"EventKey": f"qrscene_{scene}", "Ticket": "t"} if scene else {"EventKey": ""}
        return await self._event("subscribe", TAP, **more)

    async def unfollows(self) -> str:
        self.follower.follows = False
        self.follower.windows.clear()
        return await self._event("unsubscribe", None, EventKey="")

    async def _event(self, event: str, span: Any, **fields: str) -> str:
        xml = self.event(event, **fields)
        return await self._brought(xml, span, "tap")

    async def _brought(self, xml: str, span: Any, name: str) -> str:
        if span is not None:
            self.platform.api.acted(self.openid, span, name)
        answer = await self.platform.bring(xml)
        if answer:
            self.seen.append(answer)
        return answer

    def message(self, kind: str, **fields: str) -> str:
        return self._xml(MsgType=kind, MsgId=self.platform.next_id(), **fields)

    def event(self, event: str, inside: str = "", **fields: str) -> str:
        return self._xml(inside, MsgType="event", Event=event, **fields)

    def _xml(self, inside: str = "", **fields: str) -> str:
        at = str(int(self.platform.api.clock().timestamp()))
        known = {"ToUserName": ACCOUNT, "FromUserName": self.openid, "CreateTime": at}
        rows = "".join(
            f"<{name}>{_cdata(value)}</{name}>" for name, value in (known | fields).items()
        )
        return f"<xml>{rows}{inside}</xml>"


def _cdata(text: str) -> str:
    return escape(text) if "]]>" in text else f"<![CDATA[{text}]]>"
