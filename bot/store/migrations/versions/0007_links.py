"""Codes by which two addresses become one person's, and wrong ones."""

import sqlalchemy as sa
from alembic import op

from bot.store.moment import Moment

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "link_codes",
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("until", Moment, nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_link_codes"),
    )
    op.create_table(
        "link_tries",
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("channel", "user", "day", name="pk_link_tries"),
    )
