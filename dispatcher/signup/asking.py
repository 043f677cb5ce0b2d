"""A code is asked for, typed back, and enrols whoever holds the contact: nobody else.

The link of a sign-up is 128 random bits, kept as a digest; a code is six digits, tried five times
at most, for fifteen minutes. What a page answers is the same for a contact that is known.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from dispatcher.alerts.drafting import digest_of, new_id
from dispatcher.alerts.office import Office
from dispatcher.alerts.plan_in_force import in_force
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere
from dispatcher.ciphers import NotOpened
from dispatcher.delivery.tokens import read_attempt
from dispatcher.residents.merging import merged
from dispatcher.signup.code_words import LASTS_S, call_content, code_content
from dispatcher.signup.links import MOST_PAGES, link_of, links_of, own_token
from dispatcher.signup.telling import CONTACT, KIN, PAGE, PROPOSE, Said
from dispatcher.store import own_changes, own_links, signups
from dispatcher.store.code_limits import OF_A_COMMUNE, Asking
from dispatcher.store.code_messages import CodeMessage
from dispatcher.store.kin import Kin
from dispatcher.store.personal import MARK_CHARS
from dispatcher.store.registers import Resident
from dispatcher.store.signup_ends import (
    Adding,
    End,
    Enrolling,
    Limited,
    Naming,
    Opening,
    with_media,
)
from dispatcher.store.signups import NewCode, Waiting
from dispatcher.store.versions import Chained

MEDIUM_OF = {"mobile": "sms", "fixed": "voice", "email": "email"}
TOKEN_BYTES = 16
CODE_DIGITS = 6
RESIDENT = "resident"  # who acts, in the logbook


@dataclass(frozen=True)
class Desk:
    """Where sign-ups of a commune come in; `daily` codes leave it at most."""

    office: Office
    daily: int = OF_A_COMMUNE


async def ask(desk: Desk, said: Said, *, source: str, token: str = "") -> str:
    """Keep what was said, send its code, and return the secret of its link.

    `source` is the internet address that asks; the same `token` again is the same form, sent twice:
    it leads to the same link, with one code. Raises NotNow where too many codes were asked for,
    NotThere before the commune has a plan.
    """
    token = token or secrets.token_urlsafe(TOKEN_BYTES)
    code = await new_code(desk, said, signup_id=signup_of(token), source=source)
    office = desk.office
    limit = await signups.begin(
        office.ledger, office.commune, signup_of(token), told=said.as_json(), code=code
    )
    _refuse(limit)
    return token


async def ask_again(desk: Desk, token: str, *, source: str) -> None:
    """Send another code in the place of the last one. Raises NotNow, NotThere."""
    found = await open_signup(desk.office, token)
    if found.verified:
        return
    said = Said.of(found.told)
    code = await new_code(desk, said, signup_id=found.signup_id, source=source)
    office = desk.office
    _refuse(await signups.send_again(office.ledger, office.commune, found.signup_id, code=code))


async def open_signup(office: Office, token: str) -> Waiting:
    """Return a sign-up by its link's secret. Raises NotThere once it is over."""
    found = await signups.waiting(office.ledger, office.commune, signup_of(token))
    if found is None or not (found.verified or found.told):
        raise NotThere("Cette inscription a expiré : recommencez, rien n'a été enregistré.")
    return found


async def type_back(desk: Desk, token: str, typed: str, *, end: End | None = None) -> None:
    """Try a code; the right one does what was asked for, or `end`.

    Raises NotSo where it is wrong, NotNow, NotThere.
    """
    office = desk.office
    found = await open_signup(office, token)
    if found.verified:
        return
    digits = "".join(str(int(one)) for one in typed if one.isdecimal())  # of any script
    end = end or _end(office, Said.of(found.told), links_of(token))
    outcome = await try_code(office, found, digits, end=end)
    if outcome == "wrong":
        raise NotSo("Ce n'est pas le bon code : vérifiez les {n} chiffres.", n=CODE_DIGITS)
    if outcome == "spent":
        raise NotNow("Ce code ne sert plus : demandez-en un autre.")
    if outcome == "gone":
        raise NotThere("Cette inscription a expiré : recommencez, rien n'a été enregistré.")


async def try_code(
    office: Office, found: Waiting, code: str | None, *, end: End | None = None
) -> str:
    """Try a code, or none where a call stands for it; return what came of it.

    That is what `store/signups.confirm` says. Without an `end` it does what was asked for, and
    opens no page to who asked. Raises NotNow.
    """
    if not found.told:  # what was said does not open here
        raise NotNow(UNREAD)
    mark = None if code is None else _code_mark(office, found.signup_id, code)
    end = end or _end(office, Said.of(found.told))
    try:
        return await signups.confirm(
            office.ledger, office.commune, found.signup_id, code_mark=mark, end=end
        )
    except Limited as fault:
        raise NotNow(_TOO_MANY[str(fault)]) from fault
    except NotOpened as fault:
        raise NotNow(UNREAD) from fault


async def pages_of(office: Office, token: str) -> list[tuple[str, Resident]]:
    """Return the pages that a sign-up's code opened: the secret of each link, and whose it is."""
    tokens = {link_of(one): one for one in (own_token(token, n) for n in range(MOST_PAGES))}
    found = await own_links.opened_by(office.ledger, list(tokens))
    pages = []
    for link, one in tokens.items():
        own = found.get(link)
        kept = own and await own_changes.kept_of(office.ledger, own)
        if kept:
            pages.append((one, kept.resident))
    return pages


_DONE = ("done", "again")
ANSWERED = ("enrolled", "enrolled_told", "declined")  # keys of a call that asks (call_twiml.py)


