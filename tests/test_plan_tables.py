"""Lists of the plan as a spreadsheet: out, changed, back; bad lines told; hostile files refused."""

import io
import zipfile
from contextlib import suppress
from pathlib import Path

import httpx
import pyogrio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.alerts import plan_in_force
from dispatcher.revision.sheets import read_table, write_csv
from dispatcher.revision.tables import TABLED, import_of, table_of
from dispatcher.revision.workbook import RUNS, TableRefused, write_xlsx
from dispatcher.store import plan_history
from dispatcher.store.ledger import Ledger
from plans.folder import files_of
from plans.sections import BY_NAME
from tests.consoles import SAME
from tests.example_commune import EXAMPLE
from tests.plan_visits import fields
from tests.situations import COMMUNE, office

pytest_plugins = ("tests.console_visits",)
DIRECTORY = BY_NAME["annuaire"]
CELLS = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp", "Zs"]), max_size=30
).filter(lambda text: not text.startswith("'"))
ROWS = st.lists(st.lists(CELLS, min_size=3, max_size=3).filter(any), min_size=1, max_size=8)


@given(ROWS)
def test_a_table_comes_back_as_it_went_in_both_formats(rows: list[list[str]]) -> None:
    for raw in (write_csv(rows), write_xlsx(rows, title="x")):
        read = [list(row.cells) + [""] * (3 - len(row.cells)) for row in read_table(raw)]
        assert read == rows


def test_no_cell_of_a_csv_begins_with_what_a_spreadsheet_computes() -> None:
    rows = [["=1+1", "+33639980001", "-3", "@x", "\tx", "plain"]]
    cells = write_csv(rows).decode("utf-8-sig").strip().split(";")
    assert not [cell for cell in cells if cell.strip('"').startswith(RUNS)]
    assert read_table(write_csv(rows))[0].cells[0] == "=1+1"


def test_every_cell_of_an_xlsx_is_a_text_with_a_quote_prefix_and_no_formula() -> None:
    book = zipfile.ZipFile(io.BytesIO(write_xlsx([["=1+1", "+33"]], title="x")))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert sheet.count('s="1" t="inlineStr"') == 2
    assert 'quotePrefix="1"' in book.read("xl/styles.xml").decode()


def test_another_reader_and_another_writer_of_xlsx_agree(tmp_path: Path) -> None:
    rows = table_of(files_of(EXAMPLE), DIRECTORY)
    ours, theirs = tmp_path / "ours.xlsx", tmp_path / "theirs.xlsx"
    ours.write_bytes(write_xlsx(rows, title="Annuaire"))
    frame = pyogrio.read_dataframe(ours, read_geometry=False)
    seen = frame.fillna("").to_numpy().tolist()
    assert [row for row in seen if "maire" in row] == [rows[1]]
    pyogrio.write_dataframe(frame, theirs, driver="XLSX")
    again = [row.cells for row in read_table(theirs.read_bytes())]
    wanted = tuple(rows[1])
    assert wanted in {cells + ("",) * (len(wanted) - len(cells)) for cells in again}


@pytest.mark.parametrize("name", TABLED)
def test_a_list_taken_out_and_brought_back_changes_nothing(name: str) -> None:
    files, section = files_of(EXAMPLE), BY_NAME[name]
    for raw in (
        write_csv(table_of(files, section)),
        write_xlsx(table_of(files, section), title="x"),
    ):
        brought = import_of(read_table(raw), section, files, phone=str, whole=True)
        assert (dict(brought.batch.changed), brought.batch.removed) == ({}, frozenset())
        assert (list(brought.batch.added), list(brought.problems)) == ([], [])


def packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def sheet(rows: str) -> bytes:
    return f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>".encode()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"x" * 1_000_001, "dépasse 1 Mo"),
        (b"PK\x03\x04 not a zip", "n'est pas un tableau"),
        (packed({SHEET: b"0" * 9_000_000}), "bien plus grand"),
        (packed({f"{n}.xml": b"" for n in range(201)}), "bien plus grand"),
        (packed({"word/document.xml": b"<w/>"}), "n'est pas un tableau"),
        (packed({SHEET: b"<worksheet><row>"}), "n'est pas un tableau"),
        (packed({SHEET: sheet('<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>')}), "formule"),
        (
            packed({SHEET: b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet>&b;</worksheet>'}),
            "n'est pas un tableau",
        ),
        (packed({SHEET: sheet('<row r="1"><c r="A1" t="s"><v>9</v></c></row>')}), "tableau"),
        (packed({SHEET: sheet('<row r="1"><c r="ZZZ1" t="n"><v>9</v></c></row>')}), "60 colonnes"),
        (packed({SHEET: sheet('<row r="1"><c r="A1"/></row>' * 2_002)}), "2 000 lignes"),
        (b"a;b\n" * 20_000, "2 000 lignes"),
        (b"id;nom\n\x00;x\n", "n'est pas un tableau"),
        (b"id;nom\n\x81\x8d;x\n", "pas du texte"),
        (b'id;nom\n"never closed', "n'est pas un tableau"),
    ],
)
def test_a_hostile_or_broken_file_is_refused_in_a_sentence(raw: bytes, said: str) -> None:
    with pytest.raises(TableRefused, match=said):
        read_table(raw)


