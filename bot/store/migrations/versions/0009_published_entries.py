"""Entries that staff publish beside those of the files."""

import sqlalchemy as sa
from alembic import op

from bot.store.moment import Moment

revision = "0009"
down_revision = "0008"

Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "published_entries",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("entry", sa.Text, nullable=False),
        sa.Column("row", sa.Text, nullable=False),
        sa.Column("replaces", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("approver", sa.Text, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("decided_at", Moment),
        sa.Column("broken", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_published_entries"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_published_entries_state_entry", "published_entries", ["state", "entry"])
