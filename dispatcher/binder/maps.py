"""Maps of the plan drawn as SVG from its own layers: no tile, no network, sharp on any paper."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

from plans.ground import Sector
from plans.plan import Plan
from zones.area import Area, Place

WIDTH, HEIGHT = 720.0, 820.0  # of a page's drawing
MARGIN = 0.12  # of the ground shown around a sector
EDGE = 16.0  # points that a sign takes
SMALLEST_DEG = 0.002  # about 200 m: a point is no map


@dataclass(frozen=True)
class Frame:
    """The ground that a map shows, and how a place becomes a point of the page.

    Equirectangular at the map's own latitude: within a commune the error is below a hair's width.
    """

    west: float
    north: float
    scale: float  # points of the page a degree of latitude
    squeeze: float  # cosine of the latitude

    @classmethod
    def of(cls, bounds: tuple[float, float, float, float]) -> "Frame":
        """Return the frame that shows these bounds (west, south, east, north), with room around."""
        west, south, east, north = bounds
        squeeze = max(0.05, math.cos(math.radians((south + north) / 2)))
        wide = max(east - west, SMALLEST_DEG) * (1 + 2 * MARGIN)
        high = max(north - south, SMALLEST_DEG) * (1 + 2 * MARGIN)
        scale = min(WIDTH / (wide * squeeze), HEIGHT / high)
        left = (west + east) / 2 - WIDTH / scale / squeeze / 2
        return cls(left, (south + north) / 2 + HEIGHT / scale / 2, scale, squeeze)

    def point(self, lon: float, lat: float) -> tuple[float, float]:
        """Return where a place is on the page."""
        return (
            round((lon - self.west) * self.scale * self.squeeze, 1),
            round((self.north - lat) * self.scale, 1),
        )

    def shows(self, place: Place) -> bool:
        """Tell whether a place is on the page, its sign whole."""
        x, y = self.point(place.lon, place.lat)
        return EDGE <= x <= WIDTH - EDGE and EDGE <= y <= HEIGHT - EDGE

    @property
    def metres(self) -> float:
        """How many points of the page a metre is."""
        return self.scale / 111_195.0


@dataclass(frozen=True)
class SectorMap:
    """A drawing, and what its numbers stand for, in order."""

    svg: str
    legend: tuple[str, ...]


def sector_map(plan: Plan, sector: Sector, ground: Sequence[BaseGeometry] = ()) -> SectorMap:
    """Draw a sector among its neighbours: hazard, streets, sites, centres, assembly points.

    Signs are numbered, and named beside the map: names on it would hide each other.
    """
    frame = Frame.of(sector.area.bounds)
    drawn = [_line(frame, one) for one in ground]
    water = 'fill="#1f78b4" fill-opacity="0.18"'
    drawn += [_area(frame, one.area, water) for one in plan.hazard_zones]
    others = 'fill="none" stroke="#45525f" stroke-dasharray="6 4"'
    drawn += [_area(frame, one.area, others) for one in plan.sectors if one.id != sector.id]
    drawn.append(_area(frame, sector.area, 'fill="none" stroke="#b3140f" stroke-width="3"'))
    drawn += [_route(frame, sector.route)] if sector.route else []
    seen = [one for one in _signs(plan) if frame.shows(one.place)]
    drawn += [_sign(frame, one, number) for number, one in enumerate(seen, 1)]
    drawn.append(_scale(frame))
    return SectorMap(_svg(drawn), tuple(one.label for one in seen))


@dataclass(frozen=True)
class _Sign:
    place: Place
    label: str
    ink: str
    shape: str


def _signs(plan: Plan) -> Iterable[_Sign]:
    for asset in plan.assets:
        yield _Sign(asset.place, asset.name, "#7d4a00", "triangle")
    for centre in plan.centres:
        if centre.place is not None:
            yield _Sign(centre.place, f"{centre.label} ({centre.kind})", "#1b6b3a", "square")
    for point in plan.assembly_points:
        yield _Sign(point.place, f"Rassemblement : {point.label}", "#0b4f8a", "circle")


def _sign(frame: Frame, sign: _Sign, number: int) -> str:
    x, y = frame.point(sign.place.lon, sign.place.lat)
    figure = {
        "circle": f'<circle cx="{x}" cy="{y}" r="10" fill="{sign.ink}"/>',
        "square": f'<rect x="{x - 10}" y="{y - 9}" width="20" height="18" fill="{sign.ink}"/>',
        "triangle": f'<path d="M{x} {y - 16} l15 25 h-30 z" fill="{sign.ink}"/>',
    }[sign.shape]
    return (
        f'{figure}<text x="{x}" y="{y + 5}" font-size="12" font-weight="bold"'
        f' text-anchor="middle" fill="#ffffff">{number}</text>'
    )


def _area(frame: Frame, area: Area, look: str) -> str:
    rings = []
    for polygon in area.geometry.geoms:
        for ring in (polygon.exterior, *polygon.interiors):
            points = " ".join("{},{}".format(*frame.point(x, y)) for x, y, *_ in ring.coords)
            rings.append(f"M{points} z")
    return f'<path d="{" ".join(rings)}" fill-rule="evenodd" {look}/>'


def _line(frame: Frame, geometry: BaseGeometry) -> str:
    parts = getattr(geometry, "geoms", (geometry,))
    paths = (
        "M" + " ".join("{},{}".format(*frame.point(x, y)) for x, y, *_ in part.coords)
        for part in parts
    )
    return f'<path d="{" ".join(paths)}" fill="none" stroke="#76838f" stroke-width="1.4"/>'


def _route(frame: Frame, route: Sequence[Place]) -> str:
    points = " ".join("{},{}".format(*frame.point(one.lon, one.lat)) for one in route)
    return f'<polyline points="{points}" fill="none" stroke="#1b6b3a" stroke-width="4"/>'


def _scale(frame: Frame) -> str:
    """Draw a bar of a round number of metres."""
    most = 200 / frame.metres
    step = 10 ** math.floor(math.log10(most))
    metres = max(one * step for one in (1, 2, 5) if one * step <= most)
    width = round(metres * frame.metres, 1)
    return (
        f'<path d="M20 {HEIGHT - 20} h{width}" stroke="#14202b" stroke-width="3"/>'
        f'<text x="20" y="{HEIGHT - 28}" font-size="13" fill="#14202b">{metres:.0f} m</text>'
    )


def _svg(drawn: Iterable[str]) -> str:
    frame = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fbfcfd" stroke="#cfd6dd"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}"'
        f' font-family="DejaVu Sans, Libertinus Serif">{frame}{"".join(drawn)}</svg>'
    )
