"""What the binder holds, from the plan in force and the register: tables, cards, maps, streets."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from dispatcher.alerts.audience import site_person
from dispatcher.alerts.call_list import split_label
from dispatcher.alerts.office import Office
from dispatcher.binder.maps import sector_map
from dispatcher.store.everyone import Enrolled, everyone
from plans.ground import Sector
from plans.means import Card
from plans.plan import Plan
from zones.population import Population

BLANK_PAGES = 6
MOST_ON_PAPER = 10_000  # people of the printed call list: beyond, the CSV alone has them
WEEKS = 8  # of the on-call table: beyond, another binder was made long ago
ALERTED = "Alerté ? à"  # written by hand, as the directories of a PCS have it (DOMAIN.md §1.5)
NOWHERE, SITES = "Sans adresse", "Sites sensibles du plan"


@dataclass(frozen=True)
class ToReach:
    """Somebody of the call list: where, and by which numbers."""

    sector: str
    street: str
    number: str
    name: str
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    language: str
    notes: str

    @property
    def order(self) -> tuple[object, ...]:
        """Return the place in a walk: street, number, name; what has none last."""
        figure = "".join(one for one in self.number if one.isdigit())
        return (self.street == "", self.street.lower(), int(figure or 0), self.number, self.name)


async def to_reach(office: Office, plan: Plan) -> list[ToReach]:
    """Return everybody enrolled, street by street."""
    enrolled = [one async for one in everyone(office.ledger, office.commune)]
    people = [one for one in enrolled if not one.person.on_duty]  # these are in the directory
    sectors = _sectors(people, plan)
    sites = {site_person(asset.id) for asset in plan.assets}
    return sorted(
        (
            _reached(one, sector, site=one.person.id in sites)
            for one, sector in zip(people, sectors, strict=True)
        ),
        key=lambda one: one.order,
    )


def _reached(one: Enrolled, sector: str, *, site: bool) -> ToReach:
    label = one.homes[0].label if one.homes else ""
    number, street = ("", SITES) if site else split_label(label)
    person = one.person
    notes = [
        *(["à prévenir en premier"] if person.warn_first else []),
        *(["aide pour partir"] if person.help_to_leave else []),
        *([f"langue : {person.language}"] if person.language != "fr" else []),
    ]
    return ToReach(
        sector,
        street,
        number,
        person.name,
        tuple(way.value for way in person.contacts if way.kind in ("mobile", "fixed")),
        tuple(way.value for way in person.contacts if way.kind == "email"),
        person.language,
        ", ".join(notes),
    )


def _sectors(people: Sequence[Enrolled], plan: Plan) -> list[str]:
    first = [one.homes[0] if one.homes else None for one in people]
    lon = np.array([h.lon if h and h.lon is not None else np.nan for h in first], dtype=np.float64)
    lat = np.array([h.lat if h and h.lat is not None else np.nan for h in first], dtype=np.float64)
    where = Population.of([""] * len(people), lon, lat)
    names = [""] * len(people)
    for sector in plan.sectors:
        for row in where.inside(sector.area):
            names[row] = names[row] or sector.name
    return names


def form(
    plan: Plan, people: Sequence[ToReach], *, ground: Sequence[Mapping[str, Any]], now: datetime
) -> dict[str, object]:
    """Return what the form `binder` shows; `ground` are lines of the plan's own GeoJSON."""
    printed = people if len(people) <= MOST_ON_PAPER else ()
    lines = [shape(dict(one)) for one in ground]
    return {
        "title": f"Classeur de crise · {plan.commune.name}",
        "issuer": plan.commune.name,
        "commune": plan.commune.name,
        "version": plan.version,
        "made": f"{now:%d/%m/%Y à %H:%M}",
        "tables": [
            _on_call(plan, now),
            _roles(plan),
            _directory(plan),
            _services(plan),
            _centres(plan),
            _means(plan),
        ],
        "cards": [_card(one) for one in plan.cards],
        "maps": [_map(plan, one, lines) for one in plan.sectors],
        "streets": _streets(printed),
        "blank": BLANK_PAGES,
    }


def _map(plan: Plan, sector: Sector, lines: Sequence[BaseGeometry]) -> dict[str, object]:
    drawn = sector_map(plan, sector, lines)
    return {
        "title": sector.name,
        "under": f"{sector.population or '?'} personnes, priorité {sector.priority}",
        "svg": drawn.svg,
        "alt": f"Carte du secteur {sector.name} : limites, zones d'aléa, rues, signes numérotés.",
        "legend": [f"{number}. {label}" for number, label in enumerate(drawn.legend, 1)],
    }


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> dict[str, object]:
    widths = [1] * len(head)
    return {
        "title": title, "head": list(head), "rows": [list(row) for row in rows], "widths": widths,
        "empty": "Rien dans le plan.",
    }  # fmt: skip


