"""Somebody proposes a relative: her own contact is confirmed by a code, then the other is called.

Who is called decides: yes, yes and have told who proposed it (`kin.py`), or no. Nothing of her is
in the register before; who proposed learns her decision, and nothing else.
"""

from dispatcher.alerts.refusals import NotSo, NotThere
from dispatcher.signup.asking import Desk, ask, open_signup, type_back
from dispatcher.signup.links import own_token
from dispatcher.signup.telling import MOST_NAME, PROPOSE, Said, contact_of

CALLED = -1  # numbers the sign-up that a proposal leads to, among those of its secret
PHONES = ("mobile", "fixed")


def proposed(other: Said, *, name: str, contact: str, commune: str) -> Said:
    """Return what somebody says who proposes another. Raises NotSo."""
    plain = " ".join(name.split())
    if not any(one.isalpha() for one in plain) or len(plain) > MOST_NAME:
        raise NotSo("Écrivez votre nom : c'est vous qui proposez.")
    if other.contact.kind not in PHONES:
        raise NotSo("Donnez son téléphone : la mairie l'appelle, et c'est elle qui décide.")
    own = contact_of(commune, contact)
    if own.kind == "fixed":
        raise NotSo("Donnez votre mobile ou votre e-mail : un code y est envoyé.")
    if own.value == other.contact.value:
        raise NotSo("Donnez votre propre numéro, pas celui de la personne que vous proposez.")
    return Said(plain, own, (), other.language, wants=PROPOSE, other=other.as_json())


async def confirm(desk: Desk, token: str, code: str, *, source: str) -> str:
    """Try the proposer's code, then have the other called; return the secret of that sign-up.

    Twice is once. Raises NotSo, NotNow, NotThere.
    """
    found = await open_signup(desk.office, token)
    if found.verified:
        return call_token(token)
    said = Said.of(found.told)
    await type_back(desk, token, code)
    other = Said.of(said.other)
    told = Said(other.name, other.contact, other.places, other.language,
                by=(said.name, said.contact))  # fmt: skip
    return await ask(desk, told, source=source, token=call_token(token))


def call_token(token: str) -> str:
    """Return the secret of the sign-up that a proposal leads to."""
    return own_token(token, CALLED)


async def decided(desk: Desk, token: str) -> str:
    """Return what whoever was called decided: `waiting`, `agreed`, `declined` (or nobody did)."""
    try:
        found = await open_signup(desk.office, token)
    except NotThere:
        return "declined"
    return "agreed" if found.verified else "waiting"
