"""Once a year each resident is asked whether what is kept of her is right, if the commune wants it.

Off until the mayor, a deputy or the RAC switches it on: messages cost, and one that nobody
announced looks like a fraud. Whoever confirmed a contact more than a year ago is asked by her first
confirmed medium that can carry a link, by day, in her own hours, after every alert (lane 2); and
reminded once, three weeks later. Whom only a telephone call reaches gets none: a call carries no
link, and the town hall asks her. A twentieth of the register a day at most, so that neither the
lines nor the town hall are flooded. Who does not answer is counted, and left out of nothing.

Runbook: `yearly.asked` counts the messages that were written; they leave as any other.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

import structlog

from dispatcher.alerts.drafting import digest_of, new_id
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.plan_in_force import PlanInForce, in_force
from dispatcher.alerts.refusals import NotThere
from dispatcher.alerts.ringing import NOWHERE
from dispatcher.delivery.content import Content, Texts
from dispatcher.signup.asking import RESIDENT
from dispatcher.signup.links import link_of
from dispatcher.signup.own_page import Page
from dispatcher.store import own_changes
from dispatcher.store import yearly as store
from dispatcher.store.code_messages import CODE_BLANK, CodeMessage
from dispatcher.store.own_changes import Kept
from dispatcher.store.own_links import Own
from dispatcher.store.people import Contact
from dispatcher.store.yearly import Asking, Due

FROM, UNTIL = time(9), time(19)  # on the commune's clocks, Sundays apart
SUNDAY = 6
A_DAY_PART, A_DAY_LEAST = 20, 50
A_TURN = 25  # in one transaction, which nobody waits for longer than a tenth of a second
TURNS = 4
EVERY_S = 60.0
LASTS_S = 2 * 86_400.0
MEDIUM_OF = {"mobile": "sms", "email": "email"}

log = structlog.get_logger(__name__)


async def switch(office: Office, *, on: bool, actor: Actor) -> None:
    """Have the commune's residents asked once a year, or no more; twice is once."""
    text = "Confirmation annuelle des contacts activée" if on else (
        "Confirmation annuelle des contacts arrêtée"
    )  # fmt: skip
    line = office.line(actor.login, "residents.yearly", text, enabled=on)
    await store.set_rule(office.ledger, office.commune, enabled=on, by=actor.login, line=line)


async def say_right(office: Office, page: Page) -> None:
    """Keep that a resident says that what is kept of her is right."""
    text = "Contacts confirmés pour l'année par l'habitant"
    line = office.line(RESIDENT, "residents.confirmed", text, person=page.own.person_id)
    await store.answer(office.ledger, page.own, line=line)


class YearlyAsker:
    """Takes turns at the communes that have their residents asked."""

    def __init__(self, office: Office, *, every_s: float = EVERY_S) -> None:
        """Work for every commune of the office's ledger, at most once in `every_s`."""
        self._office, self._every_s = office, every_s
        self._next_at = monotonic() + every_s  # not as a worker begins

    async def turn(self) -> bool:
        """Ask some; return whether a message leaves now."""
        if monotonic() < self._next_at:
            return False
        self._next_at = monotonic() + self._every_s
        await store.forget_links(self._office.ledger)
        sent = 0
        for commune in await store.enabled_communes(self._office.ledger):
            sent += await ask_some(self._office.of(commune))
        return sent > 0


async def ask_some(office: Office) -> int:
    """Ask who is due in a commune, as many as now is time for; return how many messages leave."""
    try:
        current = await in_force(office)
    except NotThere:
        return 0
    here = office.clock().astimezone(ZoneInfo(current.plan.commune.timezone))
    if not by_day(here):
        return 0
    left = await store.begin_day(
        office.ledger, office.commune, day=f"{here:%Y-%m-%d}", most=most_a_day
    )
    sent = 0
    for _ in range(TURNS):
        if left <= 0:
            break
        some = await store.due(office.ledger, office.commune, limit=min(A_TURN, left))
        if not some:
            await store.end_day(office.ledger, office.commune)
            break
        asked = [await asking(office, one) for one in some]
        sent += await store.ask(office.ledger, office.commune, asked)
        left -= len(some)
    if sent:
        log.info("yearly.asked", commune=office.commune, messages=sent)
    return sent


