"""Emergencies for tests: a pre-approved message, its minute that passes, what became of it."""

from sqlalchemy import select, update

from dispatcher.alerts import life
from dispatcher.alerts.office import Office
from dispatcher.crisis.holds import Holds
from dispatcher.crisis.overriding import Emergency
from dispatcher.store import overrides
from dispatcher.store.decision_tables import overrides as held
from dispatcher.store.outgoing import blocks, versions
from tests.decided_town import ZONE

DANGER = Emergency("danger", (ZONE,), "La digue vient de céder")


def with_danger(files: dict[str, bytes]) -> dict[str, bytes]:
    """Add pre-approved messages to a plan: of danger, with an empty blank, of what can wait."""
    return {
        **files,
        "alerte/modeles/danger.yaml": (
            b"id: danger\nprevalide: true\nvariables: [secteur, lien]\n"
            b"cap: {category: [Safety], urgency: Immediate, severity: Extreme,"
            b" certainty: Observed}\n"
            b'sms: "Mairie de Bruz: DANGER IMMEDIAT, {secteur}. Abritez-vous. {lien}"\n'
            b'voix: "Danger immediat, {secteur}. Abritez-vous."\n'
            b'email: {objet: "Danger : {secteur}", corps: "Abritez-vous. {lien}"}\n'
        ),
        "alerte/modeles/libre.yaml": (
            b"id: libre\nprevalide: true\nvariables: [consigne, lien]\n"
            b'sms: "Mairie de Bruz: {consigne}. {lien}"\n'
        ),
        "alerte/modeles/eau.yaml": (
            b"id: eau\nprevalide: true\nvariables: [secteur, lien]\n"
            b"cap: {category: [Infra], urgency: Expected, severity: Minor, certainty: Observed}\n"
            b'sms: "Mairie de Bruz: eau coupee demain, {secteur}. {lien}"\n'
        ),
    }


async def minute_passes(office: Office, *, seconds: float = 61.0) -> None:
    """Let time pass for what is held, by the database's own clock."""
    async with office.ledger.writing() as connection:
        await connection.execute(update(held).values(leaves_at=held.c.leaves_at - seconds))


async def looked(office: Office) -> bool:
    """Let a worker look."""
    return await Holds(office.ledger, office_of=office.of).turn()


async def state(office: Office, alert: str) -> tuple[str, str]:
    """Return the states of a hold and of its version."""
    one = await overrides.override_of(office.ledger, office.commune, alert)
    assert one is not None
    return one.state, (await life.find(office, alert)).state


async def audience(office: Office, alert: str) -> list[str]:
    """Return the frozen audience of an alert."""
    its = select(versions.c.version_id).where(versions.c.alert_id == alert)
    async with office.ledger.reading() as connection:
        wanted = select(blocks.c.people).where(blocks.c.version_id.in_(its))
        return [person for row in await connection.execute(wanted) for person in row[0]]
