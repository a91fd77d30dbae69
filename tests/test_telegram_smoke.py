"""Once against a Bot API double that nobody here wrote: the npm package telegram-test-api.

Its quirks that a client cannot live with are repaired on the way in (`Repairing`); its sendMessage
dates in milliseconds are not, as our side must bear an answer that it cannot read.
"""

import asyncio
import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from telegram.request import HTTPXRequest

from bot.channels.telegram import TelegramChannel
from bot.engine.types import Attachment, Choice, Reply
from tests.inboxes import KeptInbox

PACKAGE = "telegram-test-api@4.2.1"
ROOT = Path(__file__).parent.parent
HOME = ROOT / ".venv" / "npm"
TOKEN = "4242:made-up"


def need_package() -> None:
    """Install the package; skip where there is no node or no registry, but never in CI."""
    try:
        if not (shutil.which("node") and shutil.which("npm")):
            raise FileNotFoundError("node and npm are needed")
        if not (HOME / "node_modules" / "telegram-test-api").is_dir():
            install()
    except (OSError, subprocess.SubprocessError) as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"telegram-test-api is not here: {error}")


def install() -> None:
    HOME.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", PACKAGE]
    subprocess.run(command, cwd=HOME, check=True, capture_output=True, timeout=300)


class Repairing(HTTPXRequest):
    """getUpdates does not wait, and its taps lack what the Bot API promises."""

    async def do_request(self, url: str, method: str, *args: Any, **options: Any) -> Any:
        status, body = await super().do_request(url, method, *args, **options)
        if not url.endswith("/getUpdates"):
            return status, body
        answer = json.loads(body)
        for update in answer["result"]:
            if "callback_query" in update:
                update["callback_query"]["chat_instance"] = "1"
                update["callback_query"]["message"] |= {"message_id": 1, "date": int(time.time())}
        if not answer["result"]:
            await asyncio.sleep(0.02)
        return status, json.dumps(answer).encode()


@contextlib.asynccontextmanager
async def their_api() -> AsyncIterator[str]:
    """The package's server; gives its address."""
    need_package()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        "node",
        str(ROOT / "tests" / "telegram_test_api.cjs"),
        str(port),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "NODE_PATH": str(HOME / "node_modules")},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"ready\n"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.stdin.close()
        await process.wait()


ZHANG = {"id": 1, "first_name": "张三", "is_bot": False}
CHAT = {"id": 1, "first_name": "张三", "type": "private"}


class Phone:
    """A citizen's side, by the routes that the package has for it."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def does(self, route: str, **content: Any) -> None:
        meta = {"botToken": TOKEN, "date": int(time.time()), "from": ZHANG}
        await self._client.post(route, json={**meta, **content})

    async def receives(self) -> Any:
        """The next message of the bot."""
        async with asyncio.timeout(10):
            while True:
                asked = {"token": TOKEN, "chatId": 1}
                answer = (await self._client.post("/getUpdates", json=asked)).json()
                if answer["result"]:
                    return answer["result"][0]["message"]
                await asyncio.sleep(0.02)


async def test_text_command_tap_and_sticker_work_with_a_double_nobody_here_wrote() -> None:
    async with their_api() as address:
        channel = TelegramChannel(TOKEN, api_base=address, request=Repairing())
        inbox = KeptInbox()
        listening = asyncio.create_task(channel.run(inbox))
        async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
            phone = Phone(client)
            await phone.does("/sendMessage", chat=CHAT, text="退休年龄是多少？")
            await phone.does(
                "/sendCommand",
                chat=CHAT,
                text="/start ZY03",
                entities=[{"offset": 0, "length": 6, "type": "bot_command"}],
            )
            reply = Reply("menu", "请选一项。", (Choice("退休", "/topic 退休"),))
            await channel.deliver("1", reply, "k")
            got = await phone.receives()
            assert got["text"] == "请选一项。"
            data = got["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
            await phone.does("/sendCallback", message={"from": ZHANG, "chat": CHAT}, data=data)
            sticker = {"file_id": "CAACAgUAAx0", "file_unique_id": "AgAD", "width": 1, "height": 1}
            sticker |= {"type": "regular", "is_animated": False, "is_video": False}
            await phone.does("/sendMessage", chat=CHAT, sticker=sticker)
            await inbox.holds(4)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await channel.close()
    assert inbox.texts == ["退休年龄是多少？", "/start ZY03", "/topic 退休", ""]
    assert inbox.messages[3].attachment == Attachment("sticker", "CAACAgUAAx0")
    assert inbox.rejections == []
