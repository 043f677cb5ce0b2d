"""A door-to-door mission of those whom an alert did not reach: their doors, along the streets.

A door that an open mission has already is not knocked at by two teams: the same street asked for
twice is one mission, and who was missed since is the next one. Where the alert was corrected
meanwhile, the team that is on its way says the new words; a door where the former ones were said
is one to visit again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from dispatcher.access.permissions import allowed
from dispatcher.alerts.call_list import ToCall, placed_list
from dispatcher.alerts.life import find, newest_launched
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotSo, NotYou
from dispatcher.delivery.content import Content
from dispatcher.store.mission_doors import ListOf, knocked_at
from dispatcher.store.mission_rows import Mission
from dispatcher.store.new_doors import DoorsOf, NewDoor, add_doors
from dispatcher.store.told_marks import told_of
from dispatcher.store.versions import Version
from dispatcher.tasking.households import doors_of_households
from dispatcher.tasking.wishes import Wish, made
from dispatcher.teams.door_words import STREET, spoken
from dispatcher.teams.ordering import LONGEST_TITLE, NewMission

MAY = "alert.unreached"
MOST_DOORS = 400  # of one mission: more are several teams' evening
_DONE = ("phoned", "at_door")


@dataclass(frozen=True)
class Choice:
    """Which part of the list: people by id, or streets and a sector by their names as listed.

    Nothing at all is not everything: who asks for nothing is told so.
    """

    sector: str | None = None
    streets: Sequence[str] = ()
    people: Sequence[str] = ()
    reason: str = ""


@dataclass(frozen=True)
class _Doors:
    doors: tuple[NewDoor, ...] = ()
    without: int = 0  # people who have no address
    sectors: frozenset[str] = field(default_factory=frozenset)


async def from_street(
    office: Office, alert_id: str, choice: Choice, *, wish: Wish, actor: Actor
) -> Mission:
    """Make the mission of the chosen doors, or return the open one that has them all.

    Who was told meanwhile is left out. Raises NotSo where no door is left, NotYou, NotThere.
    """
    if not allowed(actor.function, MAY):
        raise NotYou("Votre fonction ne permet pas de lire la liste des non joints.")
    version = await newest_launched(office, alert_id) or await find(office, alert_id)
    chosen = _gathered(await _lines(office, version, choice))
    if not chosen.doors:
        raise NotSo("Aucune porte à visiter dans ce choix : choisissez une rue ou un secteur.")
    if len(chosen.doors) > MOST_DOORS:
        raise NotSo(
            "Une mission a {most} portes au plus : choisissez rue par rue.", most=MOST_DOORS
        )

    def standing(connection: Connection) -> str | None:
        had = knocked_at(connection, office.commune, _list_of(version), chosen.doors)
        return next(iter(had.values())) if len(had) == len(chosen.doors) else None

    def doors_too(connection: Connection, mission: str) -> None:
        had = knocked_at(connection, office.commune, _list_of(version), chosen.doors)
        rest = [one for one in chosen.doors if one.door not in had]
        add_doors(
            connection,
            DoorsOf(office.commune, mission, version.version_id, office.ledger.ring),
            rest,
        )

    new = replace(_mission_of(version, chosen), standing=standing, beside=doors_too)
    return await made(office, new, wish, actor=actor)


def _list_of(version: Version) -> ListOf:
    return ListOf(STREET, version.alert_id, version.version_id)


async def _lines(office: Office, version: Version, choice: Choice) -> list[ToCall]:
    if not (choice.people or choice.streets or choice.sector is not None):
        return []
    marks = await told_of(office.ledger, office.commune, version.version_id)
    wanted = set(choice.people)
    streets = {one.casefold() for one in choice.streets}
    return [
        line
        for line in await placed_list(office, version)
        if not (line.person_id in marks and marks[line.person_id].how in _DONE)
        and (not wanted or line.person_id in wanted)
        and (choice.sector is None or line.sector == choice.sector)
        and (not streets or line.street.casefold() in streets)
        and (not choice.reason or line.reason == choice.reason)
    ]


def _gathered(lines: Sequence[ToCall]) -> _Doors:
    addressed = [one for one in lines if one.address]
    sectors = frozenset(one.sector for one in addressed)
    return _Doors(doors_of_households(addressed), len(lines) - len(addressed), sectors)


def _mission_of(version: Version, chosen: _Doors) -> NewMission:
    content = Content.of(version.content)
    streets = list(dict.fromkeys(one.street for one in chosen.doors))
    title = f"Porte-à-porte : {', '.join(streets)}"
    if len(title) > LONGEST_TITLE:
        title = f"{title[: LONGEST_TITLE - 1]}…"
    said = f"Dire à chaque porte : {spoken(version)}"
    without = f"{chosen.without} personne(s) sans adresse ne sont pas dans la liste."
    first = next((one for one in chosen.doors if one.lon is not None), None)
    (sector,) = chosen.sectors if len(chosen.sectors) == 1 else ("",)
    return NewMission(
        kind="door_to_door",
        title=title,
        text=f"{said}\n{without}" if chosen.without else said,
        sector=sector[:64] or None,
        lon=first.lon if first else None,
        lat=first.lat if first else None,
        urgency=2,
        origin=STREET,
        origin_ref=version.alert_id,
        mode=content.mode,
    )
