"""Coming back from the provider: what was begun is judged by its signed answer, and ended here.

Authorization code flow with PKCE, state and nonce (OpenID Connect Core §3.1, RFC 9700). Somebody
is known by the pair issuer and subject, never by an e-mail address; who is unknown gets nothing.
"""

import secrets
import time
from dataclasses import dataclass, field

import structlog

from dispatcher.access.id_tokens import (
    Claims,
    Expected,
    TokenRefused,
    UnknownKey,
    claims_of,
    fresh,
    two_factors,
)
from dispatcher.access.oidc_leaving import Browser, Gate
from dispatcher.access.oidc_links import link
from dispatcher.access.oidc_provider import Grant
from dispatcher.access.oidc_refusals import (
    EXPIRED,
    GONE,
    NO_SECOND_FACTOR,
    NOBODY,
    NOT_FRESH,
    NOT_PROVEN,
    OTHER_ACCOUNT,
    OTHER_SESSION,
    TOO_WEAK,
    WAIT,
    WRONG_CODE,
    NotConfirmed,
    ProviderDown,
    ProviderSignInRefused,
)
from dispatcher.access.sessions import (
    Opening,
    SignInRefused,
    open_for,
    session_of,
    sign_out,
    stepped_up,
)
from dispatcher.store.guesses import Guess, count_guess, forget_guesses
from dispatcher.store.identities import Identity, who_is
from dispatcher.store.oidc_flows import Bearer, Flow, keep_flow, take_flow
from dispatcher.store.sessions import NO_CODES, Codes, Session
from dispatcher.store.users import User, credentials

BEGUN = ("sign_in", "link", "redeem", "step_up")
LONGEST_SECRET = 4_096  # of a code or a state: longer ones are no provider's
_CALLBACK = "oidc\ncallback"  # counted like a name that nobody can have

log = structlog.get_logger()


@dataclass(frozen=True)
class Back:
    """What the provider sent back through the browser; all of it as strangers can write it."""

    state: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    error: str = ""
    issuer: str = ""


@dataclass(frozen=True)
class Entered:
    """Signed in: the new session's token, where to go on to, whether this was her first time.

    `two_factors` where the provider vouched for them and is allowed to: the session is stepped up.
    """

    token: str = field(repr=False)
    user: User
    vers: str
    first: bool
    two_factors: bool


@dataclass(frozen=True)
class CodeAsked:
    """Known, but her own one-time code is still asked for; `secret` goes on with it."""

    secret: str = field(repr=False)


@dataclass(frozen=True)
class Linked:
    """An account was linked; `signed_in` unless it was by a pass."""

    vers: str
    signed_in: bool


@dataclass(frozen=True)
class Confirmed:
    """A signed-in user has shown again who she is; `token` is her session's new one."""

    vers: str
    token: str = field(repr=False)


Outcome = Entered | CodeAsked | Linked | Confirmed


async def come_back(gate: Gate, back: Back, browser: Browser) -> Outcome:
    """End what was begun; raises ProviderSignInRefused, of which ProviderDown is one."""
    guess = Guess("", _CALLBACK, browser.source)
    if await count_guess(gate.ledger, guess):
        raise ProviderSignInRefused(WAIT)
    flow = None
    if len(back.state) <= LONGEST_SECRET and len(back.code) <= LONGEST_SECRET:
        bearer = Bearer(back.state, browser.nonce)
        flow = await take_flow(gate.ledger, bearer, purposes=BEGUN)
    if flow is None:
        raise ProviderSignInRefused(EXPIRED)
    try:
        claims = await _claims(gate, back, flow)
    except (ProviderDown, NotConfirmed):
        await forget_guesses(gate.ledger, guess)  # her own flow, and nobody's try
        raise
    await forget_guesses(gate.ledger, guess)
    if gate.provider.settings.acr and claims.acr != gate.provider.settings.acr:
        raise ProviderSignInRefused(TOO_WEAK)
    if flow.purpose == "sign_in":
        return await _signed_in(gate, flow, claims, browser)
    if flow.purpose == "step_up":
        return await _confirmed(gate, flow, claims, browser)
    return await _linked(gate, flow, claims, browser)


