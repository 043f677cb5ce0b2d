"""Sending somebody off to the provider: what she is asked there, and what is kept of it here."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlencode

from dispatcher.access.oidc_provider import ALIVE_S, Description, Provider
from dispatcher.access.oidc_refusals import NO_SECOND_FACTOR, SPENT, ProviderSignInRefused
from dispatcher.settings import OidcSettings
from dispatcher.store.ledger import Ledger
from dispatcher.store.oidc_flows import (
    PASS,
    Bearer,
    Flow,
    keep_flow,
    look_at_flow,
    secret_hash,
)
from dispatcher.store.sessions import Session


@dataclass(frozen=True)
class Gate:
    """What signing in by the provider works with; `return_to` is our own address for it."""

    ledger: Ledger
    provider: Provider
    return_to: str
    logbook_key: bytes = field(repr=False)


@dataclass(frozen=True)
class Browser:
    """Whose browser it is: its own secret, the session it holds, where it is, what it is."""

    nonce: str = field(repr=False)
    session: str = field(default="", repr=False)
    source: str = ""
    agent: str = ""


async def to_sign_in(gate: Gate, commune: str, browser: Browser, *, vers: str) -> str:
    """Begin a sign-in; return the provider's address to go to. Raises ProviderDown."""
    return await _set_off(gate, Flow("sign_in", commune, vers=vers), browser)


async def to_link(gate: Gate, session: Session, browser: Browser, *, vers: str) -> str:
    """Begin the linking of a signed-in user's account; as `to_sign_in`."""
    user = session.user
    flow = Flow("link", user.commune, user.login, opener=session.ident, vers=vers)
    return await _set_off(gate, flow, browser)


async def to_step_up(gate: Gate, session: Session, browser: Browser, *, vers: str) -> str:
    """Begin to have a signed-in user show again who she is; as `to_sign_in`.

    Raises ProviderSignInRefused where the provider does not count as two factors.
    """
    if not gate.provider.settings.second_factor:
        raise ProviderSignInRefused(NO_SECOND_FACTOR)
    user = session.user
    flow = Flow("step_up", user.commune, user.login, opener=session.ident, vers=vers)
    return await _set_off(gate, flow, browser)


async def to_redeem(gate: Gate, secret: str, browser: Browser) -> str:
    """Begin the linking that a pass allows; raises ProviderSignInRefused for one that is over."""
    given = await pass_of(gate.ledger, secret)
    if given is None:
        raise ProviderSignInRefused(SPENT)
    flow = Flow("redeem", given.commune, given.login, opener=secret_hash(secret))
    return await _set_off(gate, flow, browser)


async def pass_of(ledger: Ledger, secret: str) -> Flow | None:
    """Return the pass of a link that the server's command gave out; None for one that is over."""
    return await look_at_flow(ledger, Bearer(secret), purpose=PASS)


async def _set_off(gate: Gate, wish: Flow, browser: Browser) -> str:
    described = await gate.provider.description(kept_s=ALIVE_S)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    flow = Flow(**{**vars(wish), "nonce": nonce, "verifier": verifier})
    await keep_flow(gate.ledger, flow, Bearer(state, browser.nonce, browser.source))
    asked = {
        "response_type": "code",
        "client_id": gate.provider.settings.client_id,
        "redirect_uri": gate.return_to,
        "scope": gate.provider.settings.scopes,
        "state": state,
        "nonce": nonce,
        "code_challenge": _challenge(verifier),
        "code_challenge_method": "S256",
        **_levels(gate.provider.settings, described),
        # Whoever sits at an open screen must show again who she is, not only that she was there.
        **({"max_age": "0", "prompt": "login"} if flow.purpose == "step_up" else {}),
    }
    glue = "&" if "?" in described.authorization_endpoint else "?"
    return f"{described.authorization_endpoint}{glue}{urlencode(asked)}"


def _challenge(verifier: str) -> str:
    """Return the S256 challenge of a PKCE verifier (RFC 7636 §4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _levels(settings: OidcSettings, described: Description) -> dict[str, str]:
    """Return how the provider is asked for the level it vouches for, and for how it knew her."""
    asked = {"acr_values": settings.acr} if settings.acr else {}
    if settings.second_factor and described.claims_parameter_supported:
        asked["claims"] = json.dumps({"id_token": {"amr": {"essential": True}}})
    return asked
