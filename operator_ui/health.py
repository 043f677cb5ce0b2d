"""Is this process alive, and can it work? Asked by supervisors."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import PlainTextResponse
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.api.permissions import PUBLIC, needs
from dispatcher.store.account_states import AccountState, account_states
from dispatcher.store.health import fault
from operator_ui.installation import Installation, installation

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
@needs(PUBLIC)
async def healthz() -> PlainTextResponse:
    """Answer: whoever reads this runs."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
@needs(PUBLIC)
async def readyz(held: Annotated[Installation, Depends(installation)]) -> PlainTextResponse:
    """Answer 200 when the ledger can be read, 503 when not; a line each for what else counts.

    Without Redis all still works, and a page that shows an alarm must stay reachable: neither is a
    503. A monitor looks for the line `work: ok`, or asks `tocsin alarm check`.
    """
    if told := await fault(held.ledger):
        return PlainTextResponse(f"ledger: {told}\n", 503)
    redis = "ok" if await held.services.bell.answers() else "no answer, messages leave without it"
    try:
        providers = _providers(await account_states(held.ledger))
    except SQLAlchemyError:
        providers = "unknown"
    alarms = len({one.raised.subject for one in held.sentinel.standing})
    work = f"{alarms} alarm(s), see the console" if alarms else "ok"
    return PlainTextResponse(
        f"ledger: ok\nredis: {redis}\nproviders: {providers}\nwork: {work}\n"
    )  # fmt: skip


def _providers(states: Sequence[AccountState]) -> str:
    if not any(one.held for one in states):
        return "no worker holds any"
    return ", ".join(f"{one.name} {_said(one)}" for one in states)


def _said(one: AccountState) -> str:
    if not one.held:
        return "held by no worker"
    return "failing" if one.failing else "ok"
