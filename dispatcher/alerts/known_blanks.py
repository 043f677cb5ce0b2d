"""What fills a message's blanks without anybody typing it, and where each value comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from dispatcher.alerts.local_hour import local_hour
from plans.alerting import MessageTemplate
from plans.plan import Plan

Source = Literal["sectors", "plan", "event", "clock"]


@dataclass(frozen=True)
class Moment:
    """What a message is written in: the hour, and the scenario and level (a code) of the event."""

    at: datetime
    scenario: str | None = None
    level: str | None = None

    def of(self, template: MessageTemplate) -> "Moment":
        """Return the same; where no event says its level, the template's own stands."""
        return Moment(self.at, self.scenario, self.level or template.level)


@dataclass(frozen=True)
class Known:
    """A value for a blank and who knows it."""

    value: str
    source: Source


def known_blanks(
    plan: Plan, sectors: tuple[str, ...], moment: Moment | None = None
) -> Mapping[str, Known]:
    """Return what is known for `KNOWN_BLANKS` but {lien}; a blank that nothing fills is absent.

    Hours and dates are those of the commune's clocks at `moment`.
    """
    found = {**_of_sectors(plan, sectors), **_of_plan(plan), **_of_moment(plan, moment)}
    return {name: known for name, known in found.items() if known.value}


def _of_sectors(plan: Plan, sectors: tuple[str, ...]) -> dict[str, Known]:
    named = [plan.sector(ident) for ident in sectors]
    points = {one.id: one for one in plan.assembly_points}
    meeting = [
        points[sector.assembly_point].label for sector in named if sector.assembly_point in points
    ]
    return {
        "secteur": Known(", ".join(sector.name for sector in named), "sectors"),
        "point": Known(", ".join(dict.fromkeys(meeting)), "sectors"),
    }


def _of_plan(plan: Plan) -> dict[str, Known]:
    centres = [centre.label for centre in plan.centres if centre.kind == "CARE"]
    # The number that the plan gives to residents, else the one that calls show: never one of the
    # directory, which are people's own.
    phone = plan.commune.information_phone or plan.policy.caller_number or ""
    return {
        "commune": Known(plan.commune.name, "plan"),
        "centre": Known(centres[0] if centres else "", "plan"),
        "tel": Known(national(phone), "plan"),
    }


def _of_moment(plan: Plan, moment: Moment | None) -> dict[str, Known]:
    if moment is None:
        return {}
    scenarios = {one.id: one.label for one in plan.scenarios}
    levels = {one.code: one.label for one in plan.levels}
    zone = ZoneInfo(plan.commune.timezone)
    return {
        "scenario": Known(scenarios.get(moment.scenario or "", ""), "event"),
        "niveau": Known(levels.get(moment.level or "", ""), "event"),
        "heure": Known(local_hour(moment.at, zone), "clock"),
        "date": Known(f"{moment.at.astimezone(zone):%d/%m/%Y}", "clock"),
    }


def national(phone: str) -> str:
    """Write a French number as people read it: 01 99 00 12 12."""
    if not (phone.startswith("+33") and len(phone) == len("+33199001212")):
        return phone
    digits = "0" + phone.removeprefix("+33")
    return " ".join(digits[start : start + 2] for start in range(0, len(digits), 2))
