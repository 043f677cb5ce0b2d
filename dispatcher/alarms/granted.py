"""What the accounts grant, as far as it makes a queue stand still without being stuck."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from dispatcher.alarms.silence import patience_s
from dispatcher.delivery.accounts import Route
from dispatcher.store import lines
from dispatcher.store.ledger import Ledger
from dispatcher.store.paces import changed_paces


async def patience(
    ledger: Ledger, accounts: Sequence[Route], *, quiet_s: float
) -> Mapping[str, float]:  # fmt: skip
    """Return how long each medium may stand still at the rates that are granted now."""
    changed = await changed_paces(ledger)
    rates: defaultdict[str, float] = defaultdict(float)
    for one in accounts:
        rates[one.medium] += changed.get(one.account.name, one.account.rate_per_s)
    return {medium: patience_s(rate, quiet_s=quiet_s) for medium, rate in rates.items()}


async def lines_full(ledger: Ledger, accounts: Sequence[Route]) -> bool:
    """Tell whether every call in progress takes the last line: then others wait, as agreed."""
    voice = [one.account for one in accounts if one.medium == "voice"]
    limits = {one.name: int(one.values.get("in_progress", 0)) for one in voice}
    if not limits or not all(limits.values()):
        return False
    for name, limit in limits.items():
        if await lines.free(ledger, provider=name, in_progress=limit):
            return False
    return True
