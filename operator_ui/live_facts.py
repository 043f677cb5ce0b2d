"""What live screens need and what changes seldom: the plan's policy, what accounts are granted."""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path

from dispatcher.alerts.plan_in_force import in_force
from dispatcher.alerts.refusals import NotThere
from dispatcher.api.services import Services
from dispatcher.delivery.accounts import NoSandbox, routes
from dispatcher.delivery.accounts_file import AccountsFault
from operator_ui.live_picture import Facts
from operator_ui.people_named import people_named

FRESH_S = 10.0


class SeldomChanged:
    """Reads them again every ten seconds, for each commune that somebody looks at."""

    def __init__(self, services: Services, data_dir: Path) -> None:
        """Read from this installation."""
        self._services = services
        self._data_dir = data_dir
        self._known: dict[str, tuple[float, Facts]] = {}

    async def of(self, commune: str) -> Facts:
        """Return the facts of a commune, at most ten seconds old."""
        read_s, facts = self._known.get(commune, (float("-inf"), Facts()))
        if time.monotonic() - read_s > FRESH_S:
            facts = await self._read(commune)
            self._known[commune] = (time.monotonic(), facts)
        return facts

    async def _read(self, commune: str) -> Facts:
        office = self._services.office(commune)
        try:
            plan = (await in_force(office)).plan
        except NotThere:
            plan = None
        by_medium = {medium: one.per_second for medium, one in self._services.granted.items()}
        policy = plan.policy if plan else None
        people = await people_named(office.ledger, commune, plan)
        rates = await asyncio.to_thread(_rates, self._data_dir)
        return Facts(policy, by_medium, rates, people)


def _rates(data_dir: Path) -> Mapping[str, float]:
    try:
        found = routes(data_dir)
    except (NoSandbox, AccountsFault):  # what media grant together is known all the same
        return {}
    return {one.account.name: one.account.rate_per_s for one in found if one.route == "live"}
