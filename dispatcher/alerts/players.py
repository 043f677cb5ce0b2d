"""Who may play in an exercise: the people whom the plan calls up, never a resident.

Whoever holds a function or a cell, their deputies, and who is on call: the people of the plan's own
numbers (DELIVERY.md §1: an exercise reaches its listed players only). Asked of every draft, so that
no list that comes by a tool, or by the emergency procedure, makes an exercise real for somebody.
"""

from collections.abc import Sequence

from dispatcher.alerts.plan_in_force import called_up, duty_person
from dispatcher.alerts.refusals import NotSo
from plans.plan import Plan

EXERCISE = "exercise"


def named(plan: Plan) -> tuple[str, ...]:
    """Return everybody who may play, by the id of the person."""
    return tuple(map(duty_person, called_up(plan)))


def still_named(plan: Plan, players: Sequence[str]) -> tuple[str, ...]:
    """Return the players whom the plan still names: a correction finds the others all the same."""
    known = set(named(plan))
    return tuple(one for one in players if one in known)


def check_players(plan: Plan, mode: str, players: Sequence[str]) -> None:
    """Raise NotSo where an exercise lists somebody who is nobody of the plan."""
    if mode != EXERCISE:
        return
    known = set(named(plan))
    if strangers := [one for one in players if one not in known]:
        raise NotSo(
            "« {strangers} » n'est pas un joueur : un exercice n'atteint que les "
            "personnes du plan qui tiennent une fonction, une cellule ou "
            "l'astreinte (contact: et leur identifiant).",
            strangers=strangers[0],
        )
