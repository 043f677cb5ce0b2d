"""What a resident was sent and why: for which place of hers, in which sectors, with what result."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from dispatcher.alerts.covered import covered
from dispatcher.alerts.office import Office
from dispatcher.delivery.tokens import answer_token
from dispatcher.signup.own_page import Page
from dispatcher.store.own_history import Sent, sent_to
from dispatcher.store.registers import Home


@dataclass(frozen=True)
class Line:
    """One version of an alert that went to her; `answer` is the token of its page while it runs.

    `places` are those of hers that lie inside its area today, by their words; `sectors` the
    sectors of the plan that it named.
    """

    sent: Sent
    places: tuple[str, ...]
    sectors: tuple[str, ...]
    answer: str = ""


async def history(office: Office, page: Page) -> list[Line]:
    """Return what she was sent, the newest first."""
    sent = await sent_to(office.ledger, page.own)
    now = office.clock().timestamp()
    inside = await asyncio.to_thread(_inside, sent, page.places)
    return [
        Line(
            one,
            places,
            tuple(map(str, one.content.get("sectors") or ())),
            _answer(office, one) if _runs(one, now) else "",
        )
        for one, places in zip(sent, inside, strict=True)
    ]


def _runs(one: Sent, now: float) -> bool:
    return one.state == "launched" and one.expires_at > now and bool(one.messages)


def _answer(office: Office, one: Sent) -> str:
    return answer_token(office.tokens, one.messages[0].delivery_id)


def _inside(sent: Sequence[Sent], places: Sequence[Home]) -> list[tuple[str, ...]]:
    return [tuple(places[at].label for at in covered(places, one.content)) for one in sent]
