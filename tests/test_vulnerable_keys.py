"""A newer key for the register: every card sealed again, none lost, whoever works meanwhile."""

import json
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dispatcher.ciphers import Ring
from dispatcher.cli import register as command
from dispatcher.keys import ring
from dispatcher.readiness.judging_register import judged
from dispatcher.store.ledger import Ledger
from dispatcher.store.vulnerable import AsSeen, Waiting
from dispatcher.store.vulnerable_keys import Resealed, cards_after, communes_of, reseal
from dispatcher.vulnerable import looking, resealing
from dispatcher.vulnerable.keeping import correct
from tests.registers import CCAS, LEA, PARIS, RING, TODAY, YVES, filed, kept, lines, register
from tests.situations import COMMUNE, office

BOTH = Ring({1: RING.keys[1], 2: b"n" * 32})
NEWER = Ring({1: b"x" * 32, 2: b"n" * 32})  # without the old key


async def test_every_card_is_sealed_again_and_opens_by_the_newer_key_alone(
    ledger: Ledger,
) -> None:
    desk = office(ledger)
    found = await kept(desk)
    for number in range(5):
        await filed(found, replace(LEA, first_names=f"Léa {number}"))
    done = await resealing.reseal(register(desk, ring=BOTH), author="system", at_once=2)
    assert (done.cards, done.unopened) == (5, 0)
    assert await communes_of(ledger) == [COMMUNE]
    cards = await cards_after(ledger, COMMUNE, "", most=9)
    for card in cards:
        place = found.place_of(card.entry_id, "identity")
        assert NEWER.unseal(card.identity, place=place).startswith(b'{"surname":"Mar')
        assert NEWER.opened(card.reach, place=found.place_of(card.entry_id, "reach")) is not None
    again = await resealing.reseal(register(desk, ring=BOTH), author="system")
    assert again.cards == 0
    assert (await lines(ledger))[-1].endswith("5 fiches scellées par une nouvelle clé")
    by_name = await looking.search(
        register(desk, ring=BOTH), "Maréchal", reason="person", actor=CCAS
    )
    assert len(by_name) == 5  # marks are of the first key for ever


async def test_a_card_that_no_key_opens_is_left_and_counted(ledger: Ledger) -> None:
    desk = office(ledger)
    found = await kept(desk)
    await filed(found)
    await filed(register(desk, ring=Ring({1: RING.keys[1], 9: b"z" * 32})), YVES)
    done = await resealing.reseal(register(desk, ring=BOTH), author="system")
    assert (done.cards, done.unopened) == (1, 1)


async def test_a_card_corrected_meanwhile_keeps_its_correction(ledger: Ledger) -> None:
    desk = office(ledger)
    found = register(desk, ring=BOTH)
    await kept(desk)
    await filed(found)
    (card,) = await cards_after(ledger, COMMUNE, "", most=9)
    renamed = replace(LEA, surname="Durand")
    await correct(found, AsSeen(card.entry_id, 1), renamed, actor=CCAS)
    stale = Resealed(card, card.identity, card.reach)
    assert await reseal(ledger, COMMUNE, [stale]) == 0
    one = await looking.card(found, card.entry_id, reason="person", actor=CCAS)
    assert one.told.surname == "Durand"


def test_the_command_makes_a_key_and_says_how_many_cards(tmp_path: Path) -> None:
    environ = {"TOCSIN_DATA_DIR": str(tmp_path), "TOCSIN_COMMUNE": COMMUNE}
    done = CliRunner().invoke(command.app, ["renew", "--json"], env=environ)
    answer = json.loads(done.stdout)
    assert answer == {"key": 2, "cards": 0, "unopened": 0}
    assert list(ring(tmp_path, "vulnerable")) == [1, 2]


@pytest.mark.parametrize(
    ("days_ago", "state"),
    [((9,), "not_ready"), ((8, 0), "warning"), ((6,), "warning"), ((5,), "ready"), ((), "ready")],
)
async def test_ready_says_which_receipts_are_owed(days_ago: tuple[int, ...], state: str) -> None:
    days = [datetime.combine(TODAY - timedelta(days=one), time(), PARIS) for one in days_ago]
    waiting = [Waiting("x", 1, "person", day.timestamp()) for day in days]
    assert judged(waiting, today=TODAY, zone=PARIS).state == state
