"""Consultations with their numbers, events and ratings; whose addresses are one person's; alarms."""

import sqlalchemy as sa
from alembic import op

from bot.store.moment import Moment

revision = "0004"
down_revision = "0003"

Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "alarms",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alarms"),
        sa.UniqueConstraint(
            "channel", "user", "name", "about", name="uq_alarms_channel_user_name_about"
        ),
    )
    op.create_index("ix_alarms_at", "alarms", ["at"])
    op.create_table(
        "case_days",
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_case_days"),
    )
    op.create_table(
        "case_events",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_events"),
    )
    op.create_index("ix_case_events_number_id", "case_events", ["number", "id"])
    op.create_table(
        "case_ratings",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("answers", sa.Integer, nullable=False),
        sa.Column("rating", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("number", "answers", name="pk_case_ratings"),
    )
    op.create_table(
        "cases",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("original", sa.Text, nullable=False),
        sa.Column("region", sa.Text, nullable=True),
        sa.Column("slots", sa.Text, nullable=False),
        sa.Column("contact", sa.Text, nullable=False),
        sa.Column("anonymous", sa.Boolean, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("capsule", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("code_tries", sa.Integer, nullable=False),
        sa.Column("code_tried_on", sa.Date, nullable=True),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("promised_at", Moment, nullable=False),
        sa.Column("answered_at", Moment, nullable=True),
        sa.Column("first_answered_at", Moment, nullable=True),
        sa.Column("in_time", sa.Boolean),
        sa.Column("worked_minutes", sa.Integer, nullable=True),
        sa.Column("closed_at", Moment, nullable=True),
        sa.Column("answers", sa.Integer, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("read", sa.Boolean, nullable=False),
        sa.Column("rated", sa.Text, nullable=True),
        sa.Column("urges", sa.Integer, nullable=False),
        sa.Column("urged_on", sa.Date, nullable=True),
        sa.Column("wanted", sa.Text, nullable=False),
        sa.Column("escalated_at", Moment, nullable=True),
        sa.Column("assignee", sa.Text, nullable=True),
        sa.Column("department", sa.Text, nullable=True),
        sa.Column("merged_into", sa.Text, nullable=True),
        sa.Column("snoozed_until", Moment, nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_cases"),
    )
    op.create_index("ix_cases_assignee_state", "cases", ["assignee", "state"])
    op.create_index("ix_cases_first_answered_at", "cases", ["first_answered_at"])
    op.create_index(
        "ix_cases_merged_into",
        "cases",
        ["merged_into"],
        sqlite_where=sa.text("merged_into IS NOT NULL"),
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_index("ix_cases_person_created_at", "cases", ["person", "created_at"])
    op.create_index("ix_cases_state_promised_at", "cases", ["state", "promised_at"])
    op.create_table(
        "people",
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("channel", "user", name="pk_people"),
    )
    op.create_index("ix_people_person", "people", ["person"])
