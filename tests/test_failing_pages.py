"""Contacts that fail, on the console and on a resident's own page."""

import re

import httpx
import pytest
from sqlalchemy import select

from dispatcher.store import logbook
from dispatcher.store.cover_tables import failing
from dispatcher.store.ledger import Ledger
from dispatcher.store.statements import insert_rows
from dispatcher.store.tables import contacts
from tests.addressed_town import put_addresses
from tests.covered_town import lives, settle
from tests.keyring import mark_of
from tests.resident_visits import HERE as SIGN_UP
from tests.resident_visits import an_address, code_sent, plain, post
from tests.signing import enrol, enter
from tests.situations import COMMUNE
from tests.written_alerts import words

pytest_plugins = ("tests.console_visits",)
SINCE = 1_790_000_000.0
ANA = "+33639980042"


async def fail(town: Ledger, *values: str) -> None:
    """Have these contacts be nobody's."""
    marks = [mark_of(one) for one in values]
    async with town.writing() as connection:
        rows = await connection.execute(
            select(contacts.c.person_id, contacts.c.mark).where(contacts.c.mark.in_(marks))
        )
        told = {"commune": COMMUNE, "why": "no_number", "failed_at": SINCE, "version_id": "v"}
        flags = [{**told, "person_id": row.person_id, "mark": row.mark} for row in rows.all()]
        await insert_rows(connection, failing, flags)


@pytest.fixture
async def clerk(visitor: httpx.AsyncClient, town: Ledger) -> httpx.AsyncClient:
    """Be an operator, signed in."""
    await enrol(town, "secretaire", "operator")
    assert (await enter(visitor, "secretaire")).status_code == 303
    return visitor


async def test_the_town_hall_sees_how_many_who_and_why_and_each_look_is_noted(
    clerk: httpx.AsyncClient, town: Ledger
) -> None:
    people = [lives(1, "1 Rue Basse"), lives(2, "2 Rue Basse")]
    await settle(town, people)
    assert "en échec" not in words(await clerk.get("/habitants"))
    empty = await clerk.get("/habitants/en-echec")
    assert "Aucun contact en échec" in words(empty)
    await fail(town, people[0].contacts[0].value)
    assert "1 avec un contact en échec" in words(await clerk.get("/habitants"))
    listed = await clerk.get("/habitants/en-echec")
    assert "NOM1 Téléphone mobile : ce numéro n'est pas attribué depuis le" in words(listed)
    assert "NOM2" not in words(listed)
    (card,) = re.findall(r'href="(/habitants/\w{32})"', listed.text)
    assert "ne fonctionne plus depuis le" in words(await clerk.get(card))
    looks = await logbook.read_kinds(town, COMMUNE, "residents.looked_up", limit=9)
    assert [one.data["people"] for one in looks] == [[card.rpartition("/")[2]]]


async def test_the_list_goes_on_from_where_it_was_left(
    clerk: httpx.AsyncClient, town: Ledger
) -> None:
    people = [lives(one, f"{one} Rue Basse") for one in range(60)]
    await settle(town, people)
    await fail(town, *(way.value for one in people for way in one.contacts))
    first = await clerk.get("/habitants/en-echec")
    (more,) = re.findall(r'href="(/habitants/en-echec\?apres=\w+)"', first.text)
    rest = await clerk.get(more)
    found = [re.findall(r">(NOM\d+)<", page.text) for page in (first, rest)]
    assert [len(one) for one in found] == [50, 10]
    assert len({*found[0], *found[1]}) == 60


async def test_her_page_tells_her_which_and_a_code_from_it_takes_the_mark_away(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await put_addresses(town)
    label, ident = await an_address(visitor)
    form = {"name": "Ana Lopez", "contact": "06 39 98 00 42", "typed": label, "address": ident}
    asked = await post(visitor, SIGN_UP, form)
    done = await post(visitor, asked.headers["location"], {"code": await code_sent(town)})
    mine = done.headers["location"].partition("?")[0]
    assert "ne fonctionne plus" not in plain(await visitor.get(mine))
    await fail(town, ANA)
    page = await visitor.get(mine)
    assert "Un de vos contacts ne fonctionne plus" in plain(page)
    assert "ce numéro n'est pas attribué" in plain(page)
    assert "this number belongs to nobody" in plain(await visitor.get(f"{mine}?lang=en"))
    copied = (await visitor.get(f"{mine}/copie.json")).json()
    assert [one["fails_why"] for one in copied["contacts"]] == ["no_number"]
    again = await post(visitor, f"{mine}/contacts", {"contact": ANA})
    await post(visitor, again.headers["location"], {"code": await code_sent(town)})
    assert "ne fonctionne plus" not in plain(await visitor.get(mine))
