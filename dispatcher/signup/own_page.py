"""A resident's own page: what is held of her, and all that she may do with it.

Its link is 128 random bits, kept as a digest, for thirty days; a code sent to a contact of hers
gives another. Looking writes nothing.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere
from dispatcher.ciphers import NotOpened
from dispatcher.residents.merging import merged
from dispatcher.signup.asking import RESIDENT, UNREAD, Desk, ask
from dispatcher.signup.links import form_token, link_of
from dispatcher.signup.telling import CONTACT, MOST_PLACES, PAGE, Place, Said, contact_of
from dispatcher.store import own_changes, own_links
from dispatcher.store.information import EVERY, TOPICS, Wanted
from dispatcher.store.own_changes import Kept
from dispatcher.store.own_links import Own
from dispatcher.store.people import Contact
from dispatcher.store.registers import HOMES, NOWHERE, Home, Resident
from dispatcher.store.signup_ends import MEDIA_OF

MOST_CONTACTS = 6
MOST_HOUSEHOLD = 20
REF_CHARS = 16
MEDIA = ("sms", "voice", "email")


@dataclass(frozen=True)
class Page:
    """An open page: whose it is, and what is held of her."""

    own: Own
    kept: Kept
    link: str = ""  # the digest of the link that opened it

    @property
    def resident(self) -> Resident:
        """Herself, as the register has her."""
        return self.kept.resident

    @property
    def places(self) -> tuple[Home, ...]:
        """Her places, those that are known."""
        return tuple(one for one in self.resident.homes if one != NOWHERE)

    @property
    def media(self) -> tuple[str, ...]:
        """The media that her contacts carry."""
        carried = {
            medium for one in self.resident.contacts for medium in MEDIA_OF.get(one.kind, ())
        }
        return tuple(one for one in MEDIA if one in carried)


async def open_page(office: Office, token: str) -> Page:
    """Return the page that a link opens; raises NotThere where it opens none any more."""
    own = await own_links.whose(office.ledger, link_of(token))
    kept = own and await own_changes.kept_of(office.ledger, own)
    if own is None or kept is None:
        raise NotThere("Ce lien n'ouvre plus de page : demandez-en un autre avec un code.")
    return Page(own, kept, link_of(token))


async def add_place(office: Office, page: Page, place: Place) -> None:
    """Add a place of hers. Raises NotSo, NotNow, NotThere."""
    if place.kind not in HOMES:
        raise NotSo("Dites ce qu'est chaque adresse : domicile, travail, école, parent.")
    home = Home(place.label, place.place_key, place.lon, place.lat, place.kind)

    def with_it(one: Resident) -> Resident:
        known = [each for each in one.homes if each != NOWHERE]
        joined = merged([one, replace(one, homes=(home,))])
        if len(joined.homes) > max(MOST_PLACES, len(known)):
            raise NotSo("{most} adresses au plus.", most=MOST_PLACES)
        return joined

    await _change(office, page, with_it, text="Adresse ajoutée par l'habitant")


async def drop_place(office: Office, page: Page, ref: str) -> None:
    """Take a place of hers away; the last one stays. Raises NotSo, NotNow, NotThere."""

    def without(one: Resident) -> Resident:
        left = tuple(each for each in one.homes if each != NOWHERE and place_ref(each) != ref)
        if not left:
            raise NotSo("Gardez au moins une adresse : c'est elle qui dit quand vous alerter.")
        return replace(one, homes=left)

    await _change(office, page, without, text="Adresse retirée par l'habitant")


async def drop_contact(office: Office, page: Page, ref: str) -> None:
    """Take a contact of hers away; the last one stays. Raises NotSo, NotNow, NotThere.

    All other links to her page end: who held the contact may have opened one.
    """

    def without(one: Resident) -> Resident:
        left = tuple(each for each in one.contacts if contact_ref(each) != ref)
        if not left:
            raise NotSo(
                "Gardez au moins un moyen de vous joindre ; pour ne plus rien recevoir, quittez"
                " les alertes plus bas."
            )
        return replace(one, contacts=left)

    await _change(office, page, without, text="Contact retiré par l'habitant")
    await own_links.end_others(office.ledger, page.own, but=page.link)


async def shut(office: Office, token: str) -> None:
    """End the link that opens a page: on a shared computer nobody opens it again."""
    await own_links.end_link(office.ledger, link_of(token))


@dataclass(frozen=True)
class Needs:
    """What she asks of the commune, and how many live with her, herself included."""

    warn_first: bool
    help_to_leave: bool
    household: int | None


async def set_needs(office: Office, page: Page, needs: Needs) -> None:
    """Keep what she asks for. Raises NotSo, NotNow, NotThere."""
    many = needs.household
    if many is not None and not 1 <= many <= MOST_HOUSEHOLD:
        raise NotSo("Un foyer compte de 1 à {most} personnes.", most=MOST_HOUSEHOLD)

    def with_them(one: Resident) -> Resident:
        return replace(
            one, warn_first=needs.warn_first, help_to_leave=needs.help_to_leave, household=many
        )

    await _change(office, page, with_them, text="Besoins changés par l'habitant")


async def set_information(office: Office, page: Page, wanted: Wanted) -> None:
    """Keep which messages that tell of no danger she wants, and at which hours. Raises NotSo."""
    hours = wanted.hours
    if hours is not None and hours.start == hours.until:
        raise NotSo("Choisissez deux heures différentes, ou « à toute heure ».")
    known = tuple(one for one in TOPICS if one in wanted.off)

    def with_it(one: Resident) -> Resident:
        stopped = known == TOPICS and EVERY in one.information.off  # she said STOP, and ticks none
        off = one.information.off if stopped else known
        return replace(one, information=Wanted(off, hours))

    await _change(office, page, with_it, text="Informations choisies par l'habitant")


async def set_media(office: Office, page: Page, *, first: str, only: bool) -> None:
    """Keep by which medium she is warned first, and whether by no other; empty: no choice.

    Raises NotSo where none of her contacts carries it.
    """
    if first and first not in page.media:
        raise NotSo("Choisissez parmi les moyens que vous avez donnés.")
    rest = () if only else tuple(one for one in page.media if one != first)
    chosen = (first, *rest) if first else ()
    await _change(
        office, page, lambda one: replace(one, chosen_media=chosen),
        text="Moyens d'alerte changés par l'habitant",
    )  # fmt: skip


async def set_language(office: Office, page: Page, language: str, *, known: Sequence[str]) -> None:
    """Keep the language that she reads best; those that she has besides stay. Raises NotSo."""
    if language not in known:
        raise NotSo("Choisissez une langue de la liste.")

    def with_it(one: Resident) -> Resident:
        others = (each for each in one.languages if each != language)
        return replace(one, languages=(language, *others))

    await _change(office, page, with_it, text="Langue changée par l'habitant")


@dataclass(frozen=True)
class Asks:
    """A form that asks for a code: to which contact, from which internet address, which form."""

    contact: str
    source: str
    once: str = ""

    async def send(self, desk: Desk, said: Said) -> str:
        """Send the code; return where it is typed. Raises NotNow."""
        token = form_token(desk.office.tokens.answers, self.once, said.as_json())
        return await ask(desk, said, source=self.source, token=token)


async def add_contact(desk: Desk, page: Page, asks: Asks) -> str:
    """Send a code to a contact that is to be hers, or was and failed; return where it is typed.

    Nothing is added before it comes back. Raises NotSo, NotNow.
    """
    contact = contact_of(page.own.commune, asks.contact)
    ways = {(one.kind, one.value) for one in page.resident.contacts}
    if len(ways) >= MOST_CONTACTS and (contact.kind, contact.value) not in ways:
        raise NotSo("{most} moyens de vous joindre au plus.", most=MOST_CONTACTS)
    said = Said(
        "", contact, (), page.resident.languages[0], wants=CONTACT, person=page.own.person_id
    )
    return await asks.send(desk, said)


async def ask_for_page(desk: Desk, asks: Asks, *, language: str) -> str:
    """Send a code that opens the page of whoever is behind a contact; return where it is typed.

    The same for a contact that nobody gave: nothing leaves, and nobody learns it. Raises NotSo,
    NotNow.
    """
    contact = contact_of(desk.office.commune, asks.contact)
    return await asks.send(desk, Said("", contact, (), language, wants=PAGE))


async def leave(office: Office, page: Page) -> None:
    """Warn her no more; twice is once."""
    line = office.line(
        RESIDENT, "residents.unsubscribed", "Habitant désinscrit sur sa page",
        person=page.own.person_id,
    )  # fmt: skip
    await own_changes.leave(office.ledger, page.own, line=line)


async def come_back(office: Office, page: Page) -> None:
    """Warn her again; twice is once."""
    line = office.line(
        RESIDENT, "residents.subscribed", "Habitant réinscrit sur sa page",
        person=page.own.person_id,
    )  # fmt: skip
    await own_changes.come_back(office.ledger, page.own, line=line)


async def erase(office: Office, page: Page) -> None:
    """Empty the register of her, at once. Raises NotNow where what is held does not open."""
    line = office.line(
        RESIDENT, "residents.erased", "Habitant effacé du registre à sa demande",
        person=page.own.person_id,
    )  # fmt: skip
    try:
        await own_changes.erase(office.ledger, page.own, line=line)
    except NotOpened as fault:
        raise NotNow(UNREAD) from fault


def place_ref(home: Home) -> str:
    """Return what a form names a place of hers by."""
    return _ref(home.kind, home.label, home.place_key)


def contact_ref(contact: Contact) -> str:
    """Return what a form names a contact of hers by."""
    return _ref(contact.kind, contact.value)


def _ref(*words: str) -> str:
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:REF_CHARS]


async def _change(
    office: Office, page: Page, of: Callable[[Resident], Resident], *, text: str
) -> None:
    line = office.line(RESIDENT, "residents.changed", text, person=page.own.person_id)
    try:
        changed = await own_changes.change(office.ledger, page.own, of=of, line=line)
    except NotOpened as fault:
        raise NotNow(UNREAD) from fault
    if not changed:
        raise NotThere("Vous n'êtes plus inscrit : recommencez pour recevoir les alertes.")
