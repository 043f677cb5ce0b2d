"""What must be true when everything is still: I1 and I5, and that no end is unjust or untrue."""

from collections import Counter

from sqlalchemy import or_, select

from dispatcher.logbook.chain import verify_ledger
from dispatcher.store import logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import answers, deliveries, unreachable, versions
from tests.model.arrows import CLOSED, OPEN, Row
from tests.model.facts import Facts, Told, contacts_of, way_of
from tests.model.provider import Way
from tests.model.town import EVERYBODY
from tests.outgoing import LOGBOOK_KEY

Rows = dict[Way, Row]


def just(facts: Facts, rows: Rows) -> None:
    """Judge the end of each delivery by what the operators and the people know."""
    took = {way_of(one) for one in facts.operators.taken}
    for way, row in rows.items():
        told, said = facts.alerts[way[0]], facts.told_of(way)
        assert row.state not in OPEN, f"I1: {way} is still {row.state}"
        if row.route == "rehearsal":
            continue
        if row.state in ("accepted", "delivered"):
            untrue = f"I1: {way} is told {row.state}, and no operator has it"
            assert way in took or _may_be_mistaken(facts, way), untrue
        assert (row.state == "delivered") <= (said["delivered"] > 0), f"{way} was not delivered"
        arrived = said["delivered"] > 0 and row.state not in CLOSED
        assert not arrived or row.state == "delivered", f"{way} arrived, and is {row.state}"
        unjust = f"I1: {way} ended unjustly as {row.state} ({row.reason})"
        assert _reasons(facts, told, way)[row.state], unjust


def _may_be_mistaken(facts: Facts, way: Way) -> bool:
    """Excuse a call that was taken for another's, where both were in doubt at once.

    Records of calls show a number and a time: nothing tells two lost answers apart.
    """
    doubted = facts.operators.doubted
    return way[1] == "voice" and any(
        other != way and other[1:] == way[1:] and doubted[other] for other in doubted
    )


def _reasons(facts: Facts, told: Told, way: Way) -> dict[str, bool]:
    said = facts.told_of(way)
    return {
        "accepted": True,
        "delivered": True,
        "failed": way in facts.operators.refused or said["failed"] > 0,
        "undelivered": said["undelivered"] + said["failed"] > 0,
        "exhausted": facts.operators.doubted.get(way, 0) > 0,
        "cancelled": told.cancelled,
        "expired": told.expired,
        "suppressed": way in facts.quiet,
    }


def everybody(facts: Facts, rows: Rows, *, listed: set[tuple[str, str]]) -> None:
    """I1: who was to be warned has a message with an end, or stands on a list."""
    for told in facts.alerts.values():
        for one in EVERYBODY:
            if told.audience is None or one.id not in told.audience:
                continue
            hers = [way for way in rows if way[0] == told.alert and way[2] in contacts_of({one.id})]
            reached = bool(hers) or (told.alert, one.id) in listed or told.cancelled
            assert reached, f"I1: {one.id} is lost to {told.alert}"
            assert one.contacts or not hers


async def rows_by_way(ledger: Ledger, rows: dict[str, Row]) -> Rows:
    """Name each delivery by alert, medium and contact."""
    alert_of = await alerts_of(ledger)
    found = {(alert_of[r.version_id], r.medium, r.contact): r for r in rows.values()}
    assert len(found) == len(rows), "a contact has two deliveries of one alert"
    return found


async def alerts_of(ledger: Ledger) -> dict[str, str]:
    """Return the alert of each version."""
    async with ledger.reading() as connection:
        found = await connection.execute(select(versions.c.version_id, versions.c.alert_id))
        return {row[0]: row[1] for row in found}


async def listed_people(ledger: Ledger) -> set[tuple[str, str]]:
    """Return who is told to be unreachable, and of which alert."""
    alert_of = await alerts_of(ledger)
    async with ledger.reading() as connection:
        found = await connection.execute(select(unreachable.c.version_id, unreachable.c.person_id))
        return {(alert_of[row[0]], row[1]) for row in found}


async def kept_answers(ledger: Ledger, rows: Rows) -> set[tuple[Way, str]]:
    """Return every answer that the ledger holds."""
    way_named = {row.delivery_id: way for way, row in rows.items()}
    async with ledger.reading() as connection:
        found = await connection.execute(
            select(answers.c.delivery_id, answers.c.kind).join(
                deliveries, deliveries.c.delivery_id == answers.c.delivery_id
            )
        )
        return {(way_named[row[0]], row[1]) for row in found}


async def logbook_tells(ledger: Ledger, facts: Facts, commune: str) -> None:
    """I5: the chain is whole, and holds each approval and each launch once, and the counts."""
    found = await verify_ledger(ledger, commune, key=LOGBOOK_KEY)
    assert found.valid, f"I5: line {found.first_bad}"
    lines = [line async for line in logbook.read_all(ledger, commune)]
    written = Counter((line.kind, line.data.get("alert")) for line in lines)
    for told in facts.alerts.values():
        assert written["alert.launched", told.alert] == (told.audience is not None), "I5: launch"
        assert written["alert.approved", told.alert] == told.approved, "I5: approval"
        assert written["alert.cancelled", told.alert] == told.cancelled, "I5: cancel"
    alert_of = await alerts_of(ledger)
    counted = Counter(
        alert_of[line.data["version"]] for line in lines if line.kind == "alert.dispatched"
    )
    for told in facts.alerts.values():
        due = told.audience is not None and not told.cancelled
        assert counted[told.alert] == due or told.cancelled, "I5: counts"


async def unfinished(ledger: Ledger) -> bool:
    """Tell whether a launched alert still makes, sends or pursues."""
    goes_on = or_(versions.c.finished_at.is_(None), versions.c.pursuit == "open")
    going = select(versions.c.version_id).where(versions.c.state == "launched", goes_on)
    async with ledger.reading() as connection:
        return (await connection.execute(going.limit(1))).first() is not None
