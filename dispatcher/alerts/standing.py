"""What has to hold of a version before an act on it: its state, its term, its head-count."""

from dispatcher.alerts.office import utc_now
from dispatcher.alerts.refusals import NotNow
from dispatcher.store.versions import Version

DRIFT_SHARE = 0.10
DRIFT_PEOPLE = 10


def check_not_over(version: Version) -> None:
    """Raise NotNow for what has expired."""
    if version.expires_at <= utc_now().timestamp():
        raise NotNow("L'alerte a expiré : rédigez-en une nouvelle.")


def check_launch(version: Version, people_now: int) -> None:
    """Raise NotNow for what has expired, or whose head-count drifted since its approval."""
    check_not_over(version)
    if drifted(people_now, version.people):
        raise NotNow(
            "L'alerte a été validée pour {people} personnes et en toucherait "
            "{people_now} : faites-la valider de nouveau.",
            people=version.people,
            people_now=people_now,
        )


def drifted(people_now: int, people: int) -> bool:
    """Tell whether a head-count is too far from the one that was approved, in both measures."""
    drift = abs(people_now - people)
    return drift > DRIFT_PEOPLE and drift > DRIFT_SHARE * people


def check_state(version: Version, state: str, *, act: str) -> None:
    """Raise NotNow where it is in another state: it cannot « act »."""
    if version.state != state:
        raise NotNow(
            "L'alerte est dans l'état « {state} » : elle ne peut pas {act}.",
            state=version.state,
            act=act,
        )


def check_moved(done: bool) -> None:
    """Raise NotNow where another hand was faster."""
    if not done:
        raise NotNow("Quelqu'un vient de modifier cette alerte : regardez son état.")
