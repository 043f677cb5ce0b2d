"""Reception centres of an event, how many are there and who; means lent and brought back."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_EVENT = ("commune", "event_id")
_CENTRE = (*_EVENT, "centre_id")


def upgrade() -> None:
    """Apply."""
    _centres()
    _moves()
    _people()
    _extra()
    _loans()
    _returns()


def _keys(*names: str) -> "list[sa.Column[str]]":
    return [
        sa.Column("commune", sa.String(5), nullable=False),
        *(sa.Column(name, sa.String(64), nullable=False) for name in names),
    ]


def _foreign(table: str, other: str, names: tuple[str, ...]) -> sa.ForeignKeyConstraint:
    there = [f"{other}.{name}" for name in names]
    return sa.ForeignKeyConstraint(list(names), there, name=f"fk_{table}_{other}")


def _words(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False, server_default=sa.text("''"))


def _centres() -> None:
    op.create_table(
        "event_centres",
        *_keys("event_id", "centre_id"),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("opened_at", sa.Double, nullable=False),
        sa.Column("opened_by", sa.String(64), nullable=False),
        sa.Column("closed_at", sa.Double),
        sa.Column("closed_by", sa.String(64)),
        sa.Column("reception", sa.Integer),
        sa.Column("lodging", sa.Integer),
        sa.Column("meals", sa.Integer),
        sa.Column("people", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("children", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint(*_CENTRE, name="pk_event_centres"),
        _foreign("event_centres", "events", _EVENT),
    )


def _moves() -> None:
    op.create_table(
        "centre_moves",
        *_keys("event_id", "centre_id"),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("adults", sa.Integer),
        sa.Column("children", sa.Integer),
        sa.Column("present", sa.Integer, nullable=False),
        sa.Column("moved_by", sa.String(64), nullable=False),
        sa.Column("moved_at", sa.Double, nullable=False),
        sa.Column("act_key", sa.String(64)),
        sa.PrimaryKeyConstraint(*_CENTRE, "number", name="pk_centre_moves"),
        _foreign("centre_moves", "event_centres", _CENTRE),
        sa.UniqueConstraint("commune", "act_key", name="uq_centre_moves_commune_act_key"),
    )


def _people() -> None:
    op.create_table(
        "centre_people",
        *_keys("event_id", "person_id", "centre_id"),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("household", sa.Integer, nullable=False),
        _words("comes_from"),
        _words("phone"),
        sa.Column("arrived_at", sa.Double, nullable=False),
        sa.Column("arrived_by", sa.String(64), nullable=False),
        sa.Column("left_at", sa.Double),
        sa.Column("left_by", sa.String(64)),
        _words("went_to"),
        sa.PrimaryKeyConstraint(*_EVENT, "person_id", name="pk_centre_people"),
        _foreign("centre_people", "event_centres", _CENTRE),
    )
    op.create_index(
        "ix_centre_people_commune_event_id_centre_id", "centre_people", list(_CENTRE)
    )  # fmt: skip


def _extra() -> None:
    op.create_table(
        "event_means",
        *_keys("event_id", "means_id"),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("quantity", sa.Double, nullable=False),
        sa.Column("unit", sa.String(20), nullable=False),
        sa.Column("source", sa.String(12), nullable=False),
        sa.Column("from_whom", sa.Text, nullable=False),
        sa.Column("added_by", sa.String(64), nullable=False),
        sa.Column("added_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint(*_EVENT, "means_id", name="pk_event_means"),
        _foreign("event_means", "events", _EVENT),
    )


def _loans() -> None:
    op.create_table(
        "loans",
        *_keys("loan_id", "event_id", "means_id"),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("unit", sa.String(20), nullable=False),
        sa.Column("quantity", sa.Double, nullable=False),
        sa.Column("given", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("borrower_kind", sa.String(8), nullable=False),
        sa.Column("borrower", sa.Text, nullable=False),
        _words("note"),
        sa.Column("lent_by", sa.String(64), nullable=False),
        sa.Column("lent_at", sa.Double, nullable=False),
        sa.Column("due_at", sa.Double),
        sa.Column("returned", sa.Double, nullable=False, server_default=sa.text("0")),
        sa.Column("lost", sa.Double, nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("commune", "loan_id", name="pk_loans"),
        _foreign("loans", "events", _EVENT),
    )
    for name in ("means_id", "event_id"):
        op.create_index(f"ix_loans_commune_{name}", "loans", ["commune", name])


def _returns() -> None:
    op.create_table(
        "loan_returns",
        *_keys("loan_id"),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("returned", sa.Double, nullable=False),
        sa.Column("lost", sa.Double, nullable=False),
        sa.Column("condition", sa.Text, nullable=False),
        sa.Column("taken_by", sa.String(64), nullable=False),
        sa.Column("taken_at", sa.Double, nullable=False),
        sa.Column("act_key", sa.String(64)),
        sa.PrimaryKeyConstraint("commune", "loan_id", "number", name="pk_loan_returns"),
        _foreign("loan_returns", "loans", ("commune", "loan_id")),
        sa.UniqueConstraint("commune", "act_key", name="uq_loan_returns_commune_act_key"),
    )
