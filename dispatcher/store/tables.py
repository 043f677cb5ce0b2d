"""Tables of what the commune knows: plan, addresses, people, users, logbook."""

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
    text,
)

from dispatcher.store.schema import (
    commune_column,
    flag_column,
    instant_column,
    key_column,
    mark_column,
    metadata,
    whole_column,
)

plans = Table(
    "plans",
    metadata,
    commune_column(),
    Column("digest", String(64), nullable=False),
    Column("version", String(64), nullable=False),
    Column("files", JSON, nullable=False),  # path → base64 of the content: the plan as it was read
    flag_column("in_force"),
    Column("loaded_at", Double, nullable=False),
    Column("loaded_by", String(64), nullable=False),
    PrimaryKeyConstraint("commune", "digest"),
    Index(
        "ix_plans_in_force",
        "commune",
        unique=True,
        sqlite_where=text("in_force"),
        postgresql_where=text("in_force"),
    ),
)

addresses = Table(
    "addresses",
    metadata,
    commune_column(),
    key_column("address_id"),
    Column("label", Text, nullable=False),
    Column("street", Text, nullable=False),
    Column("place_key", Text, nullable=False),  # normalised label
    mark_column("place_mark"),  # of `place_key`: how a home finds its address
    Column("lon", Double),
    Column("lat", Double),
    PrimaryKeyConstraint("commune", "address_id"),
    Index(None, "commune", "place_mark"),
)

persons = Table(
    "persons",
    metadata,
    commune_column(),
    key_column("person_id"),
    Column("source", String(16), nullable=False),  # import | self | plan (of its directory)
    Column("external_id", String(64)),
    Column("name", Text, nullable=False),  # sealed (personal.py)
    Column("language", String(8), nullable=False),  # the first of `languages`
    Column("languages", JSON, nullable=False),  # every language understood, the best first
    Column("media", JSON, nullable=False),  # what the person chose, in order; empty: no choice made
    flag_column("warn_first"),
    flag_column("help_to_leave"),
    # Of messages that tell of no danger: topics switched off, hours (information.py); empty: all.
    Column("information", Text, nullable=False, server_default=text("''")),
    Column("household", Integer),  # how many live there, herself included; None: not said
    instant_column("consented_at"),
    instant_column("unsubscribed_at"),
    PrimaryKeyConstraint("commune", "person_id"),
    Index(None, "commune", "source", "external_id", unique=True),
    Index(
        "ix_persons_first",
        "commune",
        "person_id",
        sqlite_where=text("warn_first OR help_to_leave"),
        postgresql_where=text("warn_first OR help_to_leave"),
    ),
    sqlite_with_rowid=False,  # a block's people are read at random: one look each, not two
)

departed = Table(
    "departed",  # who unsubscribed or was erased: triggers on `persons` keep it, whoever does it
    metadata,
    commune_column(),
    key_column("person_id"),
    PrimaryKeyConstraint("commune", "person_id"),
    sqlite_with_rowid=False,
)

contacts = Table(
    "contacts",
    metadata,
    commune_column(),
    key_column("person_id"),
    Column("kind", String(8), nullable=False),  # mobile | fixed | email | webhook
    mark_column("mark"),  # of the value: how it is looked for
    Column("value", Text, nullable=False),  # sealed: E.164, mail address in lower case, https URL
    whole_column("rank"),
    instant_column("verified_at"),  # when whoever holds it confirmed it
    PrimaryKeyConstraint("commune", "person_id", "kind", "mark"),
    ForeignKeyConstraint(
        ["commune", "person_id"], ["persons.commune", "persons.person_id"], ondelete="CASCADE"
    ),
    # The mark first: who looks for it need not know its kind. With the person, so that SQLite
    # prefers it to reading the whole commune by the primary key.
    Index(None, "commune", "mark", "kind", "person_id"),
    sqlite_with_rowid=False,
)

name_marks = Table(
    "name_marks",  # of each word of a name: how somebody is found whose name is sealed
    metadata,
    commune_column(),
    mark_column("mark"),
    key_column("person_id"),
    PrimaryKeyConstraint("commune", "mark", "person_id"),
    ForeignKeyConstraint(
        ["commune", "person_id"], ["persons.commune", "persons.person_id"], ondelete="CASCADE"
    ),
    Index(None, "commune", "person_id"),
    sqlite_with_rowid=False,
)

homes = Table(
    "homes",
    metadata,
    commune_column(),
    key_column("person_id"),
    whole_column("number"),
    Column("kind", String(12), nullable=False, server_default=text("'home'")),  # home | work | …
    Column("label", Text, nullable=False),  # sealed
    mark_column("place_mark"),  # of its door; empty where nobody knows it
    Column("lon", Double),
    Column("lat", Double),
    PrimaryKeyConstraint("commune", "person_id", "number"),
    ForeignKeyConstraint(
        ["commune", "person_id"], ["persons.commune", "persons.person_id"], ondelete="CASCADE"
    ),
    Index(None, "commune", "place_mark"),
    Index(  # few of them in a good register, and every page counts them
        "ix_homes_nowhere",
        "commune",
        "person_id",
        sqlite_where=text("lon IS NULL"),
        postgresql_where=text("lon IS NULL"),
    ),
)

