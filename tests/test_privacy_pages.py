"""The law at work on the console: periods, holds, the evidence opened by two, a slip's visa."""

import io
import re
from pathlib import Path

import httpx
import pytest
from pypdf import PdfReader
from sqlalchemy import select, update

from dispatcher.privacy.eliminating import Visa, make_slip, record_visa
from dispatcher.privacy.holding import hold
from dispatcher.privacy.kinds import BY_NAME
from dispatcher.privacy.purging import purge
from dispatcher.store.eliminations import BEGUN, begin
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import versions
from dispatcher.store.privacy_tables import eliminations, legal_holds, retention_periods
from tests.law import DAY_S, DPO, MAYOR, asked, later, proofs, sealed_alert
from tests.outgoing import COMMUNE, LOGBOOK_KEY, phone
from tests.privacy_visits import HERE, PROOF, be, post
from tests.sealed import PEOPLE
from tests.signing import send
from tests.written_alerts import words

pytest_plugins = ("tests.console_visits",)
WHY = {"reason": "Plainte d'un habitant", "reference": "TJ de Chaumont, n° 12"}


@pytest.fixture(autouse=True)
def _own_key(tmp_path: Path) -> None:
    """Let the console hold the key that the evidence of tests is made with."""
    path = tmp_path / "keys" / "logbook"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.write_bytes(LOGBOOK_KEY)


def hidden(page: httpx.Response, name: str) -> str:
    return str(re.findall(rf'name="{name}" value="([^"]+)"', page.text)[0])


