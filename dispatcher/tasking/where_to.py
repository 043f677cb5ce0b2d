"""Where a team goes for who called: the door that was told of, else her home in the danger area."""

from collections.abc import Iterable

from dispatcher.alerts.covered import covered
from dispatcher.alerts.office import Office
from dispatcher.store.help_calls import HelpCall
from dispatcher.store.help_whose import Home, Whose
from dispatcher.store.versions import launched_version_of


async def where_to(office: Office, call: HelpCall, found: Whose) -> list[Home]:
    """Return the addresses known behind a call, the likeliest first.

    A daughter's home may stand beside her mother's: what the alert covers comes before what else
    has a place on the map, and that before what has none.
    """
    if found.door is not None:
        return [found.door]
    homes = _once(home for one in found.people for home in one.homes)
    if len(homes) < 2 or not call.alert_id:
        return sorted(homes, key=lambda one: one.lon is None)
    version = await launched_version_of(office.ledger, office.commune, call.alert_id)
    inside = covered(homes, version.content) if version else []
    ranked = sorted(range(len(homes)), key=lambda at: (at not in inside, homes[at].lon is None, at))
    return [homes[at] for at in ranked]


def _once(homes: Iterable[Home]) -> list[Home]:
    """Two people of a household have one door."""
    found: dict[str, Home] = {}
    for home in homes:
        if home.label not in found or found[home.label].lon is None:
            found[home.label] = home
    return list(found.values())