address_marks = Table(
    "address_marks",  # drawn anew when a commune's addresses are replaced
    metadata,
    commune_column(),
    Column("mark", BigInteger, nullable=False),
    PrimaryKeyConstraint("commune"),
)

populations = Table(
    "populations",  # a mark that triggers on `homes` draw anew at each change, whoever makes it
    metadata,
    commune_column(),
    Column("mark", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False, server_default=text("0")),  # counts them
    PrimaryKeyConstraint("commune"),
)

home_changes = Table(
    "home_changes",  # whose homes the last revisions changed, and the mark after each; "": all
    metadata,
    commune_column(),
    Column("revision", BigInteger, nullable=False),
    Column("mark", BigInteger, nullable=False),
    key_column("person_id"),
    PrimaryKeyConstraint("commune", "revision"),
    sqlite_with_rowid=False,
)

logbook = Table(
    "logbook",
    metadata,
    commune_column(),
    Column("number", Integer, nullable=False),
    Column("at", Double, nullable=False),  # when it happened
    Column("recorded_at", Double, nullable=False),
    Column("author", String(64), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    # Of the main courante; in the digest only where set, so that older lines keep theirs.
    Column("book", String(40)),
    Column("event", String(64)),
    Column("origin", Text),
    Column("channel", String(12)),  # phone | radio | mail | in_person | system | paper
    Column("request", Text),
    Column("decision", Text),
    Column("decision_by", Text),
    Column("execution_by", Text),
    Column("supersedes", Integer),  # the number of the line that this one corrects
    Column("closes", Integer),  # the number of the line whose end this one tells
    PrimaryKeyConstraint("commune", "number"),
    Index(
        "ix_logbook_sitreps",
        "commune",
        "number",
        sqlite_where=text("kind = 'sitrep.issued'"),
        postgresql_where=text("kind = 'sitrep.issued'"),
    ),
    Index(None, "commune", "event", "book", "number"),
    Index(
        "ix_logbook_supersedes",
        "commune",
        "supersedes",
        unique=True,
        sqlite_where=text("supersedes IS NOT NULL"),
        postgresql_where=text("supersedes IS NOT NULL"),
    ),
    Index(
        "ix_logbook_closes",
        "commune",
        "closes",
        unique=True,
        sqlite_where=text("closes IS NOT NULL"),
        postgresql_where=text("closes IS NOT NULL"),
    ),
)

users = Table(
    "users",
    metadata,
    commune_column(),
    key_column("login"),
    Column("name", Text, nullable=False),
    Column("function", String(40), nullable=False),  # dos | deputy | rac | operator | observer | …
    Column("password_hash", Text, nullable=False),
    Column("totp_secret", Text),
    Column("totp_used", BigInteger),  # the last time step accepted: a code serves once
    flag_column("waived"),  # no second factor is asked of her, while all that leaves is pretended
    Column("contact_id", String(64)),  # who she is in the plan's directory
    Column("until_event", String(64)),  # access granted for one crisis ends with it
    instant_column("disabled_at"),
    PrimaryKeyConstraint("commune", "login"),
)

guesses = Table(
    "guesses",  # failed sign-ins, by name tried (known or not) and by where they came from
    metadata,
    commune_column(),
    key_column("login_hash"),
    key_column("source_hash"),
    whole_column("failures"),
    instant_column("locked_until"),
    Column("tried_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "login_hash", "source_hash"),
    Index(None, "tried_at"),
)

sessions = Table(
    "sessions",
    metadata,
    commune_column(),
    key_column("session_id"),  # stays when the token is changed at a step-up
    Column("session_hash", String(64), nullable=False),
    key_column("login"),
    Column("method", String(16), nullable=False),  # password | passkey | oidc | recovery
    Column("source", Text, nullable=False),  # address it was opened from
    Column("agent", Text, nullable=False),  # browser, as it names itself
    Column("created_at", Double, nullable=False),
    Column("seen_at", Double, nullable=False),
    instant_column("confirmed_at"),  # when a second factor was last shown
    instant_column("revoked_at"),
    PrimaryKeyConstraint("commune", "session_id"),
    Index(None, "session_hash", unique=True),
)

acts = Table(
    "acts",  # answers already given to an Idempotency-Key, so that a second click changes nothing
    metadata,
    commune_column(),
    key_column("act_key"),
    Column("fingerprint", String(64), nullable=False),
    Column("status", Integer),
    Column("answer", JSON),
    Column("acted_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "act_key"),
)
