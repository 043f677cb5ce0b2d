"""Putting a commune in service: one person asks, another confirms; one alone may take it out.

The two are the mayor or a deputy, and another person who gives accesses (SECURITY T1, T19). What
is not ready does not stop them, but both see it: where it changed in between, they look again.
"""

import hashlib
from collections.abc import Iterable, Mapping

from dispatcher.access.permissions import allowed
from dispatcher.alerts.office import Office, utc_now
from dispatcher.alerts.refusals import NotNow, NotSo, NotYou
from dispatcher.readiness.lines import NOT_READY, UNKNOWN, Line
from dispatcher.store import in_service
from dispatcher.store.announcements import Announcement
from dispatcher.store.clock import db_now
from dispatcher.store.in_service import Opening, Step, opening_of
from dispatcher.store.users import User, accounts_of

LEADING = ("dos", "deputy")
MANAGE = "access.manage"
ASKED_S = 24 * 3600.0  # a request that nobody confirmed is asked again
FASTER = "Quelqu'un vient de changer la mise en service : regardez la page."
NOTHING_VERIFIED = (
    "Rien n'a été vérifié : lancez « Vérifier maintenant », attendez la réponse, puis relisez la"
    " page."
)
LOOK_AGAIN = "Ce qui n'est pas prêt a changé depuis que vous l'avez lu : relisez la page."


def seeing(lines: Iterable[Line]) -> str:
    """Return the digest of what is not ready: what both people have to have seen."""
    found = sorted(f"{one.subject}:{one.state}" for one in lines if one.state in OPEN_POINTS)
    return hashlib.sha256("\n".join(found).encode()).hexdigest()


OPEN_POINTS = (NOT_READY, UNKNOWN)


def points(lines: Iterable[Line]) -> list[str]:
    """Return the subjects that are not ready, or not known to be."""
    return [one.subject for one in lines if one.state in OPEN_POINTS]


def stands(opening: Opening, *, now: float) -> bool:
    """Tell whether a request waits for its second person."""
    return opening.state == "asked" and now - (opening.asked_at or 0.0) < ASKED_S


async def ask(office: Office, lines: Iterable[Line], *, by: User, saw: str) -> None:
    """Ask for the commune to be put in service; raises NotYou, NotNow."""
    known = list(lines)
    _check_may(by)
    _check_verified(known)
    _check_saw(known, saw)
    read = await opening_of(office.ledger, office.commune)
    if read.live:
        raise NotNow("La commune est déjà en service.")
    if stands(read, now=utc_now().timestamp()):
        raise NotNow("Une demande attend déjà une deuxième personne : elle la confirme ci-dessous.")
    values = {"asked_by": by.login, "asked_at": db_now(), "asked_seeing": saw}
    text = f"Mise en service demandée, {len(points(known))} points non prêts"
    await _step(office, read, to="asked", values=values, told=(by, "asked", text, points(known)))


async def confirm(office: Office, lines: Iterable[Line], *, by: User, saw: str) -> None:
    """Put the commune in service, as another person asked; raises NotYou, NotNow."""
    known = list(lines)
    _check_may(by)
    read = await opening_of(office.ledger, office.commune)
    if not stands(read, now=utc_now().timestamp()):
        raise NotNow("Aucune demande de mise en service n'attend : faites-en une.")
    _check_verified(known)
    _check_saw(known, saw)
    if read.asked_seeing != saw:
        raise NotNow(
            "Ce qui n'est pas prêt a changé depuis la demande : reprenez-la, et refaites-la à deux."
        )
    await _check_pair(office, read.asked_by or "", by)
    values = {"opened_by": by.login, "opened_at": db_now(), "reason": None}
    text = f"Commune mise en service, {len(points(known))} points non prêts"
    await _step(office, read, to="live", values=values, told=(by, "live", text, points(known)))


async def close(office: Office, *, by: User, reason: str) -> None:
    """Take the commune out of service, or take a request back; one person, with a reason.

    While a real event or a real alert runs only who leads the commune takes it out: nobody else
    may stop the emergency procedure of a mayor. Raises NotYou, NotSo, NotNow.
    """
    _check_may(by)
    if not reason.strip():
        raise NotSo("Dites pourquoi : la raison est écrite dans la main courante.")
    read = await opening_of(office.ledger, office.commune)
    if read.state not in ("asked", "live"):
        raise NotNow("La commune n'est pas en service, et aucune demande n'attend.")
    was_live = read.live
    if was_live and by.function not in LEADING:
        await _check_quiet(office)
    text = "Commune mise hors service" if was_live else "Demande de mise en service retirée"
    values = {"closed_by": by.login, "closed_at": db_now(), "reason": reason.strip()}
    said = f"{text} : {reason.strip()}"
    await _step(office, read, to="closed", values=values, told=(by, "closed", said, []))


async def _check_quiet(office: Office) -> None:
    if await in_service.under_way(office.ledger, office.commune):
        raise NotYou(
            "Un événement réel est ouvert, ou une alerte réelle est en cours : seul le maire ou un"
            " suppléant met alors la commune hors service."
        )


async def _check_pair(office: Office, first: str, second: User) -> None:
    """Check that one of the two leads the commune, and the other gives accesses."""
    if first == second.login:
        raise NotYou("Qui a demandé la mise en service ne la confirme pas : il faut une autre.")
    accounts = await accounts_of(office.ledger, office.commune)
    asker = next((one.user for one in accounts if one.user.login == first and one.usable), None)
    if asker is None:
        raise NotNow("Qui a fait la demande n'a plus d'accès : refaites-la.")
    if asker.contact_id and asker.contact_id == second.contact_id:
        raise NotYou(
            "Ces deux accès sont à la même personne du plan : il en faut une autre pour confirmer."
        )
    if not any(_leads_and_manages(*pair) for pair in ((asker, second), (second, asker))):
        raise NotYou(
            "Les deux sont le maire ou un suppléant, et une autre personne qui gère les accès."
        )


def _leads_and_manages(one: User, other: User) -> bool:
    return one.function in LEADING and allowed(other.function, MANAGE)


def _check_may(by: User) -> None:
    if by.function not in LEADING and not allowed(by.function, MANAGE):
        raise NotYou("La mise en service revient au maire, aux suppléants et à qui gère les accès.")


def _check_verified(lines: list[Line]) -> None:
    """Refuse what nobody looked at: without a line both would have seen nothing."""
    if not lines:
        raise NotNow(NOTHING_VERIFIED)


def _check_saw(lines: list[Line], saw: str) -> None:
    if seeing(lines) != saw:
        raise NotNow(LOOK_AGAIN)


async def _step(
    office: Office,
    read: Opening,
    *,
    to: str,
    values: Mapping[str, object],
    told: tuple[User, str, str, list[str]],
) -> None:
    by, kind, text, open_points = told
    line = office.line(by.login, f"service.{kind}", text, points=open_points)
    body = f"{text}, par « {by.login} ». Si ce n'est pas normal, prévenez tout de suite la mairie."
    announcement = Announcement(f"Tocsin {office.commune} : {text[:120]}", body, (by.login,))
    step = Step(to, values, line, announcement)
    if not await in_service.move(office.ledger, office.commune, read, step=step):
        raise NotNow(FASTER)
