"""Figures that would betray a household are not shown: none of fewer than five addresses.

Nor one that the rest would give away: where those left out come to fewer than five together, the
next smallest is left out with them, since whoever subtracts the others from the whole has them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dispatcher.cover.counting import Cover, Place, Share

FEWEST = 5  # addresses


@dataclass(frozen=True)
class Shown:
    """A sector or a street as it may be shown; `share` is None where it would betray somebody."""

    place: Place
    share: Share | None

    @property
    def uncovered(self) -> int:
        """How many addresses are known to be without, 0 where that is not shown."""
        return self.share.addresses - self.share.covered if self.share else 0


@dataclass(frozen=True)
class ShownCover:
    """A commune's cover without what betrays a household; `whole` likewise."""

    whole: Share | None
    sectors: tuple[Shown, ...]
    streets: tuple[Shown, ...]
    elsewhere: int
    unlocated: int


def shown_of(cover: Cover) -> ShownCover:
    """Leave out small figures, and all streets of a sector that is left out."""
    whole = cover.whole if cover.whole.addresses >= FEWEST else None
    sectors = _shown(cover.sectors) if whole else tuple(Shown(one, None) for one in cover.sectors)
    open_ones = {one.place.sector for one in sectors if one.share}
    streets = list[Shown]()
    by_sector: dict[str, list[Place]] = {}
    for one in cover.streets:
        by_sector.setdefault(one.sector, []).append(one)
    for sector, places in by_sector.items():
        if sector in open_ones:
            streets += _shown(places)
        else:
            streets += (Shown(one, None) for one in places)
    return ShownCover(whole, sectors, tuple(streets), cover.elsewhere, cover.unlocated)


def _shown(places: Sequence[Place]) -> tuple[Shown, ...]:
    out = hidden([one.share.addresses for one in places])
    return tuple(
        Shown(one, None if at in out else one.share) for at, one in enumerate(places)
    )  # fmt: skip


def hidden(sizes: Sequence[int]) -> frozenset[int]:
    """Return which of these figures, that sum up to a known one, may not be shown."""
    small = {at for at, size in enumerate(sizes) if size < FEWEST}
    rest = sorted((size, at) for at, size in enumerate(sizes) if size >= FEWEST)
    for _, at in rest:
        if not small or sum(sizes[one] for one in small) >= FEWEST:
            break
        small.add(at)
    return frozenset(small)
