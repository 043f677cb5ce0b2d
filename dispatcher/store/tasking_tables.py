"""Tables of tasking: the doors of a mission and what was found there, how its team was told."""

from sqlalchemy import (
    JSON,
    Column,
    Double,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from dispatcher.store.schema import commune_column, instant_column, key_column, metadata

mission_doors = Table(
    "mission_doors",  # where a mission knocks, in the order of the walk, and what it comes to
    metadata,
    commune_column(),
    key_column("mission"),
    key_column("door"),  # made of where it is and of whose: a household is one
    Column("place", Integer, nullable=False),  # along the way: one side up, the other back
    Column("street", Text, nullable=False),  # sealed
    Column("label", Text, nullable=False),  # sealed: number and street, without a name
    Column("lon", Double),
    Column("lat", Double),
    Column("people", JSON, nullable=False),  # ids of those behind it who were to be told
    Column("result", String(12)),  # found | evacuated | refused | empty | help
    Column("counted", Integer),  # people there
    Column("note", Text, nullable=False, server_default=text("''")),  # sealed
    instant_column("at"),  # when it was found so
    Column("by", String(64)),  # who says so
    Column("report_id", String(64)),
    Column("version_id", String(64)),  # of the alert that did not reach them
    PrimaryKeyConstraint("commune", "mission", "door"),
    Index(None, "commune", "version_id", "door"),
)

door_results = Table(
    "door_results",  # facts, never changed: what a door comes to is the latest of them
    metadata,
    commune_column(),
    key_column("report_id"),  # made of who says it and under which id: the same one is one
    Column("mission", String(64), nullable=False),
    Column("door", String(64), nullable=False),
    Column("result", String(12), nullable=False),
    Column("counted", Integer),
    Column("note", Text, nullable=False),  # sealed
    Column("at", Double, nullable=False),
    Column("recorded_at", Double, nullable=False),
    Column("source", String(12), nullable=False),  # phone | sms | console | paper | partner
    Column("author", String(64), nullable=False),
    PrimaryKeyConstraint("commune", "report_id"),
    Index(None, "commune", "mission", "at"),
)

mission_tellings = Table(
    "mission_tellings",  # how a team was told of its mission: again and again until it answers
    metadata,
    commune_column(),
    key_column("mission"),
    Column("ordered_at", Double, nullable=False),  # of which order: given anew, it is told anew
    Column("number", Integer, nullable=False),
    Column("what", String(12), nullable=False),  # told | chased | escalated | withdrawn
    Column("people", JSON, nullable=False),  # ids of the plan's directory; none could be called
    Column("wave", String(64)),  # what calls them
    Column("told_at", Double, nullable=False),
    Column("answer", String(12)),  # coming: received | unable
    Column("answered_by", String(64)),
    instant_column("answered_at"),
    instant_column("ended_at"),  # nobody waits for its answer any more
    PrimaryKeyConstraint("commune", "mission", "ordered_at", "number"),
    Index(
        "ix_mission_tellings_open",
        "commune",
        "told_at",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)