def _to_alert(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> dict[str, object]:
    """Return a table of people with a column in which one writes who was alerted, and when."""
    table = _table(title, (*head, ALERTED), ((*row, "") for row in rows))
    return {**table, "widths": [*([1.0] * len(head)), 0.55]}


def _on_call(plan: Plan, now: datetime) -> dict[str, object]:
    """Return who is on call this week and those that follow; `now` is on the commune's clock."""
    year, week, _ = now.isocalendar()
    here = f"{year}-W{week:02d}"
    coming = sorted((one for one in plan.on_call if one.week >= here), key=lambda one: one.week)
    rows = [
        (_week(one.week, current=one.week == here), _name(plan, one.official),
         _name(plan, one.technician))
        for one in coming[:WEEKS]
    ]  # fmt: skip
    return {
        **_to_alert("Astreinte", ("Semaine", "Élu d'astreinte", "Agent d'astreinte"), rows),
        "empty": "Le plan ne nomme personne d'astreinte cette semaine ni après : appelez le maire.",
    }


def _week(name: str, *, current: bool) -> str:
    monday = datetime.strptime(f"{name}-1", "%G-W%V-%u").date()  # noqa: DTZ007 - a date alone
    said = f"du {monday:%d/%m} au {monday + timedelta(days=6):%d/%m/%Y}"
    return f"CETTE SEMAINE\n{said}" if current else said


def _name(plan: Plan, ident: str | None) -> str:
    """Return a contact as one calls it: name and numbers."""
    if not ident:
        return ""
    contact = plan.contact(ident)
    return "\n".join((contact.full_name, *contact.phones))


def _roles(plan: Plan) -> dict[str, object]:
    rows = [
        (role.label or role.code, _name(plan, role.holder),
         "\n".join(_name(plan, one) for one in role.deputies))
        for role in plan.roles
    ]  # fmt: skip
    rows += [(cell.label, _name(plan, cell.lead), _name(plan, cell.deputy)) for cell in plan.cells]
    rows += [
        (f"Équipe {team.call_sign}", _name(plan, team.leader),
         "\n".join(_name(plan, one) for one in team.members))
        for team in plan.teams
    ]  # fmt: skip
    return _to_alert("Qui fait quoi", ("Fonction", "Titulaire", "Suppléants, équipiers"), rows)


def _directory(plan: Plan) -> dict[str, object]:
    rows = [
        (one.full_name, ", ".join(filter(None, (one.title, one.organisation))),
         "\n".join(one.phones), one.email or "")
        for one in sorted(plan.contacts, key=lambda one: one.full_name)
    ]  # fmt: skip
    return _to_alert("Annuaire", ("Nom", "Qualité", "Téléphones", "Courriel"), rows)


def _services(plan: Plan) -> dict[str, object]:
    rows = [
        (one.name, "\n".join(one.phones), one.email or "", one.when or "")
        for one in plan.outside_services
    ]
    return _to_alert("Services extérieurs", ("Service", "Téléphones", "Courriel", "Quand"), rows)


def _centres(plan: Plan) -> dict[str, object]:
    rows = [
        (one.label, one.kind, f"{one.capacity or '?'} places, {one.beds or 0} lits",
         one.keys or "", _name(plan, one.lead))
        for one in plan.centres
    ]  # fmt: skip
    return _to_alert("Centres", ("Centre", "Sorte", "Capacité", "Clés", "Responsable"), rows)


def _means(plan: Plan) -> dict[str, object]:
    rows = [
        (one.label, f"{one.quantity:g} {one.unit}", one.storage or "", one.owner,
         _name(plan, one.contact))
        for one in plan.resources
    ]  # fmt: skip
    return _table("Moyens", ("Moyen", "Quantité", "Où", "À qui", "Contact"), rows)


def _card(found: Card) -> dict[str, object]:
    under = ", ".join(
        filter(
            None,
            (
                found.id,
                f"version {found.version}" if found.version else "",
                f"du {found.dated:%d/%m/%Y}" if found.dated else "",
                f"pour {', '.join(found.cells)}" if found.cells else "",
            ),
        )
    )
    steps = [[str(one.number), one.text, one.cell or "", ""] for one in found.steps]
    return {"title": found.title, "under": under, "steps": steps}


def _streets(people: Sequence[ToReach]) -> list[dict[str, object]]:
    by_street: defaultdict[str, list[list[str]]] = defaultdict(list)
    for one in people:
        row = [one.number, one.name, "\n".join(one.phones or one.emails), one.notes, ""]
        by_street[one.street or NOWHERE].append(row)
    return [{"title": street, "rows": rows} for street, rows in by_street.items()]
