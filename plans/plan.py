"""Plan: a whole safeguard plan as frozen values, and how to look things up in it."""

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, TypeVar

from plans.alerting import AlertPolicy, MessageTemplate
from plans.commune import Commune, LegalDates, Level
from plans.ground import AssemblyPoint, Asset, Centre, CentreRules, HazardZone, Sector
from plans.means import Card, Resource
from plans.people import Cell, Contact, OnCall, OutsideService, Role, Team
from plans.risks import Hazard, Scenario
from plans.watch import WatchTimes
from zones.area import Area

REVISION_YEARS = 5
EXERCISE_YEARS = 5
ADOPTION_YEARS = 2


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


_I = TypeVar("_I", bound=_Identified)
_C = TypeVar("_C", bound=_Coded)


@dataclass(frozen=True)
class Plan:
    """What the commune decided. Ids are unique in each kind and every reference resolves.

    `function_names` are the commune's own words for the functions of the console; `radio_codes`
    what its fire service's radio codes say of a team, where they are not the usual ones; `watch`
    how long teams may be silent, by kind (plans/watch.py).

    The lookups (`scenario("crue")`…) raise KeyError with the id that is not there.
    """

    commune: Commune
    version: str
    policy: AlertPolicy
    dates: LegalDates = field(default_factory=LegalDates)
    public: bool = False
    listed_hazards: tuple[str, ...] = ()
    outline: Area | None = None
    levels: tuple[Level, ...] = ()
    roles: tuple[Role, ...] = ()
    function_names: Mapping[str, str] = field(default_factory=dict)
    cells: tuple[Cell, ...] = ()
    contacts: tuple[Contact, ...] = ()
    outside_services: tuple[OutsideService, ...] = ()
    on_call: tuple[OnCall, ...] = ()
    hazards: tuple[Hazard, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    sectors: tuple[Sector, ...] = ()
    hazard_zones: tuple[HazardZone, ...] = ()
    assets: tuple[Asset, ...] = ()
    resources: tuple[Resource, ...] = ()
    centres: tuple[Centre, ...] = ()
    centre_rules: CentreRules = field(default_factory=CentreRules)
    assembly_points: tuple[AssemblyPoint, ...] = ()
    teams: tuple[Team, ...] = ()
    radio_codes: Mapping[int, str] = field(default_factory=dict)
    watch: Mapping[str, WatchTimes] = field(default_factory=dict)
    cards: tuple[Card, ...] = ()
    templates: tuple[MessageTemplate, ...] = ()

    @property
    def revision_due(self) -> date | None:
        """Five years after the last revision (R731-8 CSI)."""
        return years_after(self.dates.revised_on, REVISION_YEARS)

    @property
    def evaluation_due(self) -> date | None:
        """Five years after the last evaluation (R731-8 CSI)."""
        return years_after(self.dates.evaluated_on, REVISION_YEARS)

    @property
    def exercise_due(self) -> date | None:
        """Five years after the last exercise or real event (D731-9 CSI)."""
        exercise = self.dates.exercise
        return years_after(exercise.held_on if exercise else None, EXERCISE_YEARS)

    @property
    def adoption_due(self) -> date | None:
        """Two years after the prefect's notification (L731-3 CSI)."""
        return years_after(self.dates.notified_on, ADOPTION_YEARS)

    def scenario(self, ident: str) -> Scenario:
        """Find the scenario with this id."""
        return _by_id(self.scenarios, ident)

    def template(self, ident: str) -> MessageTemplate:
        """Find the message template with this id."""
        return _by_id(self.templates, ident)

    def sector(self, ident: str) -> Sector:
        """Find the sector with this id."""
        return _by_id(self.sectors, ident)

    def contact(self, ident: str) -> Contact:
        """Find the contact with this id."""
        return _by_id(self.contacts, ident)

    def asset(self, ident: str) -> Asset:
        """Find the asset with this id."""
        return _by_id(self.assets, ident)

    def centre(self, ident: str) -> Centre:
        """Find the centre with this id."""
        return _by_id(self.centres, ident)

    def assembly_point(self, ident: str) -> AssemblyPoint:
        """Find the assembly point with this id."""
        return _by_id(self.assembly_points, ident)

    def team(self, ident: str) -> Team:
        """Find the team with this id."""
        return _by_id(self.teams, ident)

    def resource(self, ident: str) -> Resource:
        """Find the resource with this id."""
        return _by_id(self.resources, ident)

    def card(self, ident: str) -> Card:
        """Find the card with this id."""
        return _by_id(self.cards, ident)

    def role(self, code: str) -> Role:
        """Find the role with this code, such as DOS."""
        return _by_code(self.roles, code)

    def cell(self, code: str) -> Cell:
        """Find the cell with this code."""
        return _by_code(self.cells, code)

    def level(self, code: str) -> Level:
        """Find the level with this code."""
        return _by_code(self.levels, code)

    def hazard(self, code: str) -> Hazard:
        """Find the hazard with this code."""
        return _by_code(self.hazards, code)

    def approver_contacts(self) -> tuple[Contact, ...]:
        """List the people who may approve an alert: of the policy's roles, deputies included."""
        approving = set(self.policy.approvers)
        roles = (role for role in self.roles if role.code in approving or role.approves_alerts)
        people = dict.fromkeys(person for role in roles for person in role.people)
        return tuple(self.contact(person) for person in people)


def years_after(start: date | None, years: int) -> date | None:
    """Find the same day some years later; 29 February becomes 28 where the year has none."""
    if start is None or start.year + years > date.max.year:
        return None
    year = start.year + years
    last = calendar.monthrange(year, start.month)[1]
    return date(year, start.month, min(start.day, last))


def _by_id(things: Iterable[_I], ident: str) -> _I:
    for thing in things:
        if thing.id == ident:
            return thing
    raise KeyError(ident)


def _by_code(things: Iterable[_C], code: str) -> _C:
    for thing in things:
        if thing.code == code:
            return thing
    raise KeyError(code)
