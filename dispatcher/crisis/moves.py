"""The states of a crisis and who may move it where: one table, read by the verbs and the tests.

Pure. DOMAIN.md §3.1: only the DOS (mayor) or a deputy activates; the RAC too may pre-alert. That
the prefect directs is recorded and changes no line of this table.
"""

from dataclasses import dataclass

STATES = ("signale", "evaluation", "sans_suite", "pre_alerte", "active", "levee", "rex", "clos")
OPEN = ("signale", "evaluation", "pre_alerte", "active")
PHASES = ("urgence", "post_urgence", "retour_normale")
SIGNS = ("rescue_leaves", "no_danger", "new_actors", "needs_less_vital")
"""What announces that the emergency is over (national guide PCS 2005, ch. 5)."""

_DECIDE = ("dos", "deputy")
_LEAD = (*_DECIDE, "rac")
_ACT = (*_LEAD, "cell_chief", "operator")
_MACHINE = ("worker",)

_STATE_SAID = {
    "signale": "signalé",
    "evaluation": "en évaluation",
    "sans_suite": "classé sans suite",
    "pre_alerte": "en pré-alerte",
    "active": "activé",
    "levee": "levé",
    "rex": "en retour d'expérience",
    "clos": "clos",
}


@dataclass(frozen=True)
class Move:
    """One act: from which states, to which (None: the state stays), by which functions.

    `done` says in French what was decided, `can` what cannot be done now; `reason` whether the
    person must say why.
    """

    act: str
    sources: tuple[str, ...]
    to: str | None
    functions: tuple[str, ...]
    done: str
    can: str
    reason: bool = False


_TABLE = (
    Move("assess", ("signale",), "evaluation", _ACT, "Évaluation commencée", "être évalué"),
    Move(
        "no_follow_up", ("signale", "evaluation"), "sans_suite", _LEAD,
        "Événement classé sans suite", "être classé sans suite", reason=True,
    ),
    Move(
        "pre_alert", ("signale", "evaluation"), "pre_alerte", _LEAD,
        "Pré-alerte décidée", "passer en pré-alerte",
    ),
    # Straight from what was signalled too: whoever activates has assessed.
    Move(
        "activate", ("signale", "evaluation", "pre_alerte"), "active", _DECIDE,
        "Plan communal de sauvegarde activé", "être activé",
    ),
    Move(
        "stand_down", ("pre_alerte", "active"), "levee", _DECIDE,
        "Levée de l'événement", "être levé",
    ),
    Move("review", ("levee",), "rex", _MACHINE, "Retour d'expérience ouvert", "être revu"),
    Move(
        "close", ("rex",), "clos", _DECIDE, "Événement clos", "être clos", reason=True,
    ),
    Move("level", OPEN, None, _LEAD, "Niveau changé", "changer de niveau", reason=True),
    Move("phase", ("active",), None, _DECIDE, "Phase changée", "changer de phase"),
    Move("take_over", OPEN, None, _LEAD, "Le préfet prend la direction", "changer de direction"),
    Move("give_back", OPEN, None, _LEAD, "Le maire reprend la direction", "changer de direction"),
)  # fmt: skip
MOVES = {move.act: move for move in _TABLE}


def state_said(state: str) -> str:
    """Say a state as a French sentence ends: « l'événement est activé »."""
    return _STATE_SAID[state]


def too_early(act: str, state: str) -> str | None:
    """Say why this act cannot be done in this state; None where it can."""
    move = MOVES[act]
    if state in move.sources:
        return None
    return f"L'événement est {state_said(state)} : il ne peut pas {move.can}."


def not_yours(act: str, function: str) -> str | None:
    """Say who may do this act, where this function may not; None where it may."""
    functions = MOVES[act].functions
    if function in functions:
        return None
    if functions == _DECIDE:
        return f"{MOVES[act].done} : seul le maire (DOS) ou un suppléant en décide."
    if functions == _LEAD:
        return f"{MOVES[act].done} : le maire (DOS), un suppléant ou le RAC en décide."
    return f"{MOVES[act].done} : votre fonction ne le permet pas."


def next_phases(phase: str | None) -> tuple[str, ...]:
    """Return the phases that may follow: one on, or one back where the danger comes again."""
    if phase is None:
        return ()
    at = PHASES.index(phase)
    return tuple(PHASES[near] for near in (at - 1, at + 1) if 0 <= near < len(PHASES))
