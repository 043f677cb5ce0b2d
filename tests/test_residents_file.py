"""A file of residents as town halls have them: each cell read, each line judged and told."""

from dataclasses import replace

import pytest

from dispatcher.residents.columns import COLUMNS, ImportRefused
from dispatcher.residents.importing import Remark, Source
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Person
from dispatcher.store.places import home_places
from dispatcher.store.registers import Home
from tests.residents_files import COMMUNE, HEADERS, everybody, imported, source

__all__ = ["source"]
# What depends on the file alone needs no second database.
on_sqlite = pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)


async def test_each_line_that_cannot_be_used_is_told_and_the_rest_is_kept(
    ledger: Ledger, source: Source
) -> None:
    summary = await imported(
        ledger,
        source,
        HEADERS,
        "P1,DURAND,Léa,fr,12,rue Haute,,,0639980101,,,",
        "P2,FAUX,Numéro,fr,1,rue Haute,,,0612,,,",
        "",
        "P3,RIEN,Du Tout,fr,,,,,,,,",
        "P4,HENRY,Yves,fr,3,quai Bas,,,,0199000102,,,de trop,",
        "P5,LOPEZ,Ana,fr,3,quai Bas,,,,,pas une adresse,",
        "P6,PETIT,Luc,fr,3,quai Bas,,,,0199000106,,",
    )
    assert summary.rejected == [
        Remark(3, "« 0612 » est trop court pour être le numéro d'une personne."),
        Remark(5, "La ligne ne dit ni comment joindre la personne, ni où elle habite."),
        Remark(
            6,
            "La ligne a trop de cellules (14 > 12) : mettez entre guillemets celle qui contient"
            " le séparateur.",
        ),
        Remark(7, "« pas une adresse » n'est pas une adresse électronique."),
    ]
    assert summary.accepted == 2
    assert [one.name for one in await everybody(ledger)] == ["Luc PETIT", "Léa DURAND"]


async def test_the_sentences_are_also_in_english(ledger: Ledger, source: Source) -> None:
    summary = await imported(
        ledger, replace(source, language="en"), HEADERS, "P2,FAUX,N,fr,,,,,0612,,,"
    )
    assert summary.rejected == [Remark(2, '"0612" is too short to be the number of a person.')]


async def test_a_wrong_cell_beside_a_good_contact_is_a_warning(
    ledger: Ledger, source: Source
) -> None:
    summary = await imported(
        ledger, source, HEADERS, "P1,DURAND,Léa,klingon2,1,rue Haute,400,95,3639,0199000102,,pigeon"
    )
    assert (summary.accepted, summary.rejected) == (1, [])
    assert {warning.line for warning in summary.warnings} == {2}
    told = " ".join(warning.reason for warning in summary.warnings)
    for value in ("400 95", "3639", "klingon2", "pigeon"):
        assert f"« {value} »" in told
    lea = (await everybody(ledger))[0]
    assert lea.homes == (Home("1 rue Haute", "1 rue haute", None, None),)  # kept, unlocated


@on_sqlite
@pytest.mark.parametrize(
    ("lon", "lat"),
    [("181", "45"), ("4.5", "-90.1"), ("nan", "45"), ("inf", "1"), ("0", "0"), ("4.5", ""),
     ("quatre", "45"), ("45.52", "4.59")],
)  # fmt: skip
async def test_coordinates_that_are_no_place_leave_the_person_listed_without_one(
    ledger: Ledger, source: Source, lon: str, lat: str
) -> None:
    line = f"P1,DURAND,Léa,fr,1,rue Haute,{lon},{lat},0639980101,,,"
    summary = await imported(ledger, source, HEADERS, line)
    assert (summary.accepted, len(summary.warnings), summary.unlocated) == (1, 1, 1)
    columns = await home_places(ledger, COMMUNE)
    assert len(columns.person_ids) == 1
    assert str(columns.lon[0]) == str(columns.lat[0]) == "nan"


