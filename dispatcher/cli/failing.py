"""What a machine refuses to any command, in words: a file, the ledger, a setting, a terminal."""

import errno

from pydantic import ValidationError
from sqlalchemy.exc import ArgumentError, DBAPIError

from dispatcher import settings
from dispatcher.keys import KeyRefused
from dispatcher.store.edition import KeysNeeded, OtherEdition, OtherKeys

UNFIT = (OtherEdition, OtherKeys, KeysNeeded, KeyRefused)  # ledger, program and keys: not a set
FAILURES = (OSError, DBAPIError, ArgumentError, ValidationError, EOFError, *UNFIT)
_WHY = {
    errno.ENOENT: "introuvable",
    errno.EACCES: "accès refusé",
    errno.EPERM: "accès refusé",
    errno.EISDIR: "c'est un dossier",
    errno.ENOTDIR: "une partie de ce chemin n'est pas un dossier",
    errno.EEXIST: "un fichier porte déjà ce nom",
    errno.EROFS: "on ne peut pas y écrire",
    errno.ENOSPC: "le disque est plein",
}
_OWNERS = (
    settings.PlaceSettings,
    settings.LedgerSettings,
    settings.QueueSettings,
    settings.TwilioSettings,
    settings.SmtpSettings,
    settings.BouncesSettings,
    settings.WebhookSettings,
    settings.SandboxSettings,
    settings.AccountsSettings,
    settings.AlarmSettings,
    settings.OidcSettings,
    settings.BinderSettings,
    settings.WitnessSettings,
)
_PREFIXES = {owner.__name__: owner.model_config.get("env_prefix", "") for owner in _OWNERS}


def said(error: Exception) -> str:
    """Return the sentence of one of FAILURES; of a refusal of our own, its own sentence."""
    if isinstance(error, OSError) and error.strerror:
        why = _WHY.get(error.errno or 0, error.strerror)
        where = f"« {error.filename} » : " if error.filename else ""
        return f"{where}{why}. Vérifiez ce chemin, ou TOCSIN_DATA_DIR."
    if isinstance(error, DBAPIError):
        first, *_ = str(error.orig).strip().splitlines() or [""]
        return (
            f"Le registre ne peut pas être ouvert ({first}) : vérifiez"
            " TOCSIN_DATABASE_URL, ou TOCSIN_DATA_DIR."
        )
    if isinstance(error, ArgumentError):
        return (
            "TOCSIN_DATABASE_URL n'est pas l'adresse d'une base : écrivez postgresql://…,"
            " sqlite:///…, ou rien."
        )
    if isinstance(error, ValidationError):
        return " ".join(_setting(error.title, str(one["loc"][0])) for one in error.errors())
    if isinstance(error, EOFError):
        return "Personne n'a répondu à la question : lancez la commande dans un terminal."
    return str(error)


def _setting(owner: str, name: str) -> str:
    variable = f"{_PREFIXES.get(owner, '')}{name}".upper()
    return f"Le réglage {variable} n'a pas une valeur possible : voyez le tableau du README."
