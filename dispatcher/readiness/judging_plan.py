"""What the plan holds ready, and the clocks of the law: R731-8 and D731-9 CSI. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

from dispatcher.alerts.drafting import LIFE_THREATENING
from dispatcher.readiness.lines import Line, not_ready, ready, warning
from plans.plan import EXERCISE_YEARS, Plan, years_after

SOON = timedelta(days=183)  # half a year: what a revision, or an exercise, takes to prepare
GENERIC = "danger_immediat"


def judge_templates(plan: Plan) -> Line:
    """Judge the templates that an emergency may use at once, a generic one among them."""
    approved = [one for one in plan.templates if one.pre_approved]
    found = [one.id for one in approved if one.cap.severity in LIFE_THREATENING]
    remedy = (
        "Dans le plan, écrivez « prevalide: true » sur les modèles validés d'avance, dont un "
        "« danger_immediat » qui sert à tout, de gravité Severe ou Extreme."
    )
    if approved and not found:
        said = "Aucun des modèles validés d'avance ne dit de danger grave : l'urgence les refuse."
        return not_ready("templates", said, remedy)
    if not found:
        return not_ready("templates", "Aucun modèle n'est validé d'avance.", remedy)
    names = ", ".join(found)
    if GENERIC not in found:
        said = (
            "Aucun modèle général « danger_immediat » parmi les modèles validés d'avance : "
            "%(names)s."
        )
        return not_ready("templates", said, remedy, names=names)
    return ready("templates", "Modèles validés d'avance : %(names)s.", names=names)


def judge_revision(plan: Plan, *, today: date) -> Line:
    """Judge the revision, due every 5 years (R731-8)."""
    return _clock(
        "revision",
        plan.revision_due,
        on=plan.dates.revised_on,
        today=today,
        ahead="Le plan dit avoir été révisé le %(on)s : cette date n'est pas encore passée.",
        never="Le plan ne dit pas quand il a été révisé (R731-8 : tous les 5 ans).",
        late="La révision du plan était due le %(due)s (R731-8 : tous les 5 ans).",
        soon="La révision du plan est due le %(due)s (R731-8 : tous les 5 ans).",
        well="La prochaine révision du plan est due le %(due)s (R731-8).",
        remedy="Révisez le plan, puis notez « derniere_revision ».",
        correct="Corrigez « derniere_revision » dans le plan : la date du jour où c'était fait.",
    )  # fmt: skip


def judge_evaluation(plan: Plan, *, today: date) -> Line:
    """Judge the evaluation, due every 5 years (R731-8)."""
    return _clock(
        "evaluation",
        plan.evaluation_due,
        on=plan.dates.evaluated_on,
        today=today,
        ahead="Le plan dit avoir été évalué le %(on)s : cette date n'est pas encore passée.",
        never="Le plan ne dit pas quand il a été évalué (R731-8 : tous les 5 ans).",
        late="L'évaluation du plan était due le %(due)s (R731-8 : tous les 5 ans).",
        soon="L'évaluation du plan est due le %(due)s (R731-8 : tous les 5 ans).",
        well="La prochaine évaluation du plan est due le %(due)s (R731-8).",
        remedy="Évaluez le plan, puis notez « derniere_evaluation ».",
        correct="Corrigez « derniere_evaluation » dans le plan : la date du jour où c'était fait.",
    )  # fmt: skip


@dataclass(frozen=True)
class Played:
    """The last days on which the plan was activated for real, or played as an exercise."""

    real: date | None = None
    exercise: date | None = None


def judge_exercise(plan: Plan, played: Played, *, today: date) -> Line:
    """Judge the exercise, due every 5 years; a real activation replaces it (D731-9)."""
    written = plan.dates.exercise.held_on if plan.dates.exercise else None
    last = max((one for one in (written, played.real, played.exercise) if one), default=None)
    return _clock(
        "exercise",
        years_after(last, EXERCISE_YEARS),
        on=written,
        today=today,
        ahead="Le plan dit qu'un exercice a eu lieu le %(on)s : ce jour n'est pas encore passé.",
        never="Ni exercice ni activation réelle ne sont connus (D731-9 : tous les 5 ans).",
        late="L'exercice était dû le %(due)s (D731-9 : tous les 5 ans).",
        soon="L'exercice est dû le %(due)s (D731-9 : tous les 5 ans).",
        well="Le prochain exercice est dû le %(due)s (D731-9).",
        remedy=(
            "Jouez un exercice (ouvrez un événement en mode EXERCICE) ; une activation réelle "
            "compte."
        ),
        correct="Corrigez « dernier_exercice » dans le plan : la date du jour où c'était fait.",
    )  # fmt: skip


def _clock(subject: str, due: date | None, *, on: date | None, today: date, **said: str) -> Line:
    """Judge a clock of the law; one that runs from a day to come, `on`, runs from nothing done."""
    if on is not None and on > today:
        return not_ready(subject, said["ahead"], said["correct"], on=f"{on:%d/%m/%Y}")
    if due is None:
        return not_ready(subject, said["never"], said["remedy"])
    day = f"{due:%d/%m/%Y}"
    if due < today:
        return not_ready(subject, said["late"], said["remedy"], due=day)
    if due - today <= SOON:
        return warning(subject, said["soon"], said["remedy"], due=day)
    return ready(subject, said["well"], due=day)
