"""Who enrols by SMS: « INSCRIPTION 12 rue des Lilas », then the code that is sent to the number.

A sender's number may be forged: what enrols it is the code, which its holder alone receives.
"""

import base64
import hmac
import re

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

_CODE = re.compile(r"\d{6}")


async def answer_signup(
    counter: Counter, texted: Texted, *, daily: int = OF_A_COMMUNE
) -> str | None:
    """Return the words that answer an SMS which enrols its number; None where it does not.

    None also of what begins so and names no address: somebody may be asking for help, and the desk
    reads it (`alerts/inbound.py`). Empty for who sends SMS without end.
    """
    asked = enrolment_of(texted.text)
    code = _CODE.fullmatch("".join(texted.text.split()))
    if (asked is None and code is None) or not texted.sender:
        return None
    if code is not None:
        return await _typed(counter, texted, code[0])
    town = await _town(counter, texted)
    if town is None:
        return None
    if not counter.switchboard.texts.passes(texted.sender):
        return ""
    return await _begun(counter, texted, town, asked or "", daily=daily)


async def _begun(
    counter: Counter, texted: Texted, town: Town, asked: str, *, daily: int
) -> str | None:
    office = counter.office.of(town.commune)
    place = await _place(office, asked)
    if place is None:
        return None if asked else _words(counter, town, "signup_where")
    try:
        contact = contact_of(town.commune, texted.sender)
        if contact.kind != "mobile":
            return _words(counter, town, "signup_where")
        said = Said("", contact, (place,), town.language)
        await ask(Desk(office, daily), said, source="", token=_token(office, texted.sid))
    except AlertRefused:
        return _words(counter, town, "signup_later")
    return _words(counter, town, "signup_code", place=place.label)


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


async def _town(counter: Counter, texted: Texted) -> Town | None:
    """Return the commune whose number this is; None where it is of several, or of none."""
    meant = towns_of_number(await counter.switchboard.towns(counter.office), texted.to)
    return meant[0] if len(meant) == 1 else None


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


def _words(counter: Counter, town: Town, said: str, *, place: str = "") -> str:
    site = counter.hooks.partition("/hooks/")[0]
    return sms_answer(
        said,
        language=town.language,
        issuer=town.issuer,
        phone=town.phone,
        more={"link": f"{site}/inscription/{town.commune}", "place": place},
    )
