"""The push planner: what is sent unasked, when it may be, and what happens when it may not.

Rule 1: within the window and its budget: customer-service messages, several rows in one.
Rule 2: outside: a notice to many waits for a mass message (massing.py); else one notice that words wait (a template, else a subscription), and they wait for
        查看, or for whatever the person writes next.
Rule 3: what may not be sent now rests in the outbox, in its order, without counting as a try; after
        30 days unread the person counts as out of reach until they write. If the person cannot even be
        told that words wait, the outbox hears so, and looks for another way (bot/passing.py).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NoReturn

from bot.channels.base import Undeliverable
from bot.channels.wechat import faults
from bot.channels.wechat.account import Account, Notice
from bot.channels.wechat.api import SEND, SUBSCRIPTION, TEMPLATE, Api, undeliverable
from bot.channels.wechat.client import Unanswered, WechatError
from bot.channels.wechat.files import Files
from bot.channels.wechat.massing import GATHERING, Massing
from bot.channels.wechat.massing import REST as GATHERS
from bot.channels.wechat.plans import Bundle, Plans
from bot.channels.wechat.wording import BETWEEN, Picture, Sheet, sheets
from bot.clock import Clock
from bot.engine import words
from bot.engine.types import Attachment, Choice, Reply
from bot.rendering import Undrawable, rendered
from bot.store.outbox import UNTOLD

REST = timedelta(days=7).total_seconds()  # then it is looked at again
UNREAD = timedelta(days=30)
WAITS = "waits for 查看"
NO_RIGHT_PAUSE = timedelta(hours=1)

log = logging.getLogger(__name__)


class Closed(Exception):
    """Nothing may be sent to this person by this call now."""


@dataclass(slots=True)
class _Went:
    """Which messages have arrived, and what stopped the next one.

    `hinted`: the last one says how to go on.
    """

    sheets: list[Sheet]
    stopped: Exception | None = None
    hinted: bool = False


class Pusher:
    """Delivers what the sender hands it."""

    def __init__(
        self,
        account: Account,
        api: Api,
        plans: Plans,
        massing: Massing,
        files: Files,
        clock: Clock,
    ) -> None:
        self._account = account
        self._api = api
        self._plans = plans
        self._massing = massing
        self._files = files
        self._clock = clock

    async def push(self, user: str, reply: Reply, key: str) -> None:
        """Raises Undeliverable."""
        now = self._clock()
        if not self._account.may_push:
            await self._hold(user, key, now, tell=False)
        bundle = await self._plans.begin(user, key, reply, now)
        if bundle is None:
            await self._gather(user, reply, key, now)
            await self._hold(user, key, now)
        went = await self._send(user, bundle)
        own_done = await self._plans.end(bundle, went.sheets, now)
        if own_done:
            return
        if isinstance(went.stopped, Closed):
            if not went.sheets:
                await self._gather(user, reply, key, now)
            await self._hold(user, key, now, tell=not went.hinted, knows=went.hinted)
        assert went.stopped
        raise went.stopped

    async def _gather(self, user: str, reply: Reply, key: str, now: datetime) -> None:
        """Raises Undeliverable if it goes with many others, later."""
        if await self._massing.joins(user, reply, key, now):
            raise Undeliverable(GATHERING, rest=GATHERS)

    async def _hold(
        self, user: str, key: str, now: datetime, tell: bool = True, knows: bool = False
    ) -> NoReturn:
        """Lets a row wait for the person, who is told so if that can be. Raises Undeliverable."""
        since = await self._plans.waits_since(key)
        if since is not None and now - since > UNREAD:
            raise Undeliverable("unread for 30 days", permanent=True)
        if tell:
            knows = await self._tell_that_words_wait(user, key, now)
        raise Undeliverable(WAITS if knows else UNTOLD, rest=REST, unheard=not knows)

    # --- customer-service messages ---------------------------------------------------------------

    async def _send(self, user: str, bundle: Bundle) -> _Went:
        """As many messages as the budget holds; the first is paid for already."""
        went = _Went([])
        try:
            found = self._messages(bundle)
            last_text = max((n for n, s in enumerate(found) if s.picture is None), default=-1)
            for n, sheet in enumerate(found):
                if n and not await self._plans.spend(user, self._clock()):
                    raise Closed
                more = n + 1 < len(found)
                last_one = more and await self._plans.left(user, self._clock()) == 0
                menu = self._menu_of(bundle) if n == last_text else []
                await self._call(user, self._say(user, sheet, menu, last_one))
                went.sheets.append(sheet)
                went.hinted = last_one
        except (Closed, Undeliverable) as error:
            went.stopped = error
        return went

    def _messages(self, bundle: Bundle) -> list[Sheet]:
        replies = list(bundle.replies)
        if self._menu_of(bundle):
            replies[-1] = replace(replies[-1], choices=())
        keys = [bundle.key, *(row.key for row in bundle.followers)]
        links = [self._files.links(key, one) for key, one in zip(keys, replies, strict=True)]
        return sheets(replies, bundle.done, bundle.numbers, self._account, links)

    def _menu_of(self, bundle: Bundle) -> list[tuple[int, Choice]]:
        """The last reply's choices, if they go as a msgmenu."""
        if self._account.choices != "msgmenu":
            return []
        return [(bundle.numbers[choice.send], choice) for choice in bundle.replies[-1].choices]

    async def _say(
        self, user: str, sheet: Sheet, menu: Sequence[tuple[int, Choice]], last_one: bool
    ) -> None:
        if sheet.picture is not None:
            await self._show(user, sheet.picture)
            return
        if menu:
            await self._api.menu_message(user, sheet.text, menu, words.TYPE_NUMBER)
            return
        hint = BETWEEN + words.WECHAT_CONTINUE if last_one else ""
        await self._api.text(user, sheet.text + hint)

    async def _show(self, user: str, picture: Picture) -> None:
        """A picture; its words if it cannot be drawn, or WeChat does not take it."""
        if isinstance(picture, Attachment):
            await self._api.picture(user, picture.ref)
            return
        try:
            drawn = await rendered(picture)
            media = await self._api.upload(drawn.name, drawn.data)
            await self._api.picture(user, media)
        except (Undrawable, WechatError) as error:
            if isinstance(error, WechatError) and error.code not in faults.OURS:
                raise
            log.warning("wechat took no %s error=%s", picture.name, type(error).__name__)
            await self._api.text(user, picture.words())

    async def _call(self, user: str, call: Awaitable[None]) -> None:
        """Raises Closed or Undeliverable."""
        try:
            await call
        except Unanswered as error:
            raise undeliverable(error) from error
        except WechatError as error:
            if error.code in faults.CLOSED:
                await self._plans.closed(user)
                raise Closed from error
            await self._stopped(SEND, error)
            raise undeliverable(error) from error

    async def _stopped(self, path: str, error: WechatError) -> None:
        """Raises Closed if this call is not to be made for a while by anybody."""
        now = self._clock()
        if error.code in faults.QUOTA:
            await self._plans.pause(path, faults.midnight(now))
        elif error.code in faults.NO_RIGHT:
            log.error("wechat account may not call path=%s code=%d", path, error.code)
            await self._plans.pause(path, now + NO_RIGHT_PAUSE)
        else:
            return
        log.warning("wechat paused path=%s code=%d", path, error.code)
        raise Closed from error

    # --- the notice -------------------------------------------------------------------------------

    async def _tell_that_words_wait(self, user: str, key: str, now: datetime) -> bool:
        """Once, until they write; whether they know. Raises Undeliverable: to be tried again."""
        ways = self._ways()
        if not ways:
            return False
        if not await self._plans.notice(user, now):
            return True
        for path, notice in ways:
            try:
                if await self._noticed(path, notice, user, key, now):
                    return True
            except Undeliverable:
                await self._plans.unnotice(user)
                raise
        await self._plans.unnotice(user)
        return False

    def _ways(self) -> list[tuple[str, Notice]]:
        if not self._account.may_notice:
            return []
        both = (TEMPLATE, self._account.template), (SUBSCRIPTION, self._account.subscription)
        return [(path, notice) for path, notice in both if notice is not None]

    async def _noticed(self, path: str, notice: Notice, user: str, key: str, now: datetime) -> bool:
        """Whether it went. Raises Undeliverable if the person is gone, or WeChat does not answer."""
        if path in await self._plans.paused(now):
            return False
        fields = {name: _filled(text, now) for name, text in notice.fields.items()}
        try:
            if path == TEMPLATE:
                await self._api.template(user, notice.template, fields, key)
                return True
            if not notice.lasting and not await self._plans.use_consent(user):
                return False
            await self._api.subscription(user, notice.template, fields)
        except Unanswered as error:
            raise undeliverable(error) from error
        except WechatError as error:
            return await self._not_noticed(path, error, user)
        return True

    async def _not_noticed(self, path: str, error: WechatError, user: str) -> bool:
        """The next way, unless the person is gone."""
        if error.code == 43101:  # they allow no notices: not the same as being gone
            await self._plans.refuses_notices(user)
            return False
        try:
            await self._stopped(path, error)
        except Closed:
            return False
        failure = undeliverable(error)
        if failure.permanent or failure.retry_after is not None or error.code in faults.BUSY:
            raise failure from error
        return False


def _filled(text: str, now: datetime) -> str:
    return text.replace("{time}", f"{now:%Y年%m月%d日 %H:%M}")
