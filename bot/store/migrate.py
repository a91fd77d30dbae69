"""Brings a database to the newest schema, forward only, also when two processes start at once."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.engine import address, writing_engine

MIGRATIONS = Path(__file__).with_name("migrations")
LOCK = 7_301_133  # PostgreSQL's advisory lock: any number that nobody else takes


class NewerDatabase(RuntimeError):
    """The database was brought forward by a newer version of the bot."""


async def migrate(url: str) -> None:
    """Makes the schema or brings it forward, in one transaction. Raises NewerDatabase."""
    where = address(url)
    if where.get_backend_name() == "sqlite":
        Path(str(where.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = writing_engine(where)
    try:
        if await _is_newest(engine):
            return
        async with engine.begin() as tx:
            await tx.run_sync(_upgrade)
    finally:
        await engine.dispose()


async def _is_newest(engine: AsyncEngine) -> bool:
    """Whether nothing is to be done: then a start need not wait for Alembic's imports."""
    newest = max(path.stem.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    try:
        async with engine.begin() as tx:
            versions = await tx.scalars(text("SELECT version_num FROM alembic_version"))
            return versions.all() == [newest]
    except DBAPIError:  # a new database
        return False


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    # SQLite's BEGIN IMMEDIATE already keeps the second process waiting.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": LOCK})
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise NewerDatabase(
            "the database is newer than this program; update the program"
        ) from error
