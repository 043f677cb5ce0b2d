"""What two people open for a reason, for a day: the sealed evidence, the register in clear.

The evidence names nobody. Who holds the key of the logbook and a number can ask whether a message
went to it, also of somebody who was erased since: a court asks, the register no longer knows.
"""

import secrets

from dispatcher.alerts.drafting import id_of_key
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.crisis.steps import Asked
from dispatcher.privacy.holding import check_keeper, words
from dispatcher.signup.telling import any_contact_of
from dispatcher.store import evidence_openings
from dispatcher.store.evidence import pseudonym
from dispatcher.store.evidence_openings import EVIDENCE, REGISTER, Opening, Proven, Sought

SHUT = "La preuve n'est pas ouverte : faites-en la demande, une autre personne l'accepte."


SAID = {EVIDENCE: "Preuve des envois", REGISTER: "Registre en clair"}


async def ask(
    office: Office, *, reason: str, reference: str, asked: Asked, what: str = EVIDENCE
) -> str:
    """Ask that something of SAID be opened; return the opening's id. Raises NotYou, NotSo."""
    check_keeper(asked.actor.function)
    if what not in SAID:
        raise NotSo("Choisissez ce qui est à ouvrir.")
    why, where = words(reason, what="pourquoi"), words(reference, what="qui le demande")
    login = asked.actor.login
    ident = id_of_key(office.commune, login, f"{what}\n{asked.key or secrets.token_hex(8)}")
    line = office.line(
        login, f"{what}.asked", f"Ouverture demandée, {SAID[what]} : {why} ({where})", opening=ident
    )
    row = {
        "opening_id": ident, "what": what, "reason": why, "reference": where, "asked_by": login,
    }  # fmt: skip
    await evidence_openings.ask(office.ledger, office.commune, row, line=line)
    return ident


async def agree(office: Office, opening_id: str, *, actor: Actor) -> None:
    """Open it, a day, for who did not ask. Raises NotYou, NotThere, NotNow."""
    check_keeper(actor.function)
    found = await opening(office, opening_id)
    if found.asked_by == actor.login:
        raise NotYou("Vous l'avez demandé : une autre personne doit être d'accord.")
    said = f"Ouverture acceptée : {SAID[found.what]}"
    line = office.line(actor.login, f"{found.what}.opened", said, opening=opening_id)
    done = await evidence_openings.agree(
        office.ledger, office.commune, opening_id, by=actor.login, line=line
    )
    if not done:
        raise NotNow("Quelqu'un vient de le faire, ou la demande est close : rouvrez la page.")


async def close(office: Office, opening_id: str, *, actor: Actor) -> None:
    """Close it before its day is over, or refuse it; twice is once. Raises NotYou, NotThere."""
    check_keeper(actor.function)
    found = await opening(office, opening_id)
    said = f"Refermé : {SAID[found.what]}"
    line = office.line(actor.login, f"{found.what}.closed", said, opening=opening_id)
    await evidence_openings.close(
        office.ledger, office.commune, opening_id, by=actor.login, line=line
    )


async def sent_to(office: Office, opening_id: str, text: str, *, actor: Actor) -> list[Proven]:
    """Return what was sent to a number or mail address. Raises NotYou, NotSo, NotNow."""
    check_keeper(actor.function)
    contact = any_contact_of(office.commune, text)
    known = pseudonym(office.logbook_key, office.commune, contact.value)
    line = office.line(
        actor.login, "evidence.looked_up", "Preuve consultée pour un contact",
        opening=opening_id, pseudonym=known,
    )  # fmt: skip
    found = await evidence_openings.look(
        office.ledger, office.commune, Sought(opening_id, pseudonym=known), line=line
    )
    if found is None:
        raise NotNow(SHUT)
    return found


async def sent_for(office: Office, opening_id: str, alert_id: str, *, actor: Actor) -> list[Proven]:
    """Return all that was sent for an alert, by pseudonyms. Raises NotYou, NotNow."""
    check_keeper(actor.function)
    line = office.line(
        actor.login, "evidence.looked_up", "Preuve consultée pour une alerte",
        opening=opening_id, alert=alert_id,
    )  # fmt: skip
    found = await evidence_openings.look(
        office.ledger, office.commune, Sought(opening_id, alert_id=alert_id), line=line
    )
    if found is None:
        raise NotNow(SHUT)
    return found


async def opening(office: Office, opening_id: str) -> Opening:
    """Return an opening. Raises NotThere."""
    for one in await evidence_openings.openings_of(office.ledger, office.commune):
        if one.opening_id == opening_id:
            return one
    raise NotThere("Cette demande n'existe pas.")
