"""Who may be the second of two: never who wrote or submitted, and one of the two leads the commune.

The first is who submits: she answers for the text as it stands then. The mayor (function `dos`) or
a replacing deputy (`deputy`: the plan names both) approves whatever anybody else submitted. The RAC
approves where the alert policy names it (`decision: {qui: [DOS, RAC]}`, or `approuve_alertes` of
the role), and only what the mayor or a deputy submitted. Nobody else approves. Two accounts of one
person of the directory are one person, never two.
"""

from dispatcher.alerts.refusals import NotYou
from dispatcher.store.decisions import MAYORS
from dispatcher.store.hands import Hands
from dispatcher.store.versions import Version
from plans.plan import Plan

DOS, RAC = "DOS", "RAC"  # roles of the plan
RAC_FUNCTION = "rac"
AUTHOR = "Qui a rédigé l'alerte ne peut pas la valider : il faut une autre personne."
SAME_PERSON = (
    "Vous avez rédigé ou soumis cette alerte sous un autre de vos accès : il faut une autre"
    " personne pour la valider."
)
FUNCTION = "Seul le maire (DOS) ou un suppléant valide une alerte."
RAC_UNNAMED = (
    "Le règlement d'alerte ne nomme pas le RAC parmi ceux qui valident : il faut le maire ou un"
    " suppléant."
)
NO_MAYOR = (
    "L'une des deux personnes est toujours le maire ou un suppléant : il faut l'un d'eux pour"
    " valider cette alerte."
)


def rac_approves(plan: Plan) -> bool:
    """Tell whether the alert policy lets the RAC be the second one."""
    named = any(role.code == RAC and role.approves_alerts for role in plan.roles)
    return named or RAC in plan.policy.approvers


def why_not(plan: Plan, version: Version, login: str, function: str, *, hands: Hands) -> str:
    """Return why a user may not approve a version, in a sentence; empty where she may.

    `hands` are those who had a hand in it, under whichever of their accounts.
    """
    if function not in (*MAYORS, RAC_FUNCTION):
        return FUNCTION
    if function == RAC_FUNCTION and not rac_approves(plan):
        return RAC_UNNAMED
    if login in (version.drafted_by, version.submitted_by, *hands.logins):
        return AUTHOR
    if login in hands.others:
        return SAME_PERSON
    if function not in MAYORS and version.submitted_as not in MAYORS:
        return NO_MAYOR
    return ""


def check_second(plan: Plan, version: Version, login: str, function: str, *, hands: Hands) -> None:
    """Raise NotYou where a user may not approve a version."""
    said = why_not(plan, version, login, function, hands=hands)
    if said:
        raise NotYou(said)
