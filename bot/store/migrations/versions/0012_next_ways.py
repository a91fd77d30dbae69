"""Whom the desk calls; nonces of WeChat's callbacks; what goes to many followers at once."""

import sqlalchemy as sa
from alembic import op

from bot.store.moment import Moment

revision = "0012"
down_revision = "0011"

Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("news", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("since", Moment, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("tried_at", Moment),
        sa.Column("done_at", Moment),
        sa.PrimaryKeyConstraint("number", name="pk_calls"),
    )
    op.create_index(
        "ix_calls_open",
        "calls",
        ["since"],
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "wechat_nonces",
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("nonce", name="pk_wechat_nonces"),
    )
    op.create_index("ix_wechat_nonces_at", "wechat_nonces", ["at"])
    op.create_table(
        "wechat_masses",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("since", Moment, nullable=False),
        sa.Column("added_at", Moment, nullable=False),
        sa.Column("tag", sa.BigInteger),
        sa.Column("msg_id", sa.Text),
        sa.Column("sent_at", Moment),
        sa.Column("ended_at", Moment),
        sa.Column("why", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_wechat_masses"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_wechat_masses_state", "wechat_masses", ["state"])
    op.create_index("ix_wechat_masses_origin_digest", "wechat_masses", ["origin", "digest"])
    op.create_table(
        "wechat_mass_rows",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("mass", sa.BigInteger, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_wechat_mass_rows"),
    )
    op.create_index("ix_wechat_mass_rows_mass_user", "wechat_mass_rows", ["mass", "user"])
    op.create_table(
        "wechat_mass_people",
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("month", sa.Text, nullable=False),
        sa.Column("sent", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("user", "month", name="pk_wechat_mass_people"),
    )