async def test_a_resident_without_a_home_still_has_a_row(ledger: Ledger, source: Source) -> None:
    await imported(ledger, source, HEADERS, "P1,DURAND,Léa,fr,,,,,0639980101,,,")
    assert len((await home_places(ledger, COMMUNE)).person_ids) == 1


async def test_a_landline_among_mobiles_is_filed_as_one_and_told(
    ledger: Ledger, source: Source
) -> None:
    line = "P1,DURAND,Léa,fr,,,,,01 99 00 01 02,06 39 98 01 01,,"
    summary = await imported(ledger, source, HEADERS, line)
    assert [warning.reason.split(":")[0] for warning in summary.warnings] == [
        "01 99 00 01 02 est une ligne fixe ",
        "06 39 98 01 01 est un mobile ",
    ]
    contacts = (await everybody(ledger))[0].contacts
    assert [way.kind for way in contacts] == ["fixed", "mobile"]


async def test_one_cell_may_hold_several_values(ledger: Ledger, source: Source) -> None:
    line = (
        "P1,DURAND,Léa,pt | fr-FR|Anglais,,,,,0639980101|06 39 98 01 02,,A@EX.example|b@ex.example,"
    )
    await imported(ledger, source, HEADERS, line)
    lea = (await everybody(ledger))[0]
    assert lea.languages == ("pt", "fr", "en")
    assert [way.value for way in lea.contacts] == [
        "+33639980101",
        "+33639980102",
        "a@ex.example",
        "b@ex.example",
    ]


@on_sqlite
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
async def test_every_usual_spelling_of_a_file_is_read(
    ledger: Ledger, source: Source, delimiter: str, encoding: str
) -> None:
    lines = ["id,Prénom,Nom,Téléphone,Voie", "P1,Léa,L'HÔTE,0639980101,rue de l’Église"]
    told = [line.replace(",", delimiter) for line in lines]
    summary = await imported(ledger, source, *told, encoding=encoding)
    assert summary.rejected == []
    assert [one.name for one in await everybody(ledger)] == ["Léa L'HÔTE"]


async def test_the_line_with_which_spreadsheets_name_the_separator_is_read(
    ledger: Ledger, source: Source
) -> None:
    summary = await imported(ledger, source, "sep=;", "nom;mobile", "DURAND;0639980101", "X;1")
    assert summary.accepted == 1
    assert [remark.line for remark in summary.rejected] == [4]


async def test_a_quote_left_open_costs_its_line_alone(ledger: Ledger, source: Source) -> None:
    summary = await imported(
        ledger,
        source,
        "nom,voie,mobile",
        'DURAND,"rue Haute,0639980101',
        "HENRY,quai Bas,0639980102",
        '"LOPEZ","place\r\ndu Marché",0639980103',
        'PETIT,"8 ""Les Pins""",0639980104',
        'ROUX,rue "Haute",0639980105',
        'NOIR,"rue Basse,0639980106',
    )
    assert [remark.line for remark in summary.rejected] == [2, 8]
    homes = {one.name: one.homes[0].label for one in await everybody(ledger)}
    assert homes == {
        "HENRY": "quai Bas",
        "LOPEZ": "place du Marché",
        "PETIT": '8 "Les Pins"',
        "ROUX": 'rue "Haute"',
    }


@on_sqlite
@pytest.mark.parametrize(
    ("second", "refused", "kept"),
    [
        ('NOIR,rue Basse",0639980106', [2], ["HENRY", "NOIR"]),  # Durand would get Noir's number
        ('"NOIR"",rue Basse,0639980106', [2, 3], ["HENRY"]),
        ('du Bas",rue Basse,8,9,0639980106', [2, 3], ["HENRY"]),  # joined: too many cells
    ],
)
async def test_two_quotes_too_many_never_mix_two_people(
    ledger: Ledger, source: Source, second: str, refused: list[int], kept: list[str]
) -> None:
    first = 'DURAND,"rue Haute,0639980101'
    summary = await imported(
        ledger, source, "nom,voie,mobile", first, second, "HENRY,quai Bas,0639980102"
    )
    assert [remark.line for remark in summary.rejected] == refused
    people = await everybody(ledger)
    assert [one.name for one in people] == kept
    assert [way.value for way in people[-1].contacts] == [
        "+33639980106" if "NOIR" in kept else "+33639980102"
    ]


