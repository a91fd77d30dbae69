"""Targets of a case, the head's queue, how busy the half-days are, topics of the staff group."""

import sqlalchemy as sa
from alembic import op

from bot.store.moment import Moment

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column(
        "cases", sa.Column("for_head", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.add_column("cases", sa.Column("warn_at", Moment))
    op.add_column("cases", sa.Column("resolve_by", Moment))
    op.create_table(
        "half_days",
        sa.Column("weekday", sa.Integer, nullable=False),
        sa.Column("half", sa.Integer, nullable=False),
        sa.Column("open_days", sa.Integer, nullable=False),
        sa.Column("arrivals", sa.Integer, nullable=False),
        sa.Column("waited", sa.Integer),
        sa.Column("answered", sa.Integer),
        sa.Column("measured_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("weekday", "half", name="pk_half_days"),
    )
    op.create_table(
        "telegram_topics",
        sa.Column("chat", sa.BigInteger, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("thread", sa.BigInteger, nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("chat", "number", name="pk_telegram_topics"),
        sa.UniqueConstraint("chat", "thread", name="uq_telegram_topics_chat_thread"),
    )
