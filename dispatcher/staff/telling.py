"""What is told of an act on an access: a line of the logbook, an announcement to those concerned.

Everybody who approves alerts hears of it, and the person herself: an access given behind a
mayor's back is known to her within minutes.
"""

from dispatcher.access.permissions import IN_WORDS
from dispatcher.alerts.office import Office
from dispatcher.store.access_requests import AccessRequest, Told
from dispatcher.store.announcements import Announcement

_ACTS = {
    ("invitation", "asked"): "Invitation demandée",
    ("invitation", "granted"): "Invitation envoyée",
    ("invitation", "refused"): "Invitation refusée",
    ("invitation", "again"): "Lien d'invitation renvoyé",
    ("invitation", "withdrawn"): "Lien d'invitation annulé",
    ("recovery", "withdrawn"): "Lien de récupération annulé",
    ("invitation", "used"): "Accès ouvert par la personne invitée",
    ("function", "asked"): "Changement de fonction demandé",
    ("function", "granted"): "Fonction changée",
    ("function", "refused"): "Changement de fonction refusé",
    ("removal", "asked"): "Retrait d'accès demandé",
    ("removal", "granted"): "Accès retiré",
    ("removal", "refused"): "Retrait d'accès refusé",
    ("recovery", "asked"): "Récupération d'accès demandée",
    ("recovery", "granted"): "Lien de récupération envoyé",
    ("recovery", "refused"): "Récupération d'accès refusée",
    ("recovery", "used"): "Accès récupéré : mot de passe et facteurs à neuf",
}
CHECK = "Si ce n'est pas normal, prévenez tout de suite la mairie et regardez la page des accès."


def announced(office: Office, asked: AccessRequest, became: str) -> Told:
    """Return the logbook's line of what became of a request, and the words for people.

    What is only asked is told to nobody yet but the logbook and the page of accesses.
    """
    by = asked.decided_by or asked.asked_by
    act = _ACTS[asked.kind, became]
    line = office.line(
        asked.login if became == "used" else by,
        f"access.{asked.kind}_{became}",
        act + (f" : {asked.reason}" if asked.reason else ""),
        login=asked.login,
        function=asked.function,
        request=asked.ident,
        asked_by=asked.asked_by,
        alone=asked.alone,
        until_event=asked.until_event,
    )
    if became in ("asked", "refused", "withdrawn"):
        return Told(line)
    body = (
        f"{act} pour « {asked.login} » ({IN_WORDS[asked.function]}), par « {by} »"
        f"{' seul' if asked.alone else f', demandé par « {asked.asked_by} »'}. {CHECK}"
    )
    return Told(line, Announcement(f"Tocsin {office.commune} : {act}", body, (asked.login,)))
