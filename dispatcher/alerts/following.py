"""Following an alert: its clocks as they stand, and stopping one by hand with a reason."""

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.clocks import CLOCKS, Clock, Known, clocks_of
from dispatcher.alerts.life import find, newest_launched
from dispatcher.alerts.office import Actor, Office, utc_now
from dispatcher.alerts.refusals import NotNow, NotSo
from dispatcher.store import clock_marks
from dispatcher.store.ledger import Ledger
from dispatcher.store.situation import Progress
from plans.alerting import AlertPolicy

LONGEST_NOTE = 500
_SAID = {
    "information": "Information du public faite autrement",
    "control": "Contrôle de la réception fait autrement",
    "sitrep": "Point de situation fait autrement",
}


async def clocks(
    ledger: Ledger, policy: AlertPolicy, *, of: tuple[str, str, str], progress: Progress | None
) -> tuple[Clock, ...]:
    """Return the clocks of an alert that runs: `of` names its commune, its id, its newest kind."""
    commune, alert_id, kind = of
    if progress is None:
        return ()
    marks, launches, sitrep_at = await clock_marks.clock_facts(ledger, commune, alert_id)
    confirmed = progress.confirmed
    known = Known(
        kind,
        launches,
        progress.people,
        confirmed.answered if policy.confirmation == "acknowledged" else confirmed.reached,
        marks,
        sitrep_at,
    )
    return clocks_of(policy, known, now=utc_now().timestamp())


async def stop(office: Office, alert_id: str, clock: str, *, note: str, actor: Actor) -> None:
    """Say that what a clock asks for was done by other means; raises NotSo without how."""
    await find(office, alert_id)
    if clock not in CLOCKS:
        raise NotSo(
            "« {clock} » n'est pas une échéance : {known}.", clock=clock, known=", ".join(CLOCKS)
        )
    if not note.strip():
        raise NotSo("Dites comment cela a été fait : par qui, par quel moyen.")
    if len(note) > LONGEST_NOTE:
        raise NotSo("La note est trop longue : {most} signes au plus.", most=LONGEST_NOTE)
    if await newest_launched(office, alert_id) is None:
        raise NotNow("Cette alerte n'est pas lancée : elle n'a pas d'échéance.")
    line = office.line(
        actor.login, f"clock.{clock}", f"{_SAID[clock]} : {note.strip()}", alert=alert_id,
        clock=clock,
    )  # fmt: skip
    this = (office.commune, alert_id, clock)
    await clock_marks.stop_clock(office.ledger, this, note=note.strip(), line=line)


async def policy_of(office: Office) -> AlertPolicy:
    """Return the alert policy of the plan in force; raises NotThere without a plan."""
    return (await plan_in_force.in_force(office)).plan.policy
