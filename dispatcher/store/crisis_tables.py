"""Tables of a crisis: the event, each act on it, who holds what, its tasks, whom it called up."""

from sqlalchemy import (
    JSON,
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

from dispatcher.store.schema import commune_column, instant_column, key_column, metadata

# An event that somebody leads now: one of each mode at most, so that no screen has to choose.
OPEN_STATES = ("signale", "evaluation", "pre_alerte", "active")
CLOSED_STATES = ("sans_suite", "clos")  # nothing more is kept of it
LED_STATES = ("pre_alerte", "active")  # the commune's people are called up
IS_OPEN = "state IN ('signale','evaluation','pre_alerte','active')"

events = Table(
    "events",
    metadata,
    commune_column(),
    key_column("event_id"),
    Column("title", Text, nullable=False),
    Column("mode", String(16), nullable=False),  # real | exercise | rehearsal, fixed at creation
    Column("state", String(12), nullable=False),  # dispatcher/crisis/moves.py
    Column("state_at", Double, nullable=False),  # since when
    Column("phase", String(16)),  # urgence | post_urgence | retour_normale, once active
    Column("level", String(40)),  # a level's code of the plan
    Column("scenario", String(40)),  # of the plan, or none
    Column("directed_by", String(8), nullable=False),  # mayor | prefect
    instant_column("directed_since"),
    Column("received_from", Text),
    Column("received_text", Text),
    Column("received_code", Text),  # that acknowledges the prefecture's automaton
    instant_column("received_at"),
    Column("opened_by", String(64), nullable=False),
    Column("opened_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "event_id"),
    Index(
        "ix_events_open",
        "commune",
        "mode",
        unique=True,
        sqlite_where=text(IS_OPEN),
        postgresql_where=text(IS_OPEN),
    ),
)

_OF_EVENT = (["commune", "event_id"], ["events.commune", "events.event_id"])

event_acts = Table(
    "event_acts",  # every decision, in order: what was decided, by whom, in which function, why
    metadata,
    commune_column(),
    key_column("event_id"),
    Column("number", Integer, nullable=False),
    Column("act", String(20), nullable=False),
    Column("from_state", String(12), nullable=False),
    Column("to_state", String(12), nullable=False),
    Column("data", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("acted_by", String(64), nullable=False),
    Column("function", String(40), nullable=False),
    Column("acted_at", Double, nullable=False),
    Column("act_key", String(64)),  # of the click: the same again changes nothing
    PrimaryKeyConstraint("commune", "event_id", "number"),
    ForeignKeyConstraint(*_OF_EVENT),
    UniqueConstraint("commune", "act_key"),
)

event_holders = Table(
    "event_holders",  # one row a turn of duty
    metadata,
    commune_column(),
    key_column("event_id"),
    Column("number", Integer, nullable=False),
    Column("post", String(40), nullable=False),  # a function's or a cell's code
    Column("holder", String(64), nullable=False),  # "contact:ID" of the plan, or "user:LOGIN"
    Column("since", Double, nullable=False),
    instant_column("until"),
    Column("set_by", String(64), nullable=False),
    Column("sheet", JSON(none_as_null=True)),  # what was handed over to whoever began here
    PrimaryKeyConstraint("commune", "event_id", "number"),
    ForeignKeyConstraint(*_OF_EVENT),
    Index(
        "ix_event_holders_now",
        "commune",
        "event_id",
        "post",
        unique=True,
        sqlite_where=text("until IS NULL"),
        postgresql_where=text("until IS NULL"),
    ),
)

event_tasks = Table(
    "event_tasks",
    metadata,
    commune_column(),
    key_column("event_id"),
    Column("card", String(40), nullable=False),
    Column("step", Integer, nullable=False),
    Column("title", Text, nullable=False),  # the card's
    Column("text", Text, nullable=False),
    Column("cell", String(40)),
    Column("owner", String(64)),  # as a holder is named
    Column("state", String(16), nullable=False),  # open | done | not_applicable
    Column("note", Text, nullable=False),
    Column("template", String(40)),  # the message that this step sends
    Column("approval", String(40)),  # whose word is needed first
    Column("duration_min", Integer),
    Column("opened_at", Double, nullable=False),
    Column("changed_by", String(64)),
    instant_column("changed_at"),
    Column("means", String(64)),  # of the alert that this step does: siren, fr_alert…
    instant_column("done_at"),  # when it was done, where somebody told
    PrimaryKeyConstraint("commune", "event_id", "card", "step"),
    ForeignKeyConstraint(*_OF_EVENT),
)

event_alerts = Table(
    "event_alerts",  # what was drafted from the event's page
    metadata,
    commune_column(),
    key_column("event_id"),
    key_column("alert_id"),
    Column("template", String(40), nullable=False),
    Column("drafted_by", String(64), nullable=False),
    Column("drafted_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "event_id", "alert_id"),
    UniqueConstraint("commune", "event_id", "template"),
    ForeignKeyConstraint(*_OF_EVENT),
)

summonses = Table(
    "summonses",  # people of the plan called up: decided once, then deputies follow by themselves
    metadata,
    commune_column(),
    key_column("summons_id"),  # the alert under which its messages leave
    key_column("event_id"),
    Column("why", String(12), nullable=False),  # received | pre_alert | activate | relieve
    Column("wait_s", Double, nullable=False),  # of silence, before the deputy is called
    Column("expires_at", Double, nullable=False),
    Column("launched_by", String(64), nullable=False),
    Column("launched_at", Double, nullable=False),
    Column("stopped_by", String(64)),
    instant_column("over_at"),  # stopped, everybody found, or out of time
    PrimaryKeyConstraint("commune", "summons_id"),
    ForeignKeyConstraint(*_OF_EVENT),
    ForeignKeyConstraint(["commune", "summons_id"], ["alerts.commune", "alerts.alert_id"]),
    Index(
        "ix_summonses_open",
        "commune",
        "summons_id",
        sqlite_where=text("over_at IS NULL"),
        postgresql_where=text("over_at IS NULL"),
    ),
)

summons_calls = Table(
    "summons_calls",  # for each post, whom to call in which order
    metadata,
    commune_column(),
    key_column("summons_id"),
    Column("post", String(40), nullable=False),
    Column("rank", Integer, nullable=False),  # 0 the holder, then the deputies
    key_column("person_id"),
    Column("version_id", String(64)),  # that calls her; none yet: her turn has not come
    instant_column("called_at"),
    Column("outcome", String(12)),  # coming | unable | silent | unreachable
    instant_column("decided_at"),
    PrimaryKeyConstraint("commune", "summons_id", "post", "rank"),
    ForeignKeyConstraint(["commune", "summons_id"], ["summonses.commune", "summonses.summons_id"]),
)
