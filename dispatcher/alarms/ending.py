"""What ends soon, in sentences: certificates, keys, credit; told at 21 and again at 7 days.

Pure: what was found and the day come in.
"""

from datetime import date, datetime
from typing import Final

from dispatcher.alarms.certificates import Certified
from dispatcher.store.alarms import Raised

WARN_DAYS: Final = (21, 7)
SEGMENTS: Final = 2  # of the SMS that goes to everybody
CHECKED: Final = "check/"  # before each subject, so that what is well again is known

_RENEW = "Renouvelez-le et relancez ce serveur : sans lui, ces messages sont refusés."
_RENEW_KEY = "Faites renouveler la clé ou le contrat, puis corrigez « expires » de ce compte."


def _step(days: int) -> int | None:
    """Return the warning that is due: the last threshold passed."""
    passed = [limit for limit in WARN_DAYS if days <= limit]
    return min(passed) if passed else None


def certificate_fault(name: str, found: Certified, *, now: datetime) -> Raised | None:
    """Say that a certificate is refused or ends soon; None where all is well, or nobody answers."""
    if found.refused:
        return Raised(
            f"{CHECKED}certificate:{name}:0",
            "certificate",
            f"Le certificat de {name} {found.refused}.",
            _RENEW,
        )
    if found.until is None:
        return None
    days = (found.until - now).days
    step = _step(days)
    if step is None:
        return None
    return Raised(
        f"{CHECKED}certificate:{name}:{step}",
        "certificate",
        f"Le certificat de {name} finit dans {days} jours, le {found.until:%d/%m/%Y}.",
        _RENEW,
    )


def key_fault(account: str, expires: date, *, today: date) -> Raised | None:
    """Say that an account's key ends soon, or has ended."""
    days = (expires - today).days
    step = _step(days)
    if step is None:
        return None
    when = f"finit dans {days} jours" if days > 0 else "est finie"
    return Raised(
        f"{CHECKED}key:{account}:{step if days > 0 else 0}",
        "certificate",
        f"La clé du compte {account} {when} ({expires:%d/%m/%Y}).",
        _RENEW_KEY,
    )


def credit_fault(account: str, credit: float, *, people: int, cost_eur: float) -> Raised | None:
    """Say that the credit does not cover one alert to everybody, or that this is not known.

    Without the price of an SMS every credit would do; without people there is nobody to pay for,
    so only a credit that is used up is told.
    """
    recharge = "Rechargez le compte, ou activez la recharge automatique."
    subject = f"{CHECKED}credit:{account}"
    if credit <= 0.0:
        said = f"Le compte {account} n'a plus de crédit ({credit:.2f})."
        return Raised(subject, "account", said, recharge)
    if people and cost_eur <= 0.0:
        return Raised(
            f"{subject}:price",
            "account",
            f"Le prix d'un SMS du compte {account} n'est pas connu : on ne sait pas si son crédit"
            f" ({credit:.2f}) couvre une alerte à tous.",
            "Renseignez « cost_eur » de ce compte, ou TOCSIN_TWILIO_SMS_COST_EUR.",
        )
    wanted = people * SEGMENTS * cost_eur
    if credit >= wanted:
        return None
    return Raised(
        subject,
        "account",
        f"Le crédit du compte {account} ({credit:.2f}) ne couvre pas une alerte à tous :"
        f" {people} SMS de {SEGMENTS} segments coûtent {wanted:.2f} €.",
        recharge,
    )


def unusable(account: str, problem: str, remedy: str) -> Raised:
    """Say that an account cannot be used."""
    return Raised(
        f"{CHECKED}account:{account}",
        "account",
        f"Le compte {account} ne peut pas servir : {problem}",
        remedy,
    )
