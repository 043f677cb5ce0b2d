"""What the commune knows: plan, addresses, people, users, logbook."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _plans() -> None:
    op.create_table(
        "plans",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("in_force", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("loaded_at", sa.Double(), nullable=False),
        sa.Column("loaded_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("commune", "digest", name=op.f("pk_plans")),
    )
    with op.batch_alter_table("plans", schema=None) as batch_op:
        batch_op.create_index(
            "ix_plans_in_force",
            ["commune"],
            unique=True,
            sqlite_where=sa.text("in_force"),
            postgresql_where=sa.text("in_force"),
        )


def _addresses() -> None:
    op.create_table(
        "addresses",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("address_id", sa.String(length=64), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("place_key", sa.Text(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("commune", "address_id", name=op.f("pk_addresses")),
    )
    with op.batch_alter_table("addresses", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_addresses_commune_place_key"), ["commune", "place_key"], unique=False
        )


def _persons() -> None:
    op.create_table(
        "persons",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("media", sa.JSON(), nullable=False),
        sa.Column("warn_first", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("help_to_leave", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("consented_at", sa.Double(), nullable=True),
        sa.Column("unsubscribed_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("commune", "person_id", name=op.f("pk_persons")),
    )
    with op.batch_alter_table("persons", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_persons_commune_source_external_id"),
            ["commune", "source", "external_id"],
            unique=True,
        )


def _contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["commune", "person_id"],
            ["persons.commune", "persons.person_id"],
            name=op.f("fk_contacts_persons"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("commune", "person_id", "kind", "value", name=op.f("pk_contacts")),
    )
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contacts_commune_kind_value_person_id"),
            ["commune", "kind", "value", "person_id"],
            unique=False,
        )


def _homes() -> None:
    op.create_table(
        "homes",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("place_key", sa.Text(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["commune", "person_id"],
            ["persons.commune", "persons.person_id"],
            name=op.f("fk_homes_persons"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("commune", "person_id", "number", name=op.f("pk_homes")),
    )
    with op.batch_alter_table("homes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_homes_commune_place_key"), ["commune", "place_key"], unique=False
        )


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("function", sa.String(length=40), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("totp_secret", sa.Text(), nullable=True),
        sa.Column("totp_used", sa.BigInteger(), nullable=True),
        sa.Column("disabled_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("commune", "login", name=op.f("pk_users")),
    )


def _guesses() -> None:
    op.create_table(
        "guesses",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("login_hash", sa.String(length=64), nullable=False),
        sa.Column("source_hash", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("locked_until", sa.Double(), nullable=True),
        sa.Column("tried_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("commune", "login_hash", "source_hash", name=op.f("pk_guesses")),
    )
    with op.batch_alter_table("guesses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guesses_tried_at"), ["tried_at"], unique=False)


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("session_hash", sa.String(length=64), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("revoked_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("commune", "session_hash", name=op.f("pk_sessions")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sessions_session_hash"), ["session_hash"], unique=False
        )


def _acts() -> None:
    op.create_table(
        "acts",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("act_key", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("acted_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("commune", "act_key", name=op.f("pk_acts")),
    )


def _logbook() -> None:
    op.create_table(
        "logbook",
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("recorded_at", sa.Double(), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("commune", "number", name=op.f("pk_logbook")),
    )


def upgrade() -> None:
    """Apply."""
    _plans()
    _addresses()
    _persons()
    _contacts()
    _homes()
    _users()
    _guesses()
    _sessions()
    _acts()
    _logbook()
