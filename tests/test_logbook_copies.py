"""Copies of the logbook: whatever was typed is shown as it is, and nothing of it is obeyed."""

import csv
import io
import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import typst
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from dispatcher.logbook import typesetting
from dispatcher.logbook.books import Keeper, Spot, Told, close_line, correct_line, open_books
from dispatcher.logbook.books import write_line as written
from dispatcher.logbook.copies import Copy, CopyRefused, note_copy, paper, spreadsheet
from dispatcher.logbook.export import check_export, export
from dispatcher.logbook.readable import COLUMNS
from dispatcher.logbook.signature import public_key
from dispatcher.logbook.typesetting import NotPrinted, typeset
from dispatcher.store import logbook, pages_of_lines
from dispatcher.store.books import NewBook
from dispatcher.store.ledger import Ledger
from dispatcher.store.pages_of_lines import Wanted
from tests.hostile import HOSTILE

KEY, COMMUNE, CRISIS = b"k" * 32, "99117", "crue"
PARIS = ZoneInfo("Europe/Paris")
PCC = Spot("pcc", CRISIS)
NOON = datetime(2026, 11, 24, 11, tzinfo=UTC)


@pytest.fixture
async def kept(ledger: Ledger) -> Keeper:
    keeper = Keeper(ledger, COMMUNE, KEY)
    books = [NewBook("pcc", "Poste de commandement", "general"), NewBook("log", "Logistique")]
    await open_books(keeper, books, event_id=CRISIS, by="maire")
    return keeper


def copy(**more: str) -> Copy:
    return Copy("Vaubrenne", PARIS, NOON, **more)


async def story(kept: Keeper) -> None:
    early = datetime(2026, 11, 24, 2, 5, tzinfo=UTC)
    first = await written(kept, Told("Pont fermé", "SDIS", "radio"), spot=PCC, by="rac")
    await correct_line(kept, Told("Pont ouvert"), number=first, spot=PCC, by="rac")
    asked = await written(kept, Told("Rue Basse", request="Barrières"), spot=PCC, by="rac")
    await close_line(kept, Told("Posées"), number=asked, spot=PCC, by="st")
    await written(
        kept, Told("Première alerte", channel="paper", at=early), spot=Spot("log", CRISIS), by="rac"
    )


