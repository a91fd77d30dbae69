"""The files behind a consultation."""

import sqlalchemy as sa
from alembic import op

from bot.store.moment import Moment

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("ref", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("media", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("seal", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("number", sa.Text),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("try_at", Moment),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
        sa.UniqueConstraint("channel", "ref", name="uq_evidence_channel_ref"),
    )
    op.create_index("ix_evidence_ref", "evidence", ["ref"])
    op.create_index("ix_evidence_number", "evidence", ["number"])
    op.create_index("ix_evidence_channel_user_at", "evidence", ["channel", "user", "at"])
    op.create_index(
        "ix_evidence_try_at",
        "evidence",
        ["try_at"],
        sqlite_where=sa.text("try_at IS NOT NULL"),
        postgresql_where=sa.text("try_at IS NOT NULL"),
    )
