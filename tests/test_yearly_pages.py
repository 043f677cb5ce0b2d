"""The yearly confirmation on the console, and on a resident's own page."""

import re
from dataclasses import replace
from pathlib import Path

import httpx
from sqlalchemy import select

from dispatcher.signup.links import link_of
from dispatcher.store import logbook
from dispatcher.store.cover_tables import failing, yearly
from dispatcher.store.failing import who_fails
from dispatcher.store.ledger import Ledger
from dispatcher.store.own_links import whose
from dispatcher.store.people import Contact
from dispatcher.store.registers import Resident
from dispatcher.store.statements import insert_rows
from dispatcher.store.tables import contacts, persons
from dispatcher.store.yearly import REMIND_S, rule_of
from tests.addressed_town import put_addresses
from tests.browsing import PHONE, visit
from tests.consoles import served
from tests.covered_town import lives, settle
from tests.resident_visits import HERE as SIGN_UP
from tests.resident_visits import an_address, code_sent, plain, post
from tests.signing import enrol, enter, send
from tests.situations import COMMUNE, add_user, office
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


async def silent(town: Ledger, *people: Resident, since_s: float = REMIND_S + 60) -> None:
    """Enrol these residents, who were asked and reminded, and have not answered."""
    await settle(town, people, sure=False)
    now = office(town).clock().timestamp()
    async with town.writing() as connection:
        ids = (await connection.execute(select(persons.c.person_id))).scalars().all()
        told = {"commune": COMMUNE, "asked_at": now - 2 * REMIND_S, "message": ""}
        rows = [{**told, "person_id": one, "reminded_at": now - since_s} for one in ids]
        await insert_rows(connection, yearly, rows)


async def fails(town: Ledger) -> None:
    """Flag the contact of the first resident."""
    async with town.writing() as connection:
        first = select(contacts.c.person_id, contacts.c.mark).join(
            yearly, yearly.c.person_id == contacts.c.person_id
        )
        row = (await connection.execute(first.order_by(contacts.c.person_id))).first()
        assert row is not None
        flag = {"commune": COMMUNE, "why": "no_sms", "failed_at": 1.0, "version_id": "earlier"}
        await insert_rows(connection, failing, [{**flag, **row._mapping}])


async def test_the_town_hall_sees_whom_to_ring(visitor: httpx.AsyncClient, town: Ledger) -> None:
    await enrol(town, "secretaire", "operator")
    await enter(visitor, "secretaire")
    assert "Personne n'est à appeler." in words(await visitor.get("/habitants/a-confirmer"))
    assert "Les appeler" not in words(await visitor.get("/habitants"))
    landline = Contact("fixed", "+33199000042")
    mail = Contact("email", "zoe@foyer.example")
    by_mail = replace(lives(2, "2 Rue Basse"), contacts=(mail,))
    by_call = replace(lives(1, "1 Rue Basse"), contacts=(landline, mail._replace(rank=1)))
    await silent(town, by_call, by_mail)
    front = await visitor.get("/habitants")
    assert "2 à confirmer par la mairie Les appeler" in words(front)
    listed = await visitor.get("/habitants/a-confirmer")
    assert "NOM1 +33 1 99 00 00 42 1 Rue Basse" in words(listed)
    assert 'href="tel:+33199000042"' in listed.text
    assert "zoe@foyer.example 2 Rue Basse" in words(listed)
    assert "To ring for the yearly confirmation" in (
        await visitor.get("/habitants/a-confirmer?lang=en")
    ).text  # fmt: skip
    looks = await logbook.read_kinds(town, COMMUNE, "residents.looked_up", limit=9)
    assert [len(one.data["people"]) for one in looks] == [2, 2]


async def test_who_confirms_by_telephone_is_noted_and_leaves_the_list(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await enrol(town, "secretaire", "operator")
    await enter(visitor, "secretaire")
    await silent(town, lives(1, "1 Rue Basse"), lives(2, "2 Rue Basse"))
    await fails(town)
    here = "/habitants/a-confirmer"
    listed = await visitor.get(here)
    asked = r'name="person" value="(\w+)"><input type="hidden" name="ref" value="(\w+)"'
    (person, ref), (_, other) = re.findall(asked, listed.text)
    wrong = await send(visitor, here, person=person, ref=other)  # another's number
    assert wrong.status_code == 404
    await send(visitor, here, person=person, ref=ref)
    again = await send(visitor, here, person=person, ref=ref)
    page = await visitor.get(again.headers["location"])
    assert "confirmé pour un an" in words(page)
    assert len(re.findall(asked, page.text)) == 1
    (line,) = await logbook.read_kinds(town, COMMUNE, "residents.confirmed", limit=9)
    assert (line.author, line.data["person"]) == ("secretaire", person)
    assert await who_fails(town, COMMUNE, after="", limit=9) == []
    front = words(await visitor.get("/habitants"))
    assert "dont 1 a confirmé son contact" in front


async def test_who_is_still_awaited_answered_or_left_is_not_to_be_rung(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await enrol(town, "secretaire", "operator")
    await enter(visitor, "secretaire")
    await silent(town, lives(1, "1 Rue Basse"), since_s=60)
    assert "Personne n'est à appeler." in words(await visitor.get("/habitants/a-confirmer"))
    async with town.writing() as connection:
        await connection.execute(yearly.update().values(reminded_at=yearly.c.asked_at))
    assert "NOM1" in words(await visitor.get("/habitants/a-confirmer"))
    for table, values in ((yearly, {"answered_at": 1.0}), (persons, {"unsubscribed_at": 1.0})):
        async with town.writing() as connection:
            await connection.execute(table.update().values(values))
        assert "NOM1" not in words(await visitor.get("/habitants/a-confirmer"))
        async with town.writing() as connection:
            await connection.execute(table.update().values(dict.fromkeys(values)))
    assert "NOM1" in words(await visitor.get("/habitants/a-confirmer"))


async def test_the_list_to_ring_goes_on_and_no_table_of_names_is_handed_out_by_one(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await enrol(town, "secretaire", "operator")
    await enter(visitor, "secretaire")
    await silent(town, *(lives(one, f"{one} Rue Basse") for one in range(60)))
    first = await visitor.get("/habitants/a-confirmer")
    (more,) = re.findall(r'href="(/habitants/a-confirmer\?apres=\w+)"', first.text)
    found = [re.findall(r">(NOM\d+)<", one.text) for one in (first, await visitor.get(more))]
    assert [len(one) for one in found] == [50, 10]
    assert len({*found[0], *found[1]}) == 60
    assert (await visitor.get("/habitants/a-confirmer.csv")).status_code == 404
    assert (await visitor.get("/habitants/a-confirmer?apres=%00zz")).status_code in (200, 422)


async def test_the_list_can_be_read_on_a_telephone(
    chromium: Path, tmp_path: Path, town: Ledger
) -> None:
    long = replace(
        lives(1, "1 Chemin rural de l'Ancienne-Abbaye-Saint-Étienne-des-Eaux"),
        name="Marie-Clémentine DE LA ROCHEFOUCAULD-MONTBRISON",
        contacts=(Contact("email", f"{'marie-clementine' * 3}@foyer.example"),),
    )
    await silent(town, long, lives(2, "2 Rue Basse"))
    await add_user(town, "secretaire", "operator", "Anne Petit")
    async with served(tmp_path) as url, visit(chromium, url) as seen:
        await seen.resize(PHONE)
        await seen.sign_in("secretaire")
        await seen.open("/habitants/a-confirmer")
        assert (await seen.overflow_px(), await seen.faults(), seen.problems) == (0, [], [])
