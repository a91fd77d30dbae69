"""Which topic of a staff group each consultation has, and whether it is as open as its case."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, select, update

from bot.store.engine import Store, on_both
from bot.store.tables import cases, telegram_topics

_OVER: ColumnElement[bool] = cases.c.state.in_(("closed", "withdrawn"))
_KEEP = on_both(
    lambda insert: (row := insert(telegram_topics)).on_conflict_do_update(
        index_elements=["chat", "number"],
        set_={"thread": row.excluded.thread, "closed": row.excluded.closed},
    )
)


@dataclass(frozen=True, slots=True)
class Topic:
    """`over`: the case is closed or withdrawn."""

    number: str
    thread: int
    closed: bool
    over: bool


class TelegramTopics:
    """The topics of each group, on disk: an answer in one reaches its case after any restart."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of(self, chat: int, number: str) -> Topic | None:
        t = telegram_topics.c
        query = (
            select(t.number, t.thread, t.closed, _OVER)
            .select_from(telegram_topics.outerjoin(cases, cases.c.number == t.number))
            .where(t.chat == chat, t.number == number)
        )
        async with self._store.read() as tx:
            row = (await tx.execute(query)).one_or_none()
        return Topic(row[0], row[1], row[2], bool(row[3])) if row else None

    async def number(self, chat: int, thread: int) -> str | None:
        t = telegram_topics.c
        query = select(t.number).where(t.chat == chat, t.thread == thread)
        async with self._store.read() as tx:
            found: str | None = (await tx.execute(query)).scalar()
        return found

    async def left_open(self, chat: int, most: int) -> list[Topic]:
        """Open topics of cases that are over."""
        t = telegram_topics.c
        query = (
            select(t.number, t.thread)
            .join(cases, and_(cases.c.number == t.number, _OVER))
            .where(t.chat == chat, t.closed.is_(False))
            .order_by(t.number)
            .limit(most)
        )
        async with self._store.read() as tx:
            return [
                Topic(number, thread, False, True) for number, thread in await tx.execute(query)
            ]

    async def keep(self, chat: int, number: str, thread: int) -> None:
        row = {"chat": chat, "number": number, "thread": thread, "closed": False}
        async with self._store.write() as tx:
            await tx.execute(_KEEP[tx.dialect.name], [row])

    async def mark(self, chat: int, number: str, *, closed: bool) -> None:
        t = telegram_topics.c
        async with self._store.write() as tx:
            await tx.execute(
                update(telegram_topics)
                .where(t.chat == chat, t.number == number)
                .values(closed=closed)
            )

    async def forget(self, chat: int, number: str) -> None:
        """Somebody has deleted it."""
        t = telegram_topics.c
        async with self._store.write() as tx:
            await tx.execute(delete(telegram_topics).where(t.chat == chat, t.number == number))
