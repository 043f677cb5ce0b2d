"""Teams' places brought by a file: all of it, or nothing where a line is at fault."""

import hashlib

from dispatcher.access.permissions import allowed
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotYou
from dispatcher.store.field_intake import Incoming, take_in
from dispatcher.store.logbook import write
from dispatcher.store.partner_messages import Answer
from dispatcher.teams.ordering import MAY
from dispatcher.teams.places_read import PlacesRead, Reading, read_places
from dispatcher.teams.reporting import Sender, Telling, report_of
from dispatcher.teams.roster import roster_of


async def import_places(office: Office, raw: bytes, *, actor: Actor) -> PlacesRead:
    """Take the places of a file; its faults say where they stand, and then nothing was taken.

    The logbook tells how many places came, and none of them: trails are kept for the incident only.
    """
    if not allowed(actor.function, MAY):
        raise NotYou("Votre fonction ne permet pas d'importer des positions.")
    roster = await roster_of(office)
    read = read_places(raw, reading=Reading(roster.find, office.clock()))
    if read.faults:
        return read
    digest = hashlib.sha256(raw).hexdigest()[:32]
    reports = tuple(
        report_of(
            Telling(row.at, event=roster.event, lon=row.lon, lat=row.lat),
            row.team,
            sender=Sender("console", actor.login, digest, part),
        )
        for part, row in enumerate(read.rows)
    )
    incoming = Incoming(office.commune, reports, lambda _filed: Answer(200, {}))
    await office.ledger.write(
        lambda connection: take_in(
            connection, [incoming], key=office.logbook_key, ring=office.ledger.ring
        )
    )
    line = office.line(
        actor.login, "team.places_imported", f"Positions d'équipes importées : {len(reports)}",
        places=len(reports), teams=sorted({row.team.team for row in read.rows}), event=roster.event,
    )  # fmt: skip
    await write(office.ledger, commune=office.commune, entry=line.entry, key=line.key)
    return read
