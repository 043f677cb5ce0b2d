"""The progress watchdog: looks at the ledger every second, raises an alarm once a silence.

It runs in the web process, in the supervisor, in each worker, and for `tocsin alarm check`: whoever
of them is not stuck tells those on call. It has its own door to the ledger, so that a pool that is
used up elsewhere does not silence it. Where the ledger itself cannot be read or written, the
processes of one machine agree by a file on who tells.
"""

import asyncio
import os
import secrets
import socket
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.alarms import words
from dispatcher.alarms.granted import lines_full, patience
from dispatcher.alarms.machine_mark import MachineMark
from dispatcher.alarms.silence import CLEAR_S, QUIET_S, Silence, Verdict
from dispatcher.alarms.telling import OnCall, tell
from dispatcher.delivery.accounts import Route
from dispatcher.store import alarms, plans
from dispatcher.store.alarms import Raised, Standing
from dispatcher.store.ledger import Ledger
from dispatcher.store.open_work import Looked, apart, look

ANSWER_S = 2.0  # a ledger that takes longer does not answer
ACCOUNTS_S = 10.0  # between two questions for them, while there are none
WRITE_S = 1.0  # then those on call are told, written or not
REST_MOST_S = 2.0  # between two looks, however slow the ledger
SLEPT_S = 8.0  # a watcher that looked no sooner was frozen itself, and knows nothing of meanwhile

Answer = TypeVar("Answer")
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Patience:
    """How often a sentinel looks and how long it waits, in seconds; shorter in tests.

    A ledger is `unreadable_s` away before that is an alarm: a restart of the database is shorter.
    """

    look_every_s: float = 1.0
    quiet_s: float = QUIET_S
    clear_s: float = CLEAR_S
    unreadable_s: float = 10.0


@dataclass(frozen=True)
class Post:
    """What a sentinel watches with."""

    ledger: Ledger
    people: OnCall
    data_dir: Path
    logbook_key: bytes
    patience: Patience = Patience()
    clock_s: Callable[[], float] = time.monotonic