def cells(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


async def test_a_spreadsheet_has_both_hours_ends_and_corrections(kept: Keeper) -> None:
    await story(kept)
    rows = cells(await spreadsheet(kept, copy()))
    assert tuple(rows[0]) == COLUMNS
    first = rows[0]  # by the hour of the event: it was on paper
    assert (first["evenement"], first["canal"]) == ("24/11/2026 03:05:00", "papier")
    by_text = {row["information"]: row for row in rows}
    assert by_text["Pont fermé"]["corrigee_par_la_ligne"] == by_text["Pont ouvert"]["numero"]
    assert by_text["Rue Basse"]["suite"] == "Posées"
    assert by_text["Rue Basse"]["heure_de_classement"]
    assert [row["nature"] for row in rows].count("automatique") == 1


async def test_a_copy_of_a_book_or_of_a_crisis_has_its_lines_alone(kept: Keeper) -> None:
    await story(kept)
    await written(kept, Told("Ailleurs"), spot=Spot(), by="rac")
    of_book = cells(await spreadsheet(kept, copy(book="log", event=CRISIS)))
    assert [row["information"] for row in of_book] == ["Première alerte"]
    assert len(cells(await spreadsheet(kept, copy(event=CRISIS)))) == 6
    assert len(cells(await spreadsheet(kept, copy()))) == 7


async def test_no_cell_of_a_spreadsheet_computes(kept: Keeper) -> None:
    for text in HOSTILE:
        told = Told(text, origin=text, request=text, decision=text, execution_by=text)
        await written(kept, told, spot=PCC, by="rac")
    for row in cells(await spreadsheet(kept, copy())):
        for cell in row.values():
            assert cell.strip()[:1] not in {*"=+-@\uff1d\uff0b\uff0d\uff20"}


async def test_a_signed_copy_of_a_book_is_checked_like_the_whole(kept: Keeper) -> None:
    await story(kept)
    sheet = io.BytesIO()
    wanted = pages_of_lines.all_lines(kept.ledger, COMMUNE, Wanted(book="log"))
    await export(wanted, sheet, commune=COMMUNE, key=KEY, now=NOON)
    lines = sheet.getvalue().splitlines(keepends=True)
    assert json.loads(lines[0])["book"] == "log"
    assert len(lines) == 2
    assert check_export(lines, trusted_key=public_key(KEY)).entries == 6


async def test_paper_is_a_tagged_pdf_with_the_head_of_the_chain(kept: Keeper) -> None:
    await story(kept)
    pdf = await paper(kept, copy(event=CRISIS))
    assert pdf.startswith(b"%PDF-")
    assert b"pdfuaid:part" in pdf
    await note_copy(kept, copy(), form="pdf", by="maire")
    last = (await logbook.read(kept.ledger, COMMUNE))[-1]
    assert (last.kind, last.data["form"], last.author) == ("logbook.exported", "pdf", "maire")


def form(text: str) -> dict[str, object]:
    row = dict.fromkeys(
        ("time", "late", "origin", "writer", "text", "note", "request", "decision", "execution",
         "end"), text,
    )  # fmt: skip
    head = {"number": 1, "digest": "a" * 64}
    names = ("commune", "issuer", "title", "subtitle", "keepers", "printed")
    rows = [{**row, "number": 1, "struck": True, "automatic": False}]
    title = f"Main courante · {text}"  # a heading of ours is never empty
    return {**dict.fromkeys(names, text), "title": title, "head": head, "rows": rows}


def elements(text: str, kind: str) -> int:
    """Count the elements of a kind in the form filled with a text."""
    source = b"".join(
        (typesetting.FORMS / f"{name}.typ").read_bytes() for name in ("paper", "main_courante")
    )
    given = {"data": json.dumps(form(text))}
    return len(json.loads(typst.query(source, kind, sys_inputs=given)))


@pytest.mark.parametrize("kind", ["strong", "emph", "heading", "math.equation", "link", "ref"])
@pytest.mark.parametrize("text", HOSTILE)
def test_what_was_typed_is_never_read_as_markup(text: str, kind: str) -> None:
    assert elements(text, kind) == elements("Rien", kind)


@pytest.mark.parametrize("text", HOSTILE)
async def test_whatever_was_typed_prints(text: str) -> None:
    assert (await typeset("main_courante", form(text))).startswith(b"%PDF-")


async def test_a_long_name_is_broken_on_paper_and_still_found_and_read_as_one_word() -> None:
    pdf = PdfReader(io.BytesIO(await typeset("main_courante", form("Vaubrenne-sur-Sérolle, 1 ko"))))
    words = "".join(page.extract_text() for page in pdf.pages)
    assert "Vaubrenne-sur-Sérolle, 1 ko · " in words
    assert not set("\u200b\u00ad") & set(words + str(pdf.metadata))


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=60))
@example("\U0001f3fb")  # a modifier without what it modifies
async def test_any_text_at_all_prints(text: str) -> None:
    assert (await typeset("main_courante", form(text))).startswith(b"%PDF-")


def test_a_word_longer_than_a_column_may_be_broken_and_what_turns_a_line_is_shown() -> None:
    assert "\u200b" in typesetting._breakable("a" * 100)
    assert typesetting._breakable("\u202egnp") == "[U+202E]gnp"
    assert typesetting._breakable("rue de l'Église\n12 bis") == "rue de l'Église\n12 bis"


async def test_a_fault_of_the_form_is_told_and_not_hidden() -> None:
    with pytest.raises(NotPrinted, match="title"):
        await typeset("main_courante", {"rows": []})


async def test_a_logbook_too_long_for_paper_is_refused_in_words(
    kept: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatcher.logbook.copies.MOST_ON_PAPER", 3)
    await story(kept)
    with pytest.raises(CopyRefused, match="choisissez un registre"):
        await paper(kept, copy())
