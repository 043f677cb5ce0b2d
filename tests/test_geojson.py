"""GeoJSON in and out: what is refused, where the fault is said to be, and how long it takes."""

import gzip
import json
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point

from tests.drawings import drawn, wavy, zones
from zones.area import ALERT_LIMITS, LAYER_LIMITS, Area, AreaRefused, Limits, Place
from zones.geojson import read_area, read_features, sift_area, write_area
from zones.reprojection import to_grid

DATA = Path(__file__).parents[1].parent / "shared" / "data"
SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
BOW_TIE = [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]


def raw(value: object) -> bytes:
    return json.dumps(value).encode()


def polygon(*rings: object) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": list(rings)}


def feature(geometry: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*geometries: object, **members: object) -> dict[str, object]:
    features = [feature(geometry) for geometry in geometries]
    return {"type": "FeatureCollection", "features": features, **members}


def ring(*changes: tuple[int, object]) -> list[object]:
    positions: list[object] = [list(position) for position in SQUARE]
    for index, value in changes:
        positions[index] = value
    return positions


@pytest.mark.parametrize(
    "document",
    [
        polygon(SQUARE),
        {"type": "MultiPolygon", "coordinates": [[SQUARE]]},
        feature(polygon(SQUARE)),
        collection(polygon(SQUARE)),
        collection(polygon(SQUARE), polygon(SQUARE)),
        {"type": "GeometryCollection", "geometries": [polygon(SQUARE), polygon(SQUARE)]},
        feature(polygon([[*position, 120.5] for position in SQUARE])),
        collection(polygon(SQUARE), crs={"properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}),
    ],
)
def test_an_area_is_read_from_every_kind_of_polygon_document(document: object) -> None:
    area = read_area(raw(document))
    assert area.bounds == (0.0, 0.0, 1.0, 1.0)
    assert area.digest() == read_area(raw(polygon(SQUARE))).digest()


@pytest.mark.parametrize(
    ("document", "place", "words"),
    [
        ([1, 2], "", "is an object"),
        ({"type": "FeatureCollection", "features": []}, "features", "no feature"),
        ({"type": "FeatureCollection"}, "features", "no feature"),
        (collection(None), "features[0].geometry", "no geometry"),
        (collection({"type": "Point", "coordinates": [0, 0]}), "features[0].geometry", "Point"),
        (collection({"type": ["Polygon"]}), "features[0].geometry", "type"),
        (collection(polygon()), "features[0].geometry.coordinates", "empty"),
        (collection(polygon([])), "features[0].geometry.coordinates[0]", "at least 4"),
        (polygon(SQUARE[:3]), "coordinates[0]", "at least 4"),
        (polygon(SQUARE[:4]), "coordinates[0]", "not closed"),
        (polygon(ring((1, [200, 95]))), "coordinates[0][1]", "not on Earth"),
        (polygon(ring((2, [1, 90.5]))), "coordinates[0][2]", "longitude first"),
        (polygon(ring((2, [True, 1]))), "coordinates[0][2]", "plain numbers"),
        (polygon(ring((3, ["0", 1]))), "coordinates[0][3]", "plain numbers"),
        (polygon(ring((3, [None, 1]))), "coordinates[0][3]", "plain numbers"),
        (polygon(ring((3, [1]))), "coordinates[0][3]", "[longitude, latitude]"),
        (polygon(ring((3, 7))), "coordinates[0][3]", "[longitude, latitude]"),
        (polygon(ring((2, [1, 1, 9]), (3, [0, "1"]))), "coordinates[0][3]", "plain numbers"),
        (polygon(ring((3, [0, 1, 2, 3]))), "coordinates[0][3]", "[longitude, latitude]"),
        (polygon(ring((3, [10**400, 1]))), "coordinates[0][3]", "not finite"),
        (polygon(BOW_TIE), "geometry", "crosses or touches itself near longitude 0.5"),
        (polygon(SQUARE, [[5, 5], [6, 5], [6, 6], [5, 5]]), "geometry", "outside its outline"),
        (collection(polygon(SQUARE), polygon(BOW_TIE)), "features[1].geometry", "Feature 2 of 2"),
        ({"type": "GeometryCollection", "geometries": []}, "geometries", "empty"),
        ({**polygon(SQUARE), "crs": {"properties": {"name": "EPSG:2154"}}}, "crs", "WGS 84"),
        ({**polygon(SQUARE), "crs": {"type": "link"}}, "crs", "names no"),
    ],
)
def test_a_fault_is_refused_and_said_where_it_is(document: object, place: str, words: str) -> None:
    with pytest.raises(AreaRefused) as refused:
        read_area(raw(document))
    told = {fault.place: fault.message for fault in refused.value.faults}
    wanted = place if place != "geometry" else next(iter(told))
    assert words in told[wanted], told


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not JSON"),
        (b'{"type": "Polygon", "coordinates": [[[NaN, 0]]]}', "NaN"),
        (b'{"type": "Polygon", "coordinates": [[[-Infinity, 0]]]}', "Infinity"),
        (b'{"type": "Polygon", "coordinates": [[[1e999,0],[1,0],[1,1],[1e999,0]]]}', "finite"),
        (b"[" * 100_000, "deeper"),
        (b"[" * 500_000, "far more points"),
        (b'{"a":' * 100_000, "deeper"),
        (raw(feature(polygon(SQUARE), a=[[[[[[[[[1]]]]]]]]])), "deeper"),
        (b'{"type": "Polygon", "type": "Point"}', "stands twice"),
        (b'{"type": "Pol\xff"}', "UTF-8"),
        (b'"' + b"\\" * 999_990 + b'"', "JSON"),
        (b" " * 1_000_001, "1,000,001 bytes"),
        (b"9" * 900_000, "object"),
    ],
)
def test_hostile_bytes_are_refused_in_a_sentence(content: bytes, words: str) -> None:
    start = time.process_time()
    with pytest.raises(AreaRefused, match=words):
        read_area(content)
    assert time.process_time() - start < 1.0


