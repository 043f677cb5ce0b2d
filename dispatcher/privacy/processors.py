"""Who else handles personal data for the commune: read from the accounts that are configured.

Each is a processor (GDPR, art. 28) and needs a contract; what it says, and whether data leave the
Union, the program cannot know.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from dispatcher.delivery.accounts import Route
from dispatcher.settings import BinderSettings, MapSettings, OidcSettings, WitnessSettings

RECEIVES = {
    "sms": "numéro de téléphone, texte du message",
    "voice": "numéro de téléphone, texte lu",
    "email": "adresse e-mail, texte du message",
    "webhook": "texte public de l'alerte, sans personne",
}
US = "États-Unis possible : régime du transfert à compléter"
TO_FILL = "à compléter"


@dataclass(frozen=True)
class Processor:
    """Somebody who handles data for the commune, and what reaches it."""

    name: str
    receives: str
    transfer: str = TO_FILL
    contract: str = TO_FILL


def of_accounts(routes: Iterable[Route]) -> list[Processor]:
    """Return the providers of these accounts, each once a medium; the sandbox is none."""
    return [
        Processor(
            _named(route),
            RECEIVES[route.medium],
            US if route.account.kind.startswith("twilio") else TO_FILL,
        )
        for route in routes
        if not route.account.sandbox and route.medium in RECEIVES
    ]


def _named(route: Route) -> str:
    host = route.account.values.get("host") or route.account.values.get("url", "")
    return f"{route.account.name} ({_host(host)})" if host else route.account.name


def of_settings() -> list[Processor]:
    """Return who else is configured: the identity provider, copies kept elsewhere, the map."""
    oidc, binder, witness, tiles = (
        OidcSettings(), BinderSettings(), WitnessSettings(), MapSettings(),
    )  # fmt: skip
    found = []
    if oidc.issuer:
        found.append(Processor(_host(oidc.issuer), "identité des agents qui se connectent"))
    if (to := binder.to.get_secret_value()).startswith("https"):
        found.append(Processor(_host(to), "classeur de crise, sous scellé : rien de lisible"))
    if (to := witness.to.get_secret_value()).startswith("https"):
        found.append(Processor(_host(to), "empreintes de la main courante : personne"))
    if tiles.tiles:
        name = "IGN" if tiles.tiles == "ign" else _host(tiles.tiles)
        found.append(Processor(name, "fond de carte demandé par le serveur : personne"))
    return found


def _host(address: str) -> str:
    return urlsplit(address).hostname or address
