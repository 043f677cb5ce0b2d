"""Checks of the files themselves: what is missing, what stands in their place, what is not read."""

from plans import sentences as say
from plans.faults import Findings, Spot
from plans.folder import PREVENTS, REQUIRED, Found, known_file, likely, parts_below


def check_files(found: Found, findings: Findings) -> None:
    """Tell what is no file, what is missing and what this prevents, and what is not read.

    What is required and not there is noted as unread, so that nothing that leans on it is blamed.
    """
    for name, why in found.strays.items():
        findings.fault(Spot(name), why)
        findings.unread.update(parts_below(name))
    for name in PREVENTS:
        if name not in found.files and name not in findings.unread:
            _tell_missing(name, found, findings)
    for name in found.files:
        if not known_file(name):
            _tell_unknown(name, findings)
    for name in found.others:
        if likely(name) and likely(name) not in found.files:
            _tell_unknown(name, findings)


def _tell_missing(name: str, found: Found, findings: Findings) -> None:
    if name.startswith("geo/") and "geo/pcs.gpkg" in found.files:
        return
    note = findings.fault if name in REQUIRED else findings.warn
    note(Spot(name), say.MISSING_FILE, prevents=PREVENTS[name])
    if name in REQUIRED:
        findings.unread.add(name)


def _tell_unknown(name: str, findings: Findings) -> None:
    guess = likely(name)
    known, likeness = ([guess], 0.6) if guess else (list(PREVENTS), 0.85)
    near = findings.near(guess or name, known, likeness=likeness)
    if near or not name.startswith("geo/"):
        findings.warn(Spot(name), say.UNKNOWN_FILE, near=near)
    elif name.endswith(".gpkg"):
        findings.warn(Spot(name), say.UNKNOWN_DRAWING)
