"""What staff need beside the cases: drafts, who looks at what, replies written once."""

import sqlalchemy as sa
from alembic import op

from bot.store.moment import Moment

revision = "0005"
down_revision = "0004"

Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNANSWERED = sa.text("state IN ('received', 'taken', 'needs_info')")


def upgrade() -> None:
    op.create_table(
        "canned_replies",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_canned_replies"),
        sa.UniqueConstraint("title", name="uq_canned_replies_title"),
    )
    op.create_table(
        "case_drafts",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("staff", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("number", "staff", name="pk_case_drafts"),
    )
    op.create_table(
        "case_viewers",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("staff", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("number", "staff", name="pk_case_viewers"),
    )
    op.create_index("ix_cases_created_at", "cases", ["created_at"])
    op.create_index(
        "ix_cases_open",
        "cases",
        ["promised_at"],
        sqlite_where=UNANSWERED,
        postgresql_where=UNANSWERED,
    )
