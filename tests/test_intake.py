"""What comes in together is answered together, and whatever is at fault holds up nobody else."""

import asyncio
from collections.abc import Sequence

import pytest

from dispatcher.store.field_intake import Incoming
from dispatcher.store.field_reports import Filed
from dispatcher.store.ledger import Ledger
from dispatcher.store.partner_messages import Answer
from dispatcher.teams.intake import Intake
from tests.situations import COMMUNE

OK = Answer(200, {})


def _well(_: Sequence[Filed]) -> Answer:
    return OK


def _broken(_: Sequence[Filed]) -> Answer:
    raise KeyError("state")


async def test_an_answer_that_fails_is_told_to_who_asked_and_the_others_have_theirs(
    ledger: Ledger,
) -> None:
    intake = Intake(ledger, b"k" * 32)
    asked = [Incoming(COMMUNE, (), answer) for answer in (_well, _broken, _well)]
    async with asyncio.timeout(10):
        first = await asyncio.gather(*map(intake.take, asked), return_exceptions=True)
        later = await intake.take(asked[0])
    assert [type(one) for one in first] == [Answer, KeyError, Answer]
    assert later == OK


async def test_who_waits_behind_one_that_fails_is_written_next(ledger: Ledger) -> None:
    intake = Intake(ledger, b"k" * 32)
    failing = asyncio.create_task(intake.take(Incoming(COMMUNE, (), _broken)))
    await asyncio.sleep(0)  # it is taken in hand
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        assert await intake.take(Incoming(COMMUNE, (), _well)) == OK
        with pytest.raises(KeyError):
            await failing
