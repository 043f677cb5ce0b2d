"""A register kept in a spreadsheet is brought in line by line; nobody twice, no illness."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import httpx
import pytest

from dispatcher.alerts.refusals import NotSo, NotYou
from dispatcher.revision.sheets import write_csv
from dispatcher.revision.workbook import write_xlsx
from dispatcher.store.ledger import Ledger
from dispatcher.store.vulnerable import count_of, waiting_of
from dispatcher.vulnerable import looking
from dispatcher.vulnerable.declaration import as_day
from dispatcher.vulnerable.importing import COLUMNS, Brought, _declared, bring
from dispatcher.vulnerable.keeping import remove
from dispatcher.vulnerable.register import Register, owed
from tests.consoles import SAME
from tests.crises import OBSERVER
from tests.registers import CCAS, DOORS, TODAY, YVES, Held, filed, kept, know_doors
from tests.signing import HIDDEN, enrol, enter
from tests.situations import COMMUNE, office
from tests.written_alerts import words

pytest_plugins = ("tests.console_visits",)
TITLES = (
    "NOM", "Prénom", "Date de naissance", "À quel titre", "Adresse", "Tel fixe", "Portable",
    "Pathologie", "Demandé par", "Demandeur nom", "Demandeur lien", "Date demande",
)  # fmt: skip
LEA_LINE = (
    "Maréchal", "Léa", "02/05/1938", "", "12 rue de la Sérolle", "01 99 00 01 02",
    "06 39 98 01 01", "diabète", "", "", "", "13/07/2026",
)  # fmt: skip
YVES_LINE = (
    "Henry", "Yves", "1971-01-09 00:00:00", "handicap (AAH)", "3 quai Bas", "", "", "asthme",
    "sa fille (tiers)", "Zoé Martin", "fille", "",
)  # fmt: skip
BAD_LINE = ("Roux", "Ida", "02/05/1990", "65 ans", "3 quai Bas", "", "", "", "", "", "", "")


def table(*lines: tuple[str, ...]) -> bytes:
    return write_csv([TITLES, *lines])


async def found_as(found: Register, name: str) -> looking.Card:
    (one,) = await looking.search(found, name, reason="yearly", actor=CCAS)
    return await looking.numbers(found, one.kept.entry_id, reason="yearly", actor=CCAS)


@pytest.mark.parametrize("write", [write_csv, partial(write_xlsx, title="registre")])
async def test_each_line_is_enrolled_or_says_why_not(
    ledger: Ledger, write: Callable[[list[tuple[str, ...]]], bytes]
) -> None:
    found = await kept(office(ledger))
    raw = write([TITLES, LEA_LINE, BAD_LINE, YVES_LINE])
    done = await bring(found, Brought(raw), actor=CCAS)
    assert (done.enrolled, done.ignored) == (2, ("Pathologie",))
    assert [(one.line, str(one.why)[:36]) for one in done.refused] == [
        (3, "La date de naissance donne 36 ans : ")
    ]
    lea, yves = await found_as(found, "Maréchal"), await found_as(found, "Henry")
    assert (lea.told.quality, lea.told.phones) == ("aged_65", ("+33199000102", "+33639980101"))
    assert (yves.told.quality, yves.told.asked_by) == ("disabled", "third_party")
    assert (yves.told.requester.name, yves.told.requester.link) == ("Zoé Martin", "child")
    assert [one.days_left for one in await owed(found)] == [7, 8]
    held = (await ledger.read(Held.of)).words
    assert "diabète" not in held
    assert "asthme" not in held


async def test_the_same_table_again_enrols_nobody_twice_and_brings_nobody_back(
    ledger: Ledger,
) -> None:
    found = await kept(office(ledger))
    for _ in range(2):
        done = await bring(found, Brought(table(LEA_LINE, YVES_LINE)), actor=CCAS)
        assert done.refused == []
    assert (await count_of(ledger, COMMUNE))[0] == 2
    await remove(found, (await found_as(found, "Maréchal")).kept.entry_id, "left", actor=CCAS)
    done = await bring(found, Brought(table(LEA_LINE, YVES_LINE)), actor=CCAS)
    assert ["a demandé à ne pas figurer" in str(one.why) for one in done.refused] == [True]
    assert (await count_of(ledger, COMMUNE))[0] == 1


async def test_who_died_is_not_enrolled_again_by_the_old_table(ledger: Ledger) -> None:
    found = await kept(office(ledger))
    await bring(found, Brought(table(LEA_LINE)), actor=CCAS)
    await remove(found, (await found_as(found, "Maréchal")).kept.entry_id, "died", actor=CCAS)
    done = await bring(found, Brought(table(LEA_LINE)), actor=CCAS)
    assert ["retirée du registre" in str(one.why) for one in done.refused] == [True]


ASKED = {
    "": "person", "elle-même": "person", "la personne": "person", "tuteur": "representative",
    "curatelle": "representative", "sous tutelle UDAF": "representative",
    "représentant légal": "representative", "tierce personne": "third_party",
    "personne de confiance": "third_party", "belle-fille": "third_party",
    "La nouvelle voisine": "third_party", "sa sœur": "third_party",
}  # fmt: skip
LINKS = {
    "fille": "child", "petit-fils": "family", "belle-fille": "family", "sœur": "family",
    "Marie (nièce)": "family", "femme": "spouse", "Mari": "spouse", "voisine": "neighbour",
    "amie": "friend", "médecin": "doctor", "aide à domicile": "service", "curatrice": "guardian",
    "famille": "family", "facteur": "other",
}  # fmt: skip
QUALITIES = {
    "65 ans et plus": "aged_65", "Personne âgée": "aged_65", "inapte": "aged_60_unfit",
    "60 ans inapte au travail": "aged_60_unfit", "PCH aide ménagère": "disabled",
    "Handicap, 2e étage": "disabled", "Pension d'invalidité (âge 58)": "disabled",
    "Invalidité 60 %": "disabled",
}  # fmt: skip


def cells(**other: str) -> dict[str, str]:
    return {**dict.fromkeys(COLUMNS, ""), "born": "02/05/1938", **other}


@pytest.mark.parametrize(("text", "who"), list(ASKED.items()))
def test_who_asked_is_read_by_whole_words(text: str, who: str) -> None:
    named = "" if who == "person" else "UDAF"
    read = _declared(cells(asked_by=text, requester_name=named), TODAY)
    assert (read.asked_by, read.requester.name) == (who, named)


@pytest.mark.parametrize("text", ["elle-même", "Isabelle Roux", "oui"])
def test_who_asked_is_not_guessed(text: str) -> None:
    with pytest.raises(NotSo, match="On ne sait pas qui a demandé"):
        _declared(cells(asked_by=text, requester_name="Zoé Martin"), TODAY)


@pytest.mark.parametrize(("text", "link"), list(LINKS.items()))
def test_a_tie_is_read_by_whole_words(text: str, link: str) -> None:
    read = _declared(cells(to_warn_name="Ana", to_warn_link=text), TODAY)
    assert read.to_warn.link == link


@pytest.mark.parametrize(("text", "quality"), list(QUALITIES.items()))
def test_a_ground_is_read_by_whole_words(text: str, quality: str) -> None:
    assert _declared(cells(quality=text), TODAY).quality == quality
    with pytest.raises(NotSo, match="« Mme » ne dit pas"):
        _declared(cells(quality="Mme"), TODAY)


@pytest.mark.parametrize(
    ("text", "day"),
    [("14/07/1938", "1938-07-14"), ("1.2.1940", "1940-02-01"), ("14075", "1938-07-14"),
     ("1938-07-14 00:00:00", "1938-07-14"), ("1938", "1938"), ("2026", "2026")],
)  # fmt: skip
def test_a_day_is_read_as_people_and_spreadsheets_write_it(text: str, day: str) -> None:
    assert as_day(text) == day


async def test_who_had_her_receipt_before_is_not_owed_one(ledger: Ledger) -> None:
    found = await kept(office(ledger))
    await filed(found, replace(YVES, surname="Autre"))
    await bring(found, Brought(table(LEA_LINE), acknowledged=True), actor=CCAS)
    assert [one.number for one in await waiting_of(ledger, COMMUNE)] == [1]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "n'a personne"),
        (write_csv([TITLES]), "n'a personne"),
        (write_csv([("nom", "ville"), ("a", "b")]), "Il manque une colonne : prenom, adresse"),
        (
            write_csv([("nom", "prenom", "adresse", "nom"), ("a", "b", "c", "d")]),
            "la même chose : nom",
        ),
        (b"PK\x03\x04 nothing", "CSV ou XLSX"),
        (b"\xff\xfe\x00", "CSV|texte"),
        (b"x" * 1_000_001, "1 Mo"),
    ],
)
async def test_a_file_that_cannot_be_used_is_refused_whole(
    ledger: Ledger, raw: bytes, why: str
) -> None:
    found = await kept(office(ledger))
    with pytest.raises(NotSo, match=why):
        await bring(found, Brought(raw), actor=CCAS)
    with pytest.raises(NotYou):
        await bring(found, Brought(table(LEA_LINE)), actor=OBSERVER)


async def test_a_table_is_brought_on_the_console(visitor: httpx.AsyncClient, town: Ledger) -> None:
    await know_doors(town, DOORS)
    await enrol(town, "maire", "dos", contact="maire")
    await enter(visitor, "maire")
    model = await visitor.get("/registre/importer.csv")
    assert model.content.decode("utf-8-sig").startswith("nom;prenom;date_naissance;titre;adresse")
    page = await visitor.get("/registre/importer")
    hidden = dict(HIDDEN.findall(page.text))
    answer = await visitor.post(
        "/registre/importer", data=hidden, headers=SAME,
        files={"fichier": ("registre.csv", table(LEA_LINE, BAD_LINE, YVES_LINE))},
    )  # fmt: skip
    said = words(answer)
    assert "2 lignes inscrites · 1 ligne refusée" in said
    assert "rien n'a lues : Pathologie" in said
    assert "donne 3" in said
    none = await visitor.post("/registre/importer", data=hidden, headers=SAME)
    assert none.status_code == 422
    assert "2 personnes inscrites" in words(await visitor.get("/registre"))