@given(st.binary(max_size=400))
def test_whatever_the_bytes_only_a_sentence_comes_out(raw: bytes) -> None:
    for brought in (raw, b"PK\x03\x04" + raw, packed({SHEET: raw})):
        with suppress(TableRefused):
            assert all(any(row.cells) for row in read_table(brought))


def test_numbers_dates_and_french_windows_are_read() -> None:
    row = '<row r="3"><c r="A3"><v>33639980001.0</v></c><c r="C3" t="b"><v>1</v></c></row>'
    assert [(one.line, one.cells) for one in read_table(packed({SHEET: sheet(row)}))] == [
        (3, ("33639980001", "", "oui"))
    ]
    latin = "id;nom\nx;ÉLOI\n".encode("cp1252")
    assert read_table(latin)[1].cells == ("x", "ÉLOI")


async def bring(
    client: httpx.AsyncClient, raw: bytes, *, section: str = "annuaire", **data: str
) -> httpx.Response:
    form = await fields(client, f"/plan/{section}/tableau")
    hidden = {name: form[name][0] for name in ("token", "base")}
    return await client.post(
        f"/plan/{section}/tableau",
        data={**hidden, **data},
        files={"fichier": ("tableau.csv", raw, "text/csv")},
        headers=SAME,
    )


def as_form(page: str) -> dict[str, str]:
    """Read the form that confirms, as a browser sends it."""
    form = page[page.index('aria-labelledby="t-confirmer"') :]
    text = form[form.index("<textarea") :].partition(">")[2].partition("</textarea>")[0]
    names = ("token", "base", "tout")
    hidden = {one: form.split(f'name="{one}" value="')[1].split('"')[0] for one in names}
    plain = (
        text.removeprefix("\n").replace("&#39;", "'").replace("&#34;", '"').replace("&amp;", "&")
    )
    return {**hidden, "texte": plain, "acte": "confirmer", "motif": "recensement"}


async def test_a_table_is_looked_at_first_and_kept_when_it_is_confirmed(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    out = (await operator.get("/plan/annuaire/tableau.csv")).content
    rows = [list(row.cells) for row in read_table(out)]
    head = rows[0]
    rows[1][head.index("tel")] = "06 39 98 00 99"
    rows.append(["", *[""] * (len(head) - 1)])
    rows[-1][head.index("id")], rows[-1][head.index("nom")] = "nouveau", "ÉLOI"
    rows[-1][head.index("tel")] = "06 39 98 00 98"
    looked = await bring(operator, write_csv(rows), acte="regarder")
    assert looked.status_code == 200, looked.text
    assert "2 différences" in looked.text
    assert await plan_history.count_versions(town, COMMUNE) == 1
    kept = await operator.post("/plan/annuaire/tableau", data=as_form(looked.text), headers=SAME)
    assert kept.headers["location"] == "/plan/annuaire?fait=enregistre"
    plan = (await plan_in_force.in_force(office(town))).plan
    assert plan.contacts[0].phones == ("+33639980099",)
    assert plan.contacts[-1].id == "nouveau"
    last = (await plan_history.versions_of(town, COMMUNE))[0]
    assert (last.reason, last.differences) == ("recensement", 2)


async def test_what_is_wrong_is_told_by_line_and_column_before_anything_is_kept(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    raw = "id;nom;tel;couleur\nmaire;VASSEUR;12;bleu\nx;ÉLOI;06 39 98 00 98;vert\n".encode()
    answer = await bring(operator, raw, acte="regarder")
    assert answer.status_code == 422
    assert '<th scope="row">2</th><td data-label="Colonne">tel</td>' in answer.text
    assert "couleur" in answer.text
    assert "Enregistrer ces changements" not in answer.text
    twice = await bring(operator, b"id;nom\nmaire;A\nmaire;B\n;C\n", acte="confirmer")
    assert twice.status_code == 422
    assert "de la ligne 2" in twice.text
    assert '<th scope="row">4</th>' in twice.text
    assert await plan_history.count_versions(town, COMMUNE) == 1


async def test_a_faulty_table_is_not_kept_even_when_it_is_sent_as_confirmed(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    answer = await bring(operator, b"id;nom;tel\nmaire;VASSEUR;12\n", acte="confirmer")
    assert answer.status_code == 422
    assert await plan_history.count_versions(town, COMMUNE) == 1


async def test_what_is_not_in_the_table_goes_only_when_it_is_asked(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    raw = b"semaine;elu;technique\n2026-W48;maire;dst\n"
    kept = await bring(operator, raw, section="astreintes", acte="regarder")
    assert "retiré" not in kept.text
    gone = await bring(operator, raw, section="astreintes", acte="regarder", tout="1")
    assert "retiré" in gone.text


async def test_a_file_that_is_no_table_is_told(operator: httpx.AsyncClient) -> None:
    answer = await bring(operator, b"PK\x03\x04", acte="regarder")
    assert answer.status_code == 422
    assert "pas un tableau CSV ou XLSX" in answer.text
    assert (await operator.get("/plan/moyens/tableau")).status_code == 404
