"""What calls people of the plan and launches what was held, turn by turn, in a worker."""

from collections.abc import Awaitable, Callable

from dispatcher.alerts.office import Office
from dispatcher.crisis.rounds import Round
from dispatcher.distress.ringing import Ringer

Turn = Callable[[], Awaitable[bool]]


def callers(office: Office) -> tuple[tuple[str, Turn], ...]:
    """Return each caller's name and its turn.

    A crisis's own round: holds, deputies, approvers; and the RAC for a call for help nobody took.
    """
    going = Round(office.ledger, logbook_key=office.logbook_key, office_of=office.of)
    return (("call up", going.turn), ("help", Ringer(office).turn))
