"""What accounts are fit for: usable, credit for everybody, a sender and a number that pass. Pure.

Operators drop senders that are generic words, and 06 and 07 may not call (DOMAIN §0.1, §0.2).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from channels.senders import Flaw, number_flaw, sender_flaw
from dispatcher.alarms.ending import SEGMENTS
from dispatcher.readiness.lines import Line, not_ready, ready, unknown, warning

NEEDED = ("sms", "voice", "email")  # a commune without one of them reaches fewer people

_PRETENDED = {
    "sms": (
        "SMS, aucun fournisseur : ces messages restent dans le bac à sable, personne ne les reçoit."
    ),
    "voice": (
        "Appels, aucun fournisseur : ces messages restent dans le bac à sable, personne ne les "
        "reçoit."
    ),
    "email": (
        "E-mails, aucun fournisseur : ces messages restent dans le bac à sable, personne ne les "
        "reçoit."
    ),
    "webhook": (
        "Webhooks, aucun fournisseur : ces messages restent dans le bac à sable, personne ne les "
        "reçoit."
    ),
}
_SENDER_FLAWS: Mapping[Flaw, str] = {
    "length": "Le nom d'émetteur « %(name)s » n'a pas de 3 à 11 caractères.",
    "digits": (
        "Le nom d'émetteur « %(name)s » n'a que des chiffres : les opérateurs français le bloquent."
    ),
    "characters": (
        "Le nom d'émetteur « %(name)s » contient autre chose que des lettres sans accent et des "
        "chiffres : les opérateurs français le bloquent."
    ),
    "generic": (
        "Le nom d'émetteur « %(name)s » est un mot générique : les opérateurs français le bloquent "
        "depuis mars 2025."
    ),
}
_NUMBER_FLAWS: Mapping[Flaw, str] = {
    "number": "« %(name)s » n'est pas un numéro au format international (+33…).",
    "mobile": "%(name)s est un numéro mobile (06 ou 07) : il ne peut pas appeler automatiquement.",
}


@dataclass(frozen=True)
class AccountFound:
    """What an account said of itself; `caller` is the number that its calls show."""

    name: str
    medium: str
    sandbox: bool
    ok: bool
    problem: str = ""
    remedy: str = ""
    credit: float | None = None
    cost_eur: float = 0.0
    caller: str = ""


def judge_accounts(
    found: Sequence[AccountFound], *, used: Sequence[str], people: int
) -> list[Line]:
    """Judge each account, and each medium in use that has none; `people` are those to reach."""
    lines = []
    for medium in used:
        mine = [one for one in found if one.medium == medium and not one.sandbox]
        if not mine:
            lines.append(_pretended(medium))
        for one in mine:
            lines.append(_usable(one))
            if medium == "sms" and one.ok:
                lines.append(_credit(one, people))
    return lines


def _pretended(medium: str) -> Line:
    remedy = (
        "Renseignez un compte pour ce moyen (TOCSIN_TWILIO_…, TOCSIN_SMTP_…, ou le fichier des "
        "comptes), puis relancez le service."
    )
    judged = not_ready if medium in NEEDED else warning
    return judged(f"medium:{medium}", _PRETENDED[medium], remedy)


def _usable(one: AccountFound) -> Line:
    subject = f"account:{one.name}"
    if one.ok:
        return ready(subject, "Le compte %(account)s répond et peut servir.", account=one.name)
    return not_ready(
        subject,
        "Le compte %(account)s ne peut pas servir : %(problem)s",
        "%(how)s Lancez ensuite « tocsin provider check »."
        if one.remedy
        else "Lancez « tocsin provider check ».",
        account=one.name,
        problem=one.problem,
        how=one.remedy,
    )


def _credit(one: AccountFound, people: int) -> Line:
    """Judge an SMS account's credit.

    A postpaid account has none to tell: a warning, for nothing that anybody mends would end it.
    """
    subject = f"credit:{one.name}"
    if one.credit is None:
        return warning(
            subject,
            (
                "Le fournisseur de %(account)s ne donne pas son crédit (compte à facturation, "
                "par exemple) : rien ne dit ici qu'il suffit."
            ),
            "Regardez-le chez le fournisseur : son plafond, ou sa recharge automatique.",
            account=one.name,
        )
    credit = {"account": one.name, "credit": f"{one.credit:.2f}"}
    if one.credit <= 0.0:
        return not_ready(
            subject,
            "Le compte %(account)s n'a plus de crédit (%(credit)s €).",
            "Rechargez le compte, ou activez la recharge automatique.",
            **credit,
        )
    if one.cost_eur <= 0.0 or people <= 0:
        return _uncounted(one, people, credit)
    wanted = people * SEGMENTS * one.cost_eur
    blanks = {**credit, "wanted": f"{wanted:.2f}"}
    if one.credit < wanted:
        return not_ready(
            subject,
            (
                "Le crédit de %(account)s (%(credit)s €) ne couvre pas une alerte à tous : "
                "%(wanted)s €."
            ),
            "Rechargez le compte, ou activez la recharge automatique.",
            **blanks,
        )
    return ready(
        subject,
        "Le crédit de %(account)s (%(credit)s €) couvre une alerte à tous (%(wanted)s €).",
        **blanks,
    )


def _uncounted(one: AccountFound, people: int, credit: dict[str, str]) -> Line:
    """Say why what an alert to everybody costs is not known: nothing would always be covered."""
    subject = f"credit:{one.name}"
    if one.cost_eur <= 0.0:
        return unknown(
            subject,
            (
                "Le prix d'un SMS de %(account)s n'est pas connu : on ne sait pas si son crédit "
                "(%(credit)s €) couvre une alerte à tous."
            ),
            (
                "Renseignez ce prix : « cost_eur » dans le fichier des comptes, ou "
                "TOCSIN_TWILIO_SMS_COST_EUR."
            ),
            **credit,
        )
    return unknown(
        subject,
        (
            "Aucun mobile n'est dans le registre : on ne sait pas si le crédit de %(account)s "
            "(%(credit)s €) couvre une alerte à tous."
        ),
        "Chargez les habitants et l'annuaire, puis vérifiez de nouveau.",
        **credit,
    )


def judge_sender(name: str) -> Line:
    """Judge the name that an SMS comes from."""
    if flaw := sender_flaw(name):
        return not_ready(
            "sender",
            _SENDER_FLAWS[flaw],
            (
                "Changez « emetteur_sms » dans le règlement d'alerte du plan, et déclarez le nom "
                "chez le fournisseur."
            ),
            name=name,
        )
    return ready("sender", "Les SMS partent au nom de « %(sender)s ».", sender=name)


def judge_caller(number: str | None, accounts: Sequence[AccountFound]) -> Line:
    """Judge the number that calls show: the plan's, and that of each account."""
    remedy = "Donnez un numéro fixe de la mairie (01 à 05, 09) dans le plan et au compte d'appels."
    shown = {number} if number else set()
    shown |= {one.caller for one in accounts if one.caller and not one.sandbox}
    if not shown:
        return not_ready("caller", "Aucun numéro n'est donné pour les appels.", remedy)
    for one in sorted(shown):
        if flaw := number_flaw(one):
            return not_ready("caller", _NUMBER_FLAWS[flaw], remedy, name=one)
    return ready("caller", "Les appels montrent %(number)s.", number=", ".join(sorted(shown)))


