"""Who may hold a post or a task: somebody of the plan's directory, or a user of the console."""

from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotSo
from dispatcher.store import duties
from plans.plan import Plan


async def check_holder(office: Office, plan: Plan, holder: str) -> None:
    """Raise NotSo for anyone who is neither of the directory nor a user of this commune."""
    kind, _, ident = holder.partition(":")
    known = {contact.id for contact in plan.contacts} if kind == "contact" else set()
    if kind == "user":
        known = set(await duties.user_names(office.ledger, office.commune))
    if ident not in known:
        raise NotSo("Choisissez une personne de l'annuaire, ou de la console.")
