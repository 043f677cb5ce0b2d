"""The yearly confirmation on the console, and on a resident's own page."""

import httpx

from dispatcher.signup.links import link_of
from dispatcher.store.cover_tables import yearly
from dispatcher.store.ledger import Ledger
from dispatcher.store.own_links import whose
from dispatcher.store.statements import insert_rows
from dispatcher.store.tables import contacts
from dispatcher.store.yearly import rule_of
from tests.addressed_town import put_addresses
from tests.resident_visits import HERE as SIGN_UP
from tests.resident_visits import an_address, code_sent, plain, post
from tests.signing import enrol, enter, send
from tests.situations import COMMUNE, office
from tests.written_alerts import words

pytest_plugins = ("tests.console_visits",)


async def test_the_mayor_switches_it_on_and_off(visitor: httpx.AsyncClient, town: Ledger) -> None:
    await enrol(town, "maire", "dos")
    await enter(visitor, "maire")
    assert "arrêtée Annoncez-la" in words(await visitor.get("/habitants"))
    await send(visitor, "/habitants", to="/habitants/confirmation", on="oui")
    assert (await rule_of(town, COMMUNE)).enabled
    assert "activée depuis le" in words(await visitor.get("/habitants"))
    await send(visitor, "/habitants", to="/habitants/confirmation", on="non")
    assert not (await rule_of(town, COMMUNE)).enabled


async def test_an_operator_sees_it_and_switches_nothing(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await enrol(town, "secretaire", "operator")
    await enter(visitor, "secretaire")
    assert "Activer la confirmation" not in words(await visitor.get("/habitants"))
    refused = await send(visitor, "/habitants", to="/habitants/confirmation", on="oui")
    assert refused.status_code == 403


async def test_her_page_asks_and_one_press_answers(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await put_addresses(town)
    label, ident = await an_address(visitor)
    form = {"name": "Ana Lopez", "contact": "06 39 98 00 42", "typed": label, "address": ident}
    begun = await post(visitor, SIGN_UP, form)
    done = await post(visitor, begun.headers["location"], {"code": await code_sent(town)})
    mine = done.headers["location"].partition("?")[0]
    assert "Tout est juste" not in plain(await visitor.get(mine))
    own = await whose(town, link_of(mine.rpartition("/")[2]))
    assert own
    asked_at = office(town).clock().timestamp() - 60
    async with town.writing() as connection:
        row = {"commune": COMMUNE, "person_id": own.person_id, "message": ""}
        await insert_rows(connection, yearly, [{**row, "asked_at": asked_at}])
        await connection.execute(contacts.update().values(verified_at=asked_at - 60))
    assert "est-il toujours juste ?" in plain(await visitor.get(mine))
    assert "All is right" in plain(await visitor.get(f"{mine}?lang=en"))
    done = await post(visitor, f"{mine}/confirmer")
    assert done.headers["location"].endswith("?fait=confirmer")
    page = await visitor.get(f"{mine}?fait=confirmer")
    assert "c'est confirmé pour un an" in plain(page)
    assert "Tout est juste" not in plain(page)
