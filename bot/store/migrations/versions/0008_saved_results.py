"""Results of calculators that citizens keep."""

import sqlalchemy as sa
from alembic import op

from bot.store.moment import Moment

revision = "0008"
down_revision = "0007"

Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "saved_results",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("inputs", sa.Text, nullable=False),
        sa.Column("draft", sa.Text, nullable=False),
        sa.Column("saved_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_results"),
        sa.UniqueConstraint(
            "channel",
            "user",
            "form",
            "inputs",
            name="uq_saved_results_channel_user_form_inputs",
        ),
        sqlite_autoincrement=True,
    )
