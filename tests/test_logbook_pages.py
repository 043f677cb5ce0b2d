"""The main courante in the console without script: written, corrected, closed, searched, copied."""

import html
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import pytest

from dispatcher.logbook.books import Keeper, Spot, Told, close_books, open_books, write_line
from dispatcher.store import logbook
from dispatcher.store.books import NewBook, all_books
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Line
from operator_ui.logbook_forms import Asked, inside, quick
from operator_ui.logbook_shelves import shelves_of
from tests.consoles import SAME, form_token, sign_in
from tests.hostile import HOSTILE
from tests.situations import COMMUNE, add_user

pytest_plugins = ("tests.console_visits",)

KEY, CRISIS = b"k" * 32, "crue"
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
async def kept(town: Ledger, operator: httpx.AsyncClient) -> Keeper:
    """Keep the books of a crisis with the console's own key."""
    keeper = Keeper(town, COMMUNE, KEY)
    books = [NewBook("pcc", "PCC", "general"), NewBook("log", "Cellule logistique")]
    await open_books(keeper, books, event_id=CRISIS, by="rac")
    return keeper


async def post(client: httpx.AsyncClient, path: str = "", **fields: str) -> httpx.Response:
    data = {"token": await form_token(client), **fields}
    return await client.post(f"/main-courante{path}", data=data, headers=SAME)


async def last(town: Ledger) -> Line:
    return (await logbook.read(town, COMMUNE, limit=1, newest=True))[0]


async def text(client: httpx.AsyncClient, path: str = "") -> str:
    answer = await client.get(f"/main-courante{path}")
    assert answer.status_code == 200
    return html.unescape(re.sub(r"<[^>]+>", " ", answer.text))


async def test_a_line_is_written_where_the_form_says_and_read_back(
    operator: httpx.AsyncClient, town: Ledger, kept: Keeper
) -> None:
    told = {"text": "Eau rue Basse", "origin": "SDIS", "channel": "radio", "request": "Barrières"}
    answer = await post(operator, registre=f"{CRISIS}:log", **told)
    assert answer.status_code == 303
    line = await last(town)
    assert answer.headers["location"] == f"/main-courante?registre=crue%3Alog&notee={line.number}"
    assert (line.book, line.event, line.origin, line.channel) == ("log", CRISIS, "SDIS", "radio")
    assert line.author == "rac"
    shown = await text(operator)
    assert "Eau rue Basse" in shown
    assert "1 demande sans suite" in shown


async def test_the_hour_left_as_proposed_is_now_and_another_is_the_events(
    operator: httpx.AsyncClient, town: Ledger, kept: Keeper
) -> None:
    old = "2026-01-05T03:12"
    await post(operator, text="Maintenant", at=old, proposed=old)
    line = await last(town)
    assert abs(line.at - line.recorded_at) < 5
    await post(operator, text="Alors", at=old, proposed="2026-11-24T10:00", channel="paper")
    assert (await last(town)).happened == datetime(2026, 1, 5, 3, 12, tzinfo=PARIS)
    assert "écrite" in await text(operator)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "Écrivez ce qui s'est passé"),
        ({"text": "x", "at": "hier"}, "ne se lit pas"),
        ({"text": "x", "registre": "a:b"}, "n'existe pas"),
        ({"text": "x", "at": "2100-01-01T00:00"}, "avenir"),
    ],
)
async def test_what_is_refused_comes_back_with_what_was_typed(
    operator: httpx.AsyncClient, kept: Keeper, fields: dict[str, str], why: str
) -> None:
    answer = await post(operator, origin="Guetteur du pont", **fields)
    assert answer.status_code == 400
    assert why in html.unescape(answer.text)
    assert 'value="Guetteur du pont"' in answer.text


async def test_the_foot_of_every_page_writes_a_line_and_comes_back(
    operator: httpx.AsyncClient, town: Ledger, kept: Keeper
) -> None:
    page = await operator.get("/console/alertes")
    assert 'action="/main-courante/vite"' in page.text
    answer = await post(operator, "/vite", text="SDIS : VSAV 2 parti", vers="/console/alertes")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/alertes")
    line = await last(town)
    assert (line.origin, line.text, line.book, line.event) == (
        "SDIS",
        "VSAV 2 parti",
        "pcc",
        CRISIS,
    )
    assert "VSAV 2 parti" in (await operator.get("/console/alertes")).text
    empty = await post(operator, "/vite", text="  ", vers="/")
    assert empty.status_code == 400


