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

MASS_A_MONTH, MASS_A_MINUTE = 4, 60
MASS_A_DAY = {"service": 100, "subscription": 1}
TAGS, TAGS_EACH, TAGGED_AT_ONCE, TAG_NAME = 100, 20, 50, 30

Answer = dict[str, Any]


@dataclass
class Tag:
    name: str
    people: set[str] = field(default_factory=set)


@dataclass
class Mass:
    """A mass message that was handed over; `told`: its end was reported."""

    id: int
    at: datetime
    once: str
    words: str
    people: set[str]
    told: bool = False


class Refusal(Exception):
    def __init__(self, code: int, words: str = "refused", more: Answer | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.words = words
        self.more = more or {}


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
        case "text" | "mass":
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
    tags: dict[int, Tag] = field(default_factory=dict)
    masses: list[Mass] = field(default_factory=list)
    elsewhere: Counter[str] = field(
        default_factory=Counter
    )  # mass messages by the web page, a month
    _got: Counter[tuple[str, str]] = field(default_factory=Counter)  # mass messages, by month
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
            answer = {"errcode": refusal.code, "errmsg": refusal.words, **refusal.more}
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
            "/cgi-bin/tags/create": self._make_tag,
            "/cgi-bin/tags/delete": self._drop_tag,
            "/cgi-bin/tags/members/batchtagging": self._tag,
            "/cgi-bin/message/mass/sendall": self._mass,
            "/cgi-bin/openapi/quota/get": self._left_today,
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

    # --- to many at once ------------------------------------------------------------------------

    def _verified(self) -> None:
        if self.kind == "unverified":
            raise Refusal(48001, "api unauthorized")

    def _make_tag(self, body: Answer) -> Answer:
        self._verified()
        name = body["tag"]["name"]
        if len(name.encode()) > TAG_NAME:
            raise Refusal(45158, "tag name too long")
        if any(tag.name == name for tag in self.tags.values()):
            raise Refusal(45157, "invalid tag name")
        if len(self.tags) >= TAGS:
            raise Refusal(45056, "too many tag now")
        number = 100 + self.calls["/cgi-bin/tags/create"]
        self.tags[number] = Tag(name)
        return {"tag": {"id": number, "name": name}}

    def _drop_tag(self, body: Answer) -> Answer:
        self._verified()
        if self.tags.pop(body["tag"]["id"], None) is None:
            raise Refusal(45159, "invalid tag id")
        return {"errcode": 0, "errmsg": "ok"}

    def _tag(self, body: Answer) -> Answer:
        self._verified()
        people, tag = body["openid_list"], self.tags.get(body["tagid"])
        if tag is None:
            raise Refusal(45159, "invalid tag id")
        if not 0 < len(people) <= TAGGED_AT_ONCE:
            raise Refusal(40032, "invalid openid list size")
        for openid in people:
            if openid not in self.people:
                raise Refusal(40003, "invalid openid")
            if not self.people[openid].follows:
                raise Refusal(49003, "not match openid with appid")
            theirs = sum(openid in one.people for one in self.tags.values() if one is not tag)
            if theirs >= TAGS_EACH:
                raise Refusal(45059, "too many tags on a follower")
        tag.people |= set(people)
        return {"errcode": 0, "errmsg": "ok"}

    def _mass(self, body: Answer) -> Answer:
        self._verified()
        assert body["filter"]["is_to_all"] is False, "to everybody"
        tag = self.tags.get(body["filter"]["tag_id"])
        if tag is None:
            raise Refusal(45159, "invalid tag id")
        if body["msgtype"] != "text" or not body["text"]["content"].strip():
            raise Refusal(40008, "invalid message type")
        if len(body["text"]["content"].encode()) > 2048:
            raise Refusal(45002, "content size out of limit")
        once = body["clientmsgid"]
        if len(once.encode()) > 64:
            raise Refusal(45067, "clientmsgid size out of limit")
        if known := [mass for mass in self.masses if mass.once == once]:
            raise Refusal(45065, "clientmsgid exist", {"msg_id": known[0].id})
        now = self.clock()
        if sum(now - mass.at < timedelta(minutes=1) for mass in self.masses) >= MASS_A_MINUTE:
            raise Refusal(45011, "api minute-quota reach limit")
        if sum(mass.at.date() == now.date() for mass in self.masses) >= MASS_A_DAY[self.kind]:
            raise Refusal(45028, "has no masssend quota")
        number = 3_000_000_000 + len(self.masses)
        self.masses.append(Mass(number, now, once, body["text"]["content"], set(tag.people)))
        return {"errcode": 0, "errmsg": "ok", "msg_id": number, "msg_data_id": 1}

    def through(self, mass: Mass) -> dict[str, str]:
        """Brings it to people; what the event says. The fifth of a month is dropped."""
        month, sent, total = f"{mass.at:%Y-%m}", 0, len(mass.people)
        for openid in sorted(mass.people):
            person = self.people[openid]
            got = self._got[openid, month] + self.elsewhere[openid]
            if not person.follows or (self.kind == "service" and got >= MASS_A_MONTH):
                continue
            self._got[openid, month] += 1
            sent += 1
            person.received.append({"msgtype": "mass", "text": {"content": mass.words}})
        mass.told = True
        counts = {"TotalCount": total, "FilterCount": sent, "SentCount": sent, "ErrorCount": 0}
        return {
            "MsgID": str(mass.id),
            "Status": "send success",
            **{name: str(count) for name, count in counts.items()},
        }

    def _left_today(self, body: Answer) -> Answer:
        if body["cgi_path"] != "/cgi-bin/message/mass/sendall" or self.kind == "unverified":
            raise Refusal(48001, "api unauthorized")
        most = MASS_A_DAY[self.kind]
        used = sum(mass.at.date() == self.clock().date() for mass in self.masses)
        quota = {"daily_limit": most, "used": used, "remain": most - used}
        return {"errcode": 0, "errmsg": "ok", "quota": quota}

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
        if path == "/cgi-bin/tags/get":
            rows = [{"id": n, "name": t.name, "count": len(t.people)} for n, t in self.tags.items()]
            return {"tags": rows}
        if path == "/cgi-bin/get_current_selfmenu_info":
            return {"is_menu_open": int(bool(self.menu)), "selfmenu_info": {}}
        if self.kind != "service":
            raise Refusal(48001, "api unauthorized")
        if path == "/cgi-bin/template/get_all_private_template":
            return {"template_list": [{"template_id": name} for name in self.templates]}
        if path == "/wxaapi/newtmpl/gettemplate":
            return {"errcode": 0, "data": [{"priTmplId": name} for name in self.subscriptions]}
        raise Refusal(40066, "invalid url")
