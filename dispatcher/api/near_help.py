"""Where somebody who calls for help lives, to find who is nearest."""

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow
from dispatcher.distress import calls
from zones.area import Place


async def place_of_call(office: Office, call: str, *, actor: Actor) -> Place:
    """Return the first door known of who called; the look is in the logbook.

    Raises NotYou for who may not look, NotThere, or NotNow where no door of hers has a place.
    """
    _, whose = await calls.look(office, call, actor=actor)
    for person in whose.people:
        for home in person.homes:
            if home.lon is not None and home.lat is not None:
                return Place(home.lon, home.lat)
    raise NotNow("Aucune adresse située n'est connue pour cet appel : donnez un point.")