@pytest.mark.parametrize(
    ("asked", "went"),
    [("/console/alertes", "/console/alertes"), ("//evil.example", "/"), ("/\\evil", "/"),
     ("https://evil.example", "/"), ("/a?b", "/"), ("", "/"), ("/%2f%2fevil", "/%2f%2fevil")],
)  # fmt: skip
def test_the_way_back_stays_in_the_house(asked: str, went: str) -> None:
    assert inside(asked) == went


async def test_a_correction_is_a_new_line_and_the_old_one_is_struck(
    operator: httpx.AsyncClient, town: Ledger, kept: Keeper
) -> None:
    number = await write_line(kept, Told("Pont fermé"), spot=Spot("pcc", CRISIS), by="rac")
    place = f"/lignes/{number}"
    assert "Corriger cette ligne" in await text(operator, place)
    done = await post(operator, f"{place}/corriger", text="Pont ouvert", registre=f"{CRISIS}:pcc")
    assert done.status_code == 303
    assert (await last(town)).supersedes == number
    page = (await operator.get("/main-courante")).text
    assert "<s>Pont fermé</s>" in page
    assert "Corriger cette ligne" not in await text(operator, place)
    again = await post(operator, f"{place}/corriger", text="x", registre=f"{CRISIS}:pcc")
    assert (again.status_code, "déjà été corrigée" in again.text) == (400, True)


async def test_the_follow_up_closes_a_request(
    operator: httpx.AsyncClient, town: Ledger, kept: Keeper
) -> None:
    told = Told("Rue coupée", request="Barrières")
    number = await write_line(kept, told, spot=Spot("pcc", CRISIS), by="rac")
    place = f"/lignes/{number}"
    done = await post(operator, f"{place}/classer", text="Posées", registre=f"{CRISIS}:pcc")
    assert done.status_code == 303
    assert "Toutes les demandes ont leur suite" in await text(operator)
    assert "Posées" in await text(operator, place)
    assert "Classer la ligne" not in await text(operator, place)
    assert (await last(town)).closes == number


async def test_a_line_of_a_closed_book_says_where_its_follow_up_is_written(
    kept: Keeper, operator: httpx.AsyncClient
) -> None:
    spot = Spot("log", CRISIS)
    number = await write_line(kept, Told("Un car", request="Un car"), spot=spot, by="rac")
    assert "Classer la ligne" in await text(operator, f"/lignes/{number}")
    await close_books(kept, event_id=CRISIS, by="rac")
    said = await text(operator, f"/lignes/{number}")
    assert "Classer la ligne" not in said
    assert "Ce registre est clos : cette ligne ne s'y classe plus." in said
    done = await post(operator, f"/lignes/{number}/classer", registre="crue:log", text="Parti")
    assert done.status_code == 400
    assert "Ce registre est clos" in html.unescape(done.text)


async def test_books_are_tabs_and_a_search_asks_what_its_fields_say(
    operator: httpx.AsyncClient, kept: Keeper
) -> None:
    await write_line(kept, Told("Élèves au gymnase"), spot=Spot("log", CRISIS), by="adjoint")
    await write_line(kept, Told("Conseil réuni"), spot=Spot(), by="rac")
    assert "Conseil" not in await text(operator, "?registre=crue:log")
    assert "Conseil" in await text(operator, "?registre=journal")
    found = await text(operator, "?mots=eleves")
    assert "Élèves" in found
    assert "Conseil" not in found
    assert "Élèves" not in await text(operator, "?auteur=rac&nature=manuelles")
    assert "Aucune ligne ne répond" in await text(operator, "?mots=zzz")
    assert "Registres ouverts" not in await text(operator, "?nature=manuelles")
    await operator.get("/main-courante?avant=abc&registre=%00&depuis=hier&nature=x&ouvertes=2")


async def test_the_part_that_is_asked_again_has_the_lines_alone(
    operator: httpx.AsyncClient, kept: Keeper
) -> None:
    await write_line(kept, Told("Nouvelle"), spot=Spot(), by="autre")
    part = (await operator.get("/main-courante/lignes")).text
    assert "Nouvelle" in part
    assert "<form" not in part
    assert "<html" not in part


async def test_who_is_signed_out_gets_no_page_in_the_place_of_the_lines(
    visitor: httpx.AsyncClient,
) -> None:
    answer = await visitor.get("/main-courante/lignes", headers={"hx-request": "true"})
    assert answer.status_code == 401


