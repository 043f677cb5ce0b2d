"""What calls people of the plan, turn by turn, in a worker."""

from collections.abc import Awaitable, Callable

from dispatcher.alerts.office import Office
from dispatcher.crisis.turns import Summoner
from dispatcher.distress.ringing import Ringer

Turn = Callable[[], Awaitable[bool]]


def callers(office: Office) -> tuple[tuple[str, Turn], ...]:
    """Return each caller's name and its turn: deputies in a crisis, the RAC for calls for help."""
    return (
        ("summon", Summoner(office.ledger, logbook_key=office.logbook_key).turn),
        ("help", Ringer(office).turn),
    )
