"""What calls people of the plan, turn by turn, in a worker: a crisis, calls for help, missions."""

from dispatcher.alerts.office import Office
from dispatcher.cover.failing import FailureWatch
from dispatcher.cover.yearly import YearlyAsker
from dispatcher.distress import callers as others
from dispatcher.distress.callers import Turn
from dispatcher.signup.kin import KinTeller
from dispatcher.tasking.chasing import Chaser


def callers(office: Office) -> tuple[tuple[str, Turn], ...]:
    """Return each caller's name and its turn: a team that has not answered is told again.

    Whom residents have told how they are is told too, contacts that fail are flagged, and once a
    year residents are asked whether what is kept is right.
    """
    return (
        *others.callers(office),
        ("chase", Chaser(office).turn),
        ("kin", KinTeller(office).turn),
        ("failing", FailureWatch(office).turn),
        ("yearly", YearlyAsker(office).turn),
    )
