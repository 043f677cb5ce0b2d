"""What the town hall does for a resident who asks it to: enrol her on paper, look, take her off.

Each act names who did it in the logbook, and the resident by her id alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere
from dispatcher.ciphers import NotOpened
from dispatcher.signup.asking import UNREAD, joined
from dispatcher.signup.own_page import Page, place_ref
from dispatcher.signup.telling import Place, any_contact_of, said_of
from dispatcher.store import own_changes, registered
from dispatcher.store.failing import who_fails
from dispatcher.store.own_changes import Kept
from dispatcher.store.own_links import Own
from dispatcher.store.people import Contact
from dispatcher.store.registers import Resident, name_key

MOST_TO_PLACE = 10  # at once, on a page
MOST_FAILING = 50
MOST_NAMED = 20  # who are shown for one name
NOT_HERE = "Cette personne n'est plus inscrite."


@dataclass(frozen=True)
class OnPaper:
    """What a signed form says: as it was written, her address as it was found."""

    name: str
    contacts: Sequence[str]
    places: Sequence[Place]
    language: str = "fr"
    warn_first: bool = False
    help_to_leave: bool = False
    signed: bool = False


async def enrol(office: Office, form: OnPaper, *, actor: Actor) -> str:
    """Enrol who signed a form, or join it to what is held of her; return her id.

    Her contacts are not confirmed by it: a code, or her answer to an alert, does that. Raises NotSo
    with a sentence on what to change, NotNow where what is held of her does not open.
    """
    if not form.signed:
        raise NotSo("Cochez que le formulaire est signé : sans accord, personne n'est inscrit.")
    contacts = _contacts(office.commune, form.contacts)
    said = said_of(
        office.commune,
        name=form.name,
        contact=contacts[0],
        places=form.places,
        language=form.language,
    )
    resident = replace(
        said.resident(now=office.clock().timestamp()),
        contacts=contacts,
        warn_first=form.warn_first,
        help_to_leave=form.help_to_leave,
    )
    line = office.line(actor.login, "residents.signed_up", "Habitant inscrit sur papier")
    try:
        return await registered.enrol(
            office.ledger, office.commune, resident, joined=joined, line=line
        )
    except NotOpened as fault:
        raise NotNow(UNREAD) from fault


async def look_up(office: Office, sought: str, *, actor: Actor) -> list[Page]:
    """Return whoever has exactly this number or mail address, or each of these words as a name.

    The look is in the logbook, with whom it found. Raises NotSo where it is none of these, or a
    name that too many have: nobody leafs through the register.
    """
    if any(sign.isdigit() or sign == "@" for sign in sought):
        by, contact = "un contact", any_contact_of(office.commune, sought)
        found = await registered.behind(office.ledger, office.commune, contact)
    else:
        by, found = "son nom", await _named(office, sought)
    line = office.line(
        actor.login, "residents.looked_up", f"Habitant cherché par {by}", people=found
    )
    await registered.note(office.ledger, office.commune, line)
    pages = [await _page(office, person) for person in found]
    return [one for one in pages if one is not None]


async def _named(office: Office, sought: str) -> list[str]:
    if not name_key(sought):
        raise NotSo(
            "Écrivez le nom entier, un numéro de téléphone ou une adresse e-mail, en entier."
        )
    found = await registered.named(office.ledger, office.commune, sought, most=MOST_NAMED)
    if len(found) > MOST_NAMED:
        raise NotSo(
            "Plus de {most} habitants portent ce nom : ajoutez le prénom, ou cherchez par un"
            " numéro.",
            most=MOST_NAMED,
        )
    return found


async def open_card(office: Office, person: str, *, actor: Actor) -> Page:
    """Return what is held of somebody; the look is in the logbook. Raises NotThere."""
    page = await _page(office, person)
    if page is None:
        raise NotThere(NOT_HERE)
    line = office.line(
        actor.login, "residents.looked_at", "Fiche d'un habitant ouverte", person=person
    )
    await registered.note(office.ledger, office.commune, line)
    return page


async def to_place(office: Office, *, actor: Actor) -> list[Page]:
    """Return residents who are on no map: an alert does not find them; the look is noted."""
    found = await registered.unplaced(office.ledger, office.commune, limit=MOST_TO_PLACE)
    if found:
        text = "Habitants sans adresse sur la carte consultés"
        line = office.line(actor.login, "residents.looked_up", text, people=found)
        await registered.note(office.ledger, office.commune, line)
    pages = [await _page(office, person) for person in found]
    return [one for one in pages if one is not None]


async def failing(office: Office, *, after: str, actor: Actor) -> list[Page]:
    """Return residents with a contact that fails, in the order of their ids; the look is noted."""
    found = await who_fails(office.ledger, office.commune, after=after, limit=MOST_FAILING)
    if found:
        text = "Habitants dont un contact ne fonctionne plus consultés"
        line = office.line(actor.login, "residents.looked_up", text, people=found)
        await registered.note(office.ledger, office.commune, line)
    pages = [await _page(office, person) for person in found]
    return [one for one in pages if one is not None]


async def place_home(office: Office, person: str, ref: str, *, at: Place, actor: Actor) -> None:
    """Put a home of somebody on the map, at a door of the commune's file; what she wrote stays.

    Raises NotThere, NotNow.
    """

    def placed(one: Resident) -> Resident:
        homes = (
            replace(home, lon=at.lon, lat=at.lat, place_key=at.place_key)
            if place_ref(home) == ref else home
            for home in one.homes
        )  # fmt: skip
        return replace(one, homes=tuple(homes))

    text = "Adresse d'un habitant placée par la mairie"
    line = office.line(actor.login, "residents.changed", text, person=person)
    own = await _own(office, person)
    try:
        await own_changes.change(office.ledger, own, of=placed, line=line, own_word=False)
    except NotOpened as fault:
        raise NotNow(UNREAD) from fault


async def take_off(office: Office, person: str, *, actor: Actor) -> None:
    """Warn her no more, since she asked the town hall; twice is once. Raises NotThere."""
    text = "Habitant désinscrit par la mairie, à sa demande"
    line = office.line(actor.login, "residents.unsubscribed", text, person=person)
    await own_changes.leave(office.ledger, await _own(office, person), line=line)


async def put_back(office: Office, person: str, *, actor: Actor) -> None:
    """Warn her again, since she asked the town hall; twice is once. Raises NotThere."""
    text = "Habitant réinscrit par la mairie, à sa demande"
    line = office.line(actor.login, "residents.subscribed", text, person=person)
    await own_changes.come_back(office.ledger, await _own(office, person), line=line)


async def erase(office: Office, person: str, *, actor: Actor) -> None:
    """Empty the register of her, since she asked the town hall. Raises NotThere, NotNow."""
    text = "Habitant effacé du registre par la mairie, à sa demande"
    line = office.line(actor.login, "residents.erased", text, person=person)
    try:
        await own_changes.erase(office.ledger, await _own(office, person), line=line)
    except NotOpened as fault:
        raise NotNow(UNREAD) from fault


async def _own(office: Office, person: str) -> Own:
    page = await _page(office, person)
    if page is None:
        raise NotThere(NOT_HERE)
    return page.own


async def _page(office: Office, person: str) -> Page | None:
    own = Own(office.commune, person)
    kept: Kept | None = await own_changes.kept_of(office.ledger, own)
    return None if kept is None else Page(own, kept)


def _contacts(commune: str, written: Sequence[str]) -> tuple[Contact, ...]:
    """Read the contacts of a form, in their order, each once. Raises NotSo."""
    read = [any_contact_of(commune, one) for one in written if one.strip()]
    if not read:
        raise NotSo("Écrivez un numéro de téléphone ou une adresse e-mail.")
    once = dict.fromkeys((one.kind, one.value) for one in read)
    return tuple(Contact(kind, value, rank) for rank, (kind, value) in enumerate(once))
