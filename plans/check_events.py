"""Checks of what may happen: scenarios, triggers, cards, levels, and the legal dates."""

from datetime import date

from plans import check_sentences as say
from plans.case import Case
from plans.faults import Sentence, Spot
from plans.risks import Scenario, Trigger

RISKS_FILE = "risques.yaml"
MANIFEST_FILE = "pcs.yaml"

# What each source needs before it can fire: field of the value, key of the file.
_NEEDS = {
    "vigilance_meteo": (("phenomenon", "phenomene"), ("colour_min", "couleur_min")),
    "vigicrues_troncon": (("code", "code"), ("source_level_min", "niveau_min")),
    "station_hydro": (("code", "code"), ("quantity", "grandeur"), ("threshold", "seuil")),
    "atmo": (("source_level_min", "niveau_min"),),
    "manuel": (),
}
_UNITS = {"H": "m", "Q": "m3/s"}


def check_scenarios(case: Case) -> None:
    """Each scenario has words, cards and ground."""
    find = case.findings
    if not case.plan.scenarios and ("risks", "") in find.origins:
        find.warn(find.spot_of("risks", key="scenarios"), say.NO_SCENARIOS)
    for scenario in case.plan.scenarios:
        _check_scenario(scenario, case)
        for index, trigger in enumerate(scenario.triggers):
            spot = find.spot_of("scenario", scenario.id, key=f"declencheurs[{index}]")
            _check_trigger(trigger, spot, case)


def _check_scenario(scenario: Scenario, case: Case) -> None:
    lacks = (
        ("modeles", scenario.templates, say.NO_TEMPLATES),
        ("fiches", scenario.cards, say.NO_CARDS),
        ("secteurs", scenario.sectors, say.NO_SECTORS),
    )
    for key, held, sentence in lacks:
        if not held:
            spot = case.findings.spot_of("scenario", scenario.id, key=key)
            case.findings.warn(spot, sentence, ident=scenario.id)


def _check_trigger(trigger: Trigger, spot: Spot, case: Case) -> None:
    lacking = [key for field, key in _NEEDS[trigger.source] if getattr(trigger, field) is None]
    if lacking:
        keys = ", ".join(lacking)
        case.findings.fault(spot, say.DUMB_TRIGGER, source=trigger.source, keys=keys)
    unit = _UNITS.get(trigger.quantity or "")
    if unit and trigger.unit and trigger.unit != unit:
        case.findings.fault(spot, say.WRONG_UNIT, quantity=trigger.quantity, unit=unit)


def check_cards(case: Case) -> None:
    """Each card says something to do."""
    for card in case.plan.cards:
        if not card.steps:
            spot = case.findings.spot_of("card", card.id, key="etapes")
            case.findings.warn(spot, say.NO_STEPS, ident=card.id)


def check_levels(case: Case) -> None:
    """Levels are there, and in order."""
    find = case.findings
    if not case.written.levels and not case.unread(MANIFEST_FILE):
        find.warn(find.spot_of("manifest", key="niveaux", file=MANIFEST_FILE), say.NO_LEVELS)
    seen: dict[int, str] = {}
    for level in case.plan.levels:
        first = seen.setdefault(level.order, level.code)
        if first != level.code:
            spot = find.spot_of("level", level.code, key="ordre")
            find.fault(spot, say.TWIN_ORDER, first=first, second=level.code)


def check_listed_hazards(case: Case) -> None:
    """Each hazard the commune lists is described."""
    known = {hazard.code for hazard in case.plan.hazards}
    codes = [code for code in case.plan.listed_hazards if code not in known]
    if codes and not case.unread(RISKS_FILE):
        spot = case.findings.spot_of("manifest", key="risques_recenses", file=MANIFEST_FILE)
        case.findings.warn(spot, say.UNDESCRIBED, codes=", ".join(codes))


def check_dates(case: Case) -> None:
    """Watch the deadlines of the law: adoption, revision, exercise."""
    if case.unread(MANIFEST_FILE):
        return
    plan = case.plan
    _check_due(plan.revision_due, "derniere_revision", say.REVISION_DUE, case=case)
    _check_due(plan.exercise_due, "dernier_exercice", say.EXERCISE_DUE, case=case)
    if plan.dates.adoption is None or plan.dates.adoption.signed_on is None:
        _check_due(plan.adoption_due, "notification_prefet", say.ADOPTION_DUE, case=case)
    if not case.written.version:
        spot = case.findings.spot_of("plan", key="version", file=MANIFEST_FILE)
        case.findings.warn(spot, say.NO_VERSION)


def _check_due(due: date | None, key: str, overdue: Sentence, *, case: Case) -> None:
    spot = case.findings.spot_of("plan", key=key, file=MANIFEST_FILE)
    if due is None:
        case.findings.warn(spot, say.NO_DATE, key=key)
    elif due < case.today:
        case.findings.warn(spot, overdue, due=due.isoformat())
