"""Which mission comes first: by urgency, then by its place in line; and whose it is next.

A team has one active mission. Further ones wait for it, proposed, and are offered once it is free:
a person gives them, nothing here does.
"""

from collections.abc import Mapping, Sequence

from dispatcher.access.permissions import allowed
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotYou
from dispatcher.store import mission_line
from dispatcher.store.mission_rows import Mission
from dispatcher.teams.ordering import MAY, URGENCIES, find_mission, find_team

MOVES = ("up", "down", "first", "last")


async def put_in_line(
    office: Office, mission: str, to: str, *, actor: Actor, urgency: int | None = None
) -> Mission:
    """Move a mission among those of its urgency, or of another one: up, down, first or last.

    `before:ID` puts it before that mission. Raises NotSo for no such place, NotNow at its end.
    """
    _may(actor)
    found = await find_mission(office, mission)
    if found.is_over:
        raise NotNow("La mission est terminée : sa place ne change plus.")
    wanted = found.urgency if urgency is None else urgency
    if wanted not in URGENCIES:
        raise NotSo("L'urgence va de 1 (une vie en danger) à 4 (on a le temps).")
    other = to.removeprefix("before:") if to.startswith("before:") else None
    if other is None and to not in MOVES:
        raise NotSo("« {to} » n'est pas une place : {known}.", to=to, known=", ".join(MOVES))
    line = office.line(
        actor.login, "mission.line", "Ordre des missions changé", mission=mission, to=to,
        urgency=wanted, event=found.event,
    )  # fmt: skip

    def arrange(there: Sequence[str]) -> Sequence[str]:
        return moved(there, mission, to=to)

    await mission_line.rearrange(
        office.ledger, (office.commune, mission), wanted, arrange=arrange, line=line
    )
    return await find_mission(office, mission)


def moved(there: Sequence[str], one: str, *, to: str) -> list[str]:
    """Return the line with one of it moved; towards a place that is not there, as it is."""
    rest, at = [other for other in there if other != one], there.index(one)
    places = {"up": at - 1, "down": at + 1, "first": 0, "last": len(rest)}
    place = places.get(to, at)
    if (other := to.removeprefix("before:")) in rest:
        place = rest.index(other)
    place = max(0, min(place, len(rest)))
    return [*rest[:place], one, *rest[place:]]


async def queue(office: Office, mission: str, team: str, *, actor: Actor) -> Mission:
    """Keep a proposed mission for a team, free or not; empty: for nobody any more."""
    _may(actor)
    found = await find_mission(office, mission)
    known = await find_team(office, team) if team else None
    if found.queued_for == (known.team if known else None):
        return found
    said = "Mission gardée pour une équipe" if known else "Mission gardée pour personne"
    line = office.line(
        actor.login, "mission.queued", said, mission=mission, event=found.event,
        team=known.team if known else None,
    )  # fmt: skip
    kept_for = known.team if known else None
    of = (office.commune, mission)
    if not await mission_line.keep_for(office.ledger, of, kept_for, line=line):
        raise NotNow("La mission n'est plus à donner : relisez-la.")
    return await find_mission(office, mission)


async def offers(office: Office) -> Mapping[str, str]:
    """Return what each free team is to be offered next: mission by team."""
    return await mission_line.next_in_line(office.ledger, office.commune)


def _may(actor: Actor) -> None:
    if not allowed(actor.function, MAY):
        raise NotYou("Votre fonction ne permet pas de donner des missions.")
