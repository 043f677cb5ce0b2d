"""Checks of what may happen: scenarios, triggers, cards, levels, and the legal dates."""

from datetime import date

from plans import check_sentences as say
from plans import sentences
from plans.case import Case
from plans.faults import Sentence, Spot
from plans.folder import PREVENTS
from plans.forms_plan import department_of
from plans.risks import Scenario, Trigger

RISKS_FILE = "risques.yaml"
CARDS_FOLDER = "fiches/"
MANIFEST_FILE = "pcs.yaml"

_INVENTED = "99"  # INSEE codes of no French department: abroad, and communes of fiction

# What each source needs before it can fire: field of the value, key of the file.
_NEEDS = {
    "vigilance_meteo": (("phenomenon", "phenomene"), ("colour_min", "couleur_min")),
    "vigicrues_troncon": (("code", "code"), ("source_level_min", "niveau_min")),
    "station_hydro": (("code", "code"), ("quantity", "grandeur"), ("threshold", "seuil")),
    "atmo": (("source_level_min", "niveau_min"),),
    "manuel": (),
}
_VIGICRUES_MOST = 4  # red; only the index of the air goes to 6
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
        ("risque", scenario.hazard, say.NO_HAZARD),
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
    if trigger.source == "vigicrues_troncon" and (trigger.source_level_min or 1) > _VIGICRUES_MOST:
        case.findings.fault(spot, say.BEYOND_VIGICRUES, most=_VIGICRUES_MOST)
    unit = _UNITS.get(trigger.quantity or "")
    if unit and trigger.unit and trigger.unit != unit:
        case.findings.fault(spot, say.WRONG_UNIT, quantity=trigger.quantity, unit=unit)


def check_cards(case: Case) -> None:
    """Each card says something to do, and no two steps bear the same number."""
    if not case.plan.cards and not case.unread(CARDS_FOLDER):
        case.findings.warn(Spot(CARDS_FOLDER), say.NO_CARD)
    for card in case.plan.cards:
        numbers = [step.number for step in card.steps]
        twins = sorted({number for number in numbers if numbers.count(number) > 1})
        if twins:
            spot = case.findings.spot_of("card", card.id, key="etapes")
            shown = ", ".join(map(str, twins))
            case.findings.warn(spot, say.TWIN_STEP, ident=card.id, numbers=shown)
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
    _check_past(case)
    _check_due(plan.revision_due, "derniere_revision", say.REVISION_DUE, case=case)
    _check_due(plan.exercise_due, "dernier_exercice", say.EXERCISE_DUE, case=case)
    if plan.dates.adoption is None or plan.dates.adoption.signed_on is None:
        _check_due(plan.adoption_due, "notification_prefet", say.ADOPTION_DUE, case=case)
    if not case.written.version:
        spot = case.findings.spot_of("plan", key="version", file=MANIFEST_FILE, under="plan.")
        case.findings.warn(spot, say.NO_VERSION)


def _check_past(case: Case) -> None:
    """Check that what was done bears a date that is past."""
    dates = case.plan.dates
    held = (
        ("arrete", dates.adoption.signed_on if dates.adoption else None),
        ("notification_prefet", dates.notified_on),
        ("derniere_revision", dates.revised_on),
        ("derniere_evaluation", dates.evaluated_on),
        ("dernier_exercice", dates.exercise.held_on if dates.exercise else None),
    )
    for key, day in held:
        if day is not None and day > case.today:
            spot = case.findings.spot_of("plan", key=key, file=MANIFEST_FILE, under="plan.")
            case.findings.warn(spot, say.FUTURE_DATE, key=key, day=day.isoformat())


def check_commune(case: Case) -> None:
    """Check that the department is that of the commune: weather warnings are sorted by it."""
    commune = case.plan.commune
    if commune.insee.startswith(_INVENTED) or case.unread(MANIFEST_FILE):
        return
    own = department_of(commune.insee)
    if commune.department != own:
        spot = case.findings.spot_of("commune", key="departement", file=MANIFEST_FILE)
        found = commune.department
        case.findings.warn(spot, say.OTHER_DEPARTMENT, found=found, insee=commune.insee, own=own)


def check_lists(case: Case) -> None:
    """Tell of a file that is there and lists nothing: it prevents what its absence would."""
    plan, find = case.plan, case.findings
    lists = (
        ("means", "moyens", plan.resources),
        ("centres", "centres", plan.centres),
        ("teams", "equipes", plan.teams),
    )
    for kind, key, held in lists:
        file = f"{key}.yaml"
        if not held and (kind, "") in find.origins and not case.unread(file):
            find.warn(find.spot_of(kind, key=key), sentences.EMPTY_LIST, prevents=PREVENTS[file])


def _check_due(due: date | None, key: str, overdue: Sentence, *, case: Case) -> None:
    spot = case.findings.spot_of("plan", key=key, file=MANIFEST_FILE, under="plan.")
    if due is None:
        case.findings.warn(spot, say.NO_DATE, key=key)
    elif due < case.today:
        case.findings.warn(spot, overdue, due=due.isoformat())