async def test_other_headers_are_mapped(ledger: Ledger, source: Source) -> None:
    mapped = replace(source, mapping={"nom": "Nom_de_jeune_fille", "tel_mobile": "GSM"})
    summary = await imported(
        ledger, mapped, "Nom_de_jeune_fille;GSM;Mobile;Chien", "DURAND;0639980101;0639980102;Rex"
    )
    assert summary.ignored_columns == ["Mobile", "Chien"]
    (lea,) = await everybody(ledger)
    assert (lea.name, [way.value for way in lea.contacts]) == ("DURAND", ["+33639980101"])


@on_sqlite
@pytest.mark.parametrize(
    ("lines", "mapping", "said"),
    [
        ([" "], {}, "Le fichier est vide"),
        (["a,b", "1,2"], {}, "Aucune colonne connue"),
        (["nom,mobile", "x,1"], {"nom": "absent"}, "nom=absent"),
        (["nom,mobile", "x,1"], {"naissance": "nom"}, "naissance=nom"),
        (["nom,mobile,portable", "x,1,2"], {}, "mobile, portable"),
    ],
)
async def test_a_file_that_cannot_be_used_is_refused_whole_in_a_sentence(
    ledger: Ledger, source: Source, lines: list[str], mapping: dict[str, str], said: str
) -> None:
    with pytest.raises(ImportRefused, match=said):
        await imported(ledger, replace(source, mapping=mapping), *lines)


async def test_each_header_that_is_documented_is_read(ledger: Ledger, source: Source) -> None:
    headers = [column.name for column in COLUMNS]
    summary = await imported(
        ledger, source, ";".join(headers), ";".join(column.example for column in COLUMNS)
    )
    assert (summary.rejected, summary.warnings, summary.ignored_columns) == ([], [], [])
    (lea,) = await everybody(ledger)
    assert lea.homes[0] == Home(
        "12 bis rue de la Lerne, bât. B", "12 bis rue de la lerne", 4.5985, 45.5225
    )
    assert [way.kind for way in lea.contacts] == ["mobile", "fixed", "email", "webhook"]
    assert (lea.warn_first, lea.help_to_leave, lea.languages) == (True, True, ("pt", "fr"))


@on_sqlite
@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("lea durand@ex.example", None),
        ("a@b@ex.example", None),
        ("lea@ex", None),
        ("lea@ex.example\rBcc: x@ex.example", None),
        ("lea@exämple.example", "lea@xn--exmple-cua.example"),
        ("LEA+alerte@Ex.Example", "lea+alerte@ex.example"),
    ],
)
async def test_mail_addresses_are_checked_and_spelled_one_way(
    ledger: Ledger, source: Source, cell: str, kept: str | None
) -> None:
    await imported(ledger, source, "nom,voie,mobile,mail", f'X,rue,0639980101,"{cell}"')
    (one,) = await everybody(ledger)
    mails = [way.value for way in one.contacts if way.kind == "email"]
    assert mails == ([kept] if kept else [])


@on_sqlite
@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("https://panneau.example/in?a=1", True),
        ("http://panneau.example/in", False),
        ("https://u:p@panneau.example/in", False),
        ("https://", False),
        ("https://panneau.example:99999/", False),
        ("javascript:alert(1)", False),
    ],
)
async def test_only_https_machines_are_kept(
    ledger: Ledger, source: Source, cell: str, kept: bool
) -> None:
    await imported(ledger, source, "nom,mobile,webhook", f"X,0639980101,{cell}")
    (one,) = await everybody(ledger)
    assert [way.value for way in one.contacts if way.kind == "webhook"] == [cell] * kept


def test_a_person_has_the_language_named_first() -> None:
    assert Person("p", "Léa", languages=("pt", "fr")).language == "pt"
