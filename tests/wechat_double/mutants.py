"""What WeChat never posts: XML and signatures changed at random, from a seed."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tests.wechat_double.phone import Phone

PIECES = (
    "<xml>",
    "</xml>",
    "<![CDATA[",
    "]]>",
    "&amp;",
    "&lol;",
    '<!DOCTYPE x [<!ENTITY lol "ha">]>',
    '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
    "<MsgType>text</MsgType>",
    "<Encrypt>",
    "\x00",
    "\ud800",
    "\ufffe",
    "😀",
    "9" * 40,
    "-1",
    "event",
    "<a><b>" * 50,
    " ",
    "%s%n",
    "$ne",
    "' OR 1=1 --",
)
KINDS = ("text", "image", "voice", "video", "location", "link", "event", "miniprogrampage", "")


def documents(phone: Phone, count: int, seed: int) -> Iterator[bytes]:
    """Bodies in clear, mostly broken."""
    chance = Random(seed)
    for number in range(count):
        kind = chance.choice(KINDS)
        if kind == "event":
            xml = phone.event(
                chance.choice(("CLICK", "subscribe", "LOCATION", "x")), EventKey="菜单"
            )
        else:
            xml = phone.message(kind, Content=f"第 {number} 条", MediaId="m", Title="t")
        yield changed(xml, chance).encode("utf-8", "surrogatepass")


def changed(text: str, chance: Random) -> str:
    """A few pieces cut, doubled, swapped or put in."""
    for _ in range(chance.randrange(4)):
        at, to = sorted(chance.randrange(len(text) + 1) for _ in range(2))
        match chance.randrange(5):
            case 0:
                text = text[:at] + text[min(to, at + 30) :]
            case 1:
                text = text[:to] + text[at:]
            case 2:
                text = text[:at] + chance.choice(PIECES) + text[at:]
            case 3:
                text = text[:at] + chance.choice(PIECES) + text[min(to, at + 20) :]
            case _:
                text = text[:at] + chr(chance.randrange(1, 0x3000)) + text[at + 1 :]
    return text[:60_000]


def queries(query: dict[str, str], chance: Random) -> dict[str, str]:
    """A query that is not the signed one."""
    bad = dict(query)
    name = chance.choice([key for key in bad if key != "openid"])
    match chance.randrange(5):
        case 0:
            del bad[name]
        case 1:
            bad[name] = ""
        case 2:
            bad[name] = bad[name][:-1] + chance.choice("0123456789abcdef好")
        case 3:
            bad[name] = chance.choice(PIECES).encode("utf-8", "replace").decode()
        case _:
            bad[name] = bad[name][::-1]
    return bad
