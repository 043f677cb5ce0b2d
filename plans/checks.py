"""What a plan must satisfy, all checks in one list (DOMAIN §2.2)."""

from plans.case import Case
from plans.check_events import (
    check_cards,
    check_commune,
    check_dates,
    check_levels,
    check_listed_hazards,
    check_lists,
    check_scenarios,
)
from plans.check_ground import (
    check_assets,
    check_capacity,
    check_outline,
    check_places,
    check_safety,
    check_sectors,
    check_zones,
)
from plans.check_people import (
    check_approvers,
    check_cells,
    check_dos,
    check_duty,
    check_ranks,
    check_reach,
    check_teams,
)
from plans.check_policy import check_caller, check_policy, check_sender
from plans.check_words import check_templates
from plans.references import check_references

CHECKS = (
    check_references,
    check_dos,
    check_approvers,
    check_cells,
    check_teams,
    check_duty,
    check_ranks,
    check_reach,
    check_lists,
    check_commune,
    check_levels,
    check_listed_hazards,
    check_scenarios,
    check_cards,
    check_dates,
    check_outline,
    check_sectors,
    check_assets,
    check_capacity,
    check_safety,
    check_places,
    check_zones,
    check_policy,
    check_sender,
    check_caller,
    check_templates,
)


def check_plan(case: Case) -> None:
    """Run every check; what they find is in `case.findings`."""
    for check in CHECKS:
        check(case)
