"""The means of an event as tools read them, and as a table that a spreadsheet opens."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dispatcher.alerts.local_hour import local_hour
from dispatcher.crisis.showing import iso
from dispatcher.lending.lending import figure
from dispatcher.lending.stock import Item, Stock
from dispatcher.logbook.cells import table
from dispatcher.store.lending import Loan

COLUMNS = (
    "moyen", "quantite", "unite", "disponible", "range_a", "provenance", "prete_a", "prete",
    "sans_retour", "preteur", "prete_le", "retour_prevu", "revenu", "perdu", "a_revenir",
    "en_retard", "etat",
)  # fmt: skip


def shown(found: Stock) -> dict[str, object]:
    """Return each means with its loans, and what is overdue."""
    return {
        "event": found.event.event_id,
        "means": [_item(one, found) for one in found.items],
        "overdue": [one.loan_id for one in found.late],
    }


def _item(one: Item, found: Stock) -> dict[str, object]:
    return {
        "means": one.means_id,
        "label": one.label,
        "quantity": one.quantity,
        "unit": one.unit,
        "available": one.available,
        "out": one.out,
        "stored": one.stored or None,
        "source": one.extra.source if one.extra else None,
        "from_whom": one.extra.from_whom or None if one.extra else None,
        "loans": [_loan(loan, found) for loan in one.loans],
    }


def _loan(loan: Loan, found: Stock) -> dict[str, object]:
    return {
        "loan": loan.loan_id,
        "event": loan.event_id,
        "quantity": loan.quantity,
        "given": loan.given,
        "to": f"{loan.borrower_kind}:{loan.borrower}",
        "to_label": found.borrower(loan),
        "note": loan.note or None,
        "lent_by": loan.lent_by,
        "lent_at": iso(loan.lent_at),
        "due_at": iso(loan.due_at),
        "returned": loan.returned,
        "lost": loan.lost,
        "left": loan.left,
        "overdue": loan.late_at(found.now),
        "returns": [
            {
                "returned": back.returned, "lost": back.lost, "condition": back.condition or None,
                "by": back.taken_by, "at": iso(back.taken_at),
            }
            for back in found.returns.get(loan.loan_id, ())
        ],
    }  # fmt: skip


def as_csv(found: Stock, zone: ZoneInfo) -> str:
    """Return where everything is: one line a loan, and one for each means that nobody has."""
    return table(COLUMNS, (cells for one in found.items for cells in _rows(one, found, zone)))


def _rows(one: Item, found: Stock, zone: ZoneInfo) -> Iterator[tuple[str, ...]]:
    own = (
        one.label, figure(one.quantity), one.unit, figure(one.available), one.stored,
        one.extra.from_whom or one.extra.source if one.extra else "plan",
    )  # fmt: skip
    if not one.loans:
        yield (*own, *("" for _ in COLUMNS[len(own) :]))
    for loan in one.loans:
        conditions = [back.condition for back in found.returns.get(loan.loan_id, ())]
        yield (
            *own, found.borrower(loan), figure(loan.quantity), _yes(loan.given), loan.lent_by,
            _moment(loan.lent_at, zone), _moment(loan.due_at, zone), figure(loan.returned),
            figure(loan.lost), figure(loan.out), _yes(loan.late_at(found.now)),
            " | ".join(filter(None, conditions)),
        )  # fmt: skip


def _yes(flag: bool) -> str:
    return "oui" if flag else "non"


def _moment(at: float | None, zone: ZoneInfo) -> str:
    if at is None:
        return ""
    there = datetime.fromtimestamp(at, UTC)
    return f"{there.astimezone(zone):%d/%m/%Y} {local_hour(there, zone)}"
