"""A centre opened, closed, its places adjusted: by whom, and why where it stands in danger."""

from collections.abc import Mapping

from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow, NotSo
from dispatcher.crisis.cards import check_doer
from dispatcher.crisis.owed import AFTER
from dispatcher.crisis.steps import Asked, check_reason
from dispatcher.shelter.sight import CentreSeen, centres_seen
from dispatcher.store import centres
from dispatcher.store.centres import PURPOSES, Where
from dispatcher.store.crises import Event
from dispatcher.store.versions import Chained

MOST_PLACES = 100_000
_NAMES = {"reception": "accueil", "lodging": "hébergement", "meals": "ravitaillement"}


def check_led(event: Event) -> None:
    """Raise NotNow where nobody leads the event any more."""
    if not event.is_open:
        raise NotNow("L'événement est terminé : aucun centre ne s'ouvre plus.")


def check_not_filed(event: Event) -> None:
    """Raise NotNow where the event is filed: until then people leave, and centres close."""
    if not (event.is_open or event.state in AFTER):
        raise NotNow("L'événement est clos : ses centres ne changent plus.")


async def open_centre(
    office: Office, event_id: str, centre_id: str, *, asked: Asked
) -> CentreSeen:  # fmt: skip
    """Open a centre; one that lies in danger only with words that say why. Again, nothing changes.

    Raises NotNow with where else, where it lies in danger and nobody said why it opens.
    """
    check_doer(asked)
    seen = await centres_seen(office, event_id)
    check_led(seen.event)
    one = seen.one(centre_id)
    check_reason(asked, needed=False)
    if one.is_open:
        return one
    if one.dangers and not asked.reason.strip():
        raise NotNow(
            "« {label} » est {dangers}. Ouvrez un autre centre, ou écrivez pourquoi vous l'ouvrez"
            " quand même.",
            label=one.label,
            dangers=one.dangers,
        )
    line = office.line(
        asked.actor.login, "centre.opened", _opened(one, asked.reason.strip()),
        event=event_id, centre=centre_id, in_danger=[str(each) for each in one.dangers],
    )  # fmt: skip
    await centres.open_centre(office.ledger, _where(office, one, event_id), one.label, line=line)
    return await _again(office, event_id, centre_id)


def _opened(one: CentreSeen, reason: str) -> str:
    if not one.dangers:
        return f"Centre ouvert : {one.label}"
    known = " ; ".join(str(each) for each in one.dangers)
    return f"Centre ouvert : {one.label}, {known}. Motif : {reason}"


async def close_centre(
    office: Office, event_id: str, centre_id: str, *, asked: Asked
) -> CentreSeen:  # fmt: skip
    """Close a centre where nobody is counted any more. Again, nothing changes."""
    check_doer(asked)
    seen = await centres_seen(office, event_id)
    check_not_filed(seen.event)
    one = seen.one(centre_id)
    if not one.is_open:
        return one

    def line(named: int) -> Chained:
        return office.line(
            asked.actor.login, "centre.closed", f"Centre fermé : {one.label}", event=event_id,
            centre=centre_id, left_by_name=named,
        )  # fmt: skip

    done = await centres.close_centre(office.ledger, _where(office, one, event_id), line=line)
    again = await _again(office, event_id, centre_id)
    if not done and again.is_open:
        raise NotNow(
            "Il en reste {people} de comptées ici : notez leur départ, ou recomptez à 0.",
            people=again.people,
        )
    return again


async def adjust(
    office: Office,
    event_id: str,
    centre_id: str,
    *,
    places: Mapping[str, int | None],
    asked: Asked,
) -> CentreSeen:
    """Adjust a centre's places for the event, with a reason; None: the plan's again."""
    check_doer(asked)
    seen = await centres_seen(office, event_id)
    check_led(seen.event)
    one = seen.one(centre_id)
    if one.now is None:
        raise NotNow("Ouvrez d'abord ce centre : ses places s'ajustent ensuite.")
    check_reason(asked, needed=True)
    known = {name: value for name, value in places.items() if name in PURPOSES}
    if any(value is not None and not 0 <= value <= MOST_PLACES for value in known.values()):
        raise NotSo("Un nombre de places va de 0 à {most}.", most=MOST_PLACES)
    wanted = {**one.now.adjusted, **known}
    if wanted == one.now.adjusted:
        return one
    told = ", ".join(f"{_NAMES[name]} {_told(value)}" for name, value in known.items())
    line = office.line(
        asked.actor.login, "centre.places",
        f"Places ajustées : {one.label}, {told}. Motif : {asked.reason.strip()}",
        event=event_id, centre=centre_id, before=dict(one.now.adjusted), after=wanted,
    )  # fmt: skip
    if not await centres.adjust(office.ledger, one.now, wanted, line=line):
        raise NotNow("Quelqu'un vient d'ajuster ces places : relisez-les.")
    return await _again(office, event_id, centre_id)


def _told(value: int | None) -> str:
    return "selon le plan" if value is None else str(value)


def _where(office: Office, one: CentreSeen, event_id: str) -> Where:
    return Where(office.commune, event_id, one.centre_id)


async def _again(office: Office, event_id: str, centre_id: str) -> CentreSeen:
    return (await centres_seen(office, event_id)).one(centre_id)
