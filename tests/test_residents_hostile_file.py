"""Files that are not what their name says, or that no reader can hold: refused in a sentence."""

from pathlib import Path

import pytest

from dispatcher.residents.columns import ImportRefused
from dispatcher.residents.importing import Source, import_residents
from dispatcher.store.ledger import Ledger
from tests.residents_files import COMMUNE, KEY, everybody, imported, source

__all__ = ["source"]
pytestmark = pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("quote", ["", '"'])
async def test_a_line_longer_than_any_reader_holds_costs_itself_alone(
    ledger: Ledger, source: Source, quote: str
) -> None:
    endless = f"{quote}B{'x' * 200_000}{quote};0639980102"
    summary = await imported(ledger, source, "nom;mobile", "A;0639980101", endless, "C;0639980103")
    assert [one.line for one in summary.rejected] == [3]
    assert [one.name for one in await everybody(ledger)] == ["A", "C"]


async def test_headers_without_an_end_are_refused(ledger: Ledger, source: Source) -> None:
    with pytest.raises(ImportRefused, match="Aucune colonne connue"):
        await imported(ledger, source, "x" * 300_000)


@pytest.mark.parametrize("begins", [b"PK\x03\x04\x14\x00", b"\xd0\xcf\x11\xe0\xa1\xb1"])
async def test_a_workbook_renamed_csv_is_refused_and_the_sentence_says_how_to_save_it(
    ledger: Ledger, source: Source, begins: bytes
) -> None:
    source.path.write_bytes(begins + bytes(range(256)) * 1000)
    with pytest.raises(ImportRefused, match="classeur"):
        await imported(ledger, source)


async def test_no_sign_of_a_file_commands_the_terminal(ledger: Ledger, source: Source) -> None:
    with pytest.raises(ImportRefused) as refusal:
        await imported(ledger, source, "\x1b[2J;\x07chien")
    assert str(refusal.value).isprintable()


async def test_a_file_that_changes_while_it_is_read_enrols_nobody(
    ledger: Ledger, tmp_path: Path
) -> None:
    path = tmp_path / "habitants.csv"
    path.write_text("nom,mobile\nA,0639980101\n")

    def another_import_saves(what: str, _done: int, _total: int) -> None:
        if what == "reading":
            path.write_text("nom,mobile\nB,0639980102\nC,0639980103\n")

    with pytest.raises(ImportRefused, match="a changé"):
        await import_residents(
            ledger, Source(path, COMMUNE), author="ccas", key=KEY, progress=another_import_saves
        )
    assert await everybody(ledger) == []