async def test_the_clocks_are_seen_and_the_dpo_alone_sets_them(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await be(visitor, town, "maire2", "dos")
    assert 'name="days"' not in (await visitor.get(HERE)).text
    refused = await send(visitor, HERE, to=f"{HERE}/durees", kind="sends", days="100")
    assert refused.status_code == 403
    await be(visitor, town, "dpd", "dpo")
    seen = await visitor.get(HERE)
    assert all(one.said.replace("'", "&#39;") in seen.text for one in BY_NAME.values())
    for days, said in (("4", "Entre 30 et 1"), ("bientôt", "nombre de jours")):
        wrong = await send(
            visitor, HERE, to=f"{HERE}/durees", kind="sends", days=days, reference="a"
        )
        assert said in words(wrong)
        assert wrong.status_code == 422
        assert f'value="{days}"' in wrong.text
    done = await send(
        visitor, HERE, to=f"{HERE}/durees", kind="sends", days="100", reference="Avis du 3 mars"
    )
    assert done.status_code == 303
    assert "Avis du 3 mars" in (await visitor.get(HERE)).text
    async with town.reading() as connection:
        assert (await connection.execute(select(retention_periods.c.days))).scalars().all() == [100]


async def test_what_ended_is_on_the_page_with_its_line(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await sealed_alert(town)
    await purge(later(town, 366))
    await be(visitor, town, "dpd", "dpo")
    seen = words(await visitor.get(HERE))
    assert f"{BY_NAME['sends'].said} : {PEOPLE}" in seen
    starter = await visitor.get(f"{HERE}/analyse.md")
    assert "## 3. Risques" in starter.text


async def test_the_evidence_is_opened_by_two_and_a_number_is_looked_up(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await sealed_alert(town)
    await be(visitor, town, "dpd", "dpo")
    page = await post(visitor, to="demander", **WHY)
    assert "attend une autre personne" in words(page)
    assert "Accepter, pour un jour" not in page.text
    ident = hidden(page, "ident")
    alone = await post(visitor, to="accepter", ident=ident)
    assert "une autre personne" in words(alone)
    await be(visitor, town, "maire2", "dos")
    page = await post(visitor, to="accepter", ident=ident)
    assert "ouverte acceptée par Maire2" in words(page)
    found = await post(visitor, to="chercher", ident=ident, sought=phone(3))
    assert re.search(r"Crue de la Lerne SMS reçu .+ 1\.4 ", words(found))
    none = await post(visitor, to="chercher", ident=ident, sought="06 39 98 99 99")
    assert "Rien n'est parti vers" in words(none)
    await post(visitor, to="fermer", ident=ident)
    shut = await post(visitor, to="chercher", ident=ident, sought=phone(3))
    assert "n'est pas ouverte" in words(shut)


async def test_a_hold_is_placed_by_one_and_lifted_by_two(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    version = await sealed_alert(town)
    await be(visitor, town, "dpd", "dpo")
    empty = await post(visitor, to="garder", alert=version.alert_id, reason=" ", reference="x")
    assert empty.status_code == 422
    assert 'value="x"' in empty.text
    page = await post(visitor, to="garder", alert=version.alert_id, **WHY)
    assert WHY["reason"] in words(page)
    ident = hidden(page, "hold")
    page = await post(visitor, to="lever", hold=ident)
    assert "fin demandée par Dpd" in words(page)
    await be(visitor, town, "maire2", "dos")
    page = await post(visitor, to="lever", hold=ident)
    assert "Rien n'est retenu" in words(page)
    async with town.reading() as connection:
        assert (await connection.execute(select(legal_holds.c.lifted_by))).scalar() == "maire2"


async def test_a_slip_is_made_printed_signed_and_let_go_by_another(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await sealed_alert(town)
    await be(visitor, town, "dpd", "dpo")
    early = await post(visitor, to="bordereau")
    assert "Rien n'est arrivé à son terme" in words(early)
    old = versions.c.expires_at - 1830 * DAY_S
    async with town.writing() as connection:
        await connection.execute(update(versions).values(expires_at=old, finished_at=old))
    page = await post(visitor, to="bordereau")
    assert f"{PEOPLE} envois" in words(page)
    paper = await visitor.get(f"{PROOF}/bordereau-1.pdf")
    text = " ".join(
        "".join(one.extract_text() for one in PdfReader(io.BytesIO(paper.content)).pages).split()
    )
    for said in (
        "Bordereau d’élimination n° 1",
        "Crue de la Lerne",
        "Visa des archives",
        "12 messages",
    ):
        assert said.replace("’", "'") in text.replace("’", "'")
    async with town.reading() as connection:
        made = (await connection.execute(select(eliminations.c.made_at))).scalar_one()
    day = later(town, 0).clock()
    assert made
    signed = {"slip": "1", "by": "La directrice", "reference": "V-12", "on": f"{day:%Y-%m-%d}"}
    page = await post(visitor, to="visa", **signed)
    assert "visa de La directrice, V-12" in words(page)
    assert "Éliminer pour toujours" not in page.text
    assert (await post(visitor, to="eliminer", slip="1")).status_code == 403
    assert await proofs(town) == PEOPLE
    await be(visitor, town, "maire2", "dos")
    page = await post(visitor, to="eliminer", slip="1")
    assert "éliminé" in words(page)
    assert await proofs(town) == 0


async def test_an_elimination_that_a_hold_stops_is_said_to_pause(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    version = await sealed_alert(town)
    here = later(town, 1830)
    slip = await make_slip(here, actor=DPO)
    visa = Visa("La directrice", "V-12", f"{here.clock():%Y-%m-%d}")
    await record_visa(here, slip.number, visa, actor=DPO)
    line = here.line("maire", BEGUN, "Commencée", slip=slip.number, seals=list(slip.seals))
    assert await begin(town, COMMUNE, slip.number, by="maire", line=line)
    await be(visitor, town, "dpd", "dpo")
    assert "élimination en cours" in words(await visitor.get(PROOF))
    await hold(here, version.alert_id, **WHY, asked=asked(MAYOR))
    seen = words(await visitor.get(PROOF))
    assert "en pause" in seen
    assert "l'élimination reprend le lendemain" in seen


async def test_nobody_else_sees_these_pages(visitor: httpx.AsyncClient, town: Ledger) -> None:
    await be(visitor, town, "op", "operator")
    for path in (HERE, PROOF, f"{PROOF}/bordereau-1.pdf", f"{HERE}/analyse.md"):
        assert (await visitor.get(path)).status_code == 403
    await be(visitor, town, "dpd", "dpo")
    assert (await visitor.get(f"{PROOF}/bordereau-9.pdf")).status_code == 404
