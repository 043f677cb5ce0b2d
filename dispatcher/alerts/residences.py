"""The homes of a commune, kept in memory while nobody moves: a launch reads a million of them once.

The ledger draws a new mark at each change of a home (a trigger, whoever writes); under the same
mark the columns and their indexes are those of the draft or the preview before.
"""

from collections import OrderedDict

from dispatcher.alerts.audience import Homes
from dispatcher.store.ledger import Ledger
from dispatcher.store.places import home_places, homes_mark

MOST_HOMES = 2_000_000  # kept in all: about 120 bytes each


class Residences:
    """The last communes asked for, the least used forgotten first."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._kept: OrderedDict[tuple[str, int], Homes] = OrderedDict()

    async def homes(self, ledger: Ledger, commune: str) -> Homes:
        """Return the homes as the ledger holds them now."""
        mark = await homes_mark(ledger, commune)  # before: what is newer is read again next time
        if mark is not None and (kept := self._kept.get((commune, mark))) is not None:
            self._kept.move_to_end((commune, mark))
            return kept
        places = await home_places(ledger, commune)
        homes = Homes(places.person_ids, places.lon, places.lat)
        if mark is not None:
            for old in [key for key in self._kept if key[0] == commune]:
                del self._kept[old]
            self._kept[commune, mark] = homes
            while sum(len(one.person_ids) for one in self._kept.values()) > MOST_HOMES:
                self._kept.popitem(last=False)
        return homes
