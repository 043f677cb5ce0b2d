"""What calls people of the plan and launches what was held, turn by turn, in a worker."""

from collections.abc import Awaitable, Callable

from dispatcher.alerts.office import Office
from dispatcher.crisis.rounds import Round
from dispatcher.distress.ringing import Ringer
from dispatcher.distress.team_ringing import TeamRinger
from dispatcher.teams.watching import Watchdog

Turn = Callable[[], Awaitable[bool]]


def callers(office: Office) -> tuple[tuple[str, Turn], ...]:
    """Return each caller's name and its turn.

    A crisis's own round: holds, deputies, approvers; and the RAC for a call for help nobody took,
    or a team in distress. The watchdog of teams calls nobody, and takes its turns beside them.
    """
    going = Round(office.ledger, logbook_key=office.logbook_key, office_of=office.of)
    return (
        ("call up", going.turn),
        ("help", Ringer(office).turn),
        ("team distress", TeamRinger(office).turn),
        ("watchdog", Watchdog(office).turn),
    )
