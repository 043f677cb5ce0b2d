"""How many addresses lie inside an area: what `area count` answers."""

from dataclasses import dataclass
from pathlib import Path

from zones.addresses import read_addresses
from zones.area import Fault
from zones.atlas import read_area_file
from zones.metres import check_margin
from zones.population import Population


@dataclass(frozen=True)
class AreaCount:
    """Addresses inside, outside and without coordinates; together, all of the file's.

    `left_out` are the invalid features left out on request, `rejected` the lines whose
    coordinates could not be right (their addresses count as unlocated), `layers` what was read.
    """

    inside: int
    outside: int
    unlocated: int
    margin_m: float
    left_out: tuple[Fault, ...]
    rejected: tuple[Fault, ...]
    layers: tuple[str, ...]


def count(
    area_file: Path,
    addresses_file: Path,
    *,
    margin_m: float = 0.0,
    without_invalid: bool = False,
) -> AreaCount:
    """Count the addresses of a file in the area of another, the border counting as inside.

    Raises AreaRefused or AreaFault with a sentence, OSError for a file that cannot be read.
    """
    check_margin(margin_m)
    reading = read_area_file(area_file, without_invalid=without_invalid)
    addresses = read_addresses(addresses_file)
    people = Population.of(addresses.ids, addresses.lon, addresses.lat)
    inside = len(people.inside(reading.area, margin_m=margin_m))
    unlocated = len(people.unlocated)
    return AreaCount(
        inside=inside,
        outside=len(people) - inside - unlocated,
        unlocated=unlocated,
        margin_m=margin_m,
        left_out=reading.left_out,
        rejected=addresses.rejected,
        layers=reading.layers,
    )
