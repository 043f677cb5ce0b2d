"""What an activation and a stand-down owe others, as tasks, where the plan has no such step.

In grave danger the mayor prescribes what is needed, and « informe d'urgence le représentant de
l'État dans le département et lui fait connaître les mesures qu'il a prescrites » (L2212-4 CGCT). A
crisis that is over is looked back on (D731-9 to D731-14 CSI ask it of exercises). Pure.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from dispatcher.store.tasks import NewTask, Task

CARD, TITLE = "DEVOIR", "À ne pas oublier"
ON_ACTIVATION, ON_STAND_DOWN, REVIEW = 1, 2, 3  # places in the card
AFTER = ("levee", "rex")  # over, and not yet closed: what is owed is still done
PREFECT_MIN = 10  # « d'urgence »: as the example plan gives for its own step
_PREFECT = re.compile(
    r"\b(?:informe|previen|prevenir|avis|averti|alert|appel|joindre|rendre compte|signal|transme"
    r"|envoy)\w*\b[^.;]*\b(?:prefe(?:t|cture)|sidpc|cod\b|representant de l.etat)"
)
_OVER = re.compile(r"\b(?:levee|fin de (?:l.)?(?:alerte|crise|evenement)|retour a la normale)\b")
_REVIEW = re.compile(r"\bretours? d.experience\b|\brex\b|\bretex\b")


@dataclass(frozen=True)
class Moment:
    """When it is decided, as the commune's clocks show it, and in which mode."""

    hour: str
    mode: str


def owed_on_activation(tasks: Iterable[NewTask], *, moment: Moment) -> tuple[NewTask, ...]:
    """Return the prefect's line, unless a step that opens with these has it."""
    if any(_PREFECT.search(_plain(task.text)) for task in tasks):
        return ()
    return (_prefect(ON_ACTIVATION, f"plan activé à {moment.hour}, mesures prises", moment),)


def owed_on_stand_down(tasks: Iterable[Task | NewTask], *, moment: Moment) -> tuple[NewTask, ...]:
    """Return the prefect's line and the review's, unless steps that are open or done have them."""
    said = [_plain(task.text) for task in tasks]
    owed = []
    if not any(_PREFECT.search(one) and _OVER.search(one) for one in said):
        owed.append(_prefect(ON_STAND_DOWN, f"levée décidée à {moment.hour}", moment))
    if not any(_REVIEW.search(one) for one in said):
        text = (
            "Faire le retour d'expérience (REX) : réunir qui a agi, dire ce qui a marché ou"
            " manqué, corriger le plan"
        )
        owed.append(NewTask(CARD, REVIEW, TITLE, text))
    return tuple(owed)


def _prefect(step: int, what: str, moment: Moment) -> NewTask:
    played = "" if moment.mode == "real" else ". EXERCICE : jouez l'appel, ou dites-le d'abord"
    text = f"Prévenir la préfecture d'urgence : {what} (L2212-4 CGCT){played}"
    return NewTask(CARD, step, TITLE, text, duration_min=PREFECT_MIN)


def _plain(text: str) -> str:
    parted = unicodedata.normalize("NFD", text.casefold())
    return "".join(one for one in parted if not unicodedata.combining(one))
