"""Drawings that are pasted or uploaded: taken where they are a zone, refused in a sentence."""

import html
import json
import re

import httpx
import pytest

from dispatcher.store.ledger import Ledger
from tests.consoles import SAME
from tests.zone_forms import CORNERS, LINE, SQUARE, Zone, sketch
from zones.area import ALERT_LIMITS

pytest_plugins = ("tests.console_visits", "tests.zone_visits")


def elsewhere(text: str) -> str:
    return text.replace("5.0", "2.3").replace("47.7", "48.8")


def ring(*corners: tuple[float, float]) -> str:
    return json.dumps({"type": "Polygon", "coordinates": [corners]})


SWAPPED = ring(*((lat, lon) for lon, lat in CORNERS))
HOSTILE = {
    "another town": (elsewhere(json.dumps(SQUARE)), "sort de la commune"),
    "swapped": (SWAPPED, "sort de la commune"),
    "no JSON": ("{", "JSON"),
    "empty": ('{"type":"Polygon","coordinates":[]}', "est vide"),
    "NaN": (json.dumps(SQUARE).replace("5.012", "NaN"), "NaN"),
    "open": (ring((5, 47.7), (5.1, 47.7), (5.1, 47.8), (5, 47.71)), "contour n'est pas fermé"),
    "bow": (ring((5, 47.7), (5.1, 47.8), (5.1, 47.7), (5, 47.8), (5, 47.7)), "se croise"),
    "off Earth": (ring((200, 95), (201, 95), (201, 96), (200, 95)), "pas sur la Terre"),
    "a line without a width": (json.dumps(LINE), "donnez sa largeur"),
    "deep": ("[" * 40 + "]" * 40, "niveaux|GeoJSON"),
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(HOSTILE))
async def test_a_drawing_that_is_no_zone_is_refused_in_a_sentence_and_changes_nothing(
    zone: Zone, town: Ledger, alert_id: str, kind: str
) -> None:
    given, said = HOSTILE[kind]
    for answer in (
        await zone.attempt("drawing", drawing=given),
        await zone.client.post(
            zone.path,
            data={"token": zone.token, "revision": "1", "proposal": f'{{"area": {given}}}'},
            headers=SAME,
        ),
    ):
        assert answer.status_code == 422
        problem = re.search(r'id="probleme" lang="fr">(.+?)</p>', html.unescape(answer.text), re.S)
        assert problem is not None
        assert "en anglais" not in problem[1]
    tried = await zone.attempt("drawing", drawing=given)
    assert re.search(said, html.unescape(tried.text))
    assert (await sketch(town, alert_id)).revision == 1


async def test_a_file_is_taken_up_to_a_megabyte(zone: Zone) -> None:
    async def sent(content: bytes) -> httpx.Response:
        data = {"token": zone.token, "tool": "drawing", "op": "replace"}
        files = {"file": ("zone.geojson", content, "application/geo+json")}
        return await zone.client.post(f"{zone.path}/essai", data=data, files=files, headers=SAME)

    assert (await sent(json.dumps(SQUARE).encode())).status_code == 200
    heavy = await sent(json.dumps(SQUARE).encode() + b" " * ALERT_LIMITS.bytes)
    assert heavy.status_code == 422
    assert "un mégaoctet au plus" in heavy.text
    huge = {"token": zone.token, "tool": "drawing", "drawing": "[" * 9_000_000}
    answer = await zone.client.post(f"{zone.path}/essai", data=huge, headers=SAME)
    assert answer.status_code == 413
