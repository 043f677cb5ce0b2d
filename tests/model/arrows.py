"""The legal arrows between a delivery's states (DELIVERY §2), by the verb that may take them.

Every commit of every process is looked at by itself, so no arrow hides behind another.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select

from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries
from dispatcher.store.personal import contact_of

CLOSED = ("cancelled", "expired", "suppressed")  # no word of a provider opens these again
OPEN = ("ready", "claimed", "sending", "unknown")
_FAILED = ("failed", "undelivered")
_TOLD = ("accepted", "delivered", *_FAILED)


def _arrows(*pairs: tuple[str, tuple[str, ...]]) -> frozenset[tuple[str, str]]:
    return frozenset((start, end) for start, ends in pairs for end in ends)


_RECEIPT = _arrows(
    *((start, (*_TOLD, "ready")) for start in (*OPEN, "accepted", "exhausted")),
    *((start, (*_TOLD[1:], "ready")) for start in _FAILED),
)
ARROWS: Mapping[str, frozenset[tuple[str, str]]] = {
    "materialise": _arrows(("", ("ready",))),
    "pursue": _arrows(("", ("ready",))),
    "drain": _arrows(
        ("ready", ("claimed",)),
        ("claimed", ("ready", "sending", *CLOSED)),
        ("sending", ("ready", "accepted", "delivered", "failed", "unknown")),
    ),
    "tend": _arrows(
        ("claimed", ("ready",)), ("sending", ("unknown",)), ("ready", ("cancelled", "expired"))
    ),
    "resolve": _arrows(("unknown", ("ready", "exhausted", "accepted", "delivered"))),
    "receipt": _RECEIPT,
    "answer": _arrows(("ready", ("suppressed",)), ("claimed", ("suppressed",))),
    "watch": _arrows(("ready", ("undelivered",))),
}
_COLUMNS = (
    "delivery_id", "version_id", "medium", "contact", "route", "state", "owner", "fence",
    "lease_until", "attempts", "doubts", "deaths", "rank", "status", "reason", "provider",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A delivery as it stood after some commit."""

    delivery_id: str
    version_id: str
    medium: str
    contact: str
    route: str
    state: str
    owner: str | None
    fence: int
    lease_until: float | None
    attempts: int
    doubts: int
    deaths: int
    rank: int
    status: str | None
    reason: str | None
    provider: str | None


@dataclass
class Watcher:
    """Looks at every commit, and refuses what no arrow allows."""

    ledger: Ledger
    rows: dict[str, Row] = field(default_factory=dict)
    contacts: dict[str, str] = field(default_factory=dict)  # opened, by what is sealed
    holders: dict[tuple[str, int], str] = field(default_factory=dict)  # whose claim each fence was
    on_lost: Callable[[Row], None] = lambda _row: None
    faults: list[str] = field(default_factory=list)  # told again: a window that fails only logs

    async def seen(self, verb: str, by: str) -> None:
        """Compare what stands now with what stood before the commit that `by` made."""
        try:
            await self._look(verb, by)
        except AssertionError as fault:
            self.faults.append(str(fault))
            raise

    def shifted(self, wait_s: float) -> None:
        """Take note that all instants moved."""
        self.rows = {
            ident: replace(row, lease_until=row.lease_until and row.lease_until - wait_s)
            for ident, row in self.rows.items()
        }

    async def _look(self, verb: str, by: str) -> None:
        statement = select(deliveries.c.commune, *(deliveries.c[name] for name in _COLUMNS))
        found = await self.ledger.read(lambda one: one.execute(statement).all())
        now = {row.delivery_id: self._row(row) for row in found}
        assert self.rows.keys() <= now.keys(), "a delivery is gone"
        for ident, row in now.items():
            before = self.rows.get(ident)
            if before != row:
                self._judge(verb, before, row)
                self._hold(verb, before, row, by=by)
        self.rows = now

    def _row(self, kept: Any) -> Row:  # noqa: ANN401 - a row of the database
        """Read a row, its contact opened: once, whatever becomes of it."""
        if kept.contact not in self.contacts:
            self.contacts[kept.contact] = contact_of(self.ledger.ring, kept)
        return replace(Row(*kept[1:]), contact=self.contacts[kept.contact])

    def _judge(self, verb: str, before: Row | None, row: Row) -> None:
        start = before.state if before else ""
        if start != row.state:
            arrow = (start, row.state)
            if (verb, *arrow) == ("tend", "sending", "unknown"):
                self.on_lost(row)
            assert arrow in ARROWS.get(verb, ()), f"{verb} took {arrow}"
        held = row.state in ("claimed", "sending")
        assert held == (row.owner is not None) == (row.lease_until is not None), row
        if before is not None:
            self._count(verb, before, row)

    def _hold(self, verb: str, before: Row | None, row: Row, *, by: str) -> None:
        """Refuse that a sender writes what another holds; their owners' names are all the same."""
        if before is None or verb != "drain":
            return
        if before.state == "ready":
            self.holders[row.delivery_id, row.fence] = by
        else:
            holder = self.holders[row.delivery_id, before.fence]
            assert holder == by, f"{by} wrote what {holder} holds"

    def _count(self, verb: str, before: Row, row: Row) -> None:
        claimed = (before.state, row.state) == ("ready", "claimed")
        withdrawn = verb == "answer"
        assert row.fence == before.fence + (claimed or withdrawn), "a fence moves at a claim only"
        begun = (before.state, row.state) == ("claimed", "sending")
        unbegun = verb == "drain" and (before.state, row.state) == ("sending", "ready")
        steps = (1,) if begun else (0, -1) if unbegun else (0,)
        assert row.attempts - before.attempts in steps, "an attempt is counted at its intent only"
        same = row.attempts == before.attempts and row.state == before.state == "accepted"
        assert not same or row.rank >= before.rank, "a lower rank overwrote a higher"
        assert before.state not in (*CLOSED, "delivered") or row.state == before.state
