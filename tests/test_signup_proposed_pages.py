"""The pages where somebody proposes a relative, step by step, without a script."""

import html
import re

import httpx
import pytest
from sqlalchemy import select, update

from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries, versions
from dispatcher.store.people import residents_count
from dispatcher.store.receipts import Told, record_receipt
from tests.addressed_town import put_addresses
from tests.resident_visits import HERE, plain, post, texts_sent
from tests.situations import COMMUNE

pytest_plugins = ("tests.console_visits",)
PROPOSE = f"{HERE}/proche"
FORM = {
    "name": "Ana Lopez", "contact": "01 99 00 00 42", "typed": "1 Quai de la Sérolle",
    "own_name": "Luisa Lopez", "own_contact": "06 39 98 00 77",
}  # fmt: skip


async def unanswered(town: Ledger, *, redials_s: tuple[float, ...]) -> None:
    """Have the provider tell that nobody picked up."""
    async with town.reading() as connection:
        voice = select(deliveries.c.delivery_id).where(deliveries.c.medium == "voice")
        ident = str((await connection.execute(voice)).scalar_one())
    told = Told(COMMUNE, ident, 1, "undelivered", 4, detail="no-answer", redials_s=redials_s)
    assert await record_receipt(town, told)


async def test_a_daughter_proposes_her_mother_who_is_called(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await put_addresses(town)
    assert "Proposer un proche" in plain(await visitor.get(HERE))
    assert (await visitor.get(PROPOSE)).status_code == 200
    asked = await post(visitor, PROPOSE, FORM)
    where = asked.headers["location"]
    assert where.startswith(f"{PROPOSE}/")
    assert "la mairie appelle aussitôt votre proche" in plain(await visitor.get(where))
    other = await visitor.get(where.replace("/proche/", "/"))  # the usual address of a code
    assert other.headers["location"] == where
    (text,) = await texts_sent(town, "sms")
    code = re.findall(r"\d{6}", text)[0]
    wrong = await post(visitor, where, {"code": f"{(int(code) + 1) % 1_000_000:06}"})
    assert "Ce n'est pas le bon code" in plain(wrong)
    assert await texts_sent(town, "voice") == []
    assert (await post(visitor, where, {"code": code})).headers["location"] == where
    assert "Nous appelons votre proche" in plain(await visitor.get(where))
    (call,) = await texts_sent(town, "voice")
    assert call.startswith("Un de vos proches propose")
    assert "Nous rappelons" not in plain(await visitor.get(where))
    await unanswered(town, redials_s=(120.0,))
    missed = r"Personne n'a répondu à \d\d:\d\d\. Nous rappelons à \d\d:\d\d\."
    assert re.search(missed, plain(await visitor.get(where)))
    assert "Nobody answered at" in plain(await visitor.get(f"{where}?lang=en"))
    async with town.writing() as connection:
        await connection.execute(update(versions).values(expires_at=versions.c.expires_at - 901))
    over = plain(await visitor.get(where))
    assert re.search(r"Personne n'a répondu à \d\d:\d\d, et nous ne rappelons plus", over)
    assert "Proposer de nouveau" in over
    assert await residents_count(town, COMMUNE) == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Écrivez votre nom et votre prénom."),
        ({"contact": "x"}, "Ce numéro ne peut pas être lu"),
        ({"contact": "ana@foyer.example"}, "Donnez son téléphone"),
        ({"typed": "rue qui n'y est pas"}, "Choisissez votre adresse"),
        ({"own_name": ""}, "Écrivez votre nom : c'est vous qui proposez."),
        ({"own_contact": ""}, "Écrivez un numéro de téléphone"),
    ],
)
async def test_a_mistake_is_said_and_nothing_typed_is_lost(
    visitor: httpx.AsyncClient, town: Ledger, wrong: dict[str, str], said: str
) -> None:
    await put_addresses(town)
    page = await post(visitor, PROPOSE, {**FORM, **wrong})
    assert page.status_code == 422
    assert said in plain(page)
    for name in set(FORM) - set(wrong):
        assert f'value="{FORM[name]}"' in html.unescape(page.text)
    assert await texts_sent(town, "sms") == []


async def test_a_proposal_that_is_over_says_so(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.get(f"{PROPOSE}/AAAAAAAAAAAAAAAAAAAAAA")).status_code == 404
    assert (await visitor.get("/inscription/99999/proche")).status_code == 404
