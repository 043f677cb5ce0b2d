"""A code is asked for, typed back, and enrols whoever holds the contact: nobody else.

The link of a sign-up is 128 random bits, kept as a digest; a code is six digits, tried five times
at most, for fifteen minutes. What a page answers is the same for a contact that is known.
"""

import hashlib
import secrets
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
from dispatcher.signup.telling import MOST_PLACES, Place, Said
from dispatcher.store import signups
from dispatcher.store.code_limits import Asking
from dispatcher.store.code_messages import CodeMessage
from dispatcher.store.personal import MARK_CHARS
from dispatcher.store.registers import HOMES, Home, Resident
from dispatcher.store.signups import Enrolling, NewCode, Waiting
from dispatcher.store.versions import Chained

MEDIUM_OF = {"mobile": "sms", "fixed": "voice", "email": "email"}
TOKEN_BYTES = 16
CODE_DIGITS = 6
DAILY = 300  # codes of a commune: beyond, whoever wants to sign up is told to call
RESIDENT = "resident"  # who acts, in the logbook


@dataclass(frozen=True)
class Desk:
    """Where sign-ups of a commune come in; `daily` codes leave it at most."""

    office: Office
    daily: int = DAILY


async def ask(desk: Desk, said: Said, *, source: str, token: str = "") -> str:
    """Keep what was said, send its code, and return the secret of its link.

    `source` is the internet address that asks; the same `token` again is the same form, sent twice:
    it leads to the same link, with one code. Raises NotNow where too many codes were asked for,
    NotThere before the commune has a plan.
    """
    token = token or secrets.token_urlsafe(TOKEN_BYTES)
    code = await _new_code(desk, said, signup_id=signup_of(token), source=source)
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
    code = await _new_code(desk, said, signup_id=found.signup_id, source=source)
    office = desk.office
    _refuse(await signups.send_again(office.ledger, office.commune, found.signup_id, code=code))


async def open_signup(office: Office, token: str) -> Waiting:
    """Return a sign-up by its link's secret. Raises NotThere once it is over."""
    found = await signups.waiting(office.ledger, office.commune, signup_of(token))
    if found is None or not (found.verified or found.told):
        raise NotThere("Cette inscription a expiré : recommencez, rien n'a été enregistré.")
    return found


async def type_back(desk: Desk, token: str, typed: str) -> None:
    """Try a code; the right one enrols her. Raises NotSo where it is wrong, NotNow, NotThere."""
    office = desk.office
    found = await open_signup(office, token)
    if found.verified:
        return
    digits = "".join(str(int(one)) for one in typed if one.isdecimal())  # of any script
    outcome = await _confirmed(office, found, digits)
    if outcome == "wrong":
        raise NotSo("Ce n'est pas le bon code : vérifiez les {n} chiffres.", n=CODE_DIGITS)
    if outcome == "spent":
        raise NotNow("Ce code ne sert plus : demandez-en un autre.")
    if outcome == "gone":
        raise NotThere("Cette inscription a expiré : recommencez, rien n'a été enregistré.")


async def answer_call(office: Office, token: str, *, agrees: bool) -> bool:
    """Take the key that whoever answered a call pressed: 1 enrols the number, 9 forgets it.

    `token` names our attempt at the call, whichever of those made for the sign-up. False where
    nothing came of it: it is another's, or over.
    """
    named = read_attempt(office.tokens, token)
    if named is None:
        return False
    office = office.of(named.commune)
    found = await signups.called_by(office.ledger, office.commune, named.delivery_id)
    if found is None or found.verified:
        return found is not None and agrees
    if agrees:
        try:
            return await _confirmed(office, found, None) in ("enrolled", "again")
        except NotNow:  # what is held of her does not open: told on her page, not to a provider
            return False
    return await signups.decline(office.ledger, office.commune, found.signup_id)


async def _confirmed(office: Office, found: Waiting, code: str | None) -> str:
    resident = Said.of(found.told).resident(now=office.clock().timestamp())
    mark = None if code is None else _code_mark(office, found.signup_id, code)
    enrolling = Enrolling(resident, _joined, lambda *told: _line(office, *told))
    try:
        return await signups.confirm(
            office.ledger, office.commune, found.signup_id, code_mark=mark, enrolling=enrolling
        )
    except NotOpened as fault:
        raise NotNow(_UNREAD) from fault


async def enrolled_by(office: Office, token: str) -> Resident | None:
    """Return what is held of who was enrolled by this link; None where she has left since.

    Raises NotThere where nobody was.
    """
    found = await open_signup(office, token)
    if found.person_id is None:
        raise NotThere("Cette inscription attend encore son code.")
    return await signups.held_of(office.ledger, office.commune, found.person_id)


async def add_place(office: Office, token: str, place: Place) -> None:
    """Add a place to who was enrolled by this link. Raises NotSo, NotThere."""
    held = await enrolled_by(office, token)
    if held is None:
        raise NotThere("Cette inscription n'existe plus : recommencez pour recevoir les alertes.")
    if place.kind not in HOMES:
        raise NotSo("Dites ce qu'est chaque adresse : domicile, travail, école, parent.")
    if len(held.homes) >= MOST_PLACES:
        raise NotSo("{most} adresses au plus.", most=MOST_PLACES)
    home = Home(place.label, place.place_key, place.lon, place.lat, place.kind)
    try:
        await signups.change(
            office.ledger,
            office.commune,
            signup_of(token),
            of=lambda one: merged([one, replace(one, homes=(home,))]),
            line=lambda person: office.line(
                RESIDENT, "residents.changed", "Adresse ajoutée par l'habitant", person=person
            ),
        )
    except NotOpened as fault:
        raise NotNow(_UNREAD) from fault


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


def _joined(held: Resident, said: Resident) -> Resident:
    """Join what she says to what is held: what she says comes first, and nothing held is lost.

    She said nothing of media here, and her language is that of a browser: what is held stays.
    """
    both = merged([said, held])
    languages = tuple(dict.fromkeys((*held.languages, *said.languages)))
    return replace(
        both,
        external_id=held.external_id,
        chosen_media=held.chosen_media,
        languages=languages,
    )


def _line(office: Office, person: str, known: bool) -> Chained:
    text = (
        "Habitant inscrit par lui-même" if not known else "Inscription jointe à celle qui existait"
    )
    return office.line(RESIDENT, "residents.signed_up", text, person=person)


async def _new_code(desk: Desk, said: Said, *, signup_id: str, source: str) -> NewCode:
    office, contact = desk.office, said.contact
    current = await in_force(office)
    ident = f"code-{new_id()}"
    called = contact.kind == "fixed"
    code = "" if called else f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    values = (call_content(current) if called else code_content(current)).as_json()
    message = CodeMessage(
        ident=ident,
        code=code,
        content=values,
        digest=digest_of(values, expires_at=office.clock(), people=1),
        medium=MEDIUM_OF[contact.kind],
        contact=contact.value,
        language=said.language,
        lasts_s=LASTS_S,
    )
    own, around = origin_of(source)
    asking = Asking.of(office.ledger.ring, contact=contact.value, source=own, network=around)
    # What no code can make stands for a call: no digits that are typed enrol its number.
    mark = _code_mark(office, signup_id, code or ident)
    return NewCode(mark, message, asking, desk.daily)


def _code_mark(office: Office, signup_id: str, digits: str) -> str:
    return office.ledger.ring.mark("code", f"{signup_id}:{digits}")[:MARK_CHARS]


_UNREAD = "Votre inscription ne peut pas être lue ici : appelez la mairie, rien n'est changé."
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
