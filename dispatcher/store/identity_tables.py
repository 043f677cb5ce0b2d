"""Tables of signing in by a provider: whose account there is whose here, and what is under way."""

from sqlalchemy import (
    Column,
    Double,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from dispatcher.store.schema import commune_column, instant_column, key_column, metadata

identities = Table(
    "identities",
    metadata,
    commune_column(),
    Column("issuer", String(200), nullable=False),
    key_column("subject_hash"),  # what the provider calls her is not kept in clear
    key_column("login"),
    Column("linked_at", Double, nullable=False),
    instant_column("used_at"),
    PrimaryKeyConstraint("commune", "issuer", "subject_hash"),
    ForeignKeyConstraint(["commune", "login"], ["users.commune", "users.login"]),
    Index(None, "commune", "login", "issuer", unique=True),
)

oidc_flows = Table(
    "oidc_flows",  # sign-ins under way: each row serves once, in the browser that began it
    metadata,
    key_column("state_hash"),
    key_column("browser_hash"),
    key_column("source_hash"),
    Column(
        "purpose", String(10), nullable=False
    ),  # sign_in | link | redeem | step_up | code | pass
    commune_column(),
    Column("login", String(64)),
    Column("opener", String(64)),  # id of the session, or hash of the pass, it was begun with
    Column("nonce", String(64), nullable=False),
    Column("verifier", String(64), nullable=False),
    Column("vers", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    PrimaryKeyConstraint("state_hash"),
    Index(None, "expires_at"),
    Index(None, "source_hash", "created_at"),
)
