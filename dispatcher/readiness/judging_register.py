"""Whether the receipts of the register of vulnerable people are given within their eight days."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dispatcher.readiness.desk import Desk
from dispatcher.readiness.lines import Line, not_ready, ready, warning
from dispatcher.store.vulnerable import ACKNOWLEDGED_WITHIN_DAYS, Waiting, count_of, waiting_of
from dispatcher.store.vulnerable_rules import Opening, opening_now

SOON_DAYS = 2
_DAY_S = 86_400.0
LONG_OPEN_S = 2 * _DAY_S
_REMEDY = "Remettez les accusés de réception depuis la page « Registre »."


async def judge_register(desk: Desk) -> Sequence[Line]:
    """Judge the receipts that are owed; nothing is said where nobody is enrolled."""
    enrolled, _ = await count_of(desk.round.ledger, desk.commune)
    if not enrolled:
        return ()
    waiting = await waiting_of(desk.round.ledger, desk.commune)
    opening = await opening_now(desk.round.ledger, desk.commune)
    return (
        judged(waiting, today=desk.now().date(), zone=desk.zone),
        *still_open(opening, now=desk.now().timestamp()),
    )


def still_open(opening: Opening | None, *, now: float) -> list[Line]:
    """Warn of a register that has been open for two days: its ground may have ended. Pure."""
    if opening is None or now - opening.opened_at < LONG_OPEN_S:
        return []
    said = "Le registre des personnes vulnérables est ouvert depuis %(days)s jours."
    remedy = "Si le plan du préfet est levé, le maire ou un suppléant le ferme, page « Registre »."
    return [warning("register_open", said, remedy, days=int((now - opening.opened_at) // _DAY_S))]


def judged(waiting: Sequence[Waiting], *, today: date, zone: ZoneInfo) -> Line:
    """Judge them by the day on which each request came in. Pure."""
    within = timedelta(days=ACKNOWLEDGED_WITHIN_DAYS)
    left = [
        (datetime.fromtimestamp(one.received_at, zone).date() + within - today).days
        for one in waiting
    ]
    late, soon = sum(one < 0 for one in left), sum(0 <= one <= SOON_DAYS for one in left)
    if late:
        said = "Accusés de réception en retard (plus de 8 jours) : %(late)s."
        return not_ready("register", said, _REMEDY, late=late)
    if soon:
        said = "Accusés de réception à remettre dans les 2 jours : %(soon)s."
        return warning("register", said, _REMEDY, soon=soon)
    return ready("register", "Aucun accusé de réception n'est en retard.")
