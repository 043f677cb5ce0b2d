"""The peer of the fan-out: one Celery task a recipient, one ORM row read and updated in each.

The shape of the big public notification services. Settings come from the command line that starts
the worker (`Places`).
"""

from datetime import UTC, datetime
from functools import cache

import httpx
from celery import Celery
from pydantic_settings import BaseSettings
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from tests.bench.parts.floor import FORM


class Places(BaseSettings):
    """Where the peer's database, queue and provider are."""

    per_recipient_database: str = ""
    per_recipient_redis: str = ""
    per_recipient_sink: str = ""


PLACES = Places()
app = Celery("per_recipient", broker=PLACES.per_recipient_redis)
app.conf.update(task_ignore_result=True, task_acks_late=True, worker_prefetch_multiplier=50)


class Row(DeclarativeBase):
    """Rows of the peer."""


class Notification(Row):
    """One message to one recipient."""

    __tablename__ = "notifications"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str]
    status: Mapped[str]
    reference: Mapped[str | None]
    sent_at: Mapped[datetime | None]


@cache
def engine() -> Engine:
    """Open the database once a process, as durable as ours."""
    made = create_engine(PLACES.per_recipient_database, connect_args={"timeout": 30})

    @event.listens_for(made, "connect")
    def prepare(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return made


@cache
def client() -> httpx.Client:
    """Keep connections open over tasks."""
    return httpx.Client(trust_env=False)


@app.task  # type: ignore[untyped-decorator]  # Celery has no types
def deliver(ident: int) -> None:
    """Read the row, send it, write what became of it."""
    with Session(engine()) as session:
        row = session.get_one(Notification, ident)
        answer = client().post(
            f"{PLACES.per_recipient_sink}/2010-04-01/Accounts/AC{'0' * 32}/Messages.json",
            data={**FORM, "To": row.recipient},
        )
        row.status = "sending"
        row.reference = answer.json()["sid"]
        row.sent_at = datetime.now(UTC)
        session.commit()
