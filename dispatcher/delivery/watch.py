"""What workers tell each other of their accounts: who is there, who fails, who is slow."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from dispatcher.delivery.slowness import SLOW_S, SLOW_WINDOW_S, Seen, points_off
from dispatcher.delivery.trunk import Line, Trunk
from dispatcher.store import accounts
from dispatcher.store.accounts import Arrived, Heard, Held
from dispatcher.store.ledger import Ledger

PRESENT_EVERY_S = 15.0
JUDGE_EVERY_S = 30.0

log = structlog.get_logger(__name__)


@dataclass
class Watch:
    """The accounts of one worker; `trunks` are named by route and medium."""

    ledger: Ledger
    trunks: dict[tuple[str, str], Trunk]
    presented_at_s: float = field(default=float("-inf"))
    judged_at_s: float = field(default=float("-inf"))

    async def step(self, now_s: float) -> None:
        """Tell and learn once; called every second."""
        if now_s - self.presented_at_s >= PRESENT_EVERY_S:
            await accounts.present(self.ledger, self._held())
            await accounts.close_stranded(self.ledger)
            self.presented_at_s = now_s
        await self._exchange()
        if now_s - self.judged_at_s >= JUDGE_EVERY_S:
            for trunk in self.trunks.values():
                if len(trunk.lines) > 1:
                    await self._judge(trunk)
            self.judged_at_s = now_s

    def _held(self) -> Sequence[Held]:
        return [
            Held(name, route, medium)
            for (route, medium), trunk in self.trunks.items()
            for name in trunk.lines
        ]

    async def _exchange(self) -> None:
        """Tell which accounts have just begun to fail here; believe what the others told."""
        # An account alone has nobody to leave its work to.
        shared = [trunk for trunk in self.trunks.values() if len(trunk.lines) > 1]
        for trunk in shared:
            for line in trunk.lines.values():
                if line.just_opened:
                    await accounts.tell_open(self.ledger, line.account)
                    line.just_opened = False
        known = {one.name: one for one in await accounts.heard(self.ledger)} if shared else {}
        for trunk in shared:
            for name in trunk.lines.keys() & known.keys():
                _believe(trunk.lines[name], known[name], trunk.clock())

    async def _judge(self, trunk: Trunk) -> None:
        """Take points off who fails or is slow, and give them back.

        Runbook: `provider.weighed` says that an account lost or got back points of its weight. Lost
        without `provider.open`: its messages arrive late. Nothing need be done while the others
        are well; ask the provider.
        """
        heard = {one.name: one for one in await accounts.heard(self.ledger)}
        seen = {}
        for name, line in trunk.lines.items():
            if name in heard:
                seen[name] = _seen(line, heard[name], await self._arrived(trunk, line))
        for account, lowered in points_off(seen).items():
            before = seen[account].lowered
            if await accounts.change_points(self.ledger, account, lowered=lowered, before=before):
                log.warning("provider.weighed", account=account, points_off=lowered, before=before)

    async def _arrived(self, trunk: Trunk, line: Line) -> Arrived:
        since_s = trunk.clock() - SLOW_WINDOW_S
        asked = [(one.commune, one.delivery_id) for one in line.samples if one.at_s >= since_s]
        arrived = await accounts.arrivals(self.ledger, asked, slow_s=SLOW_S)
        line.gives_receipts = line.gives_receipts or arrived.delivered > 0
        return arrived if line.gives_receipts else Arrived()


def _believe(line: Line, heard: Heard, now_s: float) -> None:
    line.lowered = heard.lowered
    if heard.open_s is not None:
        line.breaker.hear(heard.open_s, now_s=now_s)


def _seen(line: Line, heard: Heard, arrived: Arrived) -> Seen:
    return Seen(
        line.weight,
        heard.lowered,
        heard.lowered_s,
        heard.changed_s,
        len(line.errors),
        arrived.counted,
        arrived.slow,
    )
