"""The files of a plan: which they are, which are missing and what this prevents."""

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from plans.faults import Sentence
from plans.layers import GEOPACKAGE
from plans.yaml_lines import LARGEST
from zones.area import LAYER_LIMITS

MOST_FILES = 1_000
KEPT_APART = ("prive", "documents")
"""Folders that are no part of what is read: personal data, and papers."""

CARDS = "fiches"
TEMPLATES = "alerte/modeles"
_MOST_BYTES = {
    ".yaml": LARGEST,
    ".yml": LARGEST,
    ".geojson": LAYER_LIMITS.bytes,
    ".gpkg": LAYER_LIMITS.bytes,
}

REQUIRED = ("pcs.yaml", "organisation.yaml", "annuaire.yaml", "geo/secteurs.geojson")
PREVENTS = {
    "pcs.yaml": Sentence("sans commune, pas de plan", "without a commune there is no plan"),
    "organisation.yaml": Sentence("personne ne pourrait décider", "nobody could decide"),
    "annuaire.yaml": Sentence("personne ne pourrait être joint", "nobody could be reached"),
    "geo/secteurs.geojson": Sentence(
        "il faut au moins un secteur à alerter", "at least one sector to alert is needed"
    ),
    "risques.yaml": Sentence(
        "ni risque, ni scénario, ni déclencheur ne sera proposé",
        "no hazard, scenario or trigger will be proposed",
    ),
    "moyens.yaml": Sentence("aucun moyen ne pourra être engagé", "no resource can be committed"),
    "centres.yaml": Sentence(
        "aucun centre d'accueil ni point de rassemblement ne sera proposé",
        "no reception centre and no assembly point will be proposed",
    ),
    "equipes.yaml": Sentence("aucune équipe ne pourra être suivie", "no team can be followed"),
    "geo/commune.geojson": Sentence(
        "rien ne vérifie que les secteurs sont dans la commune",
        "nothing checks that the sectors are in the commune",
    ),
    "geo/zones_alea.geojson": Sentence(
        "rien ne vérifie que les centres d'accueil sont hors de danger",
        "nothing checks that the reception centres are out of danger",
    ),
    "geo/enjeux.geojson": Sentence(
        "les sites sensibles ne seront pas alertés d'abord",
        "the sensitive sites will not be alerted first",
    ),
}
"""What each file brings, said as what its absence prevents."""


def files_of(folder: Path) -> dict[str, bytes]:
    """Read the files of a plan: relative POSIX path to content, in order.

    YAML, GeoJSON and GeoPackage only; not prive/, documents/, hidden files, or links that
    leave the folder. Of a file above its limit one byte too many is read, so that reading the
    plan refuses it without ever holding it. Raises OSError.
    """
    root = folder.resolve(strict=True)
    found: dict[str, bytes] = {}
    for path in sorted(_walk(root))[: MOST_FILES + 1]:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES[path.suffix.lower()] + 1)
        found[path.relative_to(root).as_posix()] = raw
    return found


def _walk(root: Path) -> Iterator[Path]:
    for path in root.rglob("*"):
        parts = path.relative_to(root).parts
        if parts[0] in KEPT_APART or any(part.startswith(".") for part in parts):
            continue
        inside = path.is_file() and path.resolve().is_relative_to(root)
        if inside and path.suffix.lower() in _MOST_BYTES:
            yield path


def known_file(name: str) -> bool:
    """Tell whether the file is part of a plan; other layers of geo/ are nobody's business."""
    path = PurePosixPath(name)
    if name in PREVENTS or name in ("alerte/reglement.yaml", GEOPACKAGE):
        return True
    return path.suffix == ".yaml" and str(path.parent) in (CARDS, TEMPLATES)


def in_folder(names: Iterable[str], folder: str) -> list[str]:
    """List the YAML files that stand in one folder, in order."""
    return sorted(
        name
        for name in names
        if name.endswith(".yaml") and PurePosixPath(name).parent.as_posix() == folder
    )
