"""Failures on demand: what is asked for over /sandbox/faults, drawn for each request.

| kind | media | what the client sees | accepted |
|---|---|---|---|
| refuse_500_before | sms voice webhook lookup | 500 | no |
| accept_then_500 | sms voice webhook | 500 | yes |
| accept_then_drop | sms voice webhook | connection closed, no answer | yes |
| drop_before | sms voice webhook lookup email | connection closed, no answer | no |
| timeout | sms voice webhook email | no answer for `delay_s` | yes |
| timeout_before | sms voice webhook lookup | no answer for `delay_s` | no |
| 429 | sms voice webhook lookup | 429 with Retry-After | no |
| 410 | webhook | 410 Gone | no |
| truncated | sms voice | half of the answer, then closed | yes |
| no_receipts | sms voice | no status callback | yes |
| receipts_x10 | sms voice | each callback ten times, old ones again after the last | yes |
| lagging | lookup | entries younger than `delay_s` are not listed | – |
| smtp_421, smtp_450, smtp_550 | email | that answer to MAIL or RCPT | no |
| drop_after_data | email | closed after the final dot, no answer | yes |
| no_starttls | email | STARTTLS not offered | no |

The second SMS operator (`texto`) fails apart from the first, in all the ways of sms.

`drop_before` for e-mail closes after the final dot too: the client cannot tell it from
`drop_after_data`, only this ledger can.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dispatcher.sandbox.callees import chance

_HTTP = {
    *("refuse_500_before", "accept_then_500", "accept_then_drop", "drop_before"),
    *("timeout", "timeout_before", "429"),
}
RECEIPTS = frozenset({"no_receipts", "receipts_x10"})
ASIDE = RECEIPTS | {"lagging"}  # these do not change the answer itself
KINDS: Mapping[str, frozenset[str]] = {
    "sms": frozenset(_HTTP | {"truncated"} | RECEIPTS),
    "texto": frozenset(_HTTP | {"truncated"} | RECEIPTS),  # the second SMS operator
    "voice": frozenset(_HTTP | {"truncated"} | RECEIPTS),
    "webhook": frozenset(_HTTP | {"410"}),
    "lookup": frozenset({"refuse_500_before", "drop_before", "timeout_before", "429", "lagging"}),
    "email": frozenset(
        {"smtp_421", "smtp_450", "smtp_550", "drop_after_data", "drop_before"}
        | {"no_starttls", "timeout"}
    ),
}


class NoSuchFault(ValueError):
    """The fault asked for does not exist for this medium, or its figures make no sense."""


@dataclass
class Fault:
    """One order of failures: `share` of the requests, until `left` have failed (None: no end)."""

    number: int
    medium: str
    kind: str
    share: float = 1.0
    left: int | None = None
    delay_s: float = 30.0
    draws: int = 0
    hits: int = 0


class Faults:
    """The failures in force, drawn in the order they were asked for."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._orders: list[Fault] = []
        self._count = 0

    @property
    def orders(self) -> tuple[Fault, ...]:
        """The failures in force, with how often each was drawn and hit."""
        return tuple(self._orders)

    def order(self, medium: str, kind: str, **figures: float | None) -> Fault:
        """Ask for a failure: share (0–1), count (None: no end), delay_s. Raises NoSuchFault."""
        known = KINDS.get(medium)
        if known is None:
            raise NoSuchFault(f"Medium {medium!r} is unknown: use one of {', '.join(KINDS)}.")
        if kind not in known:
            raise NoSuchFault(f"{kind!r} is no fault of {medium}: use {', '.join(sorted(known))}.")
        share = figures.get("share")
        count = figures.get("count")
        if count is not None and (count < 0 or count != int(count)):
            raise NoSuchFault("count must be a whole number that is not negative.")
        delay_s = figures.get("delay_s")
        fault = Fault(
            self._count,
            medium,
            kind,
            share=1.0 if share is None else share,
            left=None if count is None else int(count),
            delay_s=30.0 if delay_s is None else delay_s,
        )
        if not 0 <= fault.share <= 1 or fault.delay_s < 0:
            raise NoSuchFault("share must be between 0 and 1, and delay_s not negative.")
        self._count += 1
        self._orders.append(fault)
        return fault

    def clear(self) -> None:
        """End all failures; the next ones are drawn as on the first day."""
        self._orders.clear()
        self._count = 0

    def draw(self, medium: str, *, among: frozenset[str] | None = None) -> Fault | None:
        """Draw the failure that hits this request, if any, by `among` or of the answer itself."""
        for fault in self._orders:
            if fault.medium != medium or fault.left == 0:
                continue
            wanted = fault.kind in among if among is not None else fault.kind not in ASIDE
            if wanted and self._hit(fault):
                return fault
        return None

    def _hit(self, fault: Fault) -> bool:
        fault.draws += 1
        if chance(self._seed, fault.number, fault.draws) >= fault.share:
            return False
        fault.hits += 1
        if fault.left is not None:
            fault.left -= 1
        return True
