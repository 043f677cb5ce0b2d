"""Plans to break: copies of the shared example, the smallest plan, and how to read them."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from channels.segments import measure
from channels.senders import sender_fault
from plans.faults import Language, PlanFault
from plans.reading import Reading, read_folder, read_plan

SHARED = Path(__file__).parents[1].parent / "shared" / "data"
MODEL = SHARED / "pcs_exemple"
TODAY = date(2026, 2, 20)  # in the week 2026-W08, when the model has somebody on call

SQUARE = [[4.59, 45.52], [4.60, 45.52], [4.60, 45.53], [4.59, 45.53], [4.59, 45.52]]

SMALLEST = {
    "pcs.yaml": 'commune: {code_insee: "99042", nom: Valombre-sur-Lerne}\n',
    "organisation.yaml": "fonctions:\n  - {code: DOS, titulaire: maire, suppleants: [adj]}\n",
    "annuaire.yaml": (
        "contacts:\n"
        '  - {id: maire, nom: MARTIN, tel: ["+33639980001"]}\n'
        '  - {id: adj, nom: PETIT, tel: ["+33639980002"]}\n'
    ),
    "geo/secteurs.geojson": json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"id": "bourg", "nom": "Bourg"},
                    "geometry": {"type": "Polygon", "coordinates": [SQUARE]},
                }
            ],
        }
    ),
    "alerte/modeles/x.yaml": 'id: x\nsms: "Mairie de Valombre: quittez {secteur} maintenant."\n',
}


def smallest() -> dict[str, bytes]:
    return {name: text.encode() for name, text in SMALLEST.items()}


def model_files() -> dict[str, bytes]:
    return {
        path.relative_to(MODEL).as_posix(): path.read_bytes()
        for path in sorted(MODEL.rglob("*"))
        if path.suffix in {".yaml", ".geojson"}
    }


def copy_of_model(folder: Path) -> Path:
    return Path(shutil.copytree(MODEL, folder / "pcs"))


def read(files: dict[str, bytes], *, language: Language = "fr", invented: bool = False) -> Reading:
    return read_plan(
        files,
        today=TODAY,
        measure=measure,
        sender_fault=sender_fault,
        language=language,
        invented=invented,
    )


def read_from(folder: Path, *, today: date = TODAY) -> Reading:
    return read_folder(folder, today=today, measure=measure, sender_fault=sender_fault)


def swap(folder: Path, name: str, old: str, *, new: str) -> int:
    """Replace a text that stands once in a file; the line, from 1, where it stood."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def redraw(folder: Path, layer: str, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """Change the features of a layer, one feature a line."""
    path = folder / "geo" / f"{layer}.geojson"
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document["features"])
    lines = ",\n".join(json.dumps(feature) for feature in document["features"])
    path.write_text('{"type": "FeatureCollection", "features": [\n' + lines + "\n]}")


def only(noted: tuple[PlanFault, ...], file: str, path: str) -> PlanFault:
    """Pick the one finding at this place."""
    found = [fault for fault in noted if (fault.file, fault.path) == (file, path)]
    assert len(found) == 1, [fault.as_dict() for fault in noted]
    return found[0]
