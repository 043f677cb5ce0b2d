"""Answers of people: 1 = understood, 2 = need help; from the page or the keypad, kept once each.

Whoever is called up in a crisis answers 1 = I come, 2 = I cannot.
"""

from dispatcher.delivery.tokens import TokenKeys, read_attempt
from dispatcher.store.ledger import Ledger
from dispatcher.store.receipts import Answered, delivery_of_answer, record_answer

KINDS = ("understood", "help", "coming", "unable")


async def record(ledger: Ledger, *, page: str, kind: str, via: str) -> Answered | None:
    """Keep the answer given on a reader's page (`page_names`); None when the page is nobody's."""
    found = await delivery_of_answer(ledger, page)
    return None if found is None else await record_to(ledger, *found, kind=kind, via=via)


async def record_to(
    ledger: Ledger, commune: str, delivery: str, *, kind: str, via: str
) -> Answered | None:
    """Keep an answer given to a delivery; None when there is no such delivery or answer."""
    if kind not in KINDS:
        return None
    return await record_answer(ledger, commune=commune, delivery_id=delivery, kind=kind, via=via)


async def record_keypad(
    ledger: Ledger, keys: TokenKeys, *, token: str, kind: str
) -> Answered | None:
    """Keep the key pressed during a call; None when the call is not ours."""
    named = read_attempt(keys, token)
    if named is None or kind not in KINDS:
        return None
    return await record_to(ledger, named.commune, named.delivery_id, kind=kind, via="keypad")
