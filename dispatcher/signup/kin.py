"""Whom a resident has told in an alert: that she is well, asks for help, or has not answered.

Never where she is, nor which place of hers is in danger. Each outcome is told once, after every
message of the alert (lane 2), and stops for whoever sends STOP.

Runbook: `kin.told` counts the messages that were written; they leave as any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic

import structlog

from dispatcher.alerts.drafting import digest_of, new_id
from dispatcher.alerts.office import Office
from dispatcher.alerts.plan_in_force import PlanInForce, in_force
from dispatcher.alerts.refusals import NotSo, NotThere
from dispatcher.alerts.ringing import NOWHERE
from dispatcher.delivery.content import Content, Texts
from dispatcher.signup.asking import Desk
from dispatcher.signup.own_page import Asks, Page
from dispatcher.signup.telling import KIN, Said, contact_of, plain_name
from dispatcher.store import kin as kept
from dispatcher.store import open_alerts, own_changes
from dispatcher.store.alert_lines import AlertLine, alert_versions, that_counts
from dispatcher.store.code_messages import CODE_BLANK, CodeMessage
from dispatcher.store.information import topics_of
from dispatcher.store.kin import Kin, Told
from dispatcher.store.own_history import Told as Message
from dispatcher.store.own_history import told_in
from dispatcher.store.own_links import Own
from dispatcher.store.public_alerts import TO_RESIDENTS
from dispatcher.store.versions import SUMMONS

MOST_KIN = 3
SILENT_S = 30 * 60.0  # without an answer
UNREACHED_S = 10 * 60.0
EVERY_S = 20.0  # between two looks: nobody waits for this as for an alert
LASTS_S = 2 * 3600.0
MEDIUM_OF = {"mobile": "sms", "email": "email"}
DANGERS = ("alert", "update")  # the other versions end it
LEFT = frozenset(("sending", "unknown", "accepted", "delivered"))  # or may have
FAILED = frozenset(("undelivered", "failed", "exhausted", "expired", "cancelled", "suppressed"))

log = structlog.get_logger(__name__)


async def choose(desk: Desk, page: Page, asks: Asks, *, name: str) -> str:
    """Send a code to somebody who is to be told; return where the resident types it.

    Who has the code agrees by giving it to her. Raises NotSo, NotNow.
    """
    plain = plain_name(name)
    if not plain:
        raise NotSo("Écrivez le nom de la personne à prévenir.")
    found = contact_of(page.own.commune, asks.contact)
    if found.kind not in MEDIUM_OF:
        raise NotSo("Une personne à prévenir l'est par SMS ou par e-mail : donnez son mobile.")
    if len(await kept.kin_of(desk.office.ledger, page.own)) >= MOST_KIN:
        raise NotSo("{most} personnes à prévenir au plus.", most=MOST_KIN)
    said = Said(plain, found, (), page.resident.languages[0], wants=KIN, person=page.own.person_id)
    return await asks.send(desk, said)


class KinTeller:
    """Takes turns at the alerts in force whose people have somebody to tell."""

    def __init__(self, office: Office, *, every_s: float = EVERY_S) -> None:
        """Work for every commune of the office's ledger, at most once in `every_s`."""
        self._office, self._every_s = office, every_s
        self._next_at = monotonic() + every_s

    async def turn(self) -> bool:
        """Look once at each; return whether somebody is told now."""
        if monotonic() < self._next_at:
            return False
        self._next_at = monotonic() + self._every_s
        ledger = self._office.ledger
        await kept.forget_old(ledger)
        running = {
            (one.commune, one.alert_id)
            for one in await open_alerts.open_alerts(ledger)
            if one.mode in TO_RESIDENTS and one.kind != SUMMONS
        }
        told = 0
        for commune, alert_id in sorted(running):
            who = await kept.who_has_kin(ledger, commune)
            lines = await alert_versions(ledger, commune, alert_id) if who else []
            counts = that_counts(lines)
            if counts is None or topics_of(counts.content) is not None:
                continue  # of what tells of no danger nobody has to be afraid
            for own in who:
                told += await self._tell(own, lines, counts)
        return told > 0

    async def _tell(self, own: Own, lines: Sequence[AlertLine], counts: AlertLine) -> int:
        office = self._office.of(own.commune)
        launched = {one.version_id: one.launched_at for one in lines if one.launched_at is not None}
        messages, addressed = await told_in(office.ledger, own, list(launched))
        if not addressed:
            return 0
        since = office.clock().timestamp() - min(launched.values())
        outcome = outcome_of(messages, since_s=since, over=counts.kind not in DANGERS)
        if not outcome:
            return 0
        return await _told(office, Told(counts.alert_id, own, outcome), counts.mode)


