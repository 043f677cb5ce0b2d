"""The files of a plan: which they are, which are missing and what this prevents."""

import os
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from plans import sentences as say
from plans.faults import Sentence
from plans.layers import GEOPACKAGE
from plans.yaml_lines import LARGEST
from zones.area import LAYER_LIMITS

MOST_FILES = 1_000
KEPT_APART = ("prive", "documents")
"""Folders that are no part of what is read: personal data, and papers."""

CARDS = "fiches"
TEMPLATES = "alerte/modeles"
POLICY = "alerte/reglement.yaml"
_FOLDERS = (CARDS, TEMPLATES, "alerte", "geo")
_MEANT = {"yml": "yaml", "json": "geojson", "shp": "geojson", "kml": "geojson"}
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


@dataclass(frozen=True)
class Found:
    """What a folder holds: the files of a plan, what stands in their place, other file names."""

    files: Mapping[str, bytes]
    strays: Mapping[str, Sentence]  # where a file or folder of the plan should be: why it is not
    others: tuple[str, ...] = ()


def files_of(folder: Path) -> dict[str, bytes]:
    """Read the files of a plan, as `look_into` finds them. Raises OSError."""
    return dict(look_into(folder).files)


def look_into(folder: Path) -> Found:
    """Read the files of a plan: relative POSIX path to content, in order.

    YAML, GeoJSON and GeoPackage only; not prive/, documents/, hidden files, or links that
    leave the folder. Of a file above its limit one byte too many is read, so that reading the
    plan refuses it without ever holding it. Raises OSError for the folder itself.
    """
    root = folder.resolve(strict=True)
    files: dict[str, bytes] = {}
    strays: dict[str, Sentence] = {}
    others: list[str] = []
    for name, path in sorted(_walk(root)):
        why = _why_not(name, path, root)
        most = _MOST_BYTES.get(path.suffix.lower())
        if why is not None:
            strays[name] = why
        elif most is None:
            others += [name] if path.is_file() else []
        elif _stays(path, root) and len(files) <= MOST_FILES:
            try:
                with path.open("rb") as file:
                    files[name] = file.read(most + 1)
            except OSError:
                strays[name] = say.UNREADABLE_FILE
    return Found(files, strays, tuple(others))


def _walk(root: Path) -> Iterator[tuple[str, Path]]:
    for path in root.rglob("*"):
        parts = path.relative_to(root).parts
        if parts[0] not in KEPT_APART and not any(part.startswith(".") for part in parts):
            yield path.relative_to(root).as_posix(), path


def _why_not(name: str, path: Path, root: Path) -> Sentence | None:
    """Say why what bears the name of a part of the plan cannot be it; None where it can."""
    if not name.isprintable() and path.suffix.lower() in _MOST_BYTES:
        return say.BAD_FILE_NAME  # also a name that is not UTF-8: nothing could show or keep it
    folder = name in _FOLDERS
    if not (folder or known_file(name)):
        return None
    if path.is_symlink() and (folder or not _stays(path, root)):
        return say.LINK_OUT
    if folder and path.is_dir():  # a walk passes over what it may not open without a word
        return None if os.access(path, os.R_OK | os.X_OK) else say.UNREADABLE_FILE
    if folder:
        return say.NOT_A_FOLDER
    return None if path.is_file() else say.NOT_A_FILE


def _stays(path: Path, root: Path) -> bool:
    """Tell whether a link ends at a file of the folder, kept apart from nothing."""
    if not path.is_file():
        return False
    end = path.resolve()
    return end.is_relative_to(root) and end.relative_to(root).parts[0] not in KEPT_APART


def known_file(name: str) -> bool:
    """Tell whether the file is part of a plan; other layers of geo/ are nobody's business."""
    path = PurePosixPath(name)
    if name in PREVENTS or name in (POLICY, GEOPACKAGE):
        return True
    return path.suffix == ".yaml" and str(path.parent) in (CARDS, TEMPLATES)


def in_folder(names: Iterable[str], folder: str) -> list[str]:
    """List the YAML files that stand in one folder, in order."""
    return sorted(
        name
        for name in names
        if name.endswith(".yaml") and PurePosixPath(name).parent.as_posix() == folder
    )


def likely(name: str) -> str:
    """Guess which file of a plan was meant by a name in capitals, elsewhere, or ending wrongly."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    for ending in (".txt", ".gz"):
        bare = bare.removesuffix(ending)
    stem, _, ending = bare.rpartition(".")
    bare = f"{stem}.{_MEANT.get(ending.lower(), ending.lower())}"
    for guess in (bare, bare.lower()):
        if guess != name and known_file(guess):
            return guess
    last = bare.lower().rpartition("/")[2]
    return next((known for known in (*PREVENTS, POLICY) if known.rpartition("/")[2] == last), "")


def parts_below(name: str) -> list[str]:
    """List the files and folders of a plan that a file or a folder holds."""
    parts = (*PREVENTS, POLICY, GEOPACKAGE, f"{CARDS}/", f"{TEMPLATES}/")
    return [name, *(part for part in parts if part.startswith(f"{name}/"))]
