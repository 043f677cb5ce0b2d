"""Photos that teams send from the field: seen by the cell, kept for the incident only."""

from dataclasses import dataclass, field

from sqlalchemy import Connection, func, or_, select

from dispatcher.store.clock import db_now
from dispatcher.store.field_trails import closed_of
from dispatcher.store.ledger import Ledger
from dispatcher.store.phone_tables import team_photos
from dispatcher.store.statements import insert_in


@dataclass(frozen=True)
class Photo:
    """A photo; instants are epoch seconds. `tells_more`: it holds what the camera wrote in it."""

    photo: str
    team: str
    mission: str | None
    event: str | None
    link: str
    at: float
    tells_more: int
    note: str


@dataclass(frozen=True)
class Picture:
    """A photo with its content, JPEG."""

    about: Photo
    content: bytes = field(repr=False)


_ABOUT = [team_photos.c[name] for name in Photo.__dataclass_fields__]


def keep_photo(connection: Connection, commune: str, picture: Picture) -> bool:
    """Keep a photo inside the caller's transaction; the same one once.

    False, and nothing, where its event is closed: nothing would erase it any more.
    """
    if closed_of(connection, commune, [picture.about.event]):
        return False
    made = insert_in(connection.dialect.name, team_photos).on_conflict_do_nothing()
    row = {**vars(picture.about), "commune": commune, "content": picture.content}
    connection.execute(made.values(**row, recorded_at=db_now()))
    return True


async def photos_to_forget(ledger: Ledger, commune: str, event: str) -> int:
    """Count the photos that go with an event."""
    held = team_photos.c
    wanted = select(func.count()).where(
        held.commune == commune, or_(held.event == event, held.event.is_(None))
    )
    return await ledger.read(lambda connection: connection.execute(wanted).scalar_one())


async def photo_of(ledger: Ledger, commune: str, photo: str) -> Picture | None:
    """Return one photo; None where there is none."""
    wanted = select(*_ABOUT, team_photos.c.content).where(
        team_photos.c.commune == commune, team_photos.c.photo == photo
    )
    row = await ledger.read(lambda connection: connection.execute(wanted).mappings().first())
    if row is None:
        return None
    told = {name: row[name] for name in Photo.__dataclass_fields__}
    return Picture(Photo(**told), row["content"])


async def photos_of(ledger: Ledger, commune: str, team: str, *, limit: int = 50) -> list[Photo]:
    """Return what a team's photos are about, the newest first, without their content."""
    wanted = (
        select(*_ABOUT)
        .where(team_photos.c.commune == commune, team_photos.c.team == team)
        .order_by(team_photos.c.at.desc(), team_photos.c.photo)
        .limit(limit)
    )
    rows = await ledger.read(lambda connection: connection.execute(wanted).all())
    return [Photo(**row._mapping) for row in rows]
