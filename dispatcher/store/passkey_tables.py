"""Tables of passkeys: the public half of each, and the challenges that served once."""

from sqlalchemy import JSON, BigInteger, Column, Double, Index, PrimaryKeyConstraint, Table, Text

from dispatcher.store.schema import (
    commune_column,
    flag_column,
    instant_column,
    key_column,
    metadata,
)

passkeys = Table(
    "passkeys",
    metadata,
    commune_column(),
    key_column("credential_hash"),
    key_column("login"),
    Column("credential_id", Text, nullable=False),  # base64url, as browsers give it
    Column("public_key", Text, nullable=False),  # a COSE key, base64url
    Column("sign_count", BigInteger, nullable=False),  # 32 bits without a sign
    Column("transports", JSON, nullable=False),  # internal, hybrid, usb, nfc, ble
    Column("label", Text, nullable=False),  # in the owner's words; empty: said by its transports
    flag_column("backed_up"),  # copied by its maker to the owner's other devices
    Column("created_at", Double, nullable=False),
    instant_column("used_at"),
    instant_column("suspect_at"),  # since when it opens nothing: somebody may hold a copy
    PrimaryKeyConstraint("commune", "credential_hash"),
    Index(None, "credential_hash", unique=True),  # a key opens one account of the installation
    Index(None, "commune", "login"),
)

# A challenge is a signed note that nobody keeps before it has served (access/challenges.py).
spent_challenges = Table(
    "spent_challenges",
    metadata,
    commune_column(),
    key_column("challenge_hash"),
    Column("expires_at", Double, nullable=False),
    PrimaryKeyConstraint("challenge_hash"),
    Index(None, "expires_at"),
)
