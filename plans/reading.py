"""A folder of YAML and map layers becomes a Plan, or every fault with file, line and path."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NotRequired, TypedDict, Unpack

from plans import sentences as say
from plans.case import Case, Measure, SenderCheck
from plans.checks import check_plan
from plans.faults import Findings, Language, PlanFault, Spot
from plans.folder import MOST_FILES, PREVENTS, REQUIRED, files_of, known_file
from plans.gathering import gather
from plans.plan import Plan

__all__ = ["PlanFault", "Reading", "files_of", "read_folder", "read_plan"]


class Judges(TypedDict):
    """What a reading is given: the day, who measures an SMS, who judges a sender name.

    `invented` demands numbers and
    addresses kept for fiction; `language` is that of the messages, French by default.
    """

    today: date
    measure: Measure
    sender_fault: SenderCheck
    invented: NotRequired[bool]
    language: NotRequired[Language]


@dataclass(frozen=True)
class Reading:
    """A plan that was read: None with faults, in force with warnings at most."""

    plan: Plan | None
    faults: tuple[PlanFault, ...] = ()
    warnings: tuple[PlanFault, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether the plan may come into force."""
        return self.plan is not None

    def as_dict(self) -> dict[str, object]:
        """Give the answer of `plan check --json`."""
        return {
            "valid": self.valid,
            "faults": [fault.as_dict() for fault in self.faults],
            "warnings": [warning.as_dict() for warning in self.warnings],
        }


def read_folder(folder: Path, **judges: Unpack[Judges]) -> Reading:
    """Read the plan in a folder; a folder that cannot be read is a fault, never an error."""
    try:
        files = files_of(folder)
    except OSError:
        findings = Findings(judges.get("language", "fr"))
        findings.fault(Spot("pcs.yaml"), say.UNREADABLE_FILE)
        return Reading(None, tuple(findings.faults))
    return read_plan(files, **judges)


def read_plan(files: Mapping[str, bytes], **judges: Unpack[Judges]) -> Reading:
    """Read a plan from its files, relative POSIX path to content, as `files_of` gives them.

    Whatever the bytes, nothing is raised: each problem is a fault with its file and a line
    from 1, all of them at once.
    """
    findings = Findings(judges.get("language", "fr"))
    if len(files) > MOST_FILES:
        findings.fault(Spot("pcs.yaml"), say.TOO_MANY_FILES, most=MOST_FILES)
        return Reading(None, tuple(findings.faults))
    _check_files(files, findings)
    sender_fault = judges["sender_fault"]
    plan, written = gather(files, findings, sender_fault=sender_fault)
    findings.settle()
    check_plan(
        Case(
            plan,
            written,
            findings=findings,
            today=judges["today"],
            measure=judges["measure"],
            sender_fault=sender_fault,
            invented=judges.get("invented", False),
        )
    )
    faults = tuple(sorted(findings.faults, key=_in_order))
    warnings = tuple(sorted(findings.warnings, key=_in_order))
    return Reading(None if faults else plan, faults, warnings)


def _in_order(fault: PlanFault) -> tuple[str, int]:
    return fault.file, fault.line


def _check_files(files: Mapping[str, bytes], findings: Findings) -> None:
    for name, prevents in PREVENTS.items():
        if name in files or (name.startswith("geo/") and "geo/pcs.gpkg" in files):
            continue
        note = findings.fault if name in REQUIRED else findings.warn
        note(Spot(name), say.MISSING_FILE, prevents=prevents)
    for name in files:
        if known_file(name):
            continue
        near = findings.near(name, PREVENTS, likeness=0.85)
        if near or not name.startswith("geo/"):
            findings.warn(Spot(name), say.UNKNOWN_FILE, near=near)
