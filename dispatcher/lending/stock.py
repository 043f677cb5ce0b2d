"""Where everything is: each means of plan and event, how much is left, who has the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.office import Office, utc_now
from dispatcher.alerts.refusals import NotThere
from dispatcher.crisis.steps import find
from dispatcher.store import lending
from dispatcher.store.crises import Event
from dispatcher.store.lending import DECIMALS, Extra, Loan, OfEvent, Returned
from plans.plan import Plan

KINDS = ("team", "centre", "cell", "other")
_Known = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Item:
    """One means: `taken` is out, lost or consumed; `extra` where it came for this event."""

    means_id: str
    label: str
    quantity: float
    unit: str
    stored: str = ""
    category: str = ""
    extra: Extra | None = None
    taken: float = 0.0
    loans: Sequence[Loan] = ()

    @property
    def available(self) -> float:
        """How much may be lent now; nothing where the plan has less since."""
        return max(0.0, round(self.quantity - self.taken, DECIMALS))

    @property
    def out(self) -> float:
        """How much is waited for."""
        return round(sum(one.out for one in self.loans), DECIMALS)


@dataclass(frozen=True)
class Stock:
    """The means of an event; `known` names who may borrow: teams, centres, cells, by id."""

    event: Event
    items: Sequence[Item]
    loans: Sequence[Loan]
    now: float
    returns: Mapping[str, Sequence[Returned]] = field(default_factory=dict)
    known: _Known = field(default_factory=dict)

    def item(self, means_id: str) -> Item:
        """Return a means; raises NotThere."""
        for one in self.items:
            if one.means_id == means_id:
                return one
        raise NotThere("Il n'y a pas de moyen « {means} ».", means=means_id)

    def borrower(self, loan: Loan) -> str:
        """Return who has a loan, as people call them."""
        return self.known.get(loan.borrower_kind, {}).get(loan.borrower, loan.borrower)

    @property
    def late(self) -> Sequence[Loan]:
        """What should have been back by now, the longest overdue first."""
        overdue = [one for one in self.loans if one.late_at(self.now)]
        return sorted(overdue, key=lambda one: one.due_at or 0.0)


def of_event(event: Event) -> OfEvent:
    """Return the event as its loans name it."""
    return OfEvent(event.commune, event.event_id, event.mode)


async def stock(office: Office, event_id: str) -> Stock:
    """Gather where the means are; raises NotThere."""
    event = await find(office, event_id)
    plan = await _plan(office)
    extras = await lending.extras_of(office.ledger, event.commune, event_id)
    taken = await lending.taken_of(office.ledger, of_event(event))
    loans = await lending.loans_seen(office.ledger, of_event(event))
    found = {one.means_id: one for one in _items(plan, extras)}
    for loan in loans:  # the plan may have lost what is out since
        found.setdefault(loan.means_id, Item(loan.means_id, loan.label, 0.0, loan.unit))
    items = [
        Item(
            **{
                **vars(one),
                "taken": taken.get(ident, 0.0),
                "loans": tuple(loan for loan in loans if loan.means_id == ident),
            }
        )
        for ident, one in found.items()
    ]
    returns: dict[str, list[Returned]] = {}
    for back in await lending.returns_of(office.ledger, event.commune, event_id):
        returns.setdefault(back.loan_id, []).append(back)
    return Stock(event, items, loans, utc_now().timestamp(), returns, _known(plan))


async def _plan(office: Office) -> Plan | None:
    try:
        return (await plan_in_force.in_force(office)).plan
    except NotThere:  # taken away since: what is out is shown all the same
        return None


def _items(plan: Plan | None, extras: Sequence[Extra]) -> list[Item]:
    centres = {one.id: one.label for one in plan.centres} if plan else {}
    found = [
        Item(
            one.id, one.label, one.quantity, one.unit,
            centres.get(one.storage or "", one.storage or ""), one.category,
        )
        for one in (plan.resources if plan else ())
    ]  # fmt: skip
    return [*found, *(Item(e.means_id, e.label, e.quantity, e.unit, extra=e) for e in extras)]


def _known(plan: Plan | None) -> _Known:
    if plan is None:
        return {}
    return {
        "team": {one.id: one.call_sign for one in plan.teams},
        "centre": {one.id: one.label for one in plan.centres},
        "cell": {one.code: one.label for one in plan.cells},
    }
