"""Tables of what goes out: alerts, their versions, frozen audiences, deliveries, answers."""

from sqlalchemy import (
    JSON,
    BigInteger,
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
    mark_column,
    marks_column,
    metadata,
    serial_column,
    whole_column,
)

# A call that may be in progress, as its partial index says it.
ON_LINE = "medium = 'voice' AND state IN ('sending','accepted','unknown')"
# What is asked for at its provider when no receipt comes, and after how many looks no more.
LOOKS_AFTER = 3
SILENT = "state = 'accepted' AND medium IN ('sms','voice') AND reference IS NOT NULL AND looks < 3"

alerts = Table(
    "alerts",
    metadata,
    commune_column(),
    key_column("alert_id"),
    Column("mode", String(16), nullable=False),  # real | rehearsal | exercise | public_test
    Column("title", Text, nullable=False),
    Column("scenario", String(40)),
    Column("template", String(40)),
    Column("created_by", String(64), nullable=False),
    Column("created_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "alert_id"),
)

versions = Table(
    "versions",
    metadata,
    commune_column(),
    key_column("version_id"),
    key_column("alert_id"),
    whole_column("number", 1),
    Column("kind", String(12), nullable=False, server_default=text("'alert'")),  # succession.py
    Column("state", String(20), nullable=False),  # draft … cancelled: dispatcher/alerts/life.py
    Column("content", JSON, nullable=False),  # worded texts, media, area, plan: dispatcher/alerts
    Column("digest", String(64), nullable=False),
    Column("drafted_by", String(64), nullable=False, server_default=text("''")),
    whole_column("lane", 1),  # 0 life-threatening, 1 ordinary, 2 tests and information
    Column("expires_at", Double, nullable=False),
    whole_column("people"),
    Column("submitted_by", String(64)),
    instant_column("submitted_at"),
    Column("submitted_as", String(40)),  # the function that she held then
    Column("approved_by", String(64)),
    instant_column("approved_at"),
    Column("launch_key", String(64)),
    Column("launched_by", String(64)),
    instant_column("launched_at"),
    Column("cancelled_by", String(64)),
    instant_column("cancelled_at"),
    instant_column("finished_at"),
    Column("pursuit", String(8)),  # open | over: who does not confirm is pursued, or was
    PrimaryKeyConstraint("commune", "version_id"),
    ForeignKeyConstraint(["commune", "alert_id"], ["alerts.commune", "alerts.alert_id"]),
    UniqueConstraint("commune", "alert_id", "number"),
    UniqueConstraint("commune", "launch_key"),
    Index(None, "state"),
    Index(
        "ix_versions_pursuit",
        "commune",
        "version_id",
        sqlite_where=text("pursuit = 'open'"),
        postgresql_where=text("pursuit = 'open'"),
    ),
)

blocks = Table(
    "blocks",
    metadata,
    commune_column(),
    key_column("version_id"),
    Column("number", Integer, nullable=False),
    Column("chains", JSON, nullable=False),  # one list of media per target, in order of escalation
    Column("people", JSON, nullable=False),  # the frozen audience by rank: person ids, 500 a block
    Column("others", JSON(none_as_null=True)),  # chains of those who have not `chains`
    Column("choice", JSON(none_as_null=True)),  # 0: `chains`; n: the nth of `others`; none: all 0
    Column("followed", String(64)),  # no people: the last delivery gone through (earlier.py)
    instant_column("materialised_at"),
    PrimaryKeyConstraint("commune", "version_id", "number"),
    ForeignKeyConstraint(["commune", "version_id"], ["versions.commune", "versions.version_id"]),
    Index(
        "ix_blocks_waiting",
        "commune",
        "version_id",
        "number",
        sqlite_where=text("materialised_at IS NULL"),
        postgresql_where=text("materialised_at IS NULL"),
    ),
)

unreachable = Table(
    "unreachable",
    metadata,
    commune_column(),
    key_column("version_id"),
    key_column("person_id"),
    Column("reason", String(40), nullable=False),
    PrimaryKeyConstraint("commune", "version_id", "person_id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    serial_column(),  # as they are made, the most urgent first: neighbours leave together
    commune_column(),
    key_column("delivery_id"),
    key_column("version_id"),
    Column("medium", String(8), nullable=False),
    mark_column("contact_mark"),  # empty once erased
    Column("contact", Text, nullable=False),  # sealed for this delivery; empty once erased
    Column("language", String(8), nullable=False),
    Column("route", String(12), nullable=False),  # live | rehearsal: which accounts may claim it
    whole_column("lane", 1),
    Column("position", BigInteger, nullable=False),
    Column("state", String(12), nullable=False),
    Column("next_at", Double, nullable=False),
    Column("owner", String(64)),
    whole_column("fence"),
    instant_column("lease_until"),
    whole_column("attempts"),  # sends begun
    instant_column("began_at"),  # the last of them
    instant_column("doubt_at"),  # when the first of those began that may have left unseen
    instant_column("unreadable_at"),  # since when its provider's records cannot be read
    whole_column("looks"),  # look-ups at the provider since the last send, or its acceptance
    whole_column("doubts"),  # attempts whose end nobody saw
    whole_column("deaths"),  # workers that died or froze over it: a poison row is set aside
    Column("provider", String(40)),
    marks_column("tried"),  # accounts that could not take it in this round: others first
    marks_column("failed_by"),  # accounts whose receipt said undelivered: never again by them
    Column("reference", String(80)),
    Column("status", String(12)),  # the provider's last word
    whole_column("rank"),
    Column("reason", String(40)),
    instant_column("accepted_at"),
    instant_column("settled_at"),
    Column("answer_hash", String(32)),
    instant_column("pursued_at"),  # when its failure sent its people to their next step
    ForeignKeyConstraint(["commune", "version_id"], ["versions.commune", "versions.version_id"]),
    # One delivery a contact: its id is the digest of version, medium and contact (names.py). The
    # only index of random keys: with a million of them, each row written is a page written.
    UniqueConstraint("commune", "delivery_id"),
    Index(None, "commune", "version_id"),
    Index(
        "ix_deliveries_due",
        "route",
        "medium",
        "lane",
        "position",
        sqlite_where=text("state = 'ready'"),
        postgresql_where=text("state = 'ready'"),
    ),
    Index(
        "ix_deliveries_leased",
        "lease_until",
        sqlite_where=text("state IN ('claimed','sending')"),
        postgresql_where=text("state IN ('claimed','sending')"),
    ),
    Index(
        "ix_deliveries_on_line",
        "provider",
        "began_at",
        sqlite_where=text(ON_LINE),
        postgresql_where=text(ON_LINE),
    ),
    Index(
        "ix_deliveries_silent",
        "provider",
        "next_at",
        sqlite_where=text(SILENT),
        postgresql_where=text(SILENT),
    ),
    Index(
        "ix_deliveries_unknown",
        "next_at",
        sqlite_where=text("state = 'unknown'"),
        postgresql_where=text("state = 'unknown'"),
    ),
    Index(
        "ix_deliveries_failed",  # few: nothing is written here for a message that leaves well
        "commune",
        "version_id",
        sqlite_where=text("state IN ('failed','undelivered','exhausted') AND pursued_at IS NULL"),
        postgresql_where=text(
            "state IN ('failed','undelivered','exhausted') AND pursued_at IS NULL"
        ),
    ),
    Index(
        "ix_deliveries_settled",  # in the order in which they end: written at its end alone
        "commune",
        "settled_at",
        sqlite_where=text("settled_at IS NOT NULL"),
        postgresql_where=text("settled_at IS NOT NULL"),
    ),
    Index(
        "ix_deliveries_second",
        "route",
        "medium",
        sqlite_where=text("state = 'ready' AND failed_by <> ''"),
        postgresql_where=text("state = 'ready' AND failed_by <> ''"),
    ),
    Index(
        "ix_deliveries_answer",
        "answer_hash",
        sqlite_where=text("answer_hash IS NOT NULL"),
        postgresql_where=text("answer_hash IS NOT NULL"),
    ),
)

recipients = Table(
    "recipients",  # who is behind a delivery's contact: of the delivery's commune
    metadata,
    Column("serial", BigInteger, nullable=False),
    key_column("person_id"),
    PrimaryKeyConstraint("serial", "person_id"),
    sqlite_with_rowid=False,  # nothing but its key: written once, not twice
)
BEHIND = recipients.c.serial == deliveries.c.serial

attempts = Table(
    "attempts",  # written once each, when they end; `lost`: the worker died or froze over it
    metadata,
    commune_column(),
    key_column("delivery_id"),
    Column("number", Integer, nullable=False),
    Column("provider", String(40), nullable=False),
    Column("started_at", Double, nullable=False),
    Column("ended_at", Double, nullable=False),
    Column("outcome", String(12), nullable=False),  # accepted | refused | unsent | unknown | lost
    Column("reference", String(80)),
    Column("detail", String(120)),
    PrimaryKeyConstraint("commune", "delivery_id", "number"),
)

receipts = Table(
    "receipts",
    metadata,
    commune_column(),
    key_column("delivery_id"),
    Column("number", Integer, nullable=False),
    Column("status", String(12), nullable=False),
    Column("detail", String(120)),
    Column("received_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "delivery_id", "number", "status"),
)

progress = Table(
    "progress",  # one row, of the whole ledger: how far it has come, and whether it may go on
    metadata,
    key_column("ledger_id"),
    Column("windows", BigInteger, nullable=False),  # windows of sends begun
    instant_column("restored_at"),  # seen to be older than what left: nothing leaves
    instant_column("let_go_at"),  # alerts launched before may have gone further than it knows
    PrimaryKeyConstraint("ledger_id"),
)

answers = Table(
    "answers",
    metadata,
    commune_column(),
    key_column("delivery_id"),
    Column("kind", String(12), nullable=False),  # understood | help
    Column("via", String(12), nullable=False),  # page | keypad | sms | ring
    Column("answered_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "delivery_id", "kind"),
)

paces = Table(
    "paces",  # rates that were changed: of an account, which all communes of an installation share
    metadata,
    Column("account", String(40), nullable=False),
    Column("rate_per_s", Double, nullable=False),  # of the account's own unit
    commune_column(),  # in whose logbook the change is told
    Column("changed_by", String(64), nullable=False),
    Column("changed_at", Double, nullable=False),
    PrimaryKeyConstraint("account"),
)
