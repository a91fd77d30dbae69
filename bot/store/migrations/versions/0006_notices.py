"""Subscriptions with their consent, broadcasts, lectures, and who was served which answer."""

import sqlalchemy as sa
from alembic import op

from bot.store.moment import Moment

revision = "0006"
down_revision = "0005"

Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NOT_A_TURN = sa.text("origin <> 'turn'")


def upgrade() -> None:
    op.create_table(
        "preferences",
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("weekly", sa.Boolean, nullable=False),
        sa.Column("quiet_from", sa.Text, nullable=False),
        sa.Column("quiet_until", sa.Text, nullable=False),
        sa.Column("off", sa.Text, nullable=False),
        sa.Column("updated_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("channel", "user", name="pk_preferences"),
    )
    op.create_table(
        "subscriptions",
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("since", Moment, nullable=False),
        sa.PrimaryKeyConstraint("channel", "user", "topic", name="pk_subscriptions"),
    )
    op.create_table(
        "consents",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
    )
    op.create_index("ix_consents_channel_user", "consents", ["channel", "user"])
    op.create_table(
        "broadcasts",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("affects", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("topics", sa.Text, nullable=False),
        sa.Column("regions", sa.Text, nullable=False),
        sa.Column("channels", sa.Text, nullable=False),
        sa.Column("parts", sa.Text, nullable=False),
        sa.Column("urgent", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("due", Moment),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("approver", sa.Text, nullable=False),
        sa.Column("at", Moment),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("approved_at", Moment),
        sa.Column("started_at", Moment),
        sa.Column("ended_at", Moment),
        sa.Column("after", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_broadcasts"),
        sa.UniqueConstraint("about", "due", name="uq_broadcasts_about_due"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_broadcasts_state_at", "broadcasts", ["state", "at"])
    op.create_table(
        "notice_clocks",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("until", Moment, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_notice_clocks"),
    )
    op.create_table(
        "sign_ups",
        sa.Column("broadcast", sa.BigInteger, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("broadcast", "channel", "user", name="pk_sign_ups"),
    )
    op.create_table(
        "lecture_questions",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("broadcast", sa.BigInteger, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lecture_questions"),
    )
    op.create_index("ix_lecture_questions_broadcast", "lecture_questions", ["broadcast"])
    op.create_table(
        "served_answers",
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("entry", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("channel", "user", "entry", name="pk_served_answers"),
    )
    op.create_index(
        "ix_served_answers_entry", "served_answers", ["entry", "version", "channel", "user"]
    )
    op.create_table(
        "answer_versions",
        sa.Column("entry", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("since", Moment, nullable=False),
        sa.PrimaryKeyConstraint("entry", "version", name="pk_answer_versions"),
    )
    op.create_index(
        "ix_outbox_origin",
        "outbox",
        ["origin", "id"],
        sqlite_where=NOT_A_TURN,
        postgresql_where=NOT_A_TURN,
    )
