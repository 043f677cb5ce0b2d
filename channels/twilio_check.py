"""Is a Twilio account usable: asked of Twilio itself, nothing is sent."""

from typing import Final

from channels.contract import Refused, Unavailable, Usability
from channels.twilio_http import TwilioAccount

LOW_CREDIT: Final = 5.0  # in the account's currency: some sixty French SMS


async def check_account(twilio: TwilioAccount) -> Usability:
    """Read the account and its balance. Raises NotAccepted when Twilio cannot be asked."""
    account = await twilio.get(f"{twilio.base}.json", {})
    if account.get("status") != "active":
        return Usability(
            ok=False,
            problem=f"Le compte Twilio est « {account.get('status')} », pas actif.",
            remedy="Réglez sa situation dans la console de Twilio.",
        )
    if not twilio.heard:
        return Usability(
            ok=False,
            problem="Sans son jeton, les accusés et les touches pressées seraient tous refusés.",
            remedy="Renseignez TOCSIN_TWILIO_AUTH_TOKEN.",
        )
    try:
        balance = await twilio.get(f"{twilio.base}/Balance.json", {})
        credit = float(str(balance.get("balance")))
    except (Refused, Unavailable, ValueError):
        # A postpaid account, or a key without this right: the account itself answered.
        return Usability(ok=True)
    if credit < LOW_CREDIT:
        return Usability(
            ok=False,
            problem=f"Il reste {credit:.2f} {balance.get('currency')} de crédit Twilio.",
            remedy="Rechargez le compte, ou activez la recharge automatique.",
            credit=credit,
        )
    return Usability(ok=True, credit=credit)