@dataclass(frozen=True)
class Answered:
    """What whoever answered a call decided: to be alerted, and to have told who proposed it."""

    agrees: bool
    tells: bool = False


async def answer_call(office: Office, token: str, answered: Answered) -> bool:
    """Take the key that whoever answered a call pressed: 1 or 3 enrols the number, 9 forgets it.

    `token` names our attempt at the call, whichever of those made for the sign-up. False where
    nothing came of it: it is another's, or over.
    """
    named = read_attempt(office.tokens, token)
    if named is None:
        return False
    office = office.of(named.commune)
    found = await signups.called_by(office.ledger, office.commune, named.delivery_id)
    if found is None or found.verified:
        return found is not None and answered.agrees
    if answered.agrees:
        try:
            said = Said.of(found.told) if found.told else None
            end = _end(office, said, tells=answered.tells) if said else None
            return await try_code(office, found, None, end=end) in _DONE
        except NotNow:  # what is held of her does not open: told on her page, not to a provider
            return False
    return await signups.decline(office.ledger, office.commune, found.signup_id)


def _end(office: Office, said: Said, links: Sequence[str] = (), *, tells: bool = False) -> End:
    first = links[0] if links else ""
    if said.wants == PROPOSE:
        raise NotNow("Tapez ce code sur la page où vous proposez votre proche.")
    if said.wants == PAGE:
        return Opening(said.contact, links)
    if said.wants == KIN:
        words = "Personne à prévenir choisie par l'habitant"

        def named(person: str) -> Chained:
            return office.line(RESIDENT, "residents.changed", words, person=person)

        return Naming(said.person, Kin(said.name, said.contact, said.language), named, first)
    if said.wants == CONTACT:
        text = "Contact ajouté par l'habitant"

        def added(person: str) -> Chained:
            return office.line(RESIDENT, "residents.changed", text, person=person)

        return Adding(said.person, said.contact, added, first)
    resident = said.resident(now=office.clock().timestamp())
    kin = Kin(said.by[0], said.by[1], said.language) if tells and said.by else None
    return Enrolling(resident, joined, lambda *told: _line(office, *told), first, kin)


def signup_of(token: str) -> str:
    """Return the id of a sign-up: a digest of what its link holds."""
    return hashlib.sha256(b"signup\n" + token.encode(errors="surrogatepass")).hexdigest()


def origin_of(source: str) -> tuple[str, str]:
    """Return what one subscriber holds, and its neighbourhood; both empty for no address.

    Of IPv4 the address and its /24; of IPv6 its /64 and its /48.
    """
    try:
        address = ip_address(source)
    except ValueError:
        return "", ""
    address = getattr(address, "ipv4_mapped", None) or address
    own, around = (32, 24) if isinstance(address, IPv4Address) else (64, 48)
    return _net(address, own), _net(address, around)


def _net(address: IPv4Address | IPv6Address, bits: int) -> str:
    return str(ip_network((str(address), bits), strict=False))


def joined(held: Resident, said: Resident) -> Resident:
    """Join what she says to what is held: what she says comes first, and nothing held is lost.

    Her language is that of a browser: what is held stays; the contact that she gives is used.
    """
    both = merged([said, held])
    languages = tuple(dict.fromkeys((*held.languages, *said.languages)))
    return replace(
        both,
        external_id=held.external_id,
        chosen_media=with_media(held.chosen_media, said.contacts[0]),
        languages=languages,
    )


def _line(office: Office, person: str, known: bool) -> Chained:
    text = (
        "Habitant inscrit par lui-même" if not known else "Inscription jointe à celle qui existait"
    )
    return office.line(RESIDENT, "residents.signed_up", text, person=person)


async def new_code(desk: Desk, said: Said, *, signup_id: str, source: str) -> NewCode:
    """Return a code for what was said, to be sent: by a call that asks, or as digits."""
    office, contact = desk.office, said.contact
    current = await in_force(office)
    ident = f"code-{new_id()}"
    asks = said.agrees_by_call
    code = "" if asks else f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    if asks:
        content = call_content(current, proposed=said.by is not None)
    else:
        content = code_content(current, wants=said.wants)
    values = content.as_json()
    message = CodeMessage(
        ident=ident,
        code=code,
        content=values,
        digest=digest_of(values, expires_at=office.clock(), people=1),
        medium="voice" if asks else MEDIUM_OF[contact.kind],
        contact=contact.value,
        language=said.language,
        lasts_s=LASTS_S,
    )
    own, around = origin_of(source)
    asking = Asking.of(office.ledger.ring, contact=contact.value, source=own, network=around)
    # What no code can make stands for a call: no digits that are typed enrol its number.
    mark = _code_mark(office, signup_id, code or ident)
    return NewCode(mark, message, asking, desk.daily, known_only=said.wants == PAGE)


def _code_mark(office: Office, signup_id: str, digits: str) -> str:
    return office.ledger.ring.mark("code", f"{signup_id}:{digits}")[:MARK_CHARS]


UNREAD = "Votre inscription ne peut pas être lue ici : appelez la mairie, rien n'est changé."
_TOO_MANY = {
    "contact": "Trop de codes ont été demandés pour ce contact : attendez dix minutes.",
    "range": "Trop de codes ont été demandés : réessayez dans une heure.",
    "source": "Trop de codes ont été demandés d'ici : réessayez dans une heure.",
    "network": "Trop de codes ont été demandés d'ici : réessayez dans une heure.",
    "declined": "La personne qui répond à ce numéro ne veut pas l'inscrire.",
    "day": "Trop d'inscriptions aujourd'hui : réessayez demain, ou appelez la mairie.",
}


def _refuse(limit: str) -> None:
    if limit:
        raise NotNow(_TOO_MANY[limit])
