"""Changing the rate of a provider account while alerts run: told in the logbook, by whom."""

from dataclasses import dataclass

from dispatcher.alerts.office import Actor, Office
from dispatcher.store.paces import set_pace


@dataclass(frozen=True)
class PaceWanted:
    """An account, the rate asked for (None: what is configured again) and the configured one."""

    account: str
    rate_per_s: float | None
    configured_per_s: float


async def change_pace(office: Office, wanted: PaceWanted, *, actor: Actor) -> dict[str, object]:
    """Give an account another rate, in its own unit; every worker keeps to it within 2 s."""
    rate = wanted.configured_per_s if wanted.rate_per_s is None else wanted.rate_per_s
    line = office.line(
        actor.login,
        "provider.pace",
        f"Débit du compte {wanted.account} : {rate:g} par seconde",
        account=wanted.account,
        rate_per_s=rate,
        configured_per_s=wanted.configured_per_s,
    )
    await set_pace(
        office.ledger, wanted.account, wanted.rate_per_s, commune=office.commune, line=line
    )
    return {
        "account": wanted.account,
        "rate_per_s": rate,
        "configured_per_s": wanted.configured_per_s,
    }
