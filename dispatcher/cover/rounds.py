"""A round from door to door to have people enrol: doors without a confirmed contact, as one walks.

No resident's name is on it: who is enrolled there without a confirmed contact is not told either.
"""

import asyncio
from dataclasses import dataclass

import numpy as np

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotSo, NotThere
from dispatcher.cover.counting import uncovered_rows
from dispatcher.cover.ground import Ground, Grounds
from dispatcher.logbook.cells import table
from dispatcher.store import registered
from zones.streets import number_rank

COLUMNS = (
    "secteur",
    "rue",
    "numero",
    "adresse",
    "inscrit",
    "absent",
    "refuse",
    "remarque",
)
MOST_PRINTED = 3_000  # doors: sixty pages; more is no round


@dataclass(frozen=True)
class Where:
    """Which part of a commune is walked: a sector by its id, "-" for outside all; a street.

    Empty is all.
    """

    sector: str = ""
    street: str = ""


OUTSIDE = "-"


@dataclass(frozen=True)
class Door:
    """A door to knock at; `sector` is a name, empty outside all."""

    sector: str
    street: str
    number: str


@dataclass(frozen=True)
class Round:
    """The doors of a round in walking order: by street, then by number."""

    where: Where
    sector_name: str
    doors: tuple[Door, ...]

    def by_street(self) -> dict[str, list[str]]:
        """Return the numbers of each street, in walking order."""
        found: dict[str, list[str]] = {}
        for one in self.doors:
            found.setdefault(one.street, []).append(one.number)
        return found


async def take_round(office: Office, grounds: Grounds, where: Where, *, actor: Actor) -> Round:
    """Return the doors of a part of the commune without a confirmed contact; the look is noted.

    Raises NotThere where the addresses, the sector or the street are not there.
    """
    ground = await grounds.of(office)
    if not len(ground):
        raise NotThere("La base d'adresses n'est pas chargée : il n'y a pas de tournée sans elle.")
    within = _within(ground, where)
    bare = await uncovered_rows(office, ground)
    found = await asyncio.to_thread(_walked, ground, bare[within[bare]])
    line = office.line(
        actor.login, "residents.round", "Tournée d'inscription : adresses sans contact confirmé",
        sector=where.sector, addresses=len(found),
    )  # fmt: skip
    await registered.note(office.ledger, office.commune, line)
    names = {one.id: one.name for one in ground.sectors}
    return Round(where, names.get(where.sector, ""), found)


def _within(ground: Ground, where: Where) -> np.typing.NDArray[np.bool_]:
    within = np.ones(len(ground), dtype=bool)
    if where.sector:
        number = ground.sector("" if where.sector == OUTSIDE else where.sector)
        if number is None:
            raise NotThere("Ce secteur n'est pas dans le plan en vigueur.")
        within &= ground.sector_of == number
    if where.street:
        rows = ground.doors.rows_of([where.street])
        if not len(rows):
            raise NotThere("Cette rue n'est pas dans la base d'adresses.")
        named = np.zeros(len(ground), dtype=bool)
        named[rows] = True
        within &= named
    return within


def _walked(ground: Ground, rows: np.typing.NDArray[np.int64]) -> tuple[Door, ...]:
    streets, numbers = ground.doors.street_of, ground.doors.numbers
    order = sorted(rows.tolist(), key=lambda one: (int(streets[one]), number_rank(numbers[one])))
    names = [*(one.name for one in ground.sectors), ""]  # the last is that of NOWHERE
    return tuple(
        Door(names[ground.sector_of[one]], ground.doors.streets[streets[one]], numbers[one])
        for one in order
    )


def as_csv(found: Round) -> str:
    """Return a round as a spreadsheet opens it: French names, columns to fill in on the way."""
    return table(
        COLUMNS,
        (
            (one.sector, one.street, one.number, _address(one), "", "", "", "")
            for one in found.doors
        ),
    )


def _address(one: Door) -> str:
    return one.street if one.number == one.street else f"{one.number} {one.street}"


def as_paper(found: Round, *, issuer: str, day: str, address: str, svg: str) -> dict[str, object]:
    """Return what the form `tournee` prints; raises NotSo where it is no walk any more."""
    if len(found.doors) > MOST_PRINTED:
        raise NotSo(
            "{doors} adresses ne tiennent pas dans une tournée : choisissez un secteur ou une rue.",
            doors=len(found.doors),
        )
    return {
        "title": "Tournée d'inscription aux alertes",
        "issuer": issuer,
        "day": day,
        "where": " · ".join(one for one in (_sector_said(found), found.where.street) if one),
        "count": len(found.doors),
        "address": address,
        "svg": svg,
        "streets": [[street, numbers] for street, numbers in found.by_street().items()],
    }


def _sector_said(found: Round) -> str:
    return "Hors secteur" if found.where.sector == OUTSIDE else found.sector_name
