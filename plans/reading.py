"""A folder of YAML and map layers becomes a Plan, or every fault with file, line and path."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NotRequired, TypedDict, Unpack

from plans import sentences as say
from plans.case import Case, Measure, SenderCheck
from plans.check_files import check_files
from plans.checks import check_plan
from plans.faults import Findings, Language, PlanFault, Spot
from plans.folder import MOST_FILES, Found, files_of, look_into
from plans.gathering import gather
from plans.plan import Plan

__all__ = ["PlanFault", "Reading", "files_of", "read_folder", "read_found", "read_plan"]


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
        found = look_into(folder)
    except OSError:
        findings = Findings(judges.get("language", "fr"))
        findings.fault(Spot("pcs.yaml"), say.UNREADABLE_FILE)
        return Reading(None, tuple(findings.faults))
    return read_found(found, **judges)


def read_plan(files: Mapping[str, bytes], **judges: Unpack[Judges]) -> Reading:
    """Read a plan from its files, relative POSIX path to content, as `files_of` gives them.

    Whatever the bytes, nothing is raised: each problem is a fault with its file and a line
    from 1, all of them at once.
    """
    return read_found(Found(files, {}), **judges)


def read_found(found: Found, **judges: Unpack[Judges]) -> Reading:
    """Read a plan as `read_plan` does, and tell what stands in the place of its files."""
    files = found.files
    findings = Findings(judges.get("language", "fr"))
    if len(files) > MOST_FILES:
        findings.fault(Spot("pcs.yaml"), say.TOO_MANY_FILES, most=MOST_FILES)
        return Reading(None, tuple(findings.faults))
    check_files(found, findings)
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
    findings.close(say.MORE)
    faults = tuple(sorted(findings.faults, key=_in_order))
    warnings = tuple(sorted(findings.warnings, key=_in_order))
    return Reading(None if faults else plan, faults, warnings)


def _in_order(fault: PlanFault) -> tuple[str, int]:
    return fault.file, fault.line
