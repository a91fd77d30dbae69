"""The first schema: what was heard, what is remembered, what is to be sent."""

import sqlalchemy as sa
from alembic import op

from bot.store.moment import Moment

revision = "0001"
down_revision = None

Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNFINISHED = sa.text("settled_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "answer_ratings",
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("entry", sa.Text, nullable=False),
        sa.Column("solved", sa.Boolean, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("channel", "user", "entry", name="pk_answer_ratings"),
    )
    op.create_index("ix_answer_ratings_entry", "answer_ratings", ["entry"])
    op.create_table(
        "entry_reviews",
        sa.Column("entry", sa.Text, nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("entry", name="pk_entry_reviews"),
    )
    op.create_table(
        "conversations",
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("said", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("updated_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("channel", "user", name="pk_conversations"),
    )
    op.create_table(
        "handoffs",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("capsule", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("joined_at", Moment),
        sa.Column("closed_at", Moment),
        sa.PrimaryKeyConstraint("id", name="pk_handoffs"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_handoffs_channel_user_state", "handoffs", ["channel", "user", "state"])
    op.create_index("ix_handoffs_state_created_at", "handoffs", ["state", "created_at"])
    op.create_table(
        "heard",
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("line", sa.Integer),
        sa.PrimaryKeyConstraint("channel", "message_id", name="pk_heard"),
    )
    op.create_index("ix_heard_channel_user_line", "heard", ["channel", "user", "line"])
    op.create_table(
        "missed_questions",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_missed_questions"),
    )
    op.create_index("ix_missed_questions_at", "missed_questions", ["at"])
    op.create_table(
        "outbox",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("line", sa.Integer),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("not_before", Moment, nullable=False),
        sa.Column("take_at", Moment, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("doubtful", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("worker", sa.Text),
        sa.Column("last_error", sa.Text),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("settled_at", Moment),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
    )
    op.create_index("ix_outbox_channel_user_line", "outbox", ["channel", "user", "line"])
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["channel", "lane", "take_at", "id"],
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    )
    op.create_index(
        "ix_outbox_person",
        "outbox",
        ["channel", "user", "lane", "not_before", "id"],
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    )
    op.create_table(
        "unreachable",
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("since", Moment, nullable=False),
        sa.PrimaryKeyConstraint("channel", "user", name="pk_unreachable"),
    )
