"""Who would be there tonight: approvers, duty, three telephones tried, residents. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dispatcher.alerts.two_people import RAC_FUNCTION, rac_approves
from dispatcher.readiness.lines import Line, not_ready, ready, unknown, warning
from dispatcher.store.decisions import MAYORS
from plans.people import Contact
from plans.plan import Plan

ENOUGH_APPROVERS = 2
TRIED_PHONES = 3
TRIAL_DAYS = 30.0
FEW_COVERED_PCT, SOME_COVERED_PCT = 10, 50
_DAY_S = 86_400.0
_INVITE = (
    "Invitez-les dans « Accès » (second facteur compris), et complétez leurs numéros dans "
    "l'annuaire."
)
_MORE = "Nommez dans le plan un maire (DOS) et ses suppléants, puis invitez-les dans « Accès »."


@dataclass(frozen=True)
class Approver:
    """Somebody who may approve tonight: has she a telephone, an account with a second factor.

    `leads` says that the account is the mayor's or a deputy's: without one of these nobody decides.
    """

    name: str
    phone: bool
    account: bool
    leads: bool = True

    @property
    def there(self) -> bool:
        """Whether she can be rung and can approve."""
        return self.phone and self.account


def approving(plan: Plan) -> frozenset[str]:
    """Return the functions whose accounts approve: the RAC's too, where the plan says so."""
    return frozenset((*MAYORS, RAC_FUNCTION) if rac_approves(plan) else MAYORS)


def approvers_of(plan: Plan, accounts: Iterable[tuple[str, str]]) -> list[Approver]:
    """Return who approves by the plan.

    `accounts` are those with a second factor: the contact that each is of, and its function.
    """
    known = list(accounts)
    able = {contact for contact, function in known if function in approving(plan)}
    leading = {contact for contact, function in known if function in MAYORS}

    def judged(one: Contact) -> Approver:
        return Approver(one.full_name, bool(one.phones), one.id in able, one.id in leading)

    return [judged(one) for one in plan.approver_contacts()]


def judge_approvers(found: Sequence[Approver]) -> list[Line]:
    """Judge whether two people could approve tonight, and say what each of the others lacks."""
    return [_judge_there(found), *_lacks(found)]


def _judge_there(found: Sequence[Approver]) -> Line:
    there = [one for one in found if one.there]
    names = ", ".join(one.name for one in there)
    if not found:
        return not_ready("approvers", "Le plan ne nomme personne qui valide.", _MORE)
    if not there:
        said = "Personne ne pourrait valider cette nuit, il y faut un numéro et un accès."
        return not_ready("approvers", said, _INVITE)
    if not any(one.leads for one in there):
        return not_ready(
            "approvers",
            "Ni le maire ni un suppléant ne pourrait valider cette nuit, seulement : %(there)s.",
            _INVITE,
            there=names,
        )
    if len(there) < ENOUGH_APPROVERS:
        said = "Une seule personne peut valider cette nuit : %(there)s."
        alone = len(found) < ENOUGH_APPROVERS
        return warning("approvers", said, _MORE if alone else _INVITE, there=names)
    return ready("approvers", "Peuvent valider cette nuit : %(there)s.", there=names)


def _lacks(found: Sequence[Approver]) -> list[Line]:
    phones = ", ".join(one.name for one in found if not one.phone)
    accesses = ", ".join(one.name for one in found if not one.account)
    lines = []
    if phones:
        said = "L'annuaire du plan n'a pas le numéro de : %(names)s."
        remedy = "Complétez leurs numéros dans l'annuaire."
        lines.append(warning("unreachable", said, remedy, names=phones))
    if accesses:
        said = "N'ont pas d'accès qui valide, avec un second facteur : %(names)s."
        lines.append(warning("without_access", said, _INVITE, names=accesses))
    return lines


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
    sms, calls = (
        ", ".join(name for name, media in found.answers.items() if medium not in media)
        for medium in ("sms", "voice")
    )
    if len(whole) < TRIED_PHONES:
        return not_ready(
            "trial",
            (
                "L'essai d'il y a %(days)s j n'est pas confirmé par tous. SMS sans réponse : "
                "%(sms)s. Appel sans réponse : %(calls)s."
            ),
            "Demandez-leur ce qu'ils ont reçu, corrigez leur numéro, et refaites l'essai.",
            days=days,
            sms=sms or "–",
            calls=calls or "–",
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


def judge_cover(covered: int, addresses: int, *, sure: int) -> Line:
    """Judge how many addresses have somebody enrolled, and how many of them, `sure`, confirmed.

    A file's contacts are used unconfirmed: they are doubted, not counted for nothing.
    """
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
    blanks = {"share": share, "covered": covered, "sure": sure, "addresses": addresses}
    said = (
        "%(covered)s adresses sur %(addresses)s (%(share)s %%) ont une personne inscrite, "
        "%(sure)s par un contact confirmé."
    )
    if share < FEW_COVERED_PCT:
        return not_ready("cover", said, remedy, **blanks)
    if share < SOME_COVERED_PCT or 100 * sure < FEW_COVERED_PCT * addresses:
        return warning("cover", said, remedy, **blanks)
    return ready("cover", said, **blanks)
