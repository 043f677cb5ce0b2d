"""What an approver does beside approving: return to its author, refuse; and asking again.

A reason is needed: whoever wrote it has to know what to change, and the logbook why nothing left.
"""

from datetime import UTC, datetime

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.addressees import addressees
from dispatcher.alerts.drafting import digest_of
from dispatcher.alerts.life import find
from dispatcher.alerts.night import check_hour
from dispatcher.alerts.office import Actor, Office, utc_now
from dispatcher.alerts.refusals import NotNow, NotSo
from dispatcher.alerts.ringing import Submission, ring_for
from dispatcher.delivery.content import Content
from dispatcher.store import decisions
from dispatcher.store.alert_steps import By
from dispatcher.store.decisions import Renewal
from dispatcher.store.hands import hands_of
from dispatcher.store.versions import Version

MOST_REASON = 2_000  # characters
WAITING = "pending_approval"


async def send_back(office: Office, alert_id: str, *, actor: Actor, reason: str) -> None:
    """Return what was submitted to its author: a draft again, with the reason why."""
    version, by = await _judged(office, alert_id, actor=actor, reason=reason)
    line = office.line(
        actor.login, "alert.returned", f"Alerte renvoyée à qui l'a rédigée : {by.reason}",
        alert=alert_id, digest=version.digest, function=actor.function,
    )  # fmt: skip
    _check(await decisions.give_back(office.ledger, version, by, line=line))


async def refuse(office: Office, alert_id: str, *, actor: Actor, reason: str) -> None:
    """Refuse what was submitted, for good: it can be neither changed nor submitted again."""
    version, by = await _judged(office, alert_id, actor=actor, reason=reason)
    line = office.line(
        actor.login, "alert.refused", f"Alerte refusée : {by.reason}",
        alert=alert_id, digest=version.digest, function=actor.function,
    )  # fmt: skip
    _check(await decisions.refuse(office.ledger, version, by, line=line))


async def _judged(
    office: Office, alert_id: str, *, actor: Actor, reason: str
) -> tuple[Version, By]:
    version = await find(office, alert_id)
    if version.state != WAITING:
        raise NotNow(
            "L'alerte est dans l'état « {state} » : elle n'attend pas de validation.",
            state=version.state,
        )
    reason = " ".join(reason.split())
    if not reason:
        raise NotSo("Dites pourquoi : qui a rédigé l'alerte doit savoir quoi changer.")
    if len(reason) > MOST_REASON:
        raise NotSo("Le motif est trop long : {most} caractères au plus.", most=MOST_REASON)
    return version, By(actor.login, actor.function, reason)


async def ask_again(
    office: Office, alert_id: str, *, actor: Actor, night_confirmed: bool = False
) -> None:
    """Ask for the approval again, with the head-count of now; the approvers are rung again.

    For an approval that is over, a head-count that drifted, a ring that nobody heard. It is a
    submission of this hour: at night, what threatens no life is confirmed; raises NotSo.
    """
    version = await find(office, alert_id)
    if version.state not in (WAITING, "approved"):
        raise NotNow(
            "L'alerte est dans l'état « {state} » : elle n'attend ni validation ni lancement.",
            state=version.state,
        )
    if version.expires_at <= utc_now().timestamp():
        raise NotNow("L'alerte a expiré : rédigez-en une nouvelle.")
    current = await plan_in_force.in_force(office)
    await check_hour(office, current.plan, version, confirmed=night_confirmed)
    content = Content.of(version.content)
    found = await addressees(office, current.plan, content, alert_id=alert_id)
    expires_at = datetime.fromtimestamp(version.expires_at, UTC)
    digest = digest_of(version.content, expires_at=expires_at, people=found.most)
    renewal = Renewal(found.most, digest)
    wrote = (await hands_of(office.ledger, version)).logins
    asked = Submission(renewal.of(version), version.submitted_as or "", wrote)
    ring = await ring_for(office, current, asked)
    line = office.line(
        actor.login, "alert.asked_again", "Validation demandée de nouveau", alert=alert_id,
        digest=digest, people=found.most, rung=len(ring.people) if ring else 0,
    )  # fmt: skip
    by = By(actor.login, actor.function)
    done = await decisions.renew(office.ledger, version, by, renewal=renewal, ring=ring, line=line)
    _check(done)


async def open_to_decide(office: Office, alert_id: str, *, actor: Actor) -> bool:
    """Note that an approver has what waits for her before her eyes: the ringing stops."""
    version = await find(office, alert_id)
    line = office.line(
        actor.login, "alert.opened", "Alerte ouverte par qui peut la valider", alert=alert_id,
        digest=version.digest, function=actor.function,
    )  # fmt: skip
    by = By(actor.login, actor.function)
    return await decisions.note_opened(office.ledger, version, by, line=line)


def _check(done: bool) -> None:
    if not done:
        raise NotNow("Quelqu'un vient de modifier cette alerte : regardez son état.")
