"""What an HTTP provider answered, or failed to answer, in the words of the contract."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, Literal

import httpx

from channels.contract import NotAccepted, Refused, Unavailable, Unknown

Language = Literal["fr", "en"]

# What httpx may raise while a request is on its way.
TRANSPORT_FAULTS: Final = (httpx.TransportError, httpx.DecodingError)

_LONGEST_WAIT_S = 3600.0

# Statuses that judge a request by what it says. Any other 4xx comes from something on the way, or
# from the wrong place: no verdict on the person.
_ON_THE_MESSAGE: Final = frozenset({400, 413, 422})

SENTENCES: Final[Mapping[str, Mapping[Language, str]]] = {
    "no-connection": {
        "fr": "Le fournisseur n'a pas pu être joint : vérifiez le réseau et son adresse. "
        "Rien n'est parti.",
        "en": "The provider could not be reached: check the network and its address. Nothing left.",
    },
    "answer-lost": {
        "fr": "La réponse du fournisseur s'est perdue : le message est peut-être parti.",
        "en": "The provider's answer was lost: the message may have left.",
    },
    "answer-unreadable": {
        "fr": "La réponse du fournisseur est illisible : le message est peut-être parti.",
        "en": "The provider's answer cannot be read: the message may have left.",
    },
    "too-fast": {
        "fr": "Le fournisseur demande de ralentir. Rien n'est parti.",
        "en": "The provider asks to slow down. Nothing left.",
    },
    "server-error": {
        "fr": "Le fournisseur a eu une panne pendant l'envoi : le message est peut-être parti.",
        "en": "The provider failed while sending: the message may have left.",
    },
    "account-refused": {
        "fr": "Le fournisseur refuse ce compte : vérifiez l'identifiant, la clé et le crédit.",
        "en": "The provider refuses this account: check its identifier, key and credit.",
    },
    "moved": {
        "fr": "L'adresse du fournisseur renvoie ailleurs : corrigez-la. Rien n'est parti.",
        "en": "The provider's address points elsewhere: correct it. Nothing left.",
    },
    "elsewhere": {
        "fr": "Ce qui répond à l'adresse du fournisseur n'est pas lui : vérifiez-la, et ce qui est "
        "sur le chemin (proxy, pare-feu). Rien n'est parti.",
        "en": "What answers at the provider's address is not the provider: check it, and what is "
        "on the way (proxy, firewall). Nothing left.",
    },
    "not-accepted": {
        "fr": "Le fournisseur n'accepte pas ce message pour ce destinataire.",
        "en": "The provider does not accept this message for this recipient.",
    },
}


def from_status(status: int, headers: Mapping[str, str]) -> NotAccepted:
    """Tell an HTTP answer that is no success and says no more than its status."""
    if status == httpx.codes.TOO_MANY_REQUESTS:
        wait_s = retry_after_s(headers.get("retry-after"), now=datetime.now(UTC))
        return Unavailable("too-fast", sentence("too-fast"), retry_after_s=wait_s)
    # 408: a proxy on the way says it, not always before it passed the request on.
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.REQUEST_TIMEOUT:
        return Unknown(f"http-{status}", sentence("server-error"))
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN, httpx.codes.PAYMENT_REQUIRED):
        return Unavailable(f"http-{status}", sentence("account-refused"))
    if status < httpx.codes.BAD_REQUEST:
        return Unavailable(f"http-{status}", sentence("moved"))
    if status not in _ON_THE_MESSAGE:
        return Unavailable(f"http-{status}", sentence("elsewhere"))
    return Refused(f"http-{status}", sentence("not-accepted"))


def unreadable() -> Unknown:
    """Tell a success whose body is cut or no sense: it was probably accepted."""
    return Unknown("answer-unreadable", sentence("answer-unreadable"))


def sentence(name: str, *, language: Language = "fr") -> str:
    """Return the sentence of one of these answers."""
    return SENTENCES[name][language]


def retry_after_s(value: str | None, *, now: datetime) -> float | None:
    """Return the wait of a Retry-After header (seconds or a date), at most an hour."""
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return min(float(value), _LONGEST_WAIT_S)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max((aware - now).total_seconds(), 0.0), _LONGEST_WAIT_S)
