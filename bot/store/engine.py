"""The database: one writer and some readers, the same on SQLite and PostgreSQL.

Rule 1: whoever writes, reads and writes within one `write()`. On SQLite that is BEGIN IMMEDIATE on
        the only writing connection: with the driver's own BEGIN 179 of 200 concurrent
        read-modify-writes were lost, with a plain BEGIN 170 of 200 failed.
Rule 2: `synchronous=FULL`: what was committed survives a power cut.
Rule 3: `read()` never writes and never waits for the writer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from importlib import import_module
from typing import Any

from sqlalchemy import Connection, Executable, Table, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.store.hops import connect

BUSY = 5_000  # milliseconds that SQLite waits for another process's write
READERS = 4  # connections
DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}


def address(url: str) -> URL:
    """`url` with our driver. Raises ValueError for any other database."""
    parsed = make_url(url)
    driver = DRIVERS.get(parsed.get_backend_name())
    if driver is None:
        raise ValueError(f"database {parsed.get_backend_name()}: sqlite or postgresql")
    if driver.startswith("sqlite") and parsed.database in (None, "", ":memory:"):
        raise ValueError("database sqlite: a file is needed (e.g. sqlite:///var/bot.db)")
    return parsed.set(drivername=driver)


class Store:
    """Where everything is kept. Open it once per process; `close` it before the loop ends."""

    def __init__(self, url: str) -> None:
        self.url = address(url)
        self._writer = writing_engine(self.url)
        self._reader = _reading_engine(self.url)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed at the end, rolled back by an exception."""
        async with self._writer.begin() as tx:
            yield tx

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """One consistent view; writing in it is an error."""
        async with self._reader.begin() as tx:
            yield tx

    async def answers(self) -> bool:
        """Whether it can be read now."""
        async with self.read() as tx:
            return (await tx.execute(text("SELECT 1"))).scalar() == 1

    async def close(self) -> None:
        await self._writer.dispose()
        await self._reader.dispose()

    async def __aenter__(self) -> Store:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


Build = Callable[[Callable[[Table], Any]], Executable]


def on_both(build: Build) -> Mapping[str, Executable]:
    """A statement that needs the dialect's own INSERT (for ON CONFLICT), by dialect name."""
    return _OnBoth(build)


class _OnBoth(dict[str, Executable]):
    """Made for a dialect when it is first asked for: a start loads only the database it has."""

    def __init__(self, build: Build) -> None:
        super().__init__()
        self._build = build

    def __missing__(self, dialect: str) -> Executable:
        insert = import_module(f"sqlalchemy.dialects.{dialect}").insert
        return self.setdefault(dialect, self._build(insert))


def writing_engine(url: URL) -> AsyncEngine:
    if url.get_backend_name() != "sqlite":
        return create_async_engine(url, pool_pre_ping=True)
    # A caller waits for the one connection as long as the writes before it take.
    engine = _sqlite_engine(url, pool_size=1, pool_timeout=120)
    _set_up_sqlite(engine, "BEGIN IMMEDIATE", ("PRAGMA journal_mode=WAL",))
    return engine


def _reading_engine(url: URL) -> AsyncEngine:
    if url.get_backend_name() != "sqlite":
        return create_async_engine(
            url,
            pool_size=READERS,
            pool_pre_ping=True,
            execution_options={"postgresql_readonly": True},
            isolation_level="REPEATABLE READ",
        )
    engine = _sqlite_engine(url, pool_size=READERS, pool_timeout=30)
    _set_up_sqlite(engine, "BEGIN", ("PRAGMA query_only=ON",))
    return engine


def _sqlite_engine(url: URL, pool_size: int, pool_timeout: float) -> AsyncEngine:
    return create_async_engine(
        url,
        async_creator=partial(connect, str(url.database)),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_timeout,  # seconds
    )


def _set_up_sqlite(engine: AsyncEngine, begin: str, more: tuple[str, ...]) -> None:
    pragmas = (f"PRAGMA busy_timeout={BUSY}", *more, "PRAGMA synchronous=FULL")

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in (*pragmas, "PRAGMA foreign_keys=ON"):
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def began(connection: Connection) -> None:
        connection.exec_driver_sql(begin)
