"""The stage of the model: a ledger with its town, two workers, the town hall, and time."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from channels.contract import Receipt, Status
from dispatcher.alerts import life as alerting
from dispatcher.alerts.drafting import Wanted
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow
from dispatcher.delivery import answers
from dispatcher.delivery.receipts import receive
from dispatcher.delivery.tokens import page_names
from dispatcher.store.launching import APPROVAL_S
from dispatcher.store.ledger import Ledger
from tests.model import town
from tests.model.arrows import Row, Watcher
from tests.model.clock import Clock, let_pass
from tests.model.facts import Facts, Told
from tests.model.lives import Died, Fate, Life, Lived
from tests.model.process import Process
from tests.model.provider import Operators, Taken, Way
from tests.outgoing import KEYS

PAGE = re.compile(r"/a/([\w-]+)")


@dataclass(frozen=True)
class World:
    """What one test lends to all its stories: a loop and a ledger."""

    runner: asyncio.Runner
    ledger: Ledger
    communes: Callable[[], str]


class Stage:
    """One story: the real code acts, the facts are kept beside it."""

    def __init__(self, world: World) -> None:
        """Set the stage, empty."""
        self.ledger = world.ledger
        self.commune = world.communes()
        self.clock = Clock()
        self.operators = Operators(self.clock, on_taken=self._taken)
        self.facts = Facts(self.operators)
        self.watcher = Watcher(world.ledger, on_lost=self._lost)
        self.eager: set[str] = set()  # accounts whose receipt comes before their answer
        self._order = asyncio.Lock()
        self._lives = 0
        self.workers = [self._worker(), self._worker()]
        self._standing: dict[int, asyncio.Task[None]] = {}

    async def set_up(self) -> None:
        await town.empty(self.ledger)
        await town.found(self.ledger, self.commune)

    def _life(self, doing: str = "", fate: Fate | None = None) -> Life:
        self._lives += 1
        life = Life(f"l{self._lives}", self.watcher.seen, self._order, doing)
        life.destined(fate)
        return life

    def _worker(self) -> Process:
        return Process(self.ledger, self._life(), self.operators)

    # Workers

    async def works(self, who: int, verb: str, fate: Fate | None = None) -> None:
        """Let a worker do something, to its end or to its fate."""
        if who in self._standing:
            return
        worker = self.workers[who]
        worker.life.doing = verb
        worker.life.destined(fate)
        await self._follow(who, asyncio.create_task(getattr(worker, verb)()))

    async def _follow(self, who: int, task: "asyncio.Task[None]") -> None:
        life = self.workers[who].life
        frozen = asyncio.create_task(life.frozen.wait())
        await asyncio.wait({task, frozen}, return_when=asyncio.FIRST_COMPLETED)
        frozen.cancel()
        await self._calm()
        if not task.done():
            self._standing[who] = task
            return
        life.destined(None)
        died = isinstance(task.exception(), Died)
        if task.exception() is not None and not died:
            await task
        if life.dead:
            self.workers[who] = self._worker()

    async def _calm(self) -> None:
        """Let the other tasks of a process come to their end, or to where it stands still."""
        for _ in range(10):
            await asyncio.sleep(0)

    async def thaws(self, who: int) -> None:
        """Let a frozen worker go on."""
        task = self._standing.pop(who, None)
        if task is not None:
            self.workers[who].life.thaw()
            await self._follow(who, task)

    async def killed(self, who: int) -> None:
        """Kill a worker, frozen or idle, and start it again."""
        self.workers[who].life.dead = True
        await self.thaws(who)
        self.workers[who] = self._worker()

    # The town hall

    def _office(self, life: Life) -> Office:
        return town.office_at(Lived(self.ledger, life), self.commune)

    async def _dies(self, act: Awaitable[object]) -> bool:
        """Do it; tell whether the process died over it."""
        try:
            await act
        except Died:
            return True
        return False

    async def drafts(self, told: Told, *, template: str, life_s: float) -> str:
        """Draft, submit and approve an alert; nothing of it can be launched before."""
        office = self._office(self._life("draft"))
        wanted = Wanted(
            template=template,
            sectors=tuple(told.sectors),
            mode=told.mode,
            players=tuple(sorted(told.players)),
            expires_at=datetime.now(UTC) + timedelta(seconds=life_s),
            escalates=told.escalates,
        )
        alert = await alerting.make_draft(office, wanted, actor=town.AUTHOR, key=told.key)
        told.alert, told.expires_at = alert, self.clock.now + life_s
        self.facts.alerts[alert] = told
        self.facts.alert_of[(await alerting.find(office, alert)).version_id] = alert
        await alerting.submit(office, alert, actor=town.AUTHOR, rings=False, night_confirmed=True)
        await self._refused(
            alerting.launch(
                office, alert, actor=town.AUTHOR, launch_key=told.key, night_confirmed=True
            )
        )
        await alerting.approve(office, alert, actor=town.APPROVER)
        told.approved, told.approved_at = True, self.clock.now
        return alert

    async def _refused(self, act: Awaitable[object]) -> None:
        try:
            await act
        except (NotNow, Died):
            return
        raise AssertionError("what may not be was done")

    async def launches(self, told: Told, *, key: str, fate: Fate | None = None) -> None:
        """Launch; a key that launched it already changes nothing, any other is refused."""
        audience = self.facts.audience_now(told)
        office = self._office(self._life("launch", fate))
        act = alerting.launch(
            office, told.alert, actor=town.AUTHOR, launch_key=key, night_confirmed=True
        )
        over = told.cancelled or told.audience is not None or told.expires_at <= self.clock.now
        over = over or self.clock.now - told.approved_at >= APPROVAL_S
        if over and not (told.audience is not None and key == told.key):
            await self._refused(act)
            return
        died = await self._dies(act)
        state = (await alerting.find(self._office(self._life()), told.alert)).state
        assert died or state in ("launched", "cancelled"), state
        if state == "launched" and told.audience is None:
            told.key = key
            self.facts.launched(told, audience, at=self.clock.now)

    async def cancels(self, told: Told, *, fate: Fate | None = None) -> None:
        """Stop an alert."""
        office = self._office(self._life("cancel", fate))
        await self._dies(alerting.cancel(office, told.alert, actor=town.APPROVER))
        state = (await alerting.find(self._office(self._life()), told.alert)).state
        if state == "cancelled" and not told.cancelled:
            in_flight = await self.in_flight()
            self.facts.cancels(told, self.clock.now, in_flight=in_flight)

    # Operators and people

    def _lost(self, row: Row) -> None:
        """Count a send whose process was gone or frozen when its end should have been written."""
        self.operators.doubt((self.facts.alert_of[row.version_id], row.medium, row.contact))

    async def _taken(self, taken: Taken) -> None:
        if taken.account in self.eager:
            await self.tells(taken, Status.DELIVERED)

    async def tells(
        self, taken: Taken, status: Status, *, detail: str | None = None, fate: Fate | None = None
    ) -> None:
        """Bring a receipt; one that met a dead web process comes again."""
        known = status.value in self.facts.receipts.get(taken.token, ())
        for each in (fate, None):
            web = self._life("receipt", each)
            receipt = Receipt(f"R{taken.number}", status, detail)
            act = receive(Lived(self.ledger, web), KEYS, taken.token, receipt)
            self.facts.receipts.setdefault(taken.token, set()).add(status.value)
            try:
                new = await act
            except Died:
                continue
            assert not (known and new), "a receipt was taken twice"
            return

    async def answers(self, taken: Taken, kind: str, *, fate: Fate | None = None) -> None:
        """Answer a message that arrived, by its page or its keypad, until it is kept."""
        page = PAGE.search(taken.text)
        for each in (fate, None):
            ledger = Lived(self.ledger, self._life("answer", each))
            if page is None:
                act = answers.record_keypad(ledger, KEYS, token=taken.token, kind=kind)
            else:
                name, *_ = page_names(KEYS, page[1])
                act = answers.record(ledger, page=name, kind=kind, via="page")
            if not await self._dies(act):
                break
        way = (taken.alert, taken.medium, taken.contact)
        self.facts.answers.add((way, kind))
        audience = self.facts.alerts[taken.alert].audience or frozenset()
        for person in town.behind(taken.contact, audience):
            self.facts.confirmed.add((taken.alert, person))
        # What is in doubt may have left: it is looked up, and may be sent again.
        on_its_way = await self.in_flight("sending", "unknown")
        self.facts.silence(self.clock.now, in_flight=on_its_way)

    async def unsubscribes(self, person: str) -> None:
        """Take someone off the list."""
        await town.leave_list(self.ledger, self.commune, person, at=self.clock.now)
        self.facts.gone.add(person)
        self.facts.silence(self.clock.now, in_flight=await self.in_flight())

    async def moves(self, person: str, sectors: str) -> None:
        """Let someone live elsewhere."""
        await town.live_in(self.ledger, self.commune, person, sectors)
        self.facts.lives_in[person] = sectors

    # Time

    async def passes(self, wait_s: float) -> None:
        """Let time pass for everybody."""
        in_flight, before = await self.in_flight(), self.clock.now
        await let_pass(self.ledger, self.clock, wait_s)
        self.facts.passes(before, self.clock.now, in_flight=in_flight)
        self.watcher.shifted(wait_s)

    async def in_flight(self, *states: str) -> frozenset[Way]:
        """Return what is on its way to an operator just now."""
        return frozenset(
            (self.facts.alert_of[row.version_id], row.medium, row.contact)
            for row in self.watcher.rows.values()
            if row.state in (states or ("sending",))
        )

    async def ends(self) -> None:
        """Let go of what still stands."""
        for who in list(self._standing):
            await self.killed(who)
