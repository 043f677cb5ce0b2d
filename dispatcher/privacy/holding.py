"""Legal holds: one person is enough to keep, two to let go.

Keeping too much is set right in a minute, what has ended never comes back: so whoever answers for
the alerts holds at once, and another has to agree before it ends.
"""

import secrets

from dispatcher.access.permissions import allowed
from dispatcher.alerts.drafting import id_of_key
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.crisis.steps import Asked
from dispatcher.store import holds
from dispatcher.store.alert_lines import alert_versions
from dispatcher.store.holds import Hold

KEEP = "privacy.keep"
LONGEST = 300


async def hold(office: Office, alert_id: str, *, reason: str, reference: str, asked: Asked) -> str:
    """Hold an alert, or everything (empty); return the hold's id. Raises NotYou, NotSo, NotThere.

    The same click again is the same hold.
    """
    check_keeper(asked.actor.function)
    why, where = words(reason, what="pourquoi"), words(reference, what="qui le demande")
    if alert_id and not await alert_versions(office.ledger, office.commune, alert_id):
        raise NotThere("Cette alerte n'existe pas.")
    login = asked.actor.login
    ident = id_of_key(office.commune, login, f"hold\n{asked.key or secrets.token_hex(8)}")
    line = office.line(
        login, "privacy.held", f"Conservation ordonnée : {why} ({where})",
        hold=ident, alert=alert_id,
    )  # fmt: skip
    row = {
        "hold_id": ident, "alert_id": alert_id, "reason": why, "reference": where,
        "placed_by": login,
    }  # fmt: skip
    await holds.place(office.ledger, office.commune, row, line=line)
    return ident


async def lift(office: Office, hold_id: str, *, asked: Asked) -> bool:
    """Ask to lift a hold, or agree to it; True once lifted. Raises NotYou, NotThere, NotNow."""
    check_keeper(asked.actor.function)
    found = await _hold(office, hold_id)
    login = asked.actor.login
    if found.lifted_at is not None:
        return True
    if found.lift_asked_by is None:
        text = "Fin de conservation demandée"
        line = office.line(login, "privacy.lift_asked", text, hold=hold_id)
        await holds.ask_to_lift(office.ledger, office.commune, hold_id, by=login, line=line)
        return False
    if found.lift_asked_by == login:
        raise NotYou("Vous l'avez demandé : une autre personne doit être d'accord.")
    line = office.line(login, "privacy.lifted", "Fin de conservation", hold=hold_id)
    if not await holds.lift(office.ledger, office.commune, hold_id, by=login, line=line):
        raise NotNow("Quelqu'un vient de le faire : rouvrez la page.")
    return True


async def _hold(office: Office, hold_id: str) -> Hold:
    for one in await holds.holds_of(office.ledger, office.commune):
        if one.hold_id == hold_id:
            return one
    raise NotThere("Cette conservation n'existe pas.")


def check_keeper(function: str) -> None:
    """Raise NotYou where a function does not answer for what is kept."""
    if not allowed(function, KEEP):
        raise NotYou(
            "Le maire, un suppléant ou le délégué à la protection des données le fait :"
            " demandez-le-lui."
        )


def words(text: str, *, what: str) -> str:
    """Return what was written on one line. Raises NotSo where nothing was, or too much."""
    found = " ".join(text.split())
    if not found or len(found) > LONGEST:
        raise NotSo("Écrivez {what}, en une phrase.", what=what)
    return found
