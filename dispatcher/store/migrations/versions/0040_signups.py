"""Residents enrol by themselves: what waits for its code, codes sent, contacts verified."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; a contact of a file is verified by nobody, and every place was a home."""
    op.add_column("contacts", sa.Column("verified_at", sa.Double()))
    op.add_column(
        "homes", sa.Column("kind", sa.String(12), nullable=False, server_default=sa.text("'home'"))
    )
    op.create_table(
        "address_marks",
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("commune", name="pk_address_marks"),
    )
    _signups()
    _code_sends()


def _signups() -> None:
    op.create_table(
        "signups",
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("signup_id", sa.String(64), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        _mark("code_mark"),
        sa.Column("tries", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("begun_at", sa.Double(), nullable=False),
        sa.Column("code_until", sa.Double(), nullable=False),
        sa.Column("verified_at", sa.Double()),
        sa.Column("person_id", sa.String(64)),
        sa.PrimaryKeyConstraint("commune", "signup_id", name="pk_signups"),
    )
    op.create_index("ix_signups_begun_at", "signups", ["begun_at"])


def _code_sends() -> None:
    serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "code_sends",
        sa.Column("serial", serial, nullable=False),
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("signup_id", sa.String(64), nullable=False),
        sa.Column("message", sa.String(64), nullable=False),
        *map(_mark, ("contact_mark", "range_mark", "source_mark", "network_mark")),
        sa.Column("sent_at", sa.Double(), nullable=False),
        *(
            sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.text("false"))
            for name in ("used", "declined")
        ),
        sa.PrimaryKeyConstraint("serial", name="pk_code_sends"),
    )
    op.create_index("ix_code_sends_commune_sent_at", "code_sends", ["commune", "sent_at"])
    op.create_index("ix_code_sends_commune_message", "code_sends", ["commune", "message"])
    for name in ("contact", "range", "source", "network"):
        columns = [f"{name}_mark", "sent_at"]
        op.create_index(f"ix_code_sends_{name}_mark_sent_at", "code_sends", columns)


def _mark(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(32), nullable=False, server_default=sa.text("''"))
