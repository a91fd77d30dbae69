"""Staff, their sessions and sign-in failures, and the audit log that nobody can change."""

import sqlalchemy as sa
from alembic import op

from bot.store.moment import Moment

revision = "0002"
down_revision = "0001"

Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

REFUSAL = "the audit log is append-only"
ON_SQLITE = (
    f"CREATE TRIGGER audit_kept_as_it_is BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    f"CREATE TRIGGER audit_never_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    # INSERT OR REPLACE deletes without firing the trigger above.
    "CREATE TRIGGER audit_never_replaced BEFORE INSERT ON audit"  # noqa: S608 - our own words
    " WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)"
    f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
)
ON_POSTGRESQL = (
    "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$",
    "CREATE TRIGGER audit_kept_as_it_is BEFORE UPDATE OR DELETE ON audit"
    " FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()",
    "CREATE TRIGGER audit_never_emptied BEFORE TRUNCATE ON audit"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()",
)


def upgrade() -> None:
    op.create_table(
        "staff",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("password", sa.Text),
        sa.Column("totp", sa.Text),
        sa.Column("totp_step", sa.BigInteger, nullable=False),
        sa.Column("enrolled_at", Moment),
        sa.Column("invite", sa.Text),
        sa.Column("invite_until", Moment),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("disabled_at", Moment),
        sa.PrimaryKeyConstraint("id", name="pk_staff"),
        sa.UniqueConstraint("name", name="uq_staff_name"),
        sa.UniqueConstraint("invite", name="uq_staff_invite"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "staff_recovery_codes",
        sa.Column("staff", sa.BigInteger, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("used_at", Moment),
        sa.PrimaryKeyConstraint("staff", "code", name="pk_staff_recovery_codes"),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("staff", sa.BigInteger, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("seen_at", Moment, nullable=False),
        sa.Column("until", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff_sessions"),
        sa.UniqueConstraint("token", name="uq_staff_sessions_token"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_staff_sessions_staff", "staff_sessions", ["staff"])
    op.create_index("ix_staff_sessions_until", "staff_sessions", ["until"])
    op.create_table(
        "sign_in_failures",
        sa.Column("of", sa.Text, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("of", name="pk_sign_in_failures"),
    )
    op.create_table(
        "audit",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("staff", sa.BigInteger),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_subject", "audit", ["subject"])
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in ON_SQLITE if on_sqlite else ON_POSTGRESQL:
        op.execute(statement)
