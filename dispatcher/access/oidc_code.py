"""Our own second factor after a provider that vouches for one factor only."""

from dispatcher.access.oidc import Entered, enter
from dispatcher.access.oidc_leaving import Browser, Gate
from dispatcher.access.oidc_refusals import EXPIRED, WAIT, WRONG_CODE, ProviderSignInRefused
from dispatcher.access.signing_in import codes_of
from dispatcher.store.guesses import Guess, count_guess, forget_guesses
from dispatcher.store.oidc_flows import Bearer, look_at_flow, take_flow
from dispatcher.store.sessions import NO_CODES
from dispatcher.store.users import credentials


async def enter_with_code(gate: Gate, secret: str, *, code: str, browser: Browser) -> Entered:
    """Open the session that `CodeAsked` waits for, by a code of six digits or a recovery code.

    Raises ProviderSignInRefused. A wrong code leaves it waiting, and is counted with the wrong
    passwords of her name.
    """
    bearer = Bearer(secret, browser.nonce)
    flow = await look_at_flow(gate.ledger, bearer, purpose="code")
    if flow is None:
        raise ProviderSignInRefused(EXPIRED)
    guess = Guess(flow.commune, flow.login or "", browser.source)
    if await count_guess(gate.ledger, guess):
        raise ProviderSignInRefused(WAIT)
    found = await credentials(gate.ledger, flow.commune, flow.login or "")
    codes = await codes_of(gate.ledger, found, code) if found else NO_CODES
    if found is None or codes == NO_CODES:
        raise ProviderSignInRefused(WRONG_CODE)
    if await take_flow(gate.ledger, bearer, purposes=("code",)) is None:
        raise ProviderSignInRefused(EXPIRED)
    token = await enter(gate, found.user, browser, second=True, codes=codes)
    await forget_guesses(gate.ledger, guess)
    return Entered(token, found.user, flow.vers, first=False, two_factors=True)
