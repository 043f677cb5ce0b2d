"""Which books a crisis keeps: the provisional one of whoever is on call, then all of the plan's."""

from dispatcher.logbook.books import LABEL_CHARS
from dispatcher.store.books import NewBook
from plans.plan import Plan

COMMAND_POST = "PCC"
PROVISIONAL = NewBook("ASTREINTE", "Astreinte (provisoire)", "provisional")
NO_CENTRES = ("PCC", "PCC_REPLI")  # command posts: their cell keeps the book


def books_of(plan: Plan) -> tuple[NewBook, ...]:
    """Return the command post's book, then one a cell that keeps its own, then one a centre.

    Of two of one code the cell's counts.
    """
    found = {COMMAND_POST: NewBook(COMMAND_POST, "Poste de commandement", "general")}
    for cell in plan.cells:
        if cell.logbook and cell.code != COMMAND_POST:
            found[cell.code] = NewBook(cell.code, cell.label[:LABEL_CHARS], "cell")
    for centre in plan.centres:
        if centre.kind not in NO_CENTRES:
            label = (centre.label or centre.id)[:LABEL_CHARS]
            found.setdefault(centre.id, NewBook(centre.id, label, "centre"))
    return tuple(found.values())
