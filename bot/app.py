"""The composition root: the only file that knows every concrete class."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import hmac
import logging
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from random import random
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from bot.channels.base import Channel
from bot.channels.webchat import WebchatChannel
from bot.clock import wall_clock
from bot.engine import words
from bot.engine.privacy import guard
from bot.engine.promise import Service, Target
from bot.engine.types import Address, Reply
from bot.host import Host
from bot.matching.bands import Bands
from bot.notices import Notices
from bot.outbox import Sender
from bot.publishing import Published, following
from bot.sealing import sealing
from bot.settings import BadSettings, Settings
from bot.shelf import Shelf
from bot.store import handoffs as desk
from bot.store.engine import Store
from bot.store.migrate import migrate as bring_forward
from bot.store.telegram_topics import TelegramTopics
from bot.web import Server, create_app, server
from handlers.contents import playbook
from handlers.objections import objections
from scheduler.alarms import ringing
from scheduler.broadcasts import sending
from scheduler.half_days import measuring
from scheduler.next_ways import next_ways
from scheduler.noticing import noticing
from scheduler.renewals import renewing
from scheduler.runner import ticking
from scheduler.service_levels import Owners, service_levels
from scheduler.upkeep import upkeep

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from bot.channels.telegram import TelegramChannel
    from bot.channels.wechat import WechatChannel
    from bot.desk.office import Options
    from bot.evidence import EvidenceRoom
    from bot.evidence.gathering import Gatherer
    from bot.keys import Keys

log = logging.getLogger(__name__)


async def serve(settings: Settings, parts: str) -> int:
    """Runs `all`, `web` or `worker` until a signal; what has arrived is finished first."""
    _logging(settings.log_level)
    ring = _keys(settings) if parts in ("all", "web") else None
    await bring_forward(settings.database.url)
    published = Published()
    shelf = Shelf(
        lambda: playbook(
            bands=_bands(settings),
            sealed_on=_sealed_on(settings),
            published=published.now,
            service=_service(settings),
            kept=_beside_database(settings, "library"),
        )
    )
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(Store(settings.database.url))
        telegram = _telegram(settings, store)
        room = _evidence(settings, store, ring) if ring else None
        web = WebchatChannel(
            public_url=settings.web.public_url,
            embed_origins=settings.web.embed_origins,
            files=room,
        )
        channels: list[Channel] = [web]
        if telegram:
            channels.append(telegram)
            stack.push_async_callback(telegram.close)
        if await published.refresh(store):
            await shelf.reload()
        wechat = _wechat(settings, store)
        if wechat:
            channels.append(wechat)
            stack.push_async_callback(wechat.close)
        name = settings.outbox.worker or socket.gethostname()
        sender = Sender(store, channels, wall_clock, random, name=name)
        host = await stack.enter_async_context(
            Host(
                store,
                wall_clock,
                shelf.advance,
                sealing(ring, _sealed_on(settings)) if ring else guard,
                apology=Reply("error", words.APOLOGY),
                office=lambda: shelf.book.office,
                service=lambda: shelf.book.service,
                staff=_staff(settings),
                wake=sender.wake,
            )
        )
        _reload_on_hangup(shelf)
        gc.freeze()  # what lives as long as the process need not be looked through again and again
        gc.enable()
        _load_soon("cn2an")
        work: list[Awaitable[object]] = [following(store, published, shelf.reload)]
        if parts in ("all", "worker"):
            ticks = ticking(
                [
                    ringing(host),
                    service_levels(host, _owners(settings), _staff(settings)),
                    measuring(store, lambda: shelf.book.office, wall_clock),
                    noticing(host, lambda: shelf.book, trusted=settings.notices.trust_calendar),
                    renewing(store, lambda: shelf.book, wall_clock),
                    next_ways(host, [channel.name for channel in channels]),
                    upkeep(
                        store,
                        wall_clock,
                        settings.privacy.keep_lines_days,
                        settings.privacy.keep_cases_days,
                    ),
                ]
            )
            work += [ticks, sender.run(), sending(host)]
            work += [channel.run(host) for channel in channels]
        if ring is not None and room is not None:
            from bot.evidence.gathering import Gatherer

            fetch = {c.name: c.fetch for c in (telegram, wechat) if c}
            gatherer = Gatherer(room, host, fetch)
            work.append(gatherer.run())
            https = settings.web.public_url.startswith("https:")
            staff_pages = _desk(settings, store, host, shelf, ring, gatherer)
            app = create_app(channels, host, routes=staff_pages, healthy=store.answers, https=https)
            site = server(app, settings.web.host, settings.web.port, web.end_streams)
            log.info("serving url=http://%s:%d", settings.web.host, settings.web.port)
            work.append(_served(site))
        return await _until_stopped(work)


async def _served(site: Server) -> None:
    """Until cancelled: then it stops listening, ends the open streams, and comes back."""
    serving = asyncio.create_task(site.serve(), name="web")
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        site.should_exit = True
        await serving
        raise


async def _until_stopped(work: list[Awaitable[object]]) -> int:
    """Until a signal, or until a piece of work breaks; then everything is told to end."""
    tasks = [asyncio.ensure_future(piece) for piece in work]
    signalled = asyncio.ensure_future(_signalled())
    broken = asyncio.ensure_future(_first_to_break(tasks))
    await asyncio.wait([signalled, broken], return_when=asyncio.FIRST_COMPLETED)
    for task in (signalled, broken, *tasks):
        task.cancel()
    results = await asyncio.gather(signalled, broken, *tasks, return_exceptions=True)
    faults = [r for r in results if isinstance(r, Exception)]
    for fault in faults:
        log.error("stopped error=%s", type(fault).__name__, exc_info=fault)
    return 1 if faults else 0


async def _first_to_break(tasks: Sequence[asyncio.Future[object]]) -> None:
    """Returns when one of them raises; a channel that needs no listening just ends."""
    if not tasks:
        await asyncio.Event().wait()
    done, running = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    if not running and not any(task.exception() for task in done):
        await asyncio.Event().wait()


async def _signalled() -> None:
    """Until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()


