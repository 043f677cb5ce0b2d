"""Somebody who enrols by herself in the example commune, and her code as it comes."""

import re

from dispatcher.delivery.drain import drain
from dispatcher.signup.asking import (
    Desk,
    ask,
    type_back,
)
from dispatcher.signup.links import own_token
from dispatcher.signup.own_page import Page, open_page
from dispatcher.signup.telling import Place, Said, said_of
from dispatcher.store.everyone import Enrolled, everyone
from tests.fake_channel import FakeChannel, door
from tests.situations import COMMUNE

MOBILE, MAIL = "06 39 98 00 42", "ana@foyer.example"
HOME = Place("3 Quai Bas", "3 quai bas", 5.0232, 47.7822)
SCHOOL = Place("2 rue de l'École", "2 rue ecole", 5.0147, 47.7801, kind="school")
FROM = "192.0.2.7"


def ana(contact: str = MOBILE, *places: Place, name: str = "Ana Lopez") -> Said:
    """Say what Ana says who enrols."""
    return said_of(COMMUNE, name=name, contact=contact, places=places or (HOME,), language="fr")


async def sent(desk: Desk, medium: str = "sms") -> list[tuple[str, str]]:
    """Let what waits leave; return to whom, and the code."""
    fake = FakeChannel(medium=medium)
    await drain(door(desk.office.ledger, fake))
    return [(one.contact, re.findall(r"\d{6}", one.text)[0]) for one in fake.ledger]


async def enrolled(desk: Desk) -> list[Enrolled]:
    """Return the residents who are enrolled, and have not left."""
    everybody = [one async for one in everyone(desk.office.ledger, COMMUNE)]
    return [one for one in everybody if not one.person.on_duty and ":" not in one.person.id]


async def signed_up(desk: Desk, said: Said) -> str:
    """Enrol somebody by her code; return the secret of her link."""
    token = await ask(desk, said, source=FROM)
    ((_, code),) = await sent(desk, "sms" if said.contact.kind == "mobile" else "email")
    await type_back(desk, token, code)
    return token


async def own_page(desk: Desk, signup: str) -> Page:
    """Open the page of who was enrolled by a sign-up."""
    return await open_page(desk.office, own_token(signup))
