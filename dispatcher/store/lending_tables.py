"""Tables of means lent in an event: what came besides the plan's, who has what, what came back."""

from sqlalchemy import (
    Column,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from dispatcher.store.schema import (
    commune_column,
    flag_column,
    instant_column,
    key_column,
    metadata,
)

_OF_EVENT = (["commune", "event_id"], ["events.commune", "events.event_id"])

event_means = Table(
    "event_means",  # what came for an event besides the plan's inventory
    metadata,
    commune_column(),
    key_column("event_id"),
    key_column("means_id"),
    Column("label", Text, nullable=False),
    Column("quantity", Double, nullable=False),
    Column("unit", String(20), nullable=False),
    Column("source", String(12), nullable=False),  # requisition | private | epci | state | other
    Column("from_whom", Text, nullable=False),
    Column("added_by", String(64), nullable=False),
    Column("added_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "event_id", "means_id"),
    ForeignKeyConstraint(*_OF_EVENT),
)

loans = Table(
    "loans",
    metadata,
    commune_column(),
    key_column("loan_id"),
    key_column("event_id"),
    Column("mode", String(16), nullable=False),  # the event's: an exercise takes nothing away
    key_column("means_id"),
    Column("label", Text, nullable=False),
    Column("unit", String(20), nullable=False),
    Column("quantity", Double, nullable=False),
    flag_column("given"),  # a stock that is consumed: nothing is waited for
    Column("borrower_kind", String(8), nullable=False),  # team | centre | cell | other
    Column("borrower", Text, nullable=False),  # an id of the plan, or free words
    Column("note", Text, nullable=False, server_default=text("''")),
    Column("lent_by", String(64), nullable=False),
    Column("lent_at", Double, nullable=False),
    instant_column("due_at"),
    Column("returned", Double, nullable=False, server_default=text("0")),
    Column("lost", Double, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint(
        "commune", "loan_id"
    ),  # made of the click: the same again is the same loan
    ForeignKeyConstraint(*_OF_EVENT),
    Index(None, "commune", "means_id"),
    Index(None, "commune", "event_id"),
)

loan_returns = Table(
    "loan_returns",
    metadata,
    commune_column(),
    key_column("loan_id"),
    Column("number", Integer, nullable=False),
    Column("returned", Double, nullable=False),
    Column("lost", Double, nullable=False),  # or broken: it lowers what there is
    Column("condition", Text, nullable=False),
    Column("taken_by", String(64), nullable=False),
    Column("taken_at", Double, nullable=False),
    Column("act_key", String(64)),  # of the click
    PrimaryKeyConstraint("commune", "loan_id", "number"),
    ForeignKeyConstraint(["commune", "loan_id"], ["loans.commune", "loans.loan_id"]),
    UniqueConstraint("commune", "act_key"),
)
