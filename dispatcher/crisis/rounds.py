"""A worker's round of what people wait for: an emergency hold, deputies to call, approvers to ring.

The hold comes first: its minute is over to the second, whatever else there is to do.
"""

from collections.abc import Callable

from dispatcher.alerts.office import Office
from dispatcher.crisis.holds import Holds
from dispatcher.crisis.ring_turns import Ringer
from dispatcher.crisis.turns import Summoner
from dispatcher.store.ledger import Ledger


class Round:
    """Goes round every commune of a ledger."""

    def __init__(
        self, ledger: Ledger, *, logbook_key: bytes, office_of: Callable[[str], Office]
    ) -> None:
        """Work on `ledger`; `logbook_key` chains its lines, `office_of` gives a commune at work."""
        self._holds = Holds(ledger, office_of=office_of)
        self._summoner = Summoner(ledger, logbook_key=logbook_key)
        self._ringer = Ringer(ledger, logbook_key=logbook_key)

    async def turn(self) -> bool:
        """Look once at each; return whether something has to be sent now."""
        left = await self._holds.turn()
        called = await self._summoner.turn()
        rung = await self._ringer.turn()
        return left or called or rung
