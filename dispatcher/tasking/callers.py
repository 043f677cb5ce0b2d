"""What calls people of the plan, turn by turn, in a worker: a crisis, calls for help, missions."""

from dispatcher.alerts.office import Office
from dispatcher.distress import callers as others
from dispatcher.distress.callers import Turn
from dispatcher.tasking.chasing import Chaser


def callers(office: Office) -> tuple[tuple[str, Turn], ...]:
    """Return each caller's name and its turn: a team that has not answered is told again."""
    return (*others.callers(office), ("chase", Chaser(office).turn))
