"""Areas, dangers and blanks as they are given on a command line; what does not read is refused."""

import re
from pathlib import Path

from dispatcher.cli.failing import said
from dispatcher.cli.speaking import refuse
from zones.area import Area, AreaFault, AreaRefused, Place
from zones.danger import Danger, read_danger
from zones.geojson import read_area

_NUMBERS = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*")


def drawn(path: Path, *, as_json: bool) -> Area:
    """Read an area from a GeoJSON file."""
    try:
        return read_area(path.read_bytes())
    except (AreaRefused, OSError) as error:
        refuse(said(error), as_json=as_json)


def marked(text: str, *, as_json: bool) -> Danger:
    """Read where the danger is: a point written LON,LAT, else a GeoJSON file."""
    try:
        if (numbers := _NUMBERS.fullmatch(text)) is not None:
            return Danger.at(Place(float(numbers[1]), float(numbers[2])))
        return read_danger(Path(text).read_bytes())
    except (AreaFault, AreaRefused, OSError) as error:
        refuse(str(error), as_json=as_json)


def pair(text: str, *, as_json: bool) -> tuple[str, str]:
    """Read a blank written name=value."""
    name, equals, value = text.partition("=")
    if not equals:
        refuse(f"« {text} » : écrivez un blanc comme nom=valeur.", as_json=as_json)
    return name, value