async def test_a_book_is_opened_beside_those_of_the_crisis(
    operator: httpx.AsyncClient, town: Ledger, kept: Keeper
) -> None:
    done = await post(operator, "/registres", label=" Gymnase  du Plateau ", kind="centre")
    assert done.status_code == 303
    book = next(one for one in await all_books(town, COMMUNE) if one.kind == "centre")
    assert (book.label, book.event_id) == ("Gymnase du Plateau", CRISIS)
    assert "Gymnase du Plateau" in await text(operator)
    assert (await post(operator, "/registres", label="", kind="centre")).status_code == 400
    await close_books(kept, event_id=CRISIS, by="rac")
    assert (await shelves_of(town, COMMUNE)).usual == Spot()


async def test_copies_leave_in_each_form_and_are_told(
    operator: httpx.AsyncClient, town: Ledger, kept: Keeper
) -> None:
    for form, begins in (("pdf", b"%PDF-"), ("csv", b"\xef\xbb\xbf"), ("json", b'{"at"')):
        answer = await operator.get(f"/main-courante/copie.{form}?registre=crue:pcc")
        assert answer.status_code == 200
        if form != "json":
            assert answer.content.startswith(begins)
        assert "attachment" in answer.headers["content-disposition"]
        line = await last(town)
        assert (line.kind, line.data["form"]) == ("logbook.exported", form)
    assert (await operator.get("/main-courante/copie.docx")).status_code == 404


async def test_a_report_is_drafted_changed_issued_and_printed(
    operator: httpx.AsyncClient, town: Ledger, kept: Keeper
) -> None:
    told = Told("La Sérolle déborde", "Guetteur")
    await write_line(kept, told, spot=Spot("pcc", CRISIS), by="rac")
    assert "La Sérolle déborde" in await text(operator, "/point-de-situation")
    done = await post(operator, "/point-de-situation", situation="Relu", evenement=CRISIS)
    assert done.status_code == 303
    line = await last(town)
    assert (line.kind, line.event, line.data["number"]) == ("sitrep.issued", CRISIS, 1)
    assert "n° 1 émis" in await text(operator, "/point-de-situation?evenement=crue&emis=1")
    pdf = await operator.get(f"/main-courante/point-de-situation/{line.number}.pdf")
    assert pdf.content.startswith(b"%PDF-")
    assert (await operator.get("/main-courante/point-de-situation/1.pdf")).status_code == 404
    assert (await post(operator, "/point-de-situation", evenement="")).status_code == 400


async def test_an_observer_reads_and_neither_writes_nor_takes_copies(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await add_user(town, "vu", "observer", "Ob Server")
    await sign_in(visitor, login="vu")
    page = await visitor.get("/main-courante")
    assert page.status_code == 200
    assert 'name="text"' not in page.text
    for path in ("", "/vite", "/registres", "/lignes/1/corriger", "/point-de-situation"):
        assert (await post(visitor, path, text="x")).status_code == 403
    assert (await visitor.get("/main-courante/copie.pdf")).status_code == 403


async def test_a_line_without_its_forms_token_is_not_written(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    before = await last(town)
    answer = await operator.post("/main-courante", data={"text": "x"}, headers=SAME)
    assert answer.status_code == 403
    assert await last(town) == before


@pytest.mark.parametrize("said", HOSTILE)
async def test_hostile_words_stay_words(
    operator: httpx.AsyncClient, kept: Keeper, said: str
) -> None:
    spot = Spot("pcc", CRISIS)
    told = Told(said, said[:200], "radio", said, said, said, said)
    number = await write_line(kept, told, spot=spot, by="rac")
    for path in ("/main-courante", f"/main-courante/lignes/{number}"):
        page = (await operator.get(path)).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert '" onmouseover="' not in page


def test_a_quick_line_says_who_says_it() -> None:
    assert quick("SDIS : VSAV 2 parti") == Told("VSAV 2 parti", "SDIS")
    assert quick("La rue : coupée : oui") == Told("coupée : oui", "La rue")
    assert quick("Rien à signaler") == Told("Rien à signaler")
    assert quick("SDIS : ") == Told("SDIS : ")


def test_an_address_says_again_what_it_was_asked() -> None:
    asked = Asked.of({"mots": "é&=", "registre": "crue:pcc", "ouvertes": "1", "avant": "12"})
    again = dict(httpx.QueryParams(asked.address().partition("?")[2]))
    assert Asked.of(again) == asked
