"""People with passkeys: their installation, their keys, how they come in."""

from typing import Any

import pytest
from sqlalchemy import Table, func, select

from dispatcher.access.ceremony import Browser
from dispatcher.access.passkey_doors import (
    Asked,
    begin_sign_in,
    finish_sign_in,
)
from dispatcher.access.passkeys import begin_registration, finish_registration
from dispatcher.access.relying_party import RelyingParty
from dispatcher.access.sessions import SignInRefused
from dispatcher.store import logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.tables import sessions
from dispatcher.store.users import User
from tests.software_key import Answer, SoftwareKey

COMMUNE, KEY = "99042", b"k" * 32
RP, ORIGIN = "tocsin.valombre.example", "https://tocsin.valombre.example"
MAYOR = User(COMMUNE, "claire", "Claire MARTIN", "dos")
DEPUTY = User(COMMUNE, "jean", "Jean ROUX", "deputy")
ELSEWHERE = User("35047", "claire", "Claire PETIT", "dos")
HERE = Browser("cookie of this browser", "192.0.2.7", "Firefox")
ANYBODY = Asked()


async def added(
    party: RelyingParty, user: User = MAYOR, key: SoftwareKey | None = None
) -> SoftwareKey:
    key = key or SoftwareKey(ORIGIN)
    options = await begin_registration(party, user, secret="session")
    await finish_registration(party, user, answer=key.create(options), secret="session")
    return key


async def asked_of(party: RelyingParty, asked: Asked = ANYBODY) -> dict[str, Any]:
    return await begin_sign_in(party, asked, secret=HERE.secret)


async def enter(party: RelyingParty, answer: Answer, asked: Asked = ANYBODY) -> str:
    return await finish_sign_in(party, asked, answer=answer, browser=HERE)


async def refused(party: RelyingParty, answer: Answer, asked: Asked = ANYBODY) -> str:
    with pytest.raises(SignInRefused) as said:
        await enter(party, answer, asked)
    async with party.ledger.reading() as connection:
        assert (await connection.execute(select(func.count()).select_from(sessions))).scalar() == 0
    return str(said.value)


async def counted(ledger: Ledger, table: Table) -> int:
    async with ledger.reading() as connection:
        found: int = (
            await connection.execute(select(func.count()).select_from(table))
        ).scalar_one()
    return found


async def kinds(ledger: Ledger) -> list[str]:
    return [line.kind for line in await logbook.read(ledger, COMMUNE) if "passkey" in line.kind]