def _load_soon(module: str) -> None:
    """Loads what a start need not wait for, so that no message must either."""
    timer = threading.Timer(1.0, import_module, (module,))
    timer.daemon = True
    timer.start()


def _reload_on_hangup(shelf: Shelf) -> None:
    """SIGHUP reads all data again, without a pause for anyone."""
    loop = asyncio.get_running_loop()
    reloads: set[asyncio.Task[bool]] = set()

    def reload() -> None:
        task = loop.create_task(shelf.reload())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    loop.add_signal_handler(signal.SIGHUP, reload)


def _sealed_on(settings: Settings) -> frozenset[str]:
    return frozenset(settings.privacy.contact_on)


def _bands(settings: Settings) -> Bands:
    chosen = {k: v for k, v in settings.bands.model_dump().items() if v is not None}
    return Bands(**chosen)


def _service(settings: Settings) -> Service:
    chosen = settings.service
    answer, resolve = chosen.answer_days.model_dump(), chosen.resolution_days.model_dump()
    return Service(
        {name: Target(days, resolve[name]) for name, days in answer.items()},
        urgent_days=chosen.urgent_days,
        follow_up_days=chosen.follow_up_days,
        review_days=chosen.review_days,
        warn_share=chosen.warn_share,
    )


def _owners(settings: Settings) -> Owners:
    chosen = settings.service
    return Owners(chosen.owner, chosen.owner_of_kind.model_dump(), chosen.owner_of_department)


COMMANDS = (
    ("menu", "菜单"),
    ("guides", "办事指南"),
    ("human", "转人工"),
    ("help", "怎么用"),
    ("cancel", "取消正在办的事"),
)


def _telegram(settings: Settings, store: Store) -> TelegramChannel | None:
    token = settings.telegram.token.get_secret_value()
    if not token:
        return None
    # Half a second of imports that an office without Telegram need not wait for.
    from bot.channels.telegram import StaffNotes, TelegramChannel

    return TelegramChannel(
        token,
        api_base=settings.telegram.api_base,
        public_url=settings.web.public_url or None,
        webhook_secret=_webhook_secret(settings, token),
        staff_chat=settings.telegram.staff_chat,
        staff_notes=StaffNotes(
            words.STAFF_NOT_OPEN,
            words.STAFF_WORDS_ONLY,
            words.STAFF_CASE_NOT_OPEN,
            words.STAFF_TOPIC,
        ),
        commands=COMMANDS,
        topics=TelegramTopics(store),
        at_once=settings.telegram.calls_at_once,
        paid_per_second=settings.telegram.paid_per_second,
    )


def _wechat(settings: Settings, store: Store) -> WechatChannel | None:
    if not settings.wechat.app_id:
        return None
    from bot.ring import ring
    from bot.wechat import channel

    return channel(settings.wechat, store, ring(settings), settings.web.public_url)