async def enter(
    gate: Gate, user: User, browser: Browser, *, second: bool, codes: Codes = NO_CODES
) -> str:
    """Open a session by the provider, in the place of the browser's own; return its token.

    `second` tells whether a second factor was shown, there or here by `codes`.
    """
    opening = Opening("oidc", browser.source, browser.agent, second=second, codes=codes)
    try:
        token = await open_for(gate.ledger, user, opening)
    except SignInRefused as refused:
        raise ProviderSignInRefused(WRONG_CODE if codes != NO_CODES else GONE) from refused
    if browser.session:
        await sign_out(gate.ledger, browser.session)
    return token


async def _claims(gate: Gate, back: Back, flow: Flow) -> Claims:
    """Return what the provider says of her, checked."""
    described = await gate.provider.description()
    named = back.issuer or (
        "" if described.authorization_response_iss_parameter_supported else gate.provider.issuer
    )
    if named != gate.provider.issuer:  # RFC 9207: another provider's answer
        raise ProviderSignInRefused(NOT_PROVEN)
    if back.error or not back.code:
        raise NotConfirmed
    token = await gate.provider.redeem(Grant(back.code, flow.verifier, gate.return_to))
    expected = Expected(
        gate.provider.issuer, gate.provider.settings.client_id, flow.nonce, flow.started_at
    )
    try:
        return await _judged(gate, token, expected)
    except TokenRefused as refused:
        log.warning("oidc.token_refused", why=refused.why)
        raise ProviderSignInRefused(NOT_PROVEN) from refused


async def _judged(gate: Gate, token: str, expected: Expected) -> Claims:
    """Judge a token; a key that is not known yet is looked for once at the provider."""
    keys = await gate.provider.keys()
    try:
        return claims_of(token, keys, expected=expected, now=time.time())
    except UnknownKey:
        keys = await gate.provider.keys(anew=True)
    try:
        return claims_of(token, keys, expected=expected, now=time.time())
    except UnknownKey as error:
        raise TokenRefused("key") from error


async def _signed_in(
    gate: Gate, flow: Flow, claims: Claims, browser: Browser
) -> Entered | CodeAsked:
    known = await who_is(gate.ledger, flow.commune, Identity(claims.iss, claims.sub))
    if known is None:
        raise ProviderSignInRefused(NOBODY)
    strong = _vouched_twice(gate, claims)
    hers = await credentials(gate.ledger, known.user.commune, known.user.login)
    if not strong and hers is not None and hers.keeps_factor:
        # What she set up as her second factor is asked for, whichever way she came.
        wait = Flow("code", flow.commune, known.user.login, vers=flow.vers)
        secret = secrets.token_urlsafe(32)
        await keep_flow(gate.ledger, wait, Bearer(secret, browser.nonce, browser.source))
        return CodeAsked(secret)
    token = await enter(gate, known.user, browser, second=strong)
    return Entered(token, known.user, flow.vers, known.first, strong)


async def _linked(gate: Gate, flow: Flow, claims: Claims, browser: Browser) -> Linked:
    by_pass = flow.purpose == "redeem"
    user = User(flow.commune, flow.login or "", "", "")
    if not by_pass:
        user = (await _same_session(gate, flow, browser)).user
    await link(
        gate.ledger,
        user,
        Identity(claims.iss, claims.sub),
        key=gate.logbook_key,
        pass_hash=flow.opener if by_pass else None,
    )
    return Linked(flow.vers, signed_in=not by_pass)


async def _confirmed(gate: Gate, flow: Flow, claims: Claims, browser: Browser) -> Confirmed:
    session = await _same_session(gate, flow, browser)
    if not fresh(claims, flow.started_at):
        raise ProviderSignInRefused(NOT_FRESH)
    known = await who_is(gate.ledger, flow.commune, Identity(claims.iss, claims.sub))
    if known is None or known.user != session.user:
        raise ProviderSignInRefused(OTHER_ACCOUNT)
    if not _vouched_twice(gate, claims):
        raise ProviderSignInRefused(NO_SECOND_FACTOR)
    try:
        token = await stepped_up(gate.ledger, session)
    except SignInRefused as refused:  # ended meanwhile
        raise ProviderSignInRefused(OTHER_SESSION) from refused
    return Confirmed(flow.vers, token)


async def _same_session(gate: Gate, flow: Flow, browser: Browser) -> Session:
    """Return the session that this was begun in, where it comes back; else refuse."""
    session = await session_of(gate.ledger, browser.session)
    if session is None or session.ident != flow.opener:
        raise ProviderSignInRefused(OTHER_SESSION)
    return session


def _vouched_twice(gate: Gate, claims: Claims) -> bool:
    settings = gate.provider.settings
    return settings.second_factor and two_factors(claims, level=settings.acr)
