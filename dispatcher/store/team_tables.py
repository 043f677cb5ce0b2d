"""Tables of teams: what was reported and ordered, what that comes to, missions, trails, alarms."""

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

own_teams = Table(
    "own_teams",  # teams that no plan names: a partner's patrol, volunteers who came
    metadata,
    commune_column(),
    key_column("team"),
    Column("call_sign", Text, nullable=False),
    Column("kind", String(24), nullable=False),  # as a partner's, or a plan's team's
    Column("partner", String(64)),  # whose it is; none: the commune's
    Column("minimum", Integer, nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("made_at", Double, nullable=False),
    instant_column("ended_at"),
    PrimaryKeyConstraint("commune", "team"),
)

field_reports = Table(
    "field_reports",  # facts and orders, never changed: a state is the fold of them
    metadata,
    commune_column(),
    key_column("report_id"),  # made of who said it and under which id: the same one is one
    Column("team", String(64)),
    Column("mission", String(64)),
    Column("event", String(64)),
    Column("at", Double, nullable=False),  # when it happened
    Column("recorded_at", Double, nullable=False),
    Column("said", String(24)),  # a team's status or event
    Column("mission_said", String(24)),  # a mission's state
    Column("ordered", Integer, nullable=False),  # 1: the cell decided it
    Column("strength", Integer),  # how many are aboard
    Column("note", Text, nullable=False),  # sealed
    Column("source", String(12), nullable=False),  # partner | phone | sms | keypad | console
    Column("author", String(64), nullable=False),  # a partner, a link, a contact, a login
    PrimaryKeyConstraint("commune", "report_id"),
    Index(None, "commune", "team", "at", "report_id"),
    Index(None, "commune", "mission", "at", "report_id"),
)

team_states = Table(
    "team_states",  # what a team's reports come to, kept at hand: made anew from them at any time
    metadata,
    commune_column(),
    key_column("team"),
    Column("state", String(24)),
    instant_column("since"),
    instant_column("last_at"),
    Column("last_report", String(64)),
    instant_column("heard_at"),
    Column("heard_report", String(64)),
    Column("missing", JSON, nullable=False),  # the steps that nobody reported
    Column("gaps", Integer, nullable=False),
    Column("strength", Integer),
    Column("lon", Double),
    Column("lat", Double),
    instant_column("placed_at"),
    Column("changed_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "team"),
    Index(None, "commune", "changed_at"),
)

missions = Table(
    "missions",
    metadata,
    commune_column(),
    key_column("mission"),
    Column("event", String(64)),
    Column("mode", String(16), nullable=False),
    Column("kind", String(24), nullable=False),  # plans/missions.py
    Column("title", Text, nullable=False),  # sealed
    Column("text", Text, nullable=False),  # sealed
    Column("sector", String(64)),
    Column("lon", Double),
    Column("lat", Double),
    Column("urgency", Integer, nullable=False),  # 1 life in danger … 4 when there is time
    Column("place_in_line", Integer, nullable=False),  # among those of the same urgency
    Column("origin", String(12), nullable=False),  # hand | card | help | street | partner
    Column("origin_ref", Text, nullable=False),  # the card and step, the call, the list
    Column("team", String(64)),
    Column("state", String(24), nullable=False),
    Column("since", Double, nullable=False),
    instant_column("last_at"),
    Column("last_report", String(64)),
    instant_column("heard_at"),
    Column("heard_report", String(64)),
    Column("missing", JSON, nullable=False),
    Column("gaps", Integer, nullable=False),
    Column("by_order", Integer, nullable=False, server_default=text("0")),  # of its state
    Column("made_by", String(64), nullable=False),
    Column("made_at", Double, nullable=False),
    Column("ordered_by", String(64)),
    instant_column("ordered_at"),
    instant_column("told_at"),  # when its team was told last, by whatever means
    Column("chased", Integer, nullable=False, server_default=text("0")),
    instant_column("chased_at"),
    Column("result", Text, nullable=False, server_default=text("''")),
    Column("changed_at", Double, nullable=False),
    Column("queued_for", String(64)),  # the busy team that is to have it next
    PrimaryKeyConstraint("commune", "mission"),
    Index(None, "commune", "team", "state"),
    Index(None, "commune", "event", "state"),
)

team_alarms = Table(
    "team_alarms",  # distress, too few aboard, no news: each until somebody ended it in words
    metadata,
    commune_column(),
    key_column("alarm"),
    Column("team", String(64), nullable=False),
    Column("mission", String(64)),
    Column("event", String(64)),
    Column("kind", String(16), nullable=False),  # dispatcher/teams/alarming.py
    Column("level", String(8), nullable=False),  # warning | critical
    Column("report_id", String(64)),
    Column("raised_at", Double, nullable=False),
    instant_column("again_at"),
    Column("owner", String(64)),
    instant_column("owned_at"),
    instant_column("rung_at"),
    instant_column("tried_at"),  # when nobody could be called
    Column("rings", Integer, nullable=False, server_default=text("0")),  # who was called, in order
    Column("note", Text, nullable=False, server_default=text("''")),
    Column("ended_by", String(64)),
    instant_column("ended_at"),
    PrimaryKeyConstraint("commune", "alarm"),
    Index(
        "ix_team_alarms_open",
        "commune",
        "team",
        "kind",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

team_trails = Table(
    "team_trails",  # where a team was: kept for the incident only
    metadata,
    commune_column(),
    key_column("team"),
    Column("at", Double, nullable=False),
    Column("lon", Double, nullable=False),
    Column("lat", Double, nullable=False),
    Column("accuracy_m", Double),
    Column("source", String(12), nullable=False),
    Column("event", String(64)),
    Column("mission", String(64)),
    PrimaryKeyConstraint("commune", "team", "at"),
)

desk_items = Table(
    "desk_items",  # what nobody could place: kept whole until somebody has
    metadata,
    commune_column(),
    key_column("item"),
    Column("came_at", Double, nullable=False),
    Column("happened_at", Double, nullable=False),
    Column("source", String(12), nullable=False),
    Column("author", String(64), nullable=False),
    Column("why", String(24), nullable=False),  # unknown_team | unknown_mission | unknown_word
    Column("named", Text, nullable=False),  # the name that was not known
    Column("body", JSON, nullable=False),  # what was said
    Column("ended_by", String(64)),
    instant_column("ended_at"),
    Column("outcome", Text, nullable=False, server_default=text("''")),
    PrimaryKeyConstraint("commune", "item"),
    Index(
        "ix_desk_items_open",
        "commune",
        "came_at",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)