def _webhook_secret(settings: Settings, token: str) -> str:
    """The one that is set, else one that every process makes alike from the token."""
    chosen = settings.telegram.webhook_secret.get_secret_value()
    return chosen or hmac.new(token.encode(), b"webhook", hashlib.sha256).hexdigest()


def _staff(settings: Settings) -> Address | None:
    chat = settings.telegram.staff_chat
    has_token = bool(settings.telegram.token.get_secret_value())
    return Address("telegram", str(chat)) if chat is not None and has_token else None


def _desk(
    settings: Settings,
    store: Store,
    host: Host,
    shelf: Shelf,
    ring: Keys,
    materials: Gatherer,
) -> Sequence[BaseRoute]:
    """The staff's pages."""
    from bot.desk.desk import desk as pages

    return pages(
        store,
        host,
        wall_clock,
        ring,
        _desk_options(settings),
        casework=host.casework,
        notices=Notices(host, lambda: shelf.book.regions),
        objections=lambda one: objections(shelf.book.knowledge, one, wall_clock().date()),
        book=lambda: shelf.book,
        materials=materials,
    )


def _evidence(settings: Settings, store: Store, ring: Keys) -> EvidenceRoom:
    from bot.evidence import EvidenceRoom, Limits

    chosen = settings.evidence
    limits = Limits(chosen.most_megabytes * 1_000_000, chosen.most_a_day)
    folder = Path(chosen.folder) if chosen.folder else _beside_database(settings, "evidence")
    return EvidenceRoom(store, ring, folder, wall_clock, limits)


def _beside_database(settings: Settings, name: str) -> Path:
    """A folder beside the SQLite file; in `var` where the database is elsewhere."""
    url = make_url(settings.database.url)
    sqlite = url.get_backend_name() == "sqlite"
    return Path(str(url.database)).with_name(name) if sqlite else Path("var") / name


def _keys(settings: Settings) -> Keys:
    """The ring that is set, or kept. Raises BadSettings."""
    from bot.ring import ring

    found = ring(settings)
    if found is None:
        raise BadSettings("privacy.keys: needed on PostgreSQL; `python -m bot keys` prints one")
    return found


def _desk_options(settings: Settings) -> Options:
    from bot.desk.office import Options

    return Options(
        public_url=settings.web.public_url,
        idle=timedelta(minutes=settings.desk.idle_minutes),
        longest=timedelta(hours=settings.desk.session_hours),
        lock_after=settings.desk.lock_after,
        lock_after_address=settings.desk.lock_after_address,
        lock_for=timedelta(minutes=settings.desk.lock_minutes),
        invite_for=timedelta(hours=settings.desk.invite_hours),
    )


def _logging(level: str) -> None:
    logging.basicConfig(
        level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    for chatty in ("httpx", "httpcore", "apscheduler", "alembic", "uvicorn.access"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


async def migrate(settings: Settings) -> None:
    _logging(settings.log_level)
    await bring_forward(settings.database.url)
    log.info("database is up to date")


async def staff(settings: Settings, say: Callable[[str], None], words: list[str]) -> int:
    """Who works at the desk: list, add, reset, disable, enable, give a role."""
    from bot.desk.commands import run

    await bring_forward(settings.database.url)
    base = settings.web.public_url or f"http://{settings.web.host}:{settings.web.port}"
    async with Store(settings.database.url) as store:
        return await run(store, wall_clock, _desk_options(settings), base, say, words)


async def handoffs(
    settings: Settings,
    say: Callable[[str], None],
    reply: tuple[str, str] | None,
    close: int | None,
) -> int:
    """Lists who waits for staff, or answers or ends one: for an office without a staff group."""
    await bring_forward(settings.database.url)
    shelf = Shelf(playbook)
    async with (
        Store(settings.database.url) as store,
        Host(
            store, wall_clock, shelf.advance, guard, apology=Reply("error", words.APOLOGY)
        ) as host,
    ):
        if reply is not None:
            number, text = reply
            token = f"command:{wall_clock().isoformat()}"
            done = number.isdecimal() and await host.staff_said(int(number), text, token)
        elif close is not None:
            done = await host.staff_closed(close)
        else:
            async with store.read() as tx:
                for waiting in await desk.open_ones(tx):
                    say(f"#H{waiting.number} {waiting.state} {waiting.created_at:%m-%d %H:%M}")
                    say(f"{waiting.capsule}\n")
            return 0
    say("done" if done else "that hand-over is not open")
    return 0 if done else 1
