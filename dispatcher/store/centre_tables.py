"""Tables of reception centres in an event: open or not, how many are there, who gave her name."""

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
    instant_column,
    key_column,
    metadata,
    whole_column,
)

_OF_EVENT = (["commune", "event_id"], ["events.commune", "events.event_id"])
_THIS = ("commune", "event_id", "centre_id")
_OF_CENTRE = (list(_THIS), [f"event_centres.{name}" for name in _THIS])

event_centres = Table(
    "event_centres",  # a centre that was opened in an event; the plan's figures unless adjusted
    metadata,
    commune_column(),
    key_column("event_id"),
    key_column("centre_id"),
    Column("label", Text, nullable=False),  # as the plan had it: it may be taken away since
    Column("opened_at", Double, nullable=False),
    Column("opened_by", String(64), nullable=False),
    instant_column("closed_at"),
    Column("closed_by", String(64)),
    Column("reception", Integer),  # places, where somebody adjusted them
    Column("lodging", Integer),
    Column("meals", Integer),
    whole_column("people"),  # counted there now, with a name or without
    whole_column("children"),  # among them, where it was told
    Column("lon", Double),  # of one that no plan has, where its address is known
    Column("lat", Double),
    PrimaryKeyConstraint(*_THIS),
    ForeignKeyConstraint(*_OF_EVENT),
)

centre_moves = Table(
    "centre_moves",  # each arrival, departure and recount: figures only
    metadata,
    commune_column(),
    key_column("event_id"),
    key_column("centre_id"),
    Column("number", Integer, nullable=False),
    Column("kind", String(12), nullable=False),  # arrival | departure | recount
    Column("people", Integer, nullable=False),  # more or fewer than before
    Column("adults", Integer),
    Column("children", Integer),
    Column("present", Integer, nullable=False),  # afterwards
    Column("moved_by", String(64), nullable=False),
    Column("moved_at", Double, nullable=False),
    Column("act_key", String(64)),  # of the click: the same again changes nothing
    PrimaryKeyConstraint(*_THIS, "number"),
    ForeignKeyConstraint(*_OF_CENTRE),
    UniqueConstraint("commune", "act_key"),
)

centre_people = Table(
    # Who gave a name, sealed: nothing else of the ledger has it, and nothing of health.
    "centre_people",
    metadata,
    commune_column(),
    key_column("event_id"),
    key_column("person_id"),
    key_column("centre_id"),
    Column("name", Text, nullable=False),
    Column("household", Integer, nullable=False),  # people, herself among them
    Column("comes_from", Text, nullable=False, server_default=text("''")),
    Column("phone", Text, nullable=False, server_default=text("''")),
    Column("arrived_at", Double, nullable=False),
    Column("arrived_by", String(64), nullable=False),
    instant_column("left_at"),
    Column("left_by", String(64)),
    Column("went_to", Text, nullable=False, server_default=text("''")),
    PrimaryKeyConstraint("commune", "event_id", "person_id"),
    ForeignKeyConstraint(*_OF_CENTRE),
    Index(None, *_THIS),
)
