"""How updates reach the bot: `getUpdates` with real offsets, or a webhook that is called until 200."""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import dataclass

import httpx

from tests.telegram_double.rules import Json, Refused, bad
from tests.telegram_double.state import DEFAULT_UPDATES, State


@dataclass
class Webhook:
    url: str
    secret: str | None


class Updates(State):
    """Rule: an update is confirmed by a later call with a higher offset, or by a 2xx; only then is
    it gone.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        self.webhook: Webhook | None = None
        self.post: httpx.AsyncClient | None = None  # by which the webhook is called
        self._poll = 0
        self._posting: asyncio.Task[None] | None = None

    async def stop(self) -> None:
        """Answer who still waits."""
        self.stopping = True
        if self._posting:
            self._posting.cancel()
        await self.tell()

    async def get_updates(self, params: Json) -> list[Json]:
        if self.webhook:
            raise Refused(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        self._allow(params)
        offset = int(params.get("offset") or 0)
        if offset > 0:
            self._confirm_below(offset)
        limit = min(100, max(1, int(params.get("limit") or 100)))
        await self._wait_for_updates(offset, float(params.get("timeout") or 0))
        batch = [u for u in self.updates if _numbered_from(u, offset)][:limit]
        for update in batch:
            self.offered[update.get("update_id", -1)] += 1
        return batch

    def _confirm_below(self, offset: int) -> None:
        kept = [u for u in self.updates if _numbered_from(u, offset)]
        self.updates.clear()
        self.updates.extend(kept)

    async def _wait_for_updates(self, offset: int, seconds: float) -> None:
        self._poll += 1
        mine = self._poll
        await self.tell()  # ends an older poll, and whoever waits for a confirmation looks again
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(seconds, self.longest_poll)), self.changed:
                await self.changed.wait_for(
                    lambda: (
                        any(_numbered_from(u, offset) for u in self.updates)
                        or self._poll != mine
                        or self.stopping
                    )
                )
        if self._poll != mine:
            raise Refused(
                409,
                "Conflict: terminated by other getUpdates request; "
                "make sure that only one bot instance is running",
            )

    def _allow(self, params: Json) -> None:
        if "allowed_updates" in params:
            self.allowed = frozenset(params["allowed_updates"]) or DEFAULT_UPDATES

    async def set_webhook(self, params: Json) -> bool:
        url = httpx.URL(params.get("url", ""))
        if url.scheme != "https":
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if (url.port or 443) not in {443, 80, 88, 8443}:
            raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
        secret = params.get("secret_token")
        if secret is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise bad("secret token contains unallowed characters")
        self._allow(params)
        self.webhook = Webhook(str(url), secret)
        if self._posting is None:
            self._posting = asyncio.create_task(self._post_updates())
        return True

    async def delete_webhook(self, params: Json) -> bool:
        self.webhook = None
        if params.get("drop_pending_updates") == "true":
            self.updates.clear()
        return True

    async def get_webhook_info(self, params: Json) -> Json:
        return {
            "url": self.webhook.url if self.webhook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates),
        }

    async def _post_updates(self) -> None:
        while True:
            async with self.changed:
                await self.changed.wait_for(lambda: self.updates and self.webhook)
            if not await self._post_oldest():
                await asyncio.sleep(0.01)  # Telegram waits longer before it tries again

    async def _post_oldest(self) -> bool:
        assert self.webhook is not None
        assert self.post is not None
        update = self.updates[0]
        self.offered[update.get("update_id", -1)] += 1
        secret = self.webhook.secret
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        try:
            said = await self.post.post(self.webhook.url, json=update, headers=headers)
        except httpx.HTTPError:
            return False
        if said.is_success:
            self.updates.popleft()
            await self.tell()
        return said.is_success


def _numbered_from(update: Json, offset: int) -> bool:
    number = update.get("update_id")
    return not isinstance(number, int) or number >= offset
