"""One line of a residents file: what it says of a person, and what in it could not be used."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from babel import Locale

from dispatcher.residents.columns import parts_of, plain
from dispatcher.residents.contacts import Note, read_contacts
from dispatcher.residents.phones import region_of
from dispatcher.residents.place_key import place_key
from dispatcher.store.people import in_usual_order
from dispatcher.store.registers import NOWHERE, Home, Resident
from zones.area import AreaFault
from zones.metres import grid_for

_MEDIA = {
    "sms": "sms", "texto": "sms", "voix": "voice", "voice": "voice", "vocal": "voice",
    "appel": "voice", "telephone": "voice", "email": "email", "e_mail": "email", "mail": "email",
    "courriel": "email", "webhook": "webhook",
}  # fmt: skip
_YES = frozenset(("1", "o", "oui", "y", "yes", "vrai", "true", "x"))
_NO = frozenset(("", "0", "n", "non", "no", "faux", "false"))
_FRENCH_DATE = re.compile(r"^(\d\d)/(\d\d)/(\d{4})")
_ID_LENGTH = 64
_FIRST_LANGUAGE = "fr"


@dataclass
class Reading:
    """A line as it was understood: the person, or why there is none; and what is worth telling."""

    resident: Resident | None = None
    refused: list[Note] = field(default_factory=list)
    warned: list[Note] = field(default_factory=list)


def read_line(cells: Mapping[str, str], *, commune: str) -> Reading:
    """Read the cells (by our column names) of one line.

    A line is refused when nothing in it reaches or locates anyone, or when every contact that it
    gives is wrong: silence would then pass for enrolment. A wrong cell beside a good contact is a
    warning, and the line is kept.
    """
    said = {name: _clean(cell) for name, cell in cells.items() if cell}
    reading = Reading()
    ways = read_contacts(said, region=region_of(commune))
    home = _home(said, warned=reading.warned)
    if len(said.get("id", "")) > _ID_LENGTH:
        reading.refused.append(Note("several_ids", said["id"]))
    if ways.faults and not ways.contacts:
        reading.refused.extend(ways.faults)
    elif not ways.contacts and home == NOWHERE:
        reading.refused.append(Note("nobody"))
    if reading.refused:
        return reading
    reading.warned.extend((*ways.faults, *ways.notes))
    warned = reading.warned
    reading.resident = Resident(
        external_id=said.get("id") or None,
        name=" ".join(filter(None, (said.get("prenom"), said.get("nom")))),
        languages=_languages(said.get("langue", ""), warned=warned),
        chosen_media=_media(said.get("canaux", ""), warned=warned),
        warn_first=_flag(said.get("vulnerable", ""), warned=warned)
        | _flag(said.get("prevenir_en_premier", ""), warned=warned),
        help_to_leave="transport" in map(plain, parts_of(said.get("besoins_aide", ""))),
        consented_at=_instant(said.get("consentement_date", ""), warned=warned),
        contacts=ways.contacts,
        homes=(home,),
    )
    return reading


def _clean(cell: str) -> str:
    """Return the cell without control signs, its white space simple."""
    if cell.isprintable() and "  " not in cell:
        return cell.strip()
    if not cell.isprintable():
        cell = "".join(sign if sign.isprintable() else " " for sign in cell)
    return " ".join(cell.split())


def _home(said: Mapping[str, str], *, warned: list[Note]) -> Home:
    """Where the person lives; `NOWHERE` when the line does not say."""
    number, street = said.get("numero", ""), said.get("voie", "")
    lon, lat = _place(said.get("lon", ""), said.get("lat", ""), warned=warned)
    label = " ".join(filter(None, (number, street)))
    if label and said.get("complement"):
        label = f"{label}, {said['complement']}"
    return Home(label, place_key(street, number=number) if street else "", lon, lat)


def _place(lon: str, lat: str, *, warned: list[Note]) -> tuple[float | None, float | None]:
    if not lon and not lat:
        return None, None
    try:
        found = float(lon.replace(",", ".")), float(lat.replace(",", "."))
    except ValueError:
        found = math.nan, math.nan
    try:
        grid_for(*found)
    except AreaFault:  # 0, 0, where a spreadsheet did not know; or the two columns swapped
        warned.append(Note("place_unreadable", f"{lon} {lat}"))
        return None, None
    return found


def _media(cell: str, *, warned: list[Note]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for part in parts_of(cell):
        medium = _MEDIA.get(plain(part))
        if medium:
            found[medium] = None
        else:
            warned.append(Note("medium_unknown", part))
    return in_usual_order(tuple(found))


@cache
def _language_codes() -> dict[str, str]:
    """Every way to write a language → its ISO 639 code: codes, French and English names."""
    codes: dict[str, str] = {}
    for named_in in ("en", "fr"):
        for code, name in Locale(named_in).languages.items():
            if "_" not in code:
                codes[code] = code
                codes[plain(name)] = code
    return codes


def _languages(cell: str, *, warned: list[Note]) -> tuple[str, ...]:
    """Codes in order, each once; `fr-FR` counts as `fr`. French when nothing is said."""
    found: dict[str, None] = {}
    for part in parts_of(cell):
        word = plain(part)
        code = _language_codes().get(word) or _language_codes().get(word.split("_")[0])
        if code:
            found[code] = None
        else:
            warned.append(Note("language_unknown", part))
    return tuple(found) or (_FIRST_LANGUAGE,)


def _flag(cell: str, *, warned: list[Note]) -> bool:
    word = cell.lower()
    if word not in _YES and word not in _NO:
        warned.append(Note("flag_unreadable", cell))
    return word not in _NO


def _instant(cell: str, *, warned: list[Note]) -> float | None:
    """Epoch seconds of a day (its midnight, UTC) or of a day and hour."""
    if not cell:
        return None
    try:
        found = datetime.fromisoformat(_FRENCH_DATE.sub(r"\3-\2-\1", cell, count=1))
    except ValueError:
        warned.append(Note("date_unreadable", cell))
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
