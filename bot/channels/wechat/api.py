"""The calls that we make, each with a good token, and their errors as what the outbox must know."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.channels.base import Undeliverable, Unfetchable
from bot.channels.wechat import faults
from bot.channels.wechat.client import Client, Unanswered, WechatError
from bot.channels.wechat.tokens import Tokens
from bot.clock import Clock
from bot.engine.types import Choice
from bot.store import wechat_media
from bot.store.engine import Store

SEND = "/cgi-bin/message/custom/send"
TEMPLATE = "/cgi-bin/message/template/send"
SUBSCRIPTION = "/cgi-bin/message/subscribe/bizsend"
UPLOAD = "/cgi-bin/media/upload"
DOWNLOAD = "/cgi-bin/media/get"
MENU = "/cgi-bin/menu/create"
MASS = "/cgi-bin/message/mass/sendall"
TAG = "/cgi-bin/tags/members/batchtagging"
MAKE_TAG = "/cgi-bin/tags/create"
DROP_TAG = "/cgi-bin/tags/delete"
LEFT_TODAY = "/cgi-bin/openapi/quota/get"

MEDIA_LIFE = timedelta(days=3) - timedelta(hours=1)
ALERT_PAUSE = 300.0  # seconds until we try again what a person must mend

log = logging.getLogger(__name__)


class Api:
    """One account's calls. They raise WechatError or Unanswered unless they say otherwise."""

    def __init__(self, client: Client, tokens: Tokens, store: Store, clock: Clock) -> None:
        self._client = client
        self._tokens = tokens
        self._store = store
        self._clock = clock

    async def text(self, user: str, words: str) -> None:
        await self._post(SEND, {"touser": user, "msgtype": "text", "text": {"content": words}})

    async def picture(self, user: str, media_id: str) -> None:
        image = {"media_id": media_id}
        await self._post(SEND, {"touser": user, "msgtype": "image", "image": image})

    async def menu_message(
        self, user: str, words: str, choices: Sequence[tuple[int, Choice]], tail: str
    ) -> None:
        """Words with choices to tap (msgmenu), each with its number."""
        rows = [{"id": str(number), "content": choice.label} for number, choice in choices]
        menu = {"head_content": words, "list": rows, "tail_content": tail}
        await self._post(SEND, {"touser": user, "msgtype": "msgmenu", "msgmenu": menu})

    async def template(
        self, user: str, template: str, fields: Mapping[str, str], once: str
    ) -> None:
        """`once`: the same within ten minutes is sent once."""
        body = {
            "touser": user,
            "template_id": template,
            "client_msg_id": hashlib.sha256(once.encode()).hexdigest()[:32],
            "data": {name: {"value": value} for name, value in fields.items()},
        }
        await self._post(TEMPLATE, body)

    async def subscription(self, user: str, template: str, fields: Mapping[str, str]) -> None:
        data = {name: {"value": value} for name, value in fields.items()}
        await self._post(SUBSCRIPTION, {"touser": user, "template_id": template, "data": data})

    async def set_menu(self, buttons: Sequence[Mapping[str, Any]]) -> None:
        await self._post(MENU, {"button": list(buttons)})

    # --- to many at once -------------------------------------------------------------------------

    async def make_tag(self, name: str) -> int:
        """Its number."""
        told = await self._post(MAKE_TAG, {"tag": {"name": name}})
        tag = told.get("tag")
        number = tag.get("id") if isinstance(tag, dict) else None
        if not isinstance(number, int):
            raise Unanswered("no tag", uncertain=True)
        return number

    async def drop_tag(self, tag: int) -> None:
        await self._post(DROP_TAG, {"tag": {"id": tag}})

    async def tag(self, tag: int, users: Sequence[str]) -> None:
        """At most fifty at a time."""
        await self._post(TAG, {"openid_list": list(users), "tagid": tag})

    async def mass(self, words: str, tag: int, once: str) -> str | None:
        """To all who have the tag; the number of the job. `once`: sent once under this name."""
        body = {
            "filter": {"is_to_all": False, "tag_id": tag},
            "text": {"content": words},
            "msgtype": "text",
            "clientmsgid": once,
        }
        try:
            told: Mapping[str, Any] = await self._post(MASS, body)
        except WechatError as error:
            if error.code != faults.SENT_BEFORE:
                raise
            told = error.told
        job = told.get("msg_id")
        return str(job) if isinstance(job, (int, str)) else None

    async def left_today(self, path: str) -> int:
        """How often a call may still be made today; changes nothing."""
        told = await self._post(LEFT_TODAY, {"cgi_path": path})
        quota = told.get("quota")
        left = quota.get("remain") if isinstance(quota, dict) else None
        if not isinstance(left, int):
            raise Unanswered("no quota", uncertain=False)
        return left

    # --- questions -------------------------------------------------------------------------------

    async def ask(self, path: str) -> dict[str, Any]:
        """A call that changes nothing."""
        token = await self._tokens.get()
        return await self._client.get(path, token)

    async def upload(self, name: str, data: bytes) -> str:
        """The handle of a picture; the same bytes are sent to WeChat once in its three days."""
        digest, now = hashlib.sha256(data).hexdigest(), self._clock()
        async with self._store.read() as tx:
            known = await wechat_media.known(tx, digest, now)
        if known is not None:
            return known

        async def send(token: str) -> dict[str, Any]:
            return {"id": await self._client.upload(UPLOAD, token, name, data, "image")}

        media_id: str = (await self._with_token(send))["id"]
        async with self._store.write() as tx:
            await wechat_media.keep(tx, digest, media_id, now + MEDIA_LIFE)
        return media_id

    async def fetch(self, media_id: str, most: int) -> bytes:
        """What somebody sent; WeChat keeps it for three days. Raises Unfetchable."""

        async def get(token: str) -> dict[str, Any]:
            return {"data": await self._client.download(DOWNLOAD, token, media_id, most + 1)}

        try:
            data: bytes = (await self._with_token(get))["data"]
        except WechatError as error:
            gone = error.code in faults.NO_RIGHT or error.code in faults.OURS
            raise Unfetchable(f"{error.code}", permanent=gone) from None
        except Unanswered as error:
            raise Unfetchable(error.reason) from None
        if len(data) > most:
            raise Unfetchable("too large", too_large=True)
        return data

    async def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return await self._with_token(lambda token: self._client.post(path, body, token))

    async def _with_token(self, call: Any) -> dict[str, Any]:
        """Once more with another token if this one is refused, and not again."""
        token = await self._tokens.get()
        try:
            told: dict[str, Any] = await call(token)
        except WechatError as error:
            if error.code not in faults.TOKEN:
                raise
            another = await self._tokens.replace(token)
            if another is None:
                raise
            told = await call(another)
        return told


def undeliverable(error: WechatError | Unanswered) -> Undeliverable:
    """For what is about the call, not about the person. Faults that a person must mend are logged."""
    if isinstance(error, Unanswered):
        return Undeliverable(error.reason, uncertain=error.uncertain)
    code = error.code
    if code in faults.GONE:
        return Undeliverable(f"{code} {faults.GONE[code]}", permanent=True)
    if code in faults.HURRY:
        return Undeliverable(f"{code} too many a minute", retry_after=faults.MINUTE)
    if code in faults.BUSY:
        return Undeliverable(f"{code} busy")
    if code in faults.TOKEN:
        log.error("wechat token refused twice code=%d: check BOT_WECHAT_SECRET", code)
        return Undeliverable(f"{code} token refused", retry_after=faults.MINUTE)
    if code in faults.ADDRESS:
        log.error("wechat refuses this machine's address: add it to the IP 白名单 code=%d", code)
        return Undeliverable(f"{code} address refused", retry_after=ALERT_PAUSE)
    log.error("wechat refused what we sent code=%d words=%r", code, error.words)
    return Undeliverable(f"{code} refused")
