"""Lines of what could not be asked: it took too long, its accounts file is at fault, no plan."""

from dispatcher.alerts.refusals import NotThere
from dispatcher.delivery.accounts_file import AccountsFault
from dispatcher.readiness.lines import Line, not_ready, unknown

ACCOUNTS, PLAN = "accounts", "plan"


def unanswered(subject: str) -> Line:
    """Say that a question got no answer."""
    return unknown(
        subject,
        "Cette vérification n'a pas abouti.",
        "Vérifiez de nouveau ; si cela dure, regardez le journal du service.",
    )


def faulty_file(fault: AccountsFault) -> Line:
    """Say what the accounts file has: as it is, no service that starts again can send."""
    return not_ready(
        ACCOUNTS,
        "Le fichier des comptes d'envoi ne peut pas servir : %(fault)s",
        "Corrigez ce fichier (« tocsin provider check » le relit), puis relancez le service.",
        fault=str(fault),
    )


def no_plan(refusal: NotThere) -> Line:
    """Say that there is no plan, or none that can be read: nothing can be alerted from it."""
    return not_ready(
        PLAN,
        "%(refusal)s",
        (
            "Chargez le plan de la commune (page « Plan », ou « tocsin plan load DOSSIER »), puis "
            "vérifiez de nouveau."
        ),
        refusal=str(refusal),
    )
