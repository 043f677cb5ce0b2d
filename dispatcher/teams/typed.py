"""What a person types of a team, on the console, by SMS or by keypad: nonsense is refused in words.

A machine's report is a fact; a person can be asked again ("you are not noted on the scene").
"""

from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow
from dispatcher.sentences import Word
from dispatcher.store.field_intake import Incoming, take_in
from dispatcher.store.partner_messages import Answer
from dispatcher.store.team_rows import TeamRow, team_rows
from dispatcher.teams.ordering import find_team
from dispatcher.teams.reporting import Sender, Telling, report_of
from dispatcher.teams.roster import roster_of
from plans.teams import STATUS_CODES, by_code, may_become


async def say(
    office: Office, team: str, telling: Telling, *, sender: Sender, forced: bool = False
) -> TeamRow:
    """Take what a person types of a team (console, SMS, keypad), refused in words where senseless.

    `forced`: she was told, and says so all the same; then it is a report as any other.
    """
    known = await find_team(office, team)
    row = (await team_rows(office.ledger, office.commune)).get(known.team)
    said = telling.said
    if not forced and said in STATUS_CODES:
        _check_move(row, said)
    roster = await roster_of(office)
    full = telling if telling.event else telling._replace(event=roster.event)
    report = report_of(full, known, sender=sender)
    incoming = Incoming(office.commune, (report,), lambda _filed: Answer(200, {}))
    await office.ledger.write(
        lambda connection: take_in(
            connection, [incoming], key=office.logbook_key, ring=office.ledger.ring
        )
    )
    return (await team_rows(office.ledger, office.commune))[known.team]


def _check_move(row: TeamRow | None, said: str) -> None:
    old = row.state if row else None
    if old is None or old == said or may_become(said, old=old):
        return
    raise NotNow(
        "L'équipe est notée {old} : elle ne peut pas être {new} tout de suite.",
        old=Word(by_code(old).fr), new=Word(by_code(said).fr),
    )  # fmt: skip
