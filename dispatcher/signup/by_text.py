"""Who enrols by SMS: « INSCRIPTION 12 rue des Lilas », then the code that is sent to the number.

A sender's number may be forged: what enrols it is the code, which its holder alone receives.
Of a number that several communes share the town's name, or its INSEE code, is asked for before the
address, or read behind it as on an envelope.
"""

import base64
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

from channels.reply_words import enrolment_of
from channels.sms_answers import sms_answer
from channels.twilio_inbound import Texted
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import AlertRefused
from dispatcher.alerts.switchboard import Town, towns_of_number
from dispatcher.alerts.tying import Counter
from dispatcher.residents.place_key import place_key
from dispatcher.signup.asking import Desk, ask, try_code
from dispatcher.signup.telling import ENROL, Place, Said, contact_of
from dispatcher.signup.written import street_of
from dispatcher.store import addresses, signups
from dispatcher.store.code_limits import OF_A_COMMUNE
from dispatcher.store.personal import contact_mark
from dispatcher.store.replies import known_by

_CODE = re.compile(r"\d{6}")
_ENVELOPE = re.compile(r"(?P<address>.*?)(?:,\s*(?:\d{5}\s+)?|\s\d{5}\s+)(?P<town>[^,\d]+)")
_NAMED_CHARS = 120  # of the towns that an answer names: two SMS at most


@dataclass(frozen=True)
class _Asked:
    """A town, and the address that was written; `named` as it is to be written, where it must."""

    town: Town
    address: str
    named: str = ""


async def answer_signup(
    counter: Counter, texted: Texted, *, daily: int = OF_A_COMMUNE
) -> str | None:
    """Return the words that answer an SMS which enrols its number; None where it does not.

    None also of what begins so and names no address, or comes without end: somebody may be asking
    for help, so it is kept and the desk reads it (`alerts/inbound.py`).
    """
    asked = enrolment_of(texted.text)
    code = _CODE.fullmatch("".join(texted.text.split()))
    if (asked is None and code is None) or not texted.sender:
        return None
    if code is not None:
        return await _typed(counter, texted, code[0])
    if not counter.switchboard.texts.passes(texted.sender):
        return None
    towns = towns_of_number(await counter.switchboard.towns(counter.office), texted.to)
    found = await _meant(counter, towns, asked or "", sender=texted.sender)
    if found is None:
        return await _which(counter, towns, asked or "")
    return await _begun(counter, texted, found, daily=daily)


async def _meant(
    counter: Counter, towns: Sequence[Town], asked: str, *, sender: str
) -> _Asked | None:
    """Return the town that is named, or is the only one, or alone knows who asks."""
    if len(towns) == 1:
        return _Asked(towns[0], asked)
    named = {key: one for one in towns for key in (_name(one), one.commune)}
    words = asked.split()
    for n in range(len(words), 0, -1):
        if town := named.get(place_key(" ".join(words[:n]).strip(",;:"))):
            return _Asked(town, " ".join(words[n:]), _name(town).upper())
    behind = _ENVELOPE.fullmatch(asked)
    if behind and (town := named.get(place_key(behind["town"]))):
        return _Asked(town, behind["address"], _name(town).upper())
    known = await known_by(counter.ledger, sender, communes=[one.commune for one in towns])
    own = [one for one in towns if any(one.commune == some.commune for some in known)]
    return _Asked(own[0], asked, _name(own[0]).upper()) if len(own) == 1 else None


def _name(town: Town) -> str:
    return place_key(town.name)


async def _which(counter: Counter, towns: Sequence[Town], asked: str) -> str | None:
    """Ask which town is meant; None of what is an address in none of them, which the desk reads."""
    for town in towns if asked else ():
        if await _place(counter.office.of(town.commune), asked):
            break
    else:
        if asked or not towns:
            return None
    names = sorted(_name(one).upper() for one in towns)
    said = ", ".join(names)
    if len(said) > _NAMED_CHARS:
        said = f"{said[: said.rindex(', ', 0, _NAMED_CHARS)]}, etc"
    more = {"towns": said, "town": f"{names[0]} "}
    return sms_answer("signup_which", language=towns[0].language, issuer="", more=more)


async def _begun(counter: Counter, texted: Texted, meant: _Asked, *, daily: int) -> str | None:
    town = meant.town
    office = counter.office.of(town.commune)
    place = await _place(office, meant.address)
    if place is None:
        return None if meant.address else _where(counter, meant)
    try:
        contact = contact_of(town.commune, texted.sender)
        if contact.kind != "mobile":
            return _where(counter, meant)
        said = Said("", contact, (place,), town.language)
        await ask(Desk(office, daily), said, source="", token=_token(office, texted.sid))
    except AlertRefused:
        return _words(counter, town, "signup_later")
    return _words(counter, town, "signup_code", place=place.label)


def _where(counter: Counter, meant: _Asked) -> str:
    named = f"{meant.named} " if meant.named else ""
    return _words(counter, meant.town, "signup_where", named=named)


async def _typed(counter: Counter, texted: Texted, code: str) -> str | None:
    """Try a code against the sign-ups of its number, the newest first; None where none waits."""
    mark = contact_mark(counter.ledger.ring, texted.sender)
    towns = {one.commune: one for one in await counter.switchboard.towns(counter.office)}
    waiting = [
        (towns[commune], found)
        for commune, found in await signups.of_contact(counter.ledger, mark)
        if commune in towns
    ]
    done = next((town for town, found in waiting if found.verified and found.person_id), None)
    wrong = None
    for town, found in waiting:
        if found.verified or not found.told:
            continue
        if Said.of(found.told).wants != ENROL:  # typed on the page that asked for it
            return _words(counter, town, "signup_page")
        try:
            if await try_code(counter.office.of(town.commune), found, code) == "done":
                return _words(counter, town, "signup_done")
        except AlertRefused:
            return _words(counter, town, "signup_later")
        wrong = town
    if done:
        return _words(counter, done, "signup_done")
    return _words(counter, wrong, "signup_wrong") if wrong else None


async def _place(office: Office, asked: str) -> Place | None:
    """Return the door of the commune's own file that an address names, if it names one."""
    wanted = [place_key(one) for one in dict.fromkeys((asked, street_of(asked))) if one]
    for key in filter(None, wanted):
        found = await addresses.by_key(office.ledger, office.commune, key)
        if found is not None:
            return Place(found.label, key, found.lon, found.lat)
    return None


def _token(office: Office, sid: str) -> str:
    """Return the secret of the sign-up that a message begins: handed in twice, it is one."""
    digest = hmac.digest(office.tokens.attempts, f"text signup\n{sid}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest)[:22].decode()


def _words(counter: Counter, town: Town, said: str, *, place: str = "", named: str = "") -> str:
    site = counter.hooks.partition("/hooks/")[0]
    return sms_answer(
        said,
        language=town.language,
        issuer=town.issuer,
        phone=town.phone,
        more={"link": f"{site}/inscription/{town.commune}", "place": place, "town": named},
    )
