"""Somebody proposes a relative: her own contact is confirmed by a code, then the other is called.

Who is called decides: yes, yes and have told who proposed it (`kin.py`), or no. Nothing of her is
in the register before; who proposed learns her decision, or that nobody answered, and nothing else.
"""

from dataclasses import dataclass, replace
from functools import partial

from dispatcher.alerts.refusals import NotSo, NotThere
from dispatcher.signup.asking import Desk, new_code, open_signup, signup_of, type_back
from dispatcher.signup.links import own_token
from dispatcher.signup.telling import PROPOSE, Said, contact_of, plain_name
from dispatcher.store.asking_calls import asking_call
from dispatcher.store.signup_ends import Proposing
from dispatcher.store.signups import Begun, begin_in

CALLED = -1  # numbers the sign-up that a proposal leads to, among those of its secret
PHONES = ("mobile", "fixed")


def proposed(other: Said, *, name: str, contact: str, commune: str) -> Said:
    """Return what somebody says who proposes another. Raises NotSo."""
    plain = plain_name(name)
    if not plain:
        raise NotSo("Écrivez votre nom : c'est vous qui proposez.")
    if other.contact.kind not in PHONES:
        raise NotSo("Donnez son téléphone : la mairie l'appelle, et c'est elle qui décide.")
    own = contact_of(commune, contact)
    if own.kind == "fixed":
        raise NotSo("Donnez votre mobile ou votre e-mail : un code y est envoyé.")
    if own.value == other.contact.value:
        raise NotSo("Donnez votre propre numéro, pas celui de la personne que vous proposez.")
    return Said(plain, own, (), other.language, wants=PROPOSE, other=other.as_json())


async def confirm(desk: Desk, token: str, code: str, *, source: str) -> None:
    """Try the proposer's code; the right one has the other called, in the same transaction.

    Twice is once; where the other may not be called now, the code stays good. Raises NotSo, NotNow,
    NotThere.
    """
    found = await open_signup(desk.office, token)
    if found.verified:
        return
    said = Said.of(found.told)
    other = replace(Said.of(said.other), by=(said.name, said.contact))
    signup_id = signup_of(call_token(token))
    call = await new_code(desk, other, signup_id=signup_id, source=source)
    begun = Begun(desk.office.commune, signup_id, other.as_json(), call)
    begin = partial(begin_in, begun=begun, ring=desk.office.ledger.ring)
    await type_back(desk, token, code, end=Proposing(begin))


def call_token(token: str) -> str:
    """Return the secret of the sign-up that a proposal leads to."""
    return own_token(token, CALLED)


@dataclass(frozen=True)
class Decided:
    """What came of the call; instants in epoch seconds.

    `agreed`; `declined`, or it is long over; `waiting`, she is being called; `again`, nobody
    answered `at` and she is called `again_at`; `unanswered`, nobody did, last `at` (None where it
    never rang), and she is called no more; `heard` `at`, and no key was pressed.
    """

    state: str
    at: float | None = None
    again_at: float | None = None


async def decided(desk: Desk, token: str) -> Decided:
    """Return what whoever was called decided, or how her call stands."""
    try:
        found = await open_signup(desk.office, token)
    except NotThere:
        return Decided("declined")
    if found.verified:
        return Decided("agreed")
    call = await asking_call(desk.office.ledger, desk.office.commune, found.signup_id)
    if call is None:
        return Decided("waiting")
    if call.heard_at is not None:
        return Decided("heard", call.heard_at)
    if call.over:
        return Decided("unanswered", call.unanswered_at)
    if call.again_at is not None:
        return Decided("again", call.unanswered_at, call.again_at)
    return Decided("waiting")
