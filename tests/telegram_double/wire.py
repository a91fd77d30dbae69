"""A strict stand-in of Telegram's Bot API, as an ASGI app.

Rule 1: it refuses what Telegram refuses, in Telegram's words.
Rule 2: faults are scripted: each waits for the next call of its method.
"""

from __future__ import annotations

import json
import re
import secrets
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from tests.telegram_double.forums import Forums
from tests.telegram_double.messages import Messages
from tests.telegram_double.rules import Json, Refused, Uploaded
from tests.telegram_double.state import Made
from tests.telegram_double.updates import Updates

METHODS = {
    "getMe", "getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo", "sendMessage",
    "sendPhoto", "sendDocument", "sendVoice", "sendAudio", "sendVideo", "sendAnimation",
    "sendVideoNote", "sendSticker", "sendLocation", "copyMessage", "editMessageReplyMarkup",
    "answerCallbackQuery", "setMyCommands", "sendChatAction", "getChat", "getChatMember",
    "createForumTopic", "closeForumTopic", "reopenForumTopic",
}  # fmt: skip
OPENED = {"allowed_updates", "commands", "link_preview_options", "reply_markup"}  # sent as JSON


@dataclass
class Fault:
    """What happens to one call instead of, or (`accepted`) after, its work."""

    refusal: Refused | None = None
    page: tuple[int, str] | None = None  # status and body of something that is no Bot API
    cut: bool = False  # the connection ends in the middle of the answer
    hang: bool = False  # no answer until the double stops
    accepted: bool = False


@dataclass
class BotApi(Updates, Forums, Messages):
    """The whole: `await until(…)` what a test waits for, `fault` what goes wrong."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._faults: dict[str, deque[Fault | None]] = defaultdict(deque)

    def fault(self, method: str, fault: Fault | None, times: int = 1) -> None:
        """How the next calls of `method` go wrong; None: that one goes well."""
        self._faults[method].extend([fault] * times)

    def refuse(self, method: str, code: int, description: str, **parameters: int) -> None:
        """The next call of `method` is refused."""
        self.fault(method, Fault(Refused(code, description, **parameters)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        matched = re.fullmatch(r"/bot([^/]+)/(\w+)", request.url.path)
        if matched is None or matched[2] not in METHODS:
            return await answer(send, *refusal(Refused(404, "Not Found")))
        if not secrets.compare_digest(matched[1], self.token):
            return await answer(send, *refusal(Refused(401, "Unauthorized")))
        return await self._serve(matched[2], await params_of(request), send)

    async def _serve(self, method: str, params: Json, send: Send) -> None:
        call = Made(method, params)
        self.calls.append(call)
        fault = self._faults[method].popleft() if self._faults[method] else None
        if fault is None or fault.accepted:
            status, body = await self._work(call)
        if fault is not None:
            status, body = await self._fail(call, fault)
        await self.tell()
        await answer(send, status, body, cut=fault is not None and fault.cut)

    async def _work(self, call: Made) -> tuple[int, bytes]:
        try:
            call.result = await getattr(self, snake(call.method))(call.params)
        except Refused as refused:
            call.description = refused.description
            return refusal(refused)
        return 200, json.dumps({"ok": True, "result": call.result}).encode()

    async def _fail(self, call: Made, fault: Fault) -> tuple[int, bytes]:
        if fault.hang:
            await self.tell()
            async with self.changed:
                await self.changed.wait_for(lambda: self.stopping)
        if fault.refusal:
            call.description = fault.refusal.description
            return refusal(fault.refusal)
        if fault.page:
            return fault.page[0], fault.page[1].encode()
        return 200, b'{"ok": true, "result": '


def snake(method: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", method).lower()


def refusal(refused: Refused) -> tuple[int, bytes]:
    body: Json = {"ok": False, "error_code": refused.code, "description": refused.description}
    if refused.parameters:
        body["parameters"] = refused.parameters
    return refused.code, json.dumps(body).encode()


async def params_of(request: Request) -> Json:
    """Parameters from wherever the Bot API takes them; JSON-serialized ones are opened."""
    if request.headers.get("Content-Type", "").startswith("application/json"):
        return dict(await request.json())
    async with request.form() as form:
        given = {**request.query_params, **form}
        return {k: await value_of(k, v) for k, v in given.items()}


async def value_of(key: str, value: str | UploadFile) -> Any:
    """A file that was sent along stands for itself; Telegram takes its name and looks into it."""
    if isinstance(value, UploadFile):
        return Uploaded(value.filename or "", await value.read())
    return json.loads(value) if key in OPENED else value


async def answer(send: Send, status: int, body: bytes, *, cut: bool = False) -> None:
    length = len(body) + (100 if cut else 0)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % length)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": cut})
