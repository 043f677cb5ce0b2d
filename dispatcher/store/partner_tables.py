"""Tables of partners: police, fire and other systems, their keys, what they sent and were told."""

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
)

from dispatcher.store.schema import (
    commune_column,
    instant_column,
    key_column,
    metadata,
    whole_column,
)

partners = Table(
    "partners",
    metadata,
    commune_column(),
    key_column("partner"),
    Column("name", Text, nullable=False),
    Column("kind", String(24), nullable=False),  # dispatcher/partners/kinds.py
    Column("teams", JSON, nullable=False),  # ids of the plan's teams that it speaks for
    Column("verbs", JSON, nullable=False),  # what it may do; launching is never among them
    Column("rate_per_s", Double, nullable=False),
    Column("url", Text, nullable=False),  # where its events are posted; empty: it comes for them
    Column("asked_by", String(64), nullable=False),
    Column("asked_at", Double, nullable=False),
    Column("agreed_by", String(64)),  # a second administrator; nothing is let in before
    instant_column("agreed_at"),
    Column("ended_by", String(64)),
    instant_column("ended_at"),
    whole_column("told_from"),  # the last line before it was let in: it is told what came after
    whole_column("pushed_through"),  # the last line of the logbook that it was told
    whole_column("push_tries"),
    instant_column("push_at"),  # when it is due, or until when `push_holder` has it
    Column("push_problem", Text, nullable=False),
    instant_column("push_failing_at"),  # since when nothing was taken
    instant_column("push_stopped_at"),  # it answered 410: nothing more until somebody says so
    Column("push_holder", String(64)),  # the turn that is at it: one at a time
    whole_column("push_refused"),  # tries in a row that refused the event itself
    whole_column("push_passed"),  # events that it refused each time, and that it was not told
    whole_column("push_passed_after"),  # the line before the first of them
    PrimaryKeyConstraint("commune", "partner"),
)

partner_keys = Table(
    "partner_keys",  # not the secrets: each is made from a key file and its serial
    metadata,
    commune_column(),
    key_column("partner"),
    Column("serial", Integer, nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("made_at", Double, nullable=False),
    instant_column("ends_at"),  # the old one of a rotation; none: until it is ended
    PrimaryKeyConstraint("commune", "partner", "serial"),
)

partner_messages = Table(
    "partner_messages",  # each id once, with its first answer: replays change nothing
    metadata,
    commune_column(),
    key_column("partner"),
    Column("message_id", String(128), nullable=False),
    Column("digest", String(64), nullable=False),  # of the body: one id is one body
    Column("door", String(80), nullable=False),  # which door it came to
    Column("sent_at", Double, nullable=False),
    Column("received_at", Double, nullable=False),
    Column("repeats", Integer, nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", JSON, nullable=False),
    PrimaryKeyConstraint("commune", "partner", "message_id"),
    Index(None, "commune", "partner", "received_at"),
)

external_ids = Table(
    "external_ids",  # what a partner calls a team or a mission: a call sign, its intervention
    metadata,
    commune_column(),
    key_column("partner"),
    Column("kind", String(8), nullable=False),  # team | mission
    Column("external", String(120), nullable=False),
    Column("ours", String(64), nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("made_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "partner", "kind", "external"),
)