@dataclass(frozen=True)
class Flight:
    """The test of an account on a day: sent, passed, or an alarm of it is open."""

    account: str
    sent: bool
    arrived: bool
    failed: bool


@dataclass(frozen=True)
class Flown:
    """The tests of a day (JJ/MM/AAAA), and the real accounts whose test nobody receives.

    Before the hour of the day's tests the day is yesterday: nothing more is known by then.
    """

    day: str
    tests: Sequence[Flight]
    untested: Sequence[str] = ()


def judge_canary(flown: Flown) -> list[Line]:
    """Judge the daily tests of the accounts, and say which accounts have none."""
    lines = [_judge_flights(flown.day, flown.tests)] if flown.tests else []
    if flown.untested or not flown.tests:
        lines.append(_untested(flown.untested))
    return lines


def _untested(accounts: Sequence[str]) -> Line:
    remedy = "Renseignez TOCSIN_ALARM_CANARY : un téléphone et une boîte de la mairie."
    if not accounts:
        said = "Aucun essai quotidien : aucun compte n'envoie vers de vrais destinataires."
        return warning("canary", said, "Renseignez d'abord un compte.")
    return warning(
        "untested",
        "Aucun essai quotidien par ces comptes, personne n'est là pour le recevoir : %(accounts)s.",
        remedy,
        accounts=", ".join(accounts),
    )


def _judge_flights(day: str, found: Sequence[Flight]) -> Line:
    failed = [one.account for one in found if one.failed]
    if failed:
        return not_ready(
            "canary",
            "L'essai quotidien n'est pas arrivé : %(accounts)s.",
            (
                "Lancez « tocsin provider check », puis « tocsin provider canary » ; appelez ce "
                "fournisseur."
            ),
            accounts=", ".join(failed),
        )
    missing = [one.account for one in found if not one.sent]
    if missing:
        return warning(
            "canary",
            "L'essai du %(day)s n'est pas parti : %(accounts)s.",
            "Regardez si le service d'envoi tourne (systemctl status tocsin).",
            accounts=", ".join(missing),
            day=day,
        )
    late = [one.account for one in found if not one.arrived]
    if late:
        return warning(
            "canary",
            "L'essai du %(day)s est parti, son accusé n'est pas encore là : %(accounts)s.",
            "Attendez un quart d'heure, puis vérifiez de nouveau.",
            accounts=", ".join(late),
            day=day,
        )
    return ready(
        "canary",
        (
            "L'essai du %(day)s est passé par : %(accounts)s (SMS et appels reçus, e-mails et "
            "webhooks acceptés)."
        ),
        accounts=", ".join(one.account for one in found),
        day=day,
    )