class Sentinel:
    """One watcher; `standing` is what screens show: the ledger's alarms, and its own besides."""

    def __init__(self, post: Post) -> None:
        """Begin to watch: what happened before is not known."""
        self._post = post
        self._silence, self._played = self._fresh(), self._fresh()
        self._accounts: Sequence[Route] = ()
        self._ask_s = 0.0
        self._me = f"{socket.gethostname()[:24]}-{os.getpid()}-{secrets.token_hex(4)}"
        self._mark = MachineMark(post.data_dir / "alarms")
        self._answered_s = self._stepped_s = post.clock_s()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._asking: asyncio.Task[Any] | None = None
        self._raising: dict[str, Raised] = {}
        self._told: set[str] = set()
        self._own: dict[str, Standing] = {}
        self._standing: tuple[Standing, ...] = ()
        self.verdict = Verdict(moves=False, clear=False)

    def _fresh(self) -> Silence:
        return Silence(self._post.patience.quiet_s, self._post.patience.clear_s)

    @property
    def people(self) -> OnCall:
        """Return who is told."""
        return self._post.people

    @property
    def standing(self) -> tuple[Standing, ...]:
        """Return the open alarms; those without a commune are everybody's."""
        known = {one.raised.subject for one in self._standing}
        own = (one for subject, one in self._own.items() if subject not in known)
        return (*self._standing, *own)

    def alarms_of(self, commune: str) -> tuple[Standing, ...]:
        """Return what a commune is to see: its own alarms, and those of the whole installation."""
        return tuple(
            Standing(commune, one.raised, one.raised_at)
            for one in self.standing
            if one.commune in ("", commune)
        )

    async def watch(self) -> None:
        """Watch until cancelled."""
        try:
            while True:
                began = time.monotonic()
                await self.step()
                await asyncio.sleep(
                    max(self._post.patience.look_every_s, 4 * (time.monotonic() - began))
                )
        finally:
            for task in self._tasks:
                task.cancel()

    async def settled(self, *, within_s: float = 30.0) -> None:
        """Wait until what was begun is written and told."""
        until = time.monotonic() + within_s
        while self._tasks and (left_s := until - time.monotonic()) > 0:
            await asyncio.wait(set(self._tasks), timeout=left_s)

    async def step(self) -> None:
        """Look once, and raise or end what is to be."""
        looked = await self._ask(self._look())
        now_s, before_s = self._post.clock_s(), self._stepped_s
        self._stepped_s = now_s
        if now_s - before_s > SLEPT_S:
            self._answered_s = now_s
            self._silence, self._played = self._fresh(), self._fresh()
        elif looked is not None:
            self._answered_s = now_s
            self._judge(looked, now_s=now_s)
        elif now_s - self._answered_s >= self._post.patience.unreadable_s:
            self._raise(words.ledger(now_s - self._answered_s), communes=frozenset())

    def _judge(self, looked: Looked, *, now_s: float) -> None:
        if words.LEDGER in self._own:
            self._over(words.LEDGER)
        real, played = apart(looked)
        self.verdict = self._silence.see(real, now_s=now_s)
        self._follow(self.verdict, real, words.SILENCE, words.silence)
        self._follow(
            self._played.see(played, now_s=now_s), played, words.REHEARSAL, words.rehearsal
        )
        for one in self._standing:
            if not one.told and one.telling_s > alarms.TELLING_S:
                self._start(self._take_over(one.raised))

    def _follow(
        self, seen: Verdict, looked: Looked, subject: str, worded: Callable[[Verdict], Raised], /
    ) -> None:
        """Raise the alarm of what stands still, or end it."""
        if seen.still_s:
            communes = {key[0] for name in seen.still_s for key in looked.queues[name]}
            self._raise(worded(seen), communes=frozenset(communes))
        elif seen.clear and self._open(subject):
            self._over(subject)

    def _open(self, subject: str) -> bool:
        return any(one.raised.subject == subject for one in self.standing)

    async def _look(self) -> Looked:
        ledger = self._post.ledger
        if not self._accounts and self._stepped_s >= self._ask_s:  # they cost as much as the look
            self._accounts = self._post.people.accounts()
            self._ask_s = self._stepped_s + ACCOUNTS_S
        known = [*self._silence.known, *self._played.known]
        looked = await look(ledger, known=known)
        if looked.queues:
            self._silence.patient_s = await patience(
                ledger, self._accounts, quiet_s=self._post.patience.quiet_s
            )
        if "voice" in looked.queues and await lines_full(ledger, self._accounts):
            rest = {name: due for name, due in looked.queues.items() if name != "voice"}
            looked = Looked(rest, looked.before, looked.held)
        self._standing = tuple(await alarms.standing(ledger))
        return looked

    async def _ask(self, question: Coroutine[Any, Any, Answer]) -> Answer | None:
        """Return the ledger's answer; None where none came in time. One question at a time.

        A question that hangs is left behind, not cancelled: its end may have to be waited for.
        """
        if self._asking is not None and not self._asking.done():
            question.close()
            await asyncio.wait({self._asking}, timeout=ANSWER_S)
            return None
        self._asking = self._start(question)
        await asyncio.wait({self._asking}, timeout=ANSWER_S)
        if not self._asking.done():
            return None
        answer: Answer | None = self._asking.result()
        return answer

    def _start(self, work: Coroutine[Any, Any, Answer]) -> "asyncio.Task[Answer | None]":
        task = asyncio.create_task(_quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _raise(self, raised: Raised, *, communes: frozenset[str]) -> None:
        """Raise an alarm, once for as long as it lasts."""
        if raised.subject in self._raising:
            return
        self._raising[raised.subject] = raised
        self._own[raised.subject] = Standing("", raised, time.time())
        self._start(self._raise_and_tell(raised, communes))

    async def _raise_and_tell(self, raised: Raised, communes: frozenset[str]) -> None:
        """Write it and tell it; what cannot be written in time is told all the same.

        Runbook: `alarm.raised` says that messages wait and none leaves, or that the ledger does
        not answer; its sentences say what to do. `alarm.ended` follows when it is over.
        """
        writing = self._start(self._write(raised, communes))
        await asyncio.wait({writing}, timeout=WRITE_S)
        written = writing.result() if writing.done() else None
        if written == []:
            return  # another process raised it: it tells
        if written is None and not self._mark.take(raised.subject):
            return  # nothing could be written: another process of this machine tells
        log.error("alarm.raised", subject=raised.subject, kind=raised.kind, written=bool(written))
        await self._tell(raised, written or sorted(communes))
        self._told.add(raised.subject)
        await asyncio.wait({writing})
        await self._start(alarms.note_told(self._post.ledger, raised.subject))

    async def _write(self, raised: Raised, communes: frozenset[str]) -> list[str] | None:
        if not communes:
            return None
        return await alarms.raise_alarm(
            self._post.ledger,
            raised,
            communes=communes,
            teller=self._me,
            key=self._post.logbook_key,
        )

    async def _take_over(self, raised: Raised) -> None:
        if self._mark.taken(raised.subject):
            return
        communes = await alarms.take_telling(self._post.ledger, raised.subject, teller=self._me)
        if communes:
            await self._tell(raised, communes)
            await alarms.note_told(self._post.ledger, raised.subject)

    async def _tell(self, raised: Raised, communes: list[str]) -> None:
        people = self._post.people
        if not people.addresses:
            log.warning("alarm.nobody_on_call", subject=raised.subject, remedy="TOCSIN_ALARM_TO")
            return
        told = await tell(people, words.told(raised, communes))
        log.info("alarm.told", subject=raised.subject, people=told)

    def _over(self, subject: str) -> None:
        """End an alarm, and be ready for the next one."""
        self._own.pop(subject, None)
        raised = self._raising.pop(subject, None)
        self._mark.release(subject)
        mine = subject in self._told
        self._told.discard(subject)
        self._start(self._end(subject, unwritten=raised if mine else None))

    async def _end(self, subject: str, *, unwritten: Raised | None) -> None:
        """End it in the ledger; what it could not hold while it was away is written first."""
        ledger, key = self._post.ledger, self._post.logbook_key
        if unwritten is not None and subject == words.LEDGER:
            await alarms.raise_alarm(
                ledger,
                unwritten,
                communes=await plans.communes(ledger),
                teller=self._me,
                key=key,
            )
            await alarms.note_told(ledger, subject)
        ended = await alarms.end_alarm(ledger, subject, key=key, text=words.OVER[subject])
        if ended or unwritten is not None:
            log.info("alarm.ended", subject=subject)


async def _quietly(work: Coroutine[Any, Any, Answer]) -> Answer | None:
    """Do it; None where the ledger fails: the next look says so."""
    try:
        return await work
    except (SQLAlchemyError, OSError) as error:
        log.warning("alarm.ledger", error=type(error).__name__)
        return None