def by_day(here: datetime) -> bool:
    """Tell whether a commune's clocks say an hour at which nobody minds a message."""
    return FROM <= here.time() < UNTIL and here.weekday() != SUNDAY


def most_a_day(people: int) -> int:
    """Return how many of so many residents may be asked on one day."""
    return max(A_DAY_LEAST, -(-people // A_DAY_PART))


async def asking(office: Office, one: Due) -> Asking:
    """Write the message to somebody who is due, with a new link in it. Raises NotThere: no plan."""
    current = await in_force(office)
    kept = await own_changes.kept_of(office.ledger, Own(office.commune, one.person_id))
    way = first_way(kept) if kept else None
    if kept is None or way is None:
        return Asking(one, None)
    token = secrets.token_urlsafe(16)
    now = office.clock().timestamp()
    hours = kept.resident.information.hours
    opens = hours.opens_at(now) if hours else 0.0
    values = content_of(current, reminds=one.reminds).as_json()
    expires = office.clock() + timedelta(seconds=LASTS_S)
    message = CodeMessage(
        ident=f"yearly-{new_id()}",
        code=f"{office.public_url}/r/{token}",
        content=values,
        digest=digest_of(values, expires_at=expires, people=1),
        medium=MEDIUM_OF[way.kind],
        contact=way.value,
        language=kept.resident.languages[0],
        lasts_s=LASTS_S,
        opens=opens,
    )
    return Asking(one, message, link_of(token))


def first_way(kept: Kept) -> Contact | None:
    """Return her first contact that she confirmed, that works, and that can carry a link."""
    order: Sequence[str] = kept.resident.chosen_media
    able = [
        way
        for way, sure, fails in zip(
            kept.resident.contacts, kept.confirmed, kept.failing, strict=True
        )
        if sure is not None and fails is None and way.kind in MEDIUM_OF
    ]

    def place(way: Contact) -> tuple[int, int]:
        medium = MEDIUM_OF[way.kind]
        return (order.index(medium) if medium in order else len(order), way.rank)

    return min(able, key=place, default=None)


_SMS = {
    "fr": f"{{again}}Mairie de {{town}}: vos contacts d'alerte sont-ils toujours justes?"
    f" Confirmez: {CODE_BLANK}",
    "en": f"{{again}}{{town}} town hall: are your contacts for alerts still right? Confirm:"
    f" {CODE_BLANK}",
}
_SUBJECTS = {
    "fr": "Mairie de {town} : vos contacts d'alerte sont-ils toujours justes ?",
    "en": "{town} town hall: are your contacts for alerts still right?",
}
_MAIL = {
    "fr": "Une fois par an, la mairie de {town} demande à chaque habitant inscrit aux alertes si"
    " ses contacts et ses adresses sont toujours justes.\n\nVoyez-les et confirmez d'un geste :\n"
    f"{CODE_BLANK}\n\nSans réponse, rien ne change : vous recevez les alertes comme avant. La"
    " mairie ne demande jamais d'argent ni de mot de passe.",
    "en": "Once a year the town hall of {town} asks everybody who is enrolled for alerts whether"
    " contacts and addresses are still right.\n\nSee them and confirm in one press:\n"
    f"{CODE_BLANK}\n\nWithout an answer nothing changes: you receive the alerts as before. The"
    " town hall never asks for money or a password.",
}
_AGAIN = {"fr": "Rappel. ", "en": "Reminder. "}


def content_of(current: PlanInForce, *, reminds: bool) -> Content:
    """Word the message that asks, or reminds; `{code}` is her link, sealed until it leaves."""
    plan, town = current.plan, current.plan.commune.name
    texts = {}
    for code, sms in _SMS.items():
        again = _AGAIN[code] if reminds else ""
        subject = again + _SUBJECTS[code].replace("{town}", town)
        body = _MAIL[code].replace("{town}", town)
        texts[code] = Texts(
            sms.replace("{again}", again).replace("{town}", town), "", subject, body
        )
    base = Content(
        mode="real", route="live", title="Confirmation annuelle", issuer=f"Mairie de {town}",
        sender=plan.policy.sender, language="fr", texts=texts, area=NOWHERE, margin_m=0.0,
        media=("sms", "email"), plan_digest=current.digest, template="", offers_help=False,
    )  # fmt: skip
    return replace(base, language=plan.policy.language if plan.policy.language in texts else "fr")
