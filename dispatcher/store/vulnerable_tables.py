"""Tables of the register of vulnerable people (CASF L121-6-1): a register apart, its own key.

Nothing here refers to the general register, nor is referred to by it: who is in one is not thereby
in the other, and no statement joins them. Who somebody is, where she lives and how she is reached
are sealed (`dispatcher/ciphers.py`), each for its own row and column: a clear point would be her
door in the commune's addresses, one join away.
"""

from sqlalchemy import (
    Column,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
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
    whole_column,
)

vulnerable_people = Table(
    "vulnerable_people",
    metadata,
    commune_column(),
    key_column("entry_id"),  # of chance: it stands in the journal when the person is gone
    Column("number", Integer, nullable=False),  # of the request, as the town hall's letters say it
    Column("identity", LargeBinary, nullable=False),  # sealed: name, birth, on what ground, address
    Column("reach", LargeBinary, nullable=False),  # sealed: numbers, who to warn, who asked
    flag_column("placed"),  # whether her address is on the map; where it is, is sealed with it
    Column("asked_by", String(16), nullable=False),  # person | representative | third_party
    Column("received_at", Double, nullable=False),  # from then on, 8 days to acknowledge
    Column("recorded_at", Double, nullable=False),
    Column("recorded_by", String(64), nullable=False),
    instant_column("acknowledged_at"),
    Column("acknowledged_by", String(64)),
    Column("acknowledged_how", String(12)),  # post | hand | email | before
    whole_column("revision", 1),
    PrimaryKeyConstraint("commune", "entry_id"),
    UniqueConstraint("commune", "number"),
    Index(
        "ix_vulnerable_people_waiting",
        "commune",
        "received_at",
        sqlite_where=text("acknowledged_at IS NULL"),
        postgresql_where=text("acknowledged_at IS NULL"),
    ),
)

vulnerable_marks = Table(
    "vulnerable_marks",  # blind index
    metadata,
    commune_column(),
    Column("kind", String(12), nullable=False),  # surname | phone | born | home | home_only
    key_column("mark"),
    key_column("entry_id"),
    PrimaryKeyConstraint("commune", "kind", "mark", "entry_id"),
    ForeignKeyConstraint(
        ["commune", "entry_id"],
        ["vulnerable_people.commune", "vulnerable_people.entry_id"],
        ondelete="CASCADE",
    ),
    Index(None, "commune", "entry_id"),
)

vulnerable_left = Table(
    "vulnerable_left",  # who left or objected: a third party's request does not bring her back
    metadata,
    commune_column(),
    Column("kind", String(12), nullable=False),  # born | home | home_only; entry: gone otherwise
    key_column("mark"),
    key_column("entry_id"),  # hers when she was there: all her marks go together
    Column("left_at", Double, nullable=False),
    PrimaryKeyConstraint("commune", "kind", "mark", "entry_id"),
)

vulnerable_numbers = Table(
    "vulnerable_numbers",  # the last number given to a request: none is given twice
    metadata,
    commune_column(),
    Column("number", Integer, nullable=False),
    Column("key_mark", String(64), nullable=False),  # of a word of ours: tells the keys by it
    PrimaryKeyConstraint("commune"),
)

vulnerable_agents = Table(
    "vulnerable_agents",  # by name: a function alone opens nothing
    metadata,
    commune_column(),
    key_column("login"),
    Column("named_at", Double, nullable=False),
    Column("named_by", String(64), nullable=False),
    instant_column("ended_at"),
    Column("ended_by", String(64)),
    PrimaryKeyConstraint("commune", "login", "named_at"),
    Index(
        "ix_vulnerable_agents_now",
        "commune",
        "login",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

vulnerable_rulings = Table(
    "vulnerable_rulings",  # whether activating the PCS opens the register: the DPO's decisions
    metadata,
    commune_column(),
    Column("ruled_at", Double, nullable=False),
    flag_column("on_activation"),
    Column("reference", Text, nullable=False),  # of the opinion, where it is filed
    Column("ruled_by", String(64), nullable=False),
    PrimaryKeyConstraint("commune", "ruled_at"),
)

vulnerable_openings = Table(
    "vulnerable_openings",
    metadata,
    commune_column(),
    key_column("opening_id"),
    Column("ground", String(16), nullable=False),  # prefect_plan | pcs_activation
    Column("reference", Text, nullable=False),  # the prefect's message, or the event's title
    Column("event_id", String(64)),
    Column("opened_at", Double, nullable=False),
    Column("opened_by", String(64), nullable=False),
    instant_column("closed_at"),
    Column("closed_by", String(64)),
    PrimaryKeyConstraint("commune", "opening_id"),
    Index(
        "ix_vulnerable_openings_now",
        "commune",
        unique=True,
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
)

vulnerable_looks = Table(
    "vulnerable_looks",  # who saw what, and why; triggers let it only grow
    metadata,
    commune_column(),
    Column("number", Integer, nullable=False),
    Column("at", Double, nullable=False),
    key_column("login"),
    Column("what", String(12), nullable=False),  # search | card | numbers | letter | list
    Column("entry_id", String(64)),
    Column("opening_id", String(64)),
    Column("reason", String(16), nullable=False),  # the ground of the opening, or of the upkeep
    whole_column("people"),  # how many she saw
    PrimaryKeyConstraint("commune", "number"),
    Index(None, "commune", "entry_id"),
    Index(None, "commune", "opening_id"),
)

vulnerable_outcomes = Table(
    "vulnerable_outcomes",  # what became of each person while the register was open, the last last
    metadata,
    commune_column(),
    key_column("opening_id"),
    key_column("entry_id"),
    Column("number", Integer, nullable=False),
    Column("outcome", String(12), nullable=False),  # well | help | absent | elsewhere
    Column("noted_at", Double, nullable=False),
    Column("noted_by", String(64), nullable=False),
    PrimaryKeyConstraint("commune", "opening_id", "entry_id", "number"),
)
