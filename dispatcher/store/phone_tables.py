"""Tables of the teams' phones: the links that open their page, the photos that they send."""

from sqlalchemy import (
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from dispatcher.store.schema import commune_column, instant_column, key_column, metadata

team_links = Table(
    "team_links",  # each opens one team's page on one phone or more, until it ends
    metadata,
    commune_column(),
    key_column("link"),
    Column("token_hash", String(64), nullable=False),  # the token itself is kept nowhere
    Column("team", String(64), nullable=False),
    Column("event", String(64)),
    Column("made_by", String(64), nullable=False),
    Column("made_at", Double, nullable=False),
    Column("ends_at", Double, nullable=False),
    Column("revoked_by", String(64)),
    instant_column("revoked_at"),
    instant_column("opened_at"),
    instant_column("seen_at"),
    Column("follows", String(64)),  # the mission during which it tells where its team is
    PrimaryKeyConstraint("commune", "link"),
    Index(None, "token_hash", unique=True),
    Index(None, "commune", "team", "made_at"),
)

team_photos = Table(
    "team_photos",  # as they came, each with its report; for the incident only, as the trails
    metadata,
    commune_column(),
    key_column("photo"),  # the id of its report
    Column("team", String(64), nullable=False),
    Column("mission", String(64)),
    Column("event", String(64)),
    Column("link", String(64), nullable=False),
    Column("at", Double, nullable=False),
    Column("recorded_at", Double, nullable=False),
    Column("tells_more", Integer, nullable=False),  # 1: it has kept what the camera wrote in it
    Column("note", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),  # JPEG
    PrimaryKeyConstraint("commune", "photo"),
    Index(None, "commune", "team", "at"),
)
