"""The doors that a mission is made with: each street and label sealed for its own row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.statements import insert_in
from dispatcher.store.tasking_tables import mission_doors

_SEALED = ("street", "label")


@dataclass(frozen=True)
class NewDoor:
    """A door to knock at; `people` are ids of those behind it."""

    door: str
    place: int
    street: str
    label: str
    lon: float | None
    lat: float | None
    people: tuple[str, ...]


@dataclass(frozen=True)
class DoorsOf:
    """Whose doors they are: a mission's, for an alert's version; under these keys."""

    commune: str
    mission: str
    version: str
    ring: Ring

    def row(self, one: NewDoor) -> dict[str, Any]:
        """Return the row of a door, its street and label sealed for it."""
        kept = {"commune": self.commune, "mission": self.mission, "version_id": self.version}
        words = {
            column: personal.sealed(
                self.ring,
                getattr(one, column),
                personal.door_at(column, self.commune, self.mission, one.door),
            )
            for column in _SEALED
        }
        return {**kept, **vars(one), **words, "people": list(one.people)}


def add_doors(connection: Connection, of: DoorsOf, doors: Sequence[NewDoor]) -> None:
    """Give a mission its doors, inside the transaction that makes it."""
    rows = [of.row(one) for one in doors]
    if rows:
        made = insert_in(connection.dialect.name, mission_doors)
        connection.execute(made.on_conflict_do_nothing(), rows)
