"""Whom no message reached, told by somebody all the same: marked with who did it, when and how."""

from dispatcher.alerts.life import find, newest_launched
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotSo, NotThere
from dispatcher.store import told_marks
from dispatcher.store.told_marks import HOWS

_SAID = {
    "phoned": "Personne non jointe : appelée",
    "at_door": "Personne non jointe : avertie à la porte",
    "absent": "Personne non jointe : absente",
}


async def mark(office: Office, alert_id: str, person_id: str, how: str, *, actor: Actor) -> None:
    """Note what became of a person of the call list; raises NotThere for anyone else."""
    version = await newest_launched(office, alert_id) or await find(office, alert_id)
    if how not in HOWS:
        raise NotSo("« {how} » n'est pas une suite : {known}.", how=how, known=", ".join(HOWS))
    line = office.line(
        actor.login, f"told.{how}", _SAID[how], alert=alert_id, version=version.version_id,
        person=person_id,
    )  # fmt: skip
    this = (office.commune, version.version_id, person_id)
    if not await told_marks.note_told(office.ledger, this, how, line=line):
        raise NotThere("Cette personne n'est pas dans la liste des non joints.")
