"""What workers agree on: whose share of a platform's pace, and which lanes rest."""

import sqlalchemy as sa
from alembic import op

from bot.store.moment import Moment

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "paces",
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("workers", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("channel", name="pk_paces"),
    )
    op.create_table(
        "lane_rests",
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("until", Moment, nullable=False),
        sa.PrimaryKeyConstraint("channel", "lane", name="pk_lane_rests"),
    )
