"""What a live screen shows at an instant, and how it is read from the ledger."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from dispatcher.alerts.clocks import Clock
from dispatcher.alerts.following import clocks
from dispatcher.distress.calls import UNOWNED_S
from dispatcher.store.account_figures import AccountFigure, account_figures
from dispatcher.store.alarms import Standing
from dispatcher.store.alert_lines import AlertLine, alert_versions, latest_alerts, that_counts
from dispatcher.store.duties import AccountName, account_names
from dispatcher.store.help_calls import HelpCall, open_calls
from dispatcher.store.help_counts import HelpCounts, help_counts
from dispatcher.store.ledger import Ledger
from dispatcher.store.situation import Progress
from operator_ui.live_figures import Figures
from operator_ui.outbox import Bubble, Outbox
from operator_ui.people_named import Person
from plans.alerting import AlertPolicy

RECENT = 6  # alerts listed beside the one that is shown
FIRST_CALLS = 6  # calls for help listed; all are counted


@dataclass(frozen=True)
class Subject:
    """What a screen looks at: one alert, or the commune's latest when `alert_id` is empty."""

    commune: str
    alert_id: str = ""


@dataclass(frozen=True)
class CallShown:
    """An open call for help, without anything of who made it.

    `minutes` since it waits for somebody, or since it came where somebody is at it; `owner` is who
    has it or had it, by name.
    """

    call: HelpCall
    owner: str
    minutes: int
    late: bool


@dataclass(frozen=True)
class Picture:
    """What a screen shows at an instant; two equal pictures are one message."""

    line: AlertLine | None = None
    runs: bool = False  # launched, not cancelled, not expired
    progress: Progress | None = None
    bubbles: tuple[Bubble, ...] | None = None
    recent: tuple[AlertLine, ...] = ()
    alarms: tuple[Standing, ...] = ()
    help: HelpCounts = field(default_factory=HelpCounts)
    help_minutes: int = 0  # since the oldest call without an owner came
    calls: tuple[CallShown, ...] = ()  # the first of them
    clocks: tuple[Clock, ...] = ()
    accounts: tuple[AccountFigure, ...] = ()
    granted: Mapping[str, float] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)

    def granted_to(self, medium: str) -> float | None:
        """Return how many a second a medium's accounts may take together, None if unknown."""
        return self.granted.get(medium)


@dataclass(frozen=True)
class Facts:
    """What changes seldom: the policy of a commune's plan, what each medium's accounts grant.

    `granted` is in messages a second, by account where those are known, else by medium; `people`
    are those whom a line may name (`people_named.py`).
    """

    policy: AlertPolicy | None = None
    by_medium: Mapping[str, float] = field(default_factory=dict)
    by_account: Mapping[str, float] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)


@dataclass(frozen=True)
class Studio:
    """Takes pictures of a ledger: what it reads them from."""

    ledger: Ledger
    figures: Figures
    outbox: Outbox
    alarms: Callable[[str], tuple[Standing, ...]]

    async def lines(self, subject: Subject) -> list[AlertLine]:
        """Return the version that counts of the alert looked at, or of each of the commune's."""
        if subject.alert_id:
            versions = await alert_versions(self.ledger, subject.commune, subject.alert_id)
            one = that_counts(versions)
            return [] if one is None else [one]
        return await latest_alerts(self.ledger, subject.commune)

    async def taken(self, subject: Subject, facts: Facts, *, rested: bool = False) -> Picture:
        """Read what a screen shows now.

        With `rested` figures of a moment ago do (`live_figures.py`). Calls for help and the rest do
        not wait for them.
        """
        lines = await self.lines(subject)
        line = shown_of(lines)
        runs = line is not None and line.runs_at(time.time())
        figures = await self.figures.of(subject.commune, line, rested=rested)
        accounts = await self._accounts(figures)
        counted = await help_counts(self.ledger, subject.commune, late_s=UNOWNED_S)
        return Picture(
            line=line,
            runs=runs,
            progress=figures,
            recent=() if subject.alert_id else tuple(lines[:RECENT]),
            bubbles=None if subject.alert_id else await self.outbox.samples(),
            alarms=self.alarms(subject.commune),
            help=counted,
            help_minutes=counted.minutes(time.time()),
            calls=await self._calls(subject.commune) if counted.open else (),
            clocks=await self._clocks(subject.commune, line if runs else None, figures, facts),
            accounts=accounts,
            granted=_granted(facts, accounts),
            people=facts.people,
        )

    async def _accounts(self, figures: Progress | None) -> tuple[AccountFigure, ...]:
        """Return the accounts of the media that this alert uses; none where nothing leaves."""
        if figures is None:
            return ()
        used = {one.medium for one in figures.media}
        return tuple(one for one in await account_figures(self.ledger) if one.medium in used)

    async def _calls(self, commune: str) -> tuple[CallShown, ...]:
        calls = await open_calls(self.ledger, commune, limit=FIRST_CALLS)
        names, now = await account_names(self.ledger, commune), time.time()
        return tuple(_call_shown(one, names, now) for one in calls)

    async def _clocks(
        self, commune: str, line: AlertLine | None, figures: Progress | None, facts: Facts
    ) -> tuple[Clock, ...]:
        if line is None or facts.policy is None:
            return ()
        of = (commune, line.alert_id, line.kind)
        return await clocks(self.ledger, facts.policy, of=of, progress=figures)


def _call_shown(call: HelpCall, names: Mapping[str, AccountName], now: float) -> CallShown:
    owner, since = names.get(call.owner or ""), call.waits_since
    return CallShown(
        call,
        owner.name if owner else call.owner or "",
        max(0, int((now - (call.came_at if since is None else since)) // 60)),
        late=since is not None and now - since >= UNOWNED_S,
    )


def shown_of(lines: Sequence[AlertLine]) -> AlertLine | None:
    """Return the alert that a screen shows, of several."""
    return min(lines, key=lambda line: _order(line, time.time()), default=None)


def _order(line: AlertLine, now: float) -> tuple[bool, bool, float]:
    """Put first what runs, a real alert before an exercise: a new draft hides neither."""
    return (
        not (line.runs_at(now) and line.mode == "real"),
        not line.runs_at(now),
        -(line.launched_at or 0.0),
    )


def _granted(facts: Facts, accounts: Sequence[AccountFigure]) -> Mapping[str, float]:
    """Return what each medium's accounts grant together, with what was changed meanwhile."""
    found = dict(facts.by_medium)
    for medium in {one.medium for one in accounts}:
        mine = [one for one in accounts if one.medium == medium]
        known = [
            facts.by_account.get(one.name) if one.rate_per_s is None else one.rate_per_s
            for one in mine
        ]
        rates = [one for one in known if one is not None]
        if len(rates) == len(mine):
            found[medium] = sum(rates)
    return found