def outcome_of(messages: Sequence[Message], *, since_s: float, over: bool = False) -> str:
    """Return how somebody is in an alert `since_s` old, as far as is known; empty: too early.

    Her messages are those of all its versions: what she answered to one is not asked anew by the
    next. Of an alert that is `over` nobody is said to be silent.
    """
    answers = {kind for one in messages for kind in one.answered}
    if "help" in answers:
        return "help"
    if "understood" in answers:
        return "safe"
    if over:
        return ""
    if all(one.state in FAILED for one in messages):  # or nothing could leave at all
        return "unreached" if since_s >= UNREACHED_S else ""
    if since_s < SILENT_S:
        return ""
    return "silent" if any(one.state in LEFT for one in messages) else "unreached"


async def _told(office: Office, told: Told, mode: str) -> int:
    done = await kept.was_told(office.ledger, told.own, told.alert_id)
    some = [
        one for one in await kept.kin_of(office.ledger, told.own)
        if (one.mark, told.outcome) not in done and one.contact.value
    ]  # fmt: skip
    if not some:
        return 0
    try:
        current = await in_force(office)
    except NotThere:
        return 0
    her = await own_changes.kept_of(office.ledger, told.own)
    if her is None or her.left_at is not None:
        return 0
    content = _content(current, told.outcome, test=mode != "real")
    message = partial(_message, office, content, her.resident.name)
    sent = await kept.tell(office.ledger, told, some, message=message)
    log.info("kin.told", commune=office.commune, alert=told.alert_id, messages=sent)
    return sent


def _message(office: Office, content: Content, name: str, one: Kin) -> CodeMessage:
    values = content.as_json()
    return CodeMessage(
        ident=f"kin-{new_id()}",
        code=name,
        content=values,
        digest=digest_of(values, expires_at=office.clock(), people=1),
        medium=MEDIUM_OF[one.contact.kind],
        contact=one.contact.value,
        language=one.language,
        lasts_s=LASTS_S,
    )


@dataclass(frozen=True)
class _Words:
    """What is told of an outcome, by language; `{code}` is her name, sealed until it leaves."""

    fr: str
    en: str


_FRENCH_END = " Ne vous mettez pas en danger ; urgence : 112."
_ENGLISH_END = " Do not put yourself in danger; emergency: 112."
_OUTCOMES = {
    "safe": _Words(
        f"{CODE_BLANK} a répondu à l'alerte de la mairie de {{town}} : j'ai compris.",
        f"{CODE_BLANK} answered the alert of the town hall of {{town}}: I understood.",
    ),
    "help": _Words(
        f"{CODE_BLANK} a demandé de l'aide à la mairie de {{town}}, qui le sait.{_FRENCH_END}",
        f"{CODE_BLANK} asked the town hall of {{town}} for help, and it knows.{_ENGLISH_END}",
    ),
    "silent": _Words(
        f"La mairie de {{town}} a prévenu {CODE_BLANK}, sans réponse pour l'instant. Appelez si"
        f" vous le pouvez.{_FRENCH_END}",
        f"The town hall of {{town}} warned {CODE_BLANK}, without an answer so far. Call if you"
        f" can.{_ENGLISH_END}",
    ),
    "unreached": _Words(
        f"La mairie de {{town}} n'arrive pas à prévenir {CODE_BLANK}. Appelez si vous le pouvez."
        f"{_FRENCH_END}",
        f"The town hall of {{town}} cannot reach {CODE_BLANK}. Call if you can.{_ENGLISH_END}",
    ),
}
_SUBJECTS = {
    "fr": f"Alerte de la mairie de {{town}} : nouvelles de {CODE_BLANK}",
    "en": f"Alert of the town hall of {{town}}: news of {CODE_BLANK}",
}
_TEST = {"fr": "EXERCICE. ", "en": "EXERCISE. "}


def _content(current: PlanInForce, outcome: str, *, test: bool) -> Content:
    plan, town = current.plan, current.plan.commune.name
    said = _OUTCOMES[outcome]
    texts = {}
    for code, words in (("fr", said.fr), ("en", said.en)):
        text = (_TEST[code] if test else "") + words.replace("{town}", town)
        texts[code] = Texts(text, "", _SUBJECTS[code].replace("{town}", town), text)
    base = Content(
        mode="real", route="live", title="Personne à prévenir", issuer=f"Mairie de {town}",
        sender=plan.policy.sender, language="fr", texts=texts, area=NOWHERE, margin_m=0.0,
        media=("sms", "email"), plan_digest=current.digest, template="", offers_help=False,
    )  # fmt: skip
    return replace(base, language=plan.policy.language if plan.policy.language in texts else "fr")
