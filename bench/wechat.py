"""WeChat's five seconds: 200 people at once post encrypted messages, each again when answered.

The bot runs as its users run it (`python -m bot`, SQLite, durable), in a process of its own; the
messages are encrypted beforehand by werobot. Counted is the time from the request to the whole
answer, as WeChat sees it. What was answered with anything but words counts as late.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlencode

import httpx
from werobot.crypto import MessageCrypt
from werobot.utils import get_signature

from handlers.contents import playbook

PEOPLE = 200
WARM = 10  # messages before it counts: a server has run for a while
EACH = 50
APP_ID, TOKEN, KEY = "wx0123456789abcdef", "bench2026", "b" * 43
HOME = Path(__file__).parent.parent


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[tuple[int, int]]:
    """The bot in a process of its own; its port and its process."""
    port = _port()
    with tempfile.TemporaryDirectory() as folder:
        chosen = {
            "BOT_DATABASE_URL": f"sqlite+aiosqlite:///{folder}/bot.db",
            "BOT_WEB_PORT": str(port),
            "BOT_WECHAT_APP_ID": APP_ID,
            "BOT_WECHAT_SECRET": "s" * 32,
            "BOT_WECHAT_TOKEN": TOKEN,
            "BOT_WECHAT_AES_KEY": KEY,
            "BOT_LOG_LEVEL": "ERROR",
        }
        bot = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", cwd=HOME, env={**os.environ, **chosen}
        )
        try:
            await _until_up(f"http://127.0.0.1:{port}")
            yield port, bot.pid
        finally:
            bot.terminate()
            await bot.wait()


async def _until_up(address: str) -> None:
    async with httpx.AsyncClient(base_url=address) as client:
        for _ in range(300):
            with contextlib.suppress(httpx.HTTPError):
                if (await client.get("/health")).status_code == 200:
                    return
            await asyncio.sleep(0.1)
    raise RuntimeError("the bot did not start")


def requests() -> list[bytes]:
    """Each message as it goes over the wire, person by person."""
    crypt = MessageCrypt(TOKEN, KEY, APP_ID)
    asked = cycle(entry.question for entry in playbook().knowledge.entries.values())
    stamp = str(int(time.time()))
    return [
        _request(crypt, stamp, number, text)
        for number, text in enumerate(islice(asked, WARM + PEOPLE * EACH))
    ]


def _request(crypt: MessageCrypt, stamp: str, number: int, text: str) -> bytes:
    xml = (
        f"<xml><ToUserName>gh_1</ToUserName><FromUserName>p{(number - WARM) // EACH}</FromUserName>"
        f"<CreateTime>{stamp}</CreateTime><MsgType>text</MsgType>"
        f"<Content><![CDATA[{text}]]></Content><MsgId>{number}</MsgId></xml>"
    )
    sealed = crypt.prp_crypto.encrypt(xml, APP_ID).decode()
    query = {
        "timestamp": stamp,
        "nonce": str(number),
        "signature": get_signature(TOKEN, stamp, str(number)),
        "encrypt_type": "aes",
        "msg_signature": get_signature(TOKEN, stamp, str(number), sealed),
    }
    body = f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()
    head = (
        f"POST /wechat?{urlencode(query)} HTTP/1.1\r\nHost: bench\r\n"
        f"Content-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass
class Told:
    """`each`: milliseconds. `wordless`: answers without words; `cut`: none within five seconds."""

    each: list[float]
    wordless: int = 0
    cut: int = 0


async def person(port: int, mine: list[bytes], told: Told) -> None:
    """One message after the other on one connection, as WeChat's servers do."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in mine:
        began = time.perf_counter()
        writer.write(request)
        answer = await _answer(reader)
        took = time.perf_counter() - began
        told.each.append(took * 1000)
        told.cut += took > 5
        told.wordless += b"<Encrypt>" not in answer
    writer.close()
    await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    found = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    return await reader.readexactly(int(found[1])) if found else b""


def _processor(pid: int) -> float:
    """Seconds of processor time that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def run() -> None:
    posted, told = requests(), Told([])
    async with serving() as (port, pid):
        await person(port, posted[:WARM], Told([]))
        cpu, began = _processor(pid), time.perf_counter()
        mine = (posted[WARM + n * EACH :][:EACH] for n in range(PEOPLE))
        await asyncio.gather(*(person(port, some, told) for some in mine))
        seconds, cpu = time.perf_counter() - began, _processor(pid) - cpu
    cuts = quantiles(told.each, n=1000)
    print(
        f"WeChat callback, {PEOPLE} people at once, {len(told.each)} messages, AES:\n"
        f"  {len(told.each) / seconds:.0f}/s  p50 {median(told.each):.0f} ms  p99 {cuts[989]:.0f} ms"
        f"  p99.9 {cuts[998]:.0f} ms  most {max(told.each):.0f} ms"
        f"  cpu {cpu / len(told.each) * 1e6:.0f} µs a message\n"
        f"  without words {told.wordless}, over five seconds {told.cut}"
    )


if __name__ == "__main__":
    asyncio.run(run())
