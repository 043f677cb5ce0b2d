"""Whom a resident has told in an alert: that she is well, asks for help, or has not answered.

Never where she is, nor which place of hers is in danger. Each outcome is told once, after every
message of the alert (lane 2), and stops for whoever sends STOP.

Runbook: `kin.told` counts the messages that were written; they leave as any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import structlog

from dispatcher.alerts.drafting import digest_of, new_id
from dispatcher.alerts.office import Office
from dispatcher.alerts.plan_in_force import PlanInForce, in_force
from dispatcher.alerts.refusals import NotSo, NotThere
from dispatcher.alerts.ringing import NOWHERE
from dispatcher.delivery.content import Content, Texts
from dispatcher.signup.asking import Desk, ask
from dispatcher.signup.own_page import Page
from dispatcher.signup.telling import KIN, MOST_NAME, Said, contact_of
from dispatcher.store import kin as kept
from dispatcher.store import open_alerts, own_changes
from dispatcher.store.code_messages import CODE_BLANK, CodeMessage
from dispatcher.store.kin import Kin, Told
from dispatcher.store.open_alerts import OpenAlert
from dispatcher.store.own_history import Sent, sent_to
from dispatcher.store.own_links import Own
from dispatcher.store.public_alerts import TO_RESIDENTS

MOST_KIN = 3
SILENT_S = 30 * 60.0  # without an answer
UNREACHED_S = 10 * 60.0
LASTS_S = 2 * 3600.0
MEDIUM_OF = {"mobile": "sms", "email": "email"}
FAILED = frozenset(("undelivered", "failed", "exhausted", "expired", "cancelled", "suppressed"))

log = structlog.get_logger(__name__)


async def choose(desk: Desk, page: Page, *, name: str, contact: str, source: str) -> str:
    """Send a code to somebody who is to be told; return where the resident types it.

    Who has the code agrees by giving it to her. Raises NotSo, NotNow.
    """
    plain = " ".join(name.split())
    if not any(one.isalpha() for one in plain) or len(plain) > MOST_NAME:
        raise NotSo("Écrivez le nom de la personne à prévenir.")
    found = contact_of(page.own.commune, contact)
    if found.kind not in MEDIUM_OF:
        raise NotSo("Une personne à prévenir l'est par SMS ou par e-mail : donnez son mobile.")
    if len(await kept.kin_of(desk.office.ledger, page.own)) >= MOST_KIN:
        raise NotSo("{most} personnes à prévenir au plus.", most=MOST_KIN)
    said = Said(plain, found, (), page.resident.languages[0], wants=KIN, person=page.own.person_id)
    return await ask(desk, said, source=source)


class KinTeller:
    """Takes turns at the alerts in force whose people have somebody to tell."""

    def __init__(self, office: Office) -> None:
        """Work for every commune of the office's ledger."""
        self._office = office

    async def turn(self) -> bool:
        """Look once at each; return whether somebody is told now."""
        ledger = self._office.ledger
        await kept.forget_old(ledger)
        running = [
            one for one in await open_alerts.open_alerts(ledger)
            if one.mode in TO_RESIDENTS and one.kind != "summons"
        ]  # fmt: skip
        told = False
        for commune in sorted({one.commune for one in running}):
            mine = [one for one in running if one.commune == commune]
            for own in await kept.who_has_kin(ledger, commune):
                told |= await self._tell(own, mine)
        return told

    async def _tell(self, own: Own, running: Sequence[OpenAlert]) -> bool:
        office = self._office.of(own.commune)
        history = await sent_to(office.ledger, own)
        told = 0
        for alert_id in dict.fromkeys(one.alert_id for one in running):
            versions = {one.version_id for one in running if one.alert_id == alert_id}
            sent = [one for one in history if one.version_id in versions]
            outcome = outcome_of(sent, now=office.clock().timestamp())
            if outcome:
                told += await _told(office, Told(alert_id, own, outcome), sent[0].mode)
        return told > 0


def outcome_of(sent: Sequence[Sent], *, now: float) -> str:
    """Return how somebody is in an alert, as far as is known; empty while it is too early."""
    if not sent:
        return ""
    answers = {kind for one in sent for told in one.messages for kind in told.answered}
    if "help" in answers:
        return "help"
    if "understood" in answers:
        return "safe"
    since = now - min(one.launched_at for one in sent)
    states = [told.state for one in sent for told in one.messages]
    if all(one in FAILED for one in states):  # or nothing could leave at all
        return "unreached" if since >= UNREACHED_S else ""
    return "silent" if since >= SILENT_S else ""


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
