"""Households of a list behind the doors of a street: each its own door, so that each is told of.

A team that speaks to one flat has not spoken to the others. Who shares an address, stairs and floor
with a telephone or a mail address is one household; others at the same label are counted: (1/2).
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dispatcher.alerts.call_list import ToCall
from dispatcher.store.new_doors import NewDoor
from plans.doors import along


@dataclass(frozen=True)
class _Home:
    street: str
    number: str
    more: str  # stairs, floor, flat: as the address has it
    lines: tuple[ToCall, ...]

    @property
    def label(self) -> str:
        return ", ".join(filter(None, (f"{self.number} {self.street}".strip(), self.more)))

    @property
    def order(self) -> tuple[object, ...]:
        return (*along(self.street, self.number), self.more.casefold(), self.who)

    @property
    def who(self) -> str:
        return min(one.person_id for one in self.lines)


def doors_of_households(lines: Iterable[ToCall]) -> tuple[NewDoor, ...]:
    """Return the doors of these people in the order of the walk; who has no address has none.

    Where a street has no numbers, each address is a door: « Le Bourg » is not one for a hamlet.
    """
    found: dict[tuple[str, str, str], list[ToCall]] = {}
    for line in lines:
        if line.address:
            found.setdefault(_address(line), []).append(line)
    homes = [_Home(*key, each) for key, group in found.items() for each in _households(group)]
    homes.sort(key=lambda one: one.order)
    return tuple(_door(place, homes) for place in range(len(homes)))


def _address(line: ToCall) -> tuple[str, str, str]:
    if not line.number:
        return line.address, "", ""
    more = line.address.partition(",")[2].strip()
    return line.street or line.address, line.number, more


def _households(lines: Sequence[ToCall]) -> list[tuple[ToCall, ...]]:
    """Put together who shares a telephone or a mail address, directly or by somebody else."""
    found: list[tuple[set[str], list[ToCall]]] = []
    for line in lines:
        ways, mine = {line.person_id, *line.phones, *line.emails}, [line]
        apart = []
        for other_ways, others in found:
            if other_ways & ways:
                ways, mine = ways | other_ways, [*others, *mine]
            else:
                apart.append((other_ways, others))
        found = [*apart, (ways, mine)]
    return [tuple(mine) for _, mine in found]


def _door(place: int, homes: Sequence[_Home]) -> NewDoor:
    home = homes[place]
    here = [one for one in homes if (one.street, one.number) == (home.street, home.number)]
    same = [one for one in here if one.label == home.label]
    count = f" ({same.index(home) + 1}/{len(same)})" if len(same) > 1 else ""
    placed = next((one for one in home.lines if one.lon is not None), None)
    return NewDoor(
        door=door_id(home.street, home.number, home.who if len(here) > 1 else ""),
        place=place,
        street=home.street,
        label=f"{home.label}{count}",
        lon=placed.lon if placed else None,
        lat=placed.lat if placed else None,
        people=tuple(dict.fromkeys(one.person_id for one in home.lines)),
    )


def door_id(street: str, number: str, who: str = "") -> str:
    """Return the id of a door: made of where it is and of who is behind it, and telling neither."""
    said = "\n".join(filter(None, (f"{number}\n{street}".casefold(), who)))
    return hashlib.sha256(said.encode()).hexdigest()[:12]
