"""Who would be there tonight: approvers, duty, three telephones tried, residents. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dispatcher.readiness.lines import Line, not_ready, ready, unknown, warning
from plans.people import Contact
from plans.plan import Plan

APPROVING = ("dos", "deputy")
ENOUGH_APPROVERS = 2
TRIED_PHONES = 3
TRIAL_DAYS = 30.0
FEW_COVERED_PCT, SOME_COVERED_PCT = 10, 50
_DAY_S = 86_400.0


@dataclass(frozen=True)
class Approver:
    """Somebody who may approve tonight: has she a telephone, an account with a second factor."""

    name: str
    phone: bool
    account: bool

    @property
    def there(self) -> bool:
        """Whether she can be rung and can approve."""
        return self.phone and self.account


def approvers_of(plan: Plan, usable: frozenset[str]) -> list[Approver]:
    """Return who approves by the plan; `usable` are contacts whose account has a second factor."""

    def judged(one: Contact) -> Approver:
        return Approver(one.full_name, bool(one.phones), one.id in usable)

    return [judged(one) for one in plan.approver_contacts()]


def judge_approvers(found: Sequence[Approver]) -> Line:
    """Judge whether two people could approve tonight, each with a telephone and an account."""
    there = [one.name for one in found if one.there]
    lacking = "; ".join(_lack(one) for one in found if not one.there)
    remedy = (
        "Invitez-les dans « Accès » (second facteur compris), et complétez leurs numéros dans "
        "l'annuaire."
    )
    if not there:
        return not_ready(
            "approvers",
            "Personne ne pourrait valider cette nuit. Il manque : %(lacking)s.",
            remedy,
            lacking=lacking or "un approbateur dans le plan",
        )
    blanks = {"there": ", ".join(there), "lacking": lacking}
    if len(there) < ENOUGH_APPROVERS:
        return warning(
            "approvers",
            "Une seule personne peut valider cette nuit : %(there)s. Il manque : %(lacking)s.",
            remedy,
            **{**blanks, "lacking": lacking or "une suppléance dans le plan"},
        )
    if lacking:
        return warning(
            "approvers",
            "Peuvent valider cette nuit : %(there)s. Il manque : %(lacking)s.",
            remedy,
            **blanks,
        )
    return ready("approvers", "Peuvent valider cette nuit : %(there)s.", there=blanks["there"])


def _lack(one: Approver) -> str:
    lacks = [word for word, has in (("numéro", one.phone), ("accès", one.account)) if not has]
    return f"{one.name} ({', '.join(lacks)})"


def judge_duty(plan: Plan, *, now: datetime) -> Line:
    """Judge whether somebody is on call tonight; `now` is on the commune's clock."""
    remedy = "Complétez l'astreinte de la semaine dans l'annuaire du plan."
    if not plan.on_call:
        return warning("duty", "Le plan n'a pas de tableau d'astreinte.", remedy)
    year, week, _ = now.isocalendar()
    here = f"{year}-W{week:02d}"
    mine = next((one for one in plan.on_call if one.week == here), None)
    if mine is None or not mine.official:
        said = "Aucun élu n'est d'astreinte cette semaine (%(week)s)."
        return not_ready("duty", said, remedy, week=here)
    official = plan.contact(mine.official)
    if not official.phones:
        said = "%(name)s est d'astreinte, mais l'annuaire n'a pas son numéro."
        return not_ready("duty", said, remedy, name=official.full_name)
    return ready(
        "duty",
        "%(name)s est d'astreinte cette semaine (%(week)s).",
        name=official.full_name,
        week=here,
    )


@dataclass(frozen=True)
class Tried:
    """The last trial of telephones: when, and by which media each person answered it."""

    at: float
    answers: Mapping[str, frozenset[str]]  # name → media


def judge_trial(found: Tried | None, *, now: float) -> Line:
    """Judge the last trial: three people who got an SMS and a call, and said so."""
    remedy = "Choisissez trois personnes ci-dessous et lancez l'essai."
    if found is None:
        return not_ready("trial", "Aucun essai n'a été fait vers trois téléphones.", remedy)
    days = max(0, int((now - found.at) // _DAY_S))
    whole = [name for name, media in found.answers.items() if {"sms", "voice"} <= media]
    lacking = ", ".join(
        f"{name} ({'SMS' if 'sms' not in media else 'appel'})"
        for name, media in found.answers.items()
        if not {"sms", "voice"} <= media
    )
    if len(whole) < TRIED_PHONES:
        return not_ready(
            "trial",
            "L'essai d'il y a %(days)s j n'est pas confirmé par tous : %(lacking)s.",
            "Demandez-leur ce qu'ils ont reçu, corrigez leur numéro, et refaites l'essai.",
            days=days,
            lacking=lacking,
        )
    if days > TRIAL_DAYS:
        said = "Le dernier essai vers trois téléphones date de %(days)s jours."
        return warning("trial", said, remedy, days=days)
    return ready(
        "trial",
        "Trois téléphones ont reçu SMS et appel il y a %(days)s j : %(people)s.",
        days=days,
        people=", ".join(whole),
    )


def judge_cover(covered: int, addresses: int) -> Line:
    """Judge how many addresses have somebody who is reached."""
    remedy = (
        "Faites connaître l'inscription (bulletin, écoles, porte-à-porte) et prévoyez les "
        "tournées des secteurs muets."
    )
    if not addresses:
        return unknown(
            "cover",
            "La base d'adresses n'est pas chargée : on ne sait pas qui n'est pas couvert.",
            "Chargez la Base Adresse Locale de la commune (« tocsin residents addresses »).",
        )
    share = 100 * covered // addresses
    blanks = {"share": share, "covered": covered, "addresses": addresses}
    said = "%(covered)s adresses sur %(addresses)s (%(share)s %%) ont une personne inscrite."
    if share < FEW_COVERED_PCT:
        return not_ready("cover", said, remedy, **blanks)
    if share < SOME_COVERED_PCT:
        return warning("cover", said, remedy, **blanks)
    return ready("cover", said, **blanks)
