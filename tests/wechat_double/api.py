"""WeChat's API: what we may call, what it refuses, and what reaches whom."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from bot.clock import Clock

MESSAGE = (timedelta(hours=48), 5)
TAP = (timedelta(minutes=1), 3)
TOKEN_LIFE = timedelta(seconds=7200)
OVERLAP = timedelta(minutes=5)
MEDIA_LIFE = timedelta(days=3)
THING, CHARACTERS = 20, 32

Answer = dict[str, Any]


class Refusal(Exception):
    def __init__(self, code: int, words: str = "refused") -> None:
        super().__init__(code)
        self.code = code
        self.words = words


@dataclass
class Follower:
    """`windows`: until when, and how many messages are left."""

    follows: bool = True
    windows: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    consents: int = 0
    received: list[dict[str, Any]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [shown(message) for message in self.received]


def shown(message: dict[str, Any]) -> str:
    """What a phone shows of a message."""
    match message["msgtype"]:
        case "text":
            return str(message["text"]["content"])
        case "msgmenu":
            menu = message["msgmenu"]
            rows = [row["content"] for row in menu["list"]]
            return "\n".join([menu["head_content"], *rows, menu["tail_content"]])
        case kind:
            return f"[{kind}]"


@dataclass
class WechatApi:
    """`faults`: for a path, the codes that the next calls come to (0: none; "cut": no answer)."""

    clock: Clock
    app_id: str
    secret: str
    kind: str = "service"  # service, subscription, unverified
    templates: dict[str, set[str]] = field(default_factory=dict)
    subscriptions: dict[str, set[str]] = field(default_factory=dict)
    lasting: set[str] = field(default_factory=set)
    quota: dict[str, int] = field(default_factory=dict)
    people: dict[str, Follower] = field(default_factory=dict)
    faults: dict[str, list[int | str]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    menu: list[dict[str, Any]] = field(default_factory=list)
    before: Callable[[str], Awaitable[None]] | None = None
    sent: dict[str, bytes] = field(default_factory=dict)  # what people sent, by media_id
    _tokens: dict[str, datetime] = field(default_factory=dict)  # until when each is good
    _media: dict[str, datetime] = field(default_factory=dict)
    _once: dict[tuple[str, str], datetime] = field(default_factory=dict)
    _used: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        return httpx.MockTransport(self._serve)

    def follower(self, openid: str) -> Follower:
        return self.people.setdefault(openid, Follower())

    def acted(self, openid: str, span: tuple[timedelta, int], name: str) -> None:
        """They wrote or tapped."""
        until = self.clock() + span[0]
        self.follower(openid).windows[name] = (until, span[1])

    def end_tokens(self) -> None:
        """All that were given are bad from now on."""
        self._tokens.clear()

    # --- the wire -------------------------------------------------------------------------------

    async def _serve(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.calls[path] += 1
        if self.before is not None:
            await self.before(path)
        fault = self.faults[path].pop(0) if self.faults.get(path) else 0
        if fault == "cut":
            raise httpx.ReadTimeout("cut", request=request)
        if fault == "refused":
            raise httpx.ConnectError("refused", request=request)
        if isinstance(fault, str):
            return httpx.Response(int(fault), text="<html>bad gateway</html>")
        try:
            if fault:
                raise Refusal(fault)
            if path == "/cgi-bin/media/get":
                return self._sent_file(request)
            answer = self._answer(path, request)
        except Refusal as refusal:
            answer = {"errcode": refusal.code, "errmsg": refusal.words}
        return httpx.Response(200, json=answer)

    def _answer(self, path: str, request: httpx.Request) -> Answer:
        if path == "/cgi-bin/stable_token":
            return self._stable_token(json.loads(request.content))
        self._check_token(request.url.params.get("access_token", ""))
        self._count(path)
        if path == "/cgi-bin/media/upload":
            return self._upload(request)
        if request.method == "GET":
            return self._get(path)
        assert b"\\u" not in request.content, "escaped: people would read the escapes"
        body = json.loads(request.content)
        posts: dict[str, Callable[[Answer], Answer]] = {
            "/cgi-bin/message/custom/send": self._custom,
            "/cgi-bin/message/template/send": self._template,
            "/cgi-bin/message/subscribe/bizsend": self._subscription,
            "/cgi-bin/menu/create": self._menu,
        }
        if path not in posts:
            raise Refusal(40066, "invalid url")
        return posts[path](body)

    def _count(self, path: str) -> None:
        day = f"{self.clock():%Y-%m-%d}"
        self._used[path, day] += 1
        if path in self.quota and self._used[path, day] > self.quota[path]:
            raise Refusal(45009, "reach max api daily quota limit")

    # --- tokens ---------------------------------------------------------------------------------

    def _stable_token(self, body: Answer) -> Answer:
        if body.get("grant_type") != "client_credential" or body.get("appid") != self.app_id:
            raise Refusal(40013, "invalid appid")
        if body.get("secret") != self.secret:
            raise Refusal(40125, "invalid appsecret")
        now = self.clock()
        good = [(until, token) for token, until in self._tokens.items() if until - now > OVERLAP]
        if good:
            until, token = max(good)
            return {"access_token": token, "expires_in": int((until - now).total_seconds())}
        token = f"{self.calls['/cgi-bin/stable_token']}_" + "T" * 500
        self._tokens[token] = now + TOKEN_LIFE
        return {"access_token": token, "expires_in": int(TOKEN_LIFE.total_seconds())}

    def _check_token(self, token: str) -> None:
        until = self._tokens.get(token)
        if until is None:
            raise Refusal(40001, "invalid credential, access_token is invalid or not latest")
        if self.clock() >= until:
            raise Refusal(42001, "access_token expired")

    # --- messages -------------------------------------------------------------------------------

    def _custom(self, body: Answer) -> Answer:
        if self.kind == "unverified":
            raise Refusal(48001, "api unauthorized")
        person = self._person(body)
        kind = body.get("msgtype")
        self._check_words(kind, body)
        self._spend(person)
        person.received.append(body)
        return {"errcode": 0, "errmsg": "ok"}

    def _check_words(self, kind: object, body: Answer) -> None:
        if kind == "text":
            words = body["text"]["content"]
            if not words.strip():
                raise Refusal(44004, "empty content")
            if len(words.encode()) > 2048:
                raise Refusal(45002, "content size out of limit")
        elif kind == "msgmenu":
            menu = body["msgmenu"]
            if not menu["list"] or len(json.dumps(menu, ensure_ascii=False).encode()) > 2048 * 2:
                raise Refusal(45002, "content size out of limit")
            assert all(isinstance(row["id"], str) for row in menu["list"])
        elif kind == "image":
            until = self._media.get(body["image"]["media_id"])
            if until is None or self.clock() > until:
                raise Refusal(40007, "invalid media_id")
        else:
            raise Refusal(40008, "invalid message type")

    def _spend(self, person: Follower) -> None:
        now = self.clock()
        alive = {n: w for n, w in person.windows.items() if now < w[0]}
        if not alive:
            raise Refusal(45015, "response out of time limit or subscription is canceled")
        budgets = sorted((w[0], n) for n, w in alive.items() if w[1] > 0)
        if not budgets:
            raise Refusal(45047, "out of response count limit")
        until, name = budgets[0]
        person.windows[name] = (until, person.windows[name][1] - 1)

    def _person(self, body: Answer) -> Follower:
        openid = body.get("touser", "")
        if openid not in self.people:
            raise Refusal(40003, "invalid openid")
        person = self.people[openid]
        if not person.follows:
            raise Refusal(43004, "require subscribe")
        return person

    def _template(self, body: Answer) -> Answer:
        if self.kind != "service":
            raise Refusal(48001, "api unauthorized")
        person = self._person(body)
        self._check_fields(self.templates, body)
        once = (body["touser"], body.get("client_msg_id", ""))
        if once[1] and self._once.get(once, datetime.min.replace(tzinfo=self.clock().tzinfo)) > (
            self.clock() - timedelta(minutes=10)
        ):
            return {"errcode": 0, "errmsg": "ok", "msgid": 1}
        self._once[once] = self.clock()
        person.received.append({"msgtype": "template", **body})
        return {"errcode": 0, "errmsg": "ok", "msgid": 1}

    def _subscription(self, body: Answer) -> Answer:
        if self.kind != "service":
            raise Refusal(48001, "api unauthorized")
        openid = body.get("touser", "")
        if openid not in self.people:
            raise Refusal(40003, "invalid openid")
        person = self.people[openid]
        self._check_fields(self.subscriptions, body)
        if body["template_id"] not in self.lasting:
            if person.consents < 1:
                raise Refusal(43101, "user refuse to accept the msg")
            person.consents -= 1
        person.received.append({"msgtype": "subscription", **body})
        return {"errcode": 0, "errmsg": "ok"}

    def _check_fields(self, known: dict[str, set[str]], body: Answer) -> None:
        wanted = known.get(body.get("template_id", ""))
        if wanted is None:
            raise Refusal(40037, "invalid template_id")
        data = body.get("data", {})
        if set(data) != wanted:
            raise Refusal(47003, "argument invalid")
        for name, field_ in data.items():
            value = field_["value"]
            most = THING if name.startswith("thing") else CHARACTERS
            if not value or len(value) > most or "\n" in value:
                raise Refusal(47003, f"argument invalid! data.{name}.value invalid")

    # --- the rest -------------------------------------------------------------------------------

    def _sent_file(self, request: httpx.Request) -> httpx.Response:
        self._check_token(request.url.params.get("access_token", ""))
        data = self.sent.get(request.url.params.get("media_id", ""))
        if data is None:
            raise Refusal(40007, "invalid media_id")
        return httpx.Response(200, content=data, headers={"Content-Type": "image/jpeg"})

    def _upload(self, request: httpx.Request) -> Answer:
        if request.url.params.get("type") != "image" or b'name="media"' not in request.content:
            raise Refusal(40004, "invalid media type")
        media_id = f"media{self.calls['/cgi-bin/media/upload']}"
        self._media[media_id] = self.clock() + MEDIA_LIFE
        return {"type": "image", "media_id": media_id, "created_at": 1}

    def _menu(self, body: Answer) -> Answer:
        rows = body["button"]
        if not 0 < len(rows) <= 3 or any(not 0 < len(r["sub_button"]) <= 5 for r in rows):
            raise Refusal(40016, "invalid button size")
        for row in rows:
            if len(row["name"].encode()) > 16:
                raise Refusal(40018, "invalid button name size")
            for below in row["sub_button"]:
                if len(below["name"].encode()) > 60 or len(below["key"].encode()) > 128:
                    raise Refusal(40018, "invalid button name size")
        self.menu = rows
        return {"errcode": 0, "errmsg": "ok"}

    def _get(self, path: str) -> Answer:
        if path == "/cgi-bin/get_api_domain_ip":
            return {"ip_list": ["127.0.0.1"]}
        if self.kind == "unverified":
            raise Refusal(48001, "api unauthorized")
        if path == "/cgi-bin/customservice/getkflist":
            return {"kf_list": []}
        if path == "/cgi-bin/get_current_selfmenu_info":
            return {"is_menu_open": int(bool(self.menu)), "selfmenu_info": {}}
        if self.kind != "service":
            raise Refusal(48001, "api unauthorized")
        if path == "/cgi-bin/template/get_all_private_template":
            return {"template_list": [{"template_id": name} for name in self.templates]}
        if path == "/wxaapi/newtmpl/gettemplate":
            return {"errcode": 0, "data": [{"priTmplId": name} for name in self.subscriptions]}
        raise Refusal(40066, "invalid url")
