"""What the WeChat channel keeps: answers to repeats, windows and budgets, tokens, menu numbers."""

import sqlalchemy as sa
from alembic import op

from bot.store.moment import Moment

revision = "0003"
down_revision = "0002"

Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "wechat_answers",
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_wechat_answers"),
    )
    op.create_index("ix_wechat_answers_at", "wechat_answers", ["at"])
    op.create_table(
        "wechat_people",
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("message_until", Moment),
        sa.Column("message_left", sa.Integer, nullable=False),
        sa.Column("event_until", Moment),
        sa.Column("event_left", sa.Integer, nullable=False),
        sa.Column("consents", sa.Integer, nullable=False),
        sa.Column("noticed_at", Moment),
        sa.Column("updated_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("user", name="pk_wechat_people"),
    )
    op.create_table(
        "wechat_parts",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_wechat_parts"),
    )
    op.create_table(
        "wechat_choices",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("send", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_wechat_choices"),
        sa.UniqueConstraint("send", name="uq_wechat_choices_send"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "wechat_tokens",
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("until", Moment),
        sa.Column("fetching_until", Moment),
        sa.PrimaryKeyConstraint("app", name="pk_wechat_tokens"),
    )
    op.create_table(
        "wechat_pauses",
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("until", Moment, nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_wechat_pauses"),
    )
    op.create_table(
        "wechat_media",
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("media_id", sa.Text, nullable=False),
        sa.Column("until", Moment, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_wechat_media"),
    )
