"""Words of a team's phone page: what its buttons say, in French; the catalogue has the English."""

from collections.abc import Mapping
from dataclasses import dataclass

from plans.missions import MISSION_KINDS, MISSION_STATES, mission_may_become
from plans.teams import STATUSES, may_become

PHONE_WORDS: Mapping[str, Mapping[str, str]] = {
    "phone_status": {
        "off_duty": "Indisponible",
        "available": "Disponible",
        "alerted": "En alerte",
        "en_route": "Parti",
        "on_scene": "Sur les lieux",
        "available_on_scene": "Disponible sur les lieux",
        "returning": "Retour",
        "resting": "Au repos",
    },
    "phone_mission": {
        "proposed": "proposée",
        "ordered": "à confirmer",
        "accepted": "reçue",
        "in_progress": "en cours",
        "suspended": "suspendue",
        "done": "terminée",
        "failed": "abandonnée",
        "cancelled": "annulée",
    },
    "phone_urgency": {
        "1": "Urgence 1 : une vie en danger",
        "2": "Urgence 2 : sans attendre",
        "3": "Urgence 3 : dès que possible",
        "4": "Urgence 4 : on a le temps",
    },
    "phone_kind": {code: words[0].capitalize() for code, words in MISSION_KINDS.items()},
    "phone_door": {
        "evacuated": "Évacués",
        "found": "Présents, restent",
        "refused": "Refus",
        "empty": "Vide",
        "help": "Besoin d'aide",
    },
}
NEVER_HEARD = "none"
_FIRST = ("available", "en_route", "on_scene", "off_duty")  # what a team may say first
_ORDER = (
    *("en_route", "on_scene", "available_on_scene", "returning", "available"),
    *("alerted", "resting", "off_duty"),
)


@dataclass(frozen=True)
class Move:
    """A button: what it says, and the states from which it is offered."""

    act: str
    to: str
    origins: tuple[str, ...]

    def offered(self, state: str | None) -> bool:
        """Tell whether it is offered in a state."""
        return (state or NEVER_HEARD) in self.origins


def _status(to: str) -> Move:
    known = [one.code for one in STATUSES if may_become(to, old=one.code)]
    return Move(to, to, tuple([NEVER_HEARD, *known] if to in _FIRST else known))


def _mission(act: str, to: str) -> Move:
    known = [one.code for one in MISSION_STATES if mission_may_become(to, old=one.code)]
    return Move(act, to, tuple(known))


STATUS_MOVES = tuple(_status(to) for to in _ORDER)
MISSION_MOVES = (
    _mission("mission_accepted", "accepted"),
    _mission("mission_in_progress", "in_progress"),
    _mission("mission_done", "done"),
)
GIVE_UP = _mission("mission_failed", "failed")
KINDS_WITH_DOORS = ("door_to_door", "evacuate", "alert", "inform")
