"""The columns of a residents file: what each holds, and the other names by which it is known."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dispatcher.residents.sentences import sentence


@dataclass(frozen=True)
class Column:
    """A column that the import reads. `several`: values in one cell are parted by `|`."""

    name: str
    holds: str
    example: str
    several: bool = False
    also: tuple[str, ...] = ()


COLUMNS = (
    Column(
        "id",
        "identifiant propre au fichier ; le même sur plusieurs lignes désigne une seule personne",
        "P0001",
        also=("identifiant", "reference", "numero_dossier"),
    ),
    Column("civilite", "M., Mme ; lue et non gardée", "Mme", also=("titre",)),
    Column("nom", "nom de famille", "DURAND", also=("nom_de_famille", "name", "last_name")),
    Column("prenom", "prénom", "Léa", also=("first_name", "prenoms")),
    Column(
        "langue",
        "langues comprises, la meilleure d'abord : code ISO 639",
        "pt|fr",
        several=True,
        also=("langues", "language"),
    ),
    Column("numero", "numéro de l'habitation, avec ou sans bis", "12 bis", also=("no", "num")),
    Column(
        "voie",
        "rue, hameau ou lieu-dit ; le numéro peut y être",
        "rue de la Lerne",
        also=("adresse", "rue", "street", "address"),
    ),
    Column("complement", "bâtiment, étage", "bât. B", also=("complement_adresse",)),
    Column("code_postal", "code postal", "42999", also=("cp", "postcode")),
    Column("lon", "longitude, degrés WGS 84", "4.5985", also=("long", "longitude")),
    Column("lat", "latitude, degrés WGS 84", "45.5225", also=("latitude",)),
    Column(
        "tel_mobile",
        "mobiles : SMS et appels",
        "06 39 98 01 01",
        several=True,
        also=("mobile", "portable", "telephone", "tel", "phone", "telephone_mobile"),
    ),
    Column(
        "tel_fixe",
        "lignes fixes : appels",
        "01 99 00 01 02",
        several=True,
        also=("fixe", "telephone_fixe", "landline"),
    ),
    Column(
        "email",
        "adresses électroniques",
        "lea@ex.example",
        several=True,
        also=("mail", "e_mail", "courriel", "adresse_mail"),
    ),
    Column("webhook", "adresses https de machines (panneau, sirène)", "https://m.example/in", True),
    Column(
        "canaux",
        "canaux voulus : sms, voix, email, webhook ; vide : tous",
        "sms|email",
        several=True,
        also=("media",),
    ),
    Column(
        "consentement_date",
        "jour où la personne a accepté",
        "2026-01-05",
        also=("date_consentement", "consentement"),
    ),
    Column("source", "d'où vient l'inscription ; lue et non gardée", "guichet"),
    Column("vulnerable", "1 : à prévenir en premier", "0"),
    Column("prevenir_en_premier", "1 : à prévenir en premier", "1", also=("warn_first",)),
    Column(
        "besoins_aide",
        "transport : a besoin d'aide pour partir ; aucune donnée de santé",
        "transport|visite",
        several=True,
        also=("besoins", "aide"),
    ),
)
SEPARATOR = "|"
_BY_NAME = {known: column for column in COLUMNS for known in (column.name, *column.also)}
# Without one of these, a file says nothing that an alert can use.
_USEFUL = frozenset(("tel_mobile", "tel_fixe", "email", "webhook", "voie", "lon"))


class ImportRefused(Exception):
    """A file that cannot be imported at all, said in a sentence."""


@lru_cache(maxsize=4096)  # headers, media, languages: few words, met on every line
def plain(header: str) -> str:
    """Return a header in lower case, without accents, its words joined by `_`."""
    letters = unicodedata.normalize("NFKD", header.strip().lower())
    kept = "".join(sign for sign in letters if not unicodedata.combining(sign))
    return re.sub(r"[^a-z0-9]+", "_", kept).strip("_")


def parts_of(cell: str) -> list[str]:
    """Return the values of a cell that may hold several."""
    if SEPARATOR not in cell:
        return [cell] if cell else []
    return [part.strip() for part in cell.split(SEPARATOR) if part.strip()]


def known_in(headers: Sequence[str]) -> int:
    """Count the headers that name a column of ours."""
    return sum(plain(header) in _BY_NAME for header in headers)


def places_of(
    headers: Sequence[str], mapping: Mapping[str, str], *, language: str = "fr"
) -> dict[str, int]:
    """Return where each of our columns stands in the file: name → index.

    `mapping` gives ours → theirs, and wins. Raises ImportRefused for a mapping that names nothing,
    for two headers of one column, and for a file without any column that an alert can use.
    """
    theirs = {plain(header): index for index, header in reversed(list(enumerate(headers)))}
    places: dict[str, int] = {}
    for ours, header in mapping.items():
        if plain(ours) not in _BY_NAME or plain(header) not in theirs:
            raise ImportRefused(sentence("mapping_unknown", language, value=f"{ours}={header}"))
        places[_BY_NAME[plain(ours)].name] = theirs[plain(header)]
    mapped, mapped_to = set(places), set(places.values())
    for index, header in enumerate(headers):
        column = _BY_NAME.get(plain(header))
        if column is None or column.name in mapped or index in mapped_to:
            continue
        if column.name in places:
            twice = f"{headers[places[column.name]]}, {header}"
            raise ImportRefused(sentence("column_twice", language, value=twice))
        places[column.name] = index
    if not _USEFUL & set(places):
        raise ImportRefused(sentence("no_known_column", language, value=", ".join(headers)))
    return places
