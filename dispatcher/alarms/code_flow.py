"""Codes of sign-ups that leave and do not come back: somebody has them sent, for money or for harm.

Numbers that pay whoever has messages sent to them are found so (SECURITY T11, conversion rate).
"""

from dispatcher.store.alarms import Raised
from dispatcher.store.code_limits import MAILS_FOR_ONE, Codes

WITHIN = "codes:"  # begins the subject of these alarms, which a commune ends
KIND = "codes"
MANY = 30  # codes in an hour: of fewer nothing is said, a code is easily forgotten
ONE_IN = 5  # must come back
NEAR = 0.8  # of the day's most
REMEDY = (
    "Regardez qui s'inscrit dans « Habitants ». Baissez TOCSIN_SIGNUPS_DAILY et relancez le service"
    " si ce ne sont pas des habitants ; les alertes, elles, partent comme d'habitude."
)


def verdict(commune: str, codes: Codes, *, daily: int) -> Raised | None:
    """Return what is wrong with the codes that a commune sent; None where nothing is."""
    if codes.hour >= MANY and codes.used * ONE_IN < codes.hour:
        said = (
            f"{codes.hour} codes d'inscription sont partis en une heure, {codes.used} sont revenus."
        )
        return Raised(f"{WITHIN}{commune}", KIND, said, REMEDY)
    for sent, most, by in (
        (codes.day, daily, "par téléphone"),
        (codes.mailed, daily * MAILS_FOR_ONE, "par courriel"),
    ):
        if sent >= max(MANY, NEAR * most):
            said = (
                f"{sent} codes d'inscription sont partis {by} en un jour : à {most}, plus personne"
                " ne peut s'inscrire ainsi."
            )
            return Raised(f"{WITHIN}{commune}", KIND, said, REMEDY)
    return None
