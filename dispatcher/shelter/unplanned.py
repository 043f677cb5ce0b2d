"""A centre that the plan does not have, opened in an event by its name, address and surface.

Nobody drew it: its address is looked up among the commune's own, so that a danger there is told;
where it is not known, that is said. Nobody is sent there instead of elsewhere. Its places are
counted from its surface, as a planned one's are, and adjusted the same way.
"""

import hashlib
from dataclasses import dataclass

from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow, NotSo
from dispatcher.crisis.cards import check_doer
from dispatcher.crisis.steps import Asked
from dispatcher.residents.place_key import place_key
from dispatcher.shelter.opening import check_led
from dispatcher.shelter.places import counted
from dispatcher.shelter.sight import Centres, CentreSeen, centres_seen
from dispatcher.store import centres
from dispatcher.store.centres import PURPOSES, Where
from dispatcher.store.doors import door_at
from plans.ground import CentreRules

LONGEST_NAME, LONGEST_ADDRESS = 120, 200
MOST_M2 = 100_000


@dataclass(frozen=True)
class NewCentre:
    """A centre to open: what it is called, where it is, how large (m²; None: nobody measured)."""

    name: str
    address: str = ""
    surface_m2: int | None = None

    @property
    def label(self) -> str:
        """What it is shown as."""
        told = (one.replace("\x00", "") for one in (self.name, self.address))
        parts = (" ".join(one.split()) for one in told)
        return ", ".join(filter(None, parts))

    @property
    def ident(self) -> str:
        """Its id: the same name and address are the same centre."""
        return f"x{hashlib.sha256(self.label.casefold().encode()).hexdigest()[:12]}"


async def open_unplanned(
    office: Office, event_id: str, new: NewCentre, *, asked: Asked
) -> CentreSeen:  # fmt: skip
    """Open a centre that the plan does not have; the same again, nothing changes.

    Raises NotSo without a name or for a surface that is none, NotNow where the plan has it.
    """
    check_doer(asked)
    _check(new)
    seen = await centres_seen(office, event_id)
    check_led(seen.event)
    _check_unknown(new, seen)
    rules = next((one.rules for one in seen.seen), CentreRules())
    place = await _found(office, new)
    own = {**dict.fromkeys(PURPOSES, counted(new.surface_m2, rules)), **place}
    line = office.line(
        asked.actor.login, "centre.opened", f"Centre ouvert, hors du plan : {new.label}",
        event=event_id, centre=new.ident, surface_m2=new.surface_m2, unplanned=True,
        located=bool(place),
    )  # fmt: skip
    where = Where(office.commune, event_id, new.ident)
    await centres.open_centre(office.ledger, where, new.label, line=line, own=own)
    return (await centres_seen(office, event_id)).one(new.ident)


async def _found(office: Office, new: NewCentre) -> dict[str, float]:
    """Return where its address is; without the town's name, which who types it may add."""
    keys = [place_key(one) for one in (new.address, new.address.split(",")[0])]
    found = await door_at(office.ledger, office.commune, [one for one in keys if one])
    return {"lon": found[0], "lat": found[1]} if found else {}


def _check(new: NewCentre) -> None:
    if not new.name.strip() or len(new.name) > LONGEST_NAME:
        raise NotSo("Donnez au centre un nom ({most} signes au plus).", most=LONGEST_NAME)
    if len(new.address) > LONGEST_ADDRESS:
        raise NotSo("L'adresse est trop longue : {most} signes au plus.", most=LONGEST_ADDRESS)
    if new.surface_m2 is not None and not 1 <= new.surface_m2 <= MOST_M2:
        raise NotSo("Une surface va de 1 à {most} m².", most=MOST_M2)


def _check_unknown(new: NewCentre, seen: Centres) -> None:
    name = " ".join(new.name.split()).casefold()
    for one in seen.seen:
        if one.planned is not None and one.label.casefold() == name:
            raise NotNow("« {label} » est un centre du plan : ouvrez-le.", label=one.label)
