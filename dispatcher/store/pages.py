"""How an answering page finds its delivery: by its id, or by a hash where its link is older."""

from sqlalchemy import ColumnElement, and_, select

from dispatcher.store.outgoing import deliveries, versions

HASH_CHARS = 32  # what the ledger keeps of links made before tokens held their delivery's id


def of_page(name: str) -> ColumnElement[bool]:
    """Return the condition that a delivery is the one a page's token names (`page_names`)."""
    if len(name) == HASH_CHARS:
        return deliveries.c.answer_hash == name
    # Its commune is not told: they are few, and with each the primary key finds it at once.
    communes = select(versions.c.commune).distinct()
    return and_(deliveries.c.commune.in_(communes), deliveries.c.delivery_id == name)
