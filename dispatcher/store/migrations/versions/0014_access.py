"""Access: sessions that are listed and confirmed, recovery codes, requests, announcements."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'asked'")
UNTOLD = sa.text("told_at IS NULL")


def upgrade() -> None:
    """Apply; everybody signs in again, and who has no second factor is asked for one."""
    op.add_column(
        "users",
        sa.Column("waived", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("users", sa.Column("contact_id", sa.String(length=64), nullable=True))
    op.add_column("users", sa.Column("until_event", sa.String(length=64), nullable=True))
    op.drop_table("sessions")
    _sessions()
    _recovery_codes()
    _requests()
    _announcements()


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("session_hash", sa.String(length=64), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("confirmed_at", sa.Double(), nullable=True),
        sa.Column("revoked_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("commune", "session_id", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_session_hash", "sessions", ["session_hash"], unique=True)


def _recovery_codes() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("used_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("commune", "login", "code_hash", name=op.f("pk_recovery_codes")),
    )


def _requests() -> None:
    op.create_table(
        "access_requests",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.String(length=64), nullable=True),
        sa.Column("function", sa.String(length=40), nullable=False),
        sa.Column("mobile", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("alone", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("until_event", sa.String(length=64), nullable=True),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("asked_at", sa.Double(), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", sa.Double(), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("token_ends_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("commune", "request_id", name=op.f("pk_access_requests")),
    )
    op.create_index(
        "ix_access_requests_waiting",
        "access_requests",
        ["commune", "login"],
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index("ix_access_requests_token_hash", "access_requests", ["token_hash"])


def _announcements() -> None:
    op.create_table(
        "announcements",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("announcement_id", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("logins", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("taken_at", sa.Double(), nullable=True),
        sa.Column("told_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("commune", "announcement_id", name=op.f("pk_announcements")),
    )
    op.create_index(
        "ix_announcements_untold",
        "announcements",
        ["made_at"],
        sqlite_where=UNTOLD,
        postgresql_where=UNTOLD,
    )