def test_all_faults_of_a_document_are_told_at_once() -> None:
    document = collection(polygon(ring((1, [200, 0]))), polygon(SQUARE), polygon(SQUARE[:4]))
    with pytest.raises(AreaRefused) as refused:
        read_area(raw(document))
    assert [fault.place for fault in refused.value.faults] == [
        "features[0].geometry.coordinates[0][1]",
        "features[2].geometry.coordinates[0]",
    ]


def test_too_many_polygons_are_refused_before_their_faults_are_looked_for() -> None:
    many = {"type": "MultiPolygon", "coordinates": [[BOW_TIE]] * 1_001}
    with pytest.raises(AreaRefused, match="1,001 polygons; at most 1,000"):
        read_area(raw(many))


def test_too_many_points_are_refused_and_the_last_one_allowed_is_read() -> None:
    def circle(count: int) -> bytes:
        corners = [[round(x, 5), round(y, 5)] for x, y in wavy(count, radius=1).exterior.coords]
        return json.dumps(polygon(corners), separators=(",", ":")).encode()

    # a circle of n corners repeats its first one; five decimals keep 50,000 of them under 1 MB
    with pytest.raises(AreaRefused, match="50,001 points"):
        read_area(circle(50_000))


def test_a_position_with_an_altitude_among_others_without_is_read() -> None:
    area = read_area(raw(polygon(ring((2, [1, 1, 35.5])))))
    assert area.digest() == read_area(raw(polygon(SQUARE))).digest()


@settings(max_examples=100, deadline=None)
@given(zones())
def test_what_is_written_is_read_back_with_the_same_digest(rings: list[object]) -> None:
    area = Area.of(*drawn(rings))  # type: ignore[arg-type]  # rings of pairs of floats
    assert read_area(raw(write_area(area))).digest() == area.digest()


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["type", "coordinates", "geometry", "features", "geometries"]),
                inner
                | st.sampled_from(["Polygon", "MultiPolygon", "Feature", "FeatureCollection"]),
            )
        ),
    )
)
def test_any_json_is_an_area_or_refused_never_an_accident(value: object) -> None:
    told: tuple[object, ...] = ()
    try:
        told = read_area(raw(value)).polygons
    except AreaRefused as refused:
        told = refused.faults
    assert told


