"""Trials of telephones: an SMS and a call to people of the plan, and what they answered.

Its messages leave as any others do, to people of the plan's directory and nobody else; as those of
a daily test, they are on no page of alerts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.canaries import CANARY
from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.outgoing import (
    BEHIND,
    alerts,
    answers,
    blocks,
    deliveries,
    recipients,
    versions,
)
from dispatcher.store.people import DUTY
from dispatcher.store.readiness_tables import phone_trials
from dispatcher.store.turns import take_turns
from dispatcher.store.versions import FIRST, Chained
from dispatcher.store.waves import CHAINS

PRETENDING = ("sandbox-", "rehearsal-")  # accounts by which nothing reaches anybody


@dataclass(frozen=True)
class NewTrial:
    """A trial to be launched: to whom (ids of contacts), in which words, until when."""

    trial_id: str
    people: tuple[str, ...]
    content: Mapping[str, Any]
    digest: str
    expires_at: float
    by: str


@dataclass(frozen=True)
class Trial:
    """A trial that was launched."""

    trial_id: str
    people: Sequence[str]
    asked_by: str
    asked_at: float


@dataclass(frozen=True)
class Sent:
    """A message of a trial: to whom, by which medium, how far it came, whether she answered.

    `provider` is the account that took it; None before one did.
    """

    contact_id: str
    medium: str
    state: str
    answered: bool
    provider: str | None = None

    @property
    def pretended(self) -> bool:
        """Whether it left for nobody: by the sandbox, or by a rehearsal's account."""
        return self.provider is not None and self.provider.startswith(PRETENDING)

    @property
    def confirmed(self) -> bool:
        """Whether a telephone got it: a real provider took it, and she answered."""
        return self.answered and self.provider is not None and not self.pretended


async def launch(
    ledger: Ledger, commune: str, new: NewTrial, *, line: Chained, again_s: float
) -> bool:
    """Write a trial, its messages to be made and its line; False within `again_s` of the last."""
    people = [f"{DUTY}{one}" for one in new.people]
    async with ledger.writing() as connection:
        await take_turns(connection, "trial", commune=commune)
        if await _just_left(connection, commune, within_s=again_s):
            return False
        content = new.content
        await connection.execute(
            alerts.insert().values(
                commune=commune,
                alert_id=new.trial_id,
                created_by=CANARY,
                created_at=db_now(),
                mode=content["mode"],
                title=content["title"],
                template=content["template"],
            )
        )
        version_id = f"{new.trial_id}-1"
        await _write_version(connection, commune, new, version_id=version_id)
        await connection.execute(
            blocks.insert().values(
                commune=commune, version_id=version_id, number=0, chains=CHAINS, people=people
            )
        )
        await connection.execute(
            phone_trials.insert().values(
                commune=commune,
                trial_id=new.trial_id,
                people=list(new.people),
                asked_by=new.by,
                asked_at=db_now(),
            )
        )
        await append(connection, commune=commune, entry=line.entry, key=line.key)
    return True


async def _just_left(connection: AsyncConnection, commune: str, *, within_s: float) -> bool:
    fresh = select(phone_trials.c.trial_id).where(
        phone_trials.c.commune == commune, phone_trials.c.asked_at > db_now() - within_s
    )
    return (await connection.execute(fresh.limit(1))).first() is not None


async def _write_version(
    connection: AsyncConnection, commune: str, new: NewTrial, *, version_id: str
) -> None:
    await connection.execute(
        versions.insert().values(
            commune=commune,
            version_id=version_id,
            alert_id=new.trial_id,
            number=1,
            kind=FIRST,
            state="launched",
            content=new.content,
            digest=new.digest,
            drafted_by=new.by,
            lane=2,
            expires_at=new.expires_at,
            people=len(new.people),
            approved_by=new.by,
            approved_at=db_now(),
            launch_key=f"trial-{new.trial_id}",
            launched_by=new.by,
            launched_at=db_now(),
        )
    )


async def last_trial(ledger: Ledger, commune: str) -> Trial | None:
    """Return the last trial of a commune; None where none was made."""
    columns = [phone_trials.c[name] for name in Trial.__dataclass_fields__]
    wanted = select(*columns).where(phone_trials.c.commune == commune)
    async with ledger.reading() as connection:
        newest = wanted.order_by(phone_trials.c.asked_at.desc()).limit(1)
        row = (await connection.execute(newest)).first()
        return Trial(**row._mapping) if row else None


async def sent_of(ledger: Ledger, commune: str, trial_id: str) -> list[Sent]:
    """Return each message of a trial, with whether it was answered."""
    same = and_(
        answers.c.commune == deliveries.c.commune,
        answers.c.delivery_id == deliveries.c.delivery_id,
    )
    wanted = (
        select(
            recipients.c.person_id,
            deliveries.c.medium,
            deliveries.c.state,
            deliveries.c.provider,
            answers.c.kind,
        )
        .join_from(deliveries, recipients, BEHIND)
        .outerjoin(answers, same)
        .where(deliveries.c.commune == commune, deliveries.c.version_id == f"{trial_id}-1")
        .order_by(deliveries.c.serial)
    )
    async with ledger.reading() as connection:
        rows = await connection.execute(wanted)
        return [
            Sent(
                row.person_id.removeprefix(DUTY),
                row.medium,
                row.state,
                row.kind is not None,
                row.provider,
            )
            for row in rows
        ]