def test_a_layer_is_read_with_its_properties_and_all_its_kinds_of_geometry() -> None:
    layer = {
        "type": "FeatureCollection",
        "features": [
            feature(polygon(SQUARE), id="a"),
            feature({"type": "Point", "coordinates": [2, 3]}, id="b"),
            feature({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, id="c"),
            feature({"type": "MultiLineString", "coordinates": [[[0, 0], [1, 1]]]}, id="d"),
        ],
    }
    features = read_features(raw(layer), limits=LAYER_LIMITS)
    assert [found.properties["id"] for found in features] == ["a", "b", "c", "d"]
    assert features[1].geometry == Point(2, 3)
    assert features[2].geometry == LineString([(0, 0), (1, 1)])
    assert features[3].geometry.geom_type == "MultiLineString"


def test_a_layer_above_the_limits_is_refused() -> None:
    few = Limits(polygons=1, vertices=100, bytes=10_000)
    with pytest.raises(AreaRefused, match="2 polygons; at most 1"):
        read_features(raw(collection(polygon(SQUARE), polygon(SQUARE))), limits=few)


def test_a_layer_in_lambert_93_is_brought_to_wgs84() -> None:
    corners = np.array([[-1.7, 48.0], [-1.6, 48.0], [-1.6, 48.1], [-1.7, 48.0]])
    metric = polygon(to_grid(corners, 2154).tolist())
    name = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
    (found,) = read_features(raw(collection(metric, crs=name)), limits=LAYER_LIMITS)
    assert found.geometry.bounds == pytest.approx((-1.7, 48.0, -1.6, 48.1), abs=1e-9)


def test_a_layer_in_an_unknown_reference_system_is_refused() -> None:
    name = {"type": "name", "properties": {"name": "EPSG:999999"}}
    with pytest.raises(AreaRefused, match="not known"):
        read_features(raw(collection(polygon(SQUARE), crs=name)), limits=LAYER_LIMITS)


def test_an_invalid_feature_is_left_out_on_request_and_told() -> None:
    document = raw(collection(polygon(SQUARE), polygon(BOW_TIE)))
    reading = sift_area(document, limits=ALERT_LIMITS, without_invalid=True)
    assert [fault.place for fault in reading.left_out] == ["features[1].geometry"]
    assert len(reading.area.polygons) == 1


def test_nothing_sound_left_is_refused_even_when_invalid_ones_may_be_left_out() -> None:
    with pytest.raises(AreaRefused):
        sift_area(raw(polygon(BOW_TIE)), limits=ALERT_LIMITS, without_invalid=True)


def test_an_invalid_drawing_never_widens_to_its_repair() -> None:
    document = raw(collection(polygon(BOW_TIE), polygon([[5, 5], [6, 5], [6, 6], [5, 5]])))
    area = sift_area(document, limits=ALERT_LIMITS, without_invalid=True).area
    assert not area.covers_place(Place(lon=0.5, lat=0.2))


def test_the_shifted_romanche_layer_names_its_one_invalid_feature() -> None:
    packed = DATA / "bruz" / "romanche_alea_shifted_to_bruz_FICTITIOUS.geojson.gz"
    with gzip.open(packed) as file:
        content = file.read()
    with pytest.raises(AreaRefused) as refused:
        sift_area(content, limits=LAYER_LIMITS, without_invalid=False)
    assert [fault.place for fault in refused.value.faults] == ["features[177].geometry"]
    assert "Feature 178 of 564" in str(refused.value)


def test_a_constant_that_is_no_number_is_told_with_its_line_and_column() -> None:
    with pytest.raises(AreaRefused) as refused:
        read_area(
            b'{"type": "Polygon", "name": "NaN \\" NaN",\n "coordinates": [[[0, -Infinity]]]}'
        )
    assert [fault.place for fault in refused.value.faults] == ["line 2, column 23"]


@pytest.mark.parametrize("altitude", [b"1e999", b'"12"', b"true"])
@pytest.mark.parametrize("among", [b"[1, 0, 3], [1, 1, 3]", b"[1, 0], [1, 1]"])
def test_an_altitude_that_is_no_finite_number_is_refused(altitude: bytes, among: bytes) -> None:
    ring = b"[0, 0, %s], %s, [0, 0, %s]" % (altitude, among, altitude)
    with pytest.raises(AreaRefused, match=r"finite|plain numbers"):
        read_area(b'{"type": "Polygon", "coordinates": [[%s]]}' % ring)


def test_a_zone_across_the_180th_meridian_never_widens_to_the_long_way_round() -> None:
    ring = [[179, -15], [-179, -15], [-179, -14], [179, -14], [179, -15]]
    with pytest.raises(AreaRefused, match="180th meridian"):
        read_area(raw(polygon(ring)))


def test_a_reference_system_that_is_no_text_is_refused() -> None:
    document = {**polygon(SQUARE), "crs": {"type": "name", "properties": {"name": "\ud800"}}}
    with pytest.raises(AreaRefused, match="not known"):
        sift_area(raw(document), limits=LAYER_LIMITS, without_invalid=False)


def test_a_part_in_another_reference_system_than_its_document_is_refused() -> None:
    grades = {"crs": {"type": "name", "properties": {"name": "EPSG:4807"}}}
    on_feature = {"type": "FeatureCollection", "features": [feature(polygon(SQUARE)) | grades]}
    on_geometry = collection(polygon(SQUARE), polygon(SQUARE) | grades)
    told: list[str] = []
    for document in (on_feature, on_geometry):
        with pytest.raises(AreaRefused) as refused:
            read_area(raw(document))
        told.extend(fault.place for fault in refused.value.faults)
    assert told == ["features[0].crs", "features[1].geometry.crs"]
