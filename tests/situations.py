"""Crises as the console finds them: a commune with its plan, its people, an alert under way."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import update

from dispatcher.access.signing_in import NewUser, create_user
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.plan_in_force import load
from dispatcher.delivery.content import Content, Texts
from dispatcher.delivery.tokens import TokenKeys, answer_hash
from dispatcher.store.ledger import Ledger
from dispatcher.store.names import delivery_id
from dispatcher.store.outgoing import (
    alerts,
    answers,
    deliveries,
    unreachable,
    versions,
)
from dispatcher.store.statements import insert_rows
from dispatcher.store.users import User
from plans.folder import files_of
from tests.behind import put_behind
from tests.example_commune import EXAMPLE
from tests.keyring import mark_of, sent_to

COMMUNE = "99117"
PASSWORD = "quatre mots sans rapport"
AREA = {
    "type": "Polygon",
    "coordinates": [
        [[5.010, 47.778], [5.026, 47.778], [5.026, 47.784], [5.010, 47.784], [5.010, 47.778]]
    ],
}
TEXTS = {
    "fr": Texts(
        sms="Mairie de Vaubrenne: crue de la Sérolle. Evacuez le Bas-Bourg. {lien}",
        voice="Ici la mairie de Vaubrenne. La Sérolle monte. Evacuez le Bas-Bourg.",
        email_subject="Crue : évacuez le Bas-Bourg maintenant",
        email_body=(
            "La Sérolle monte vite. Quittez le Bas-Bourg maintenant.\n"
            "Rendez-vous parvis de la Halle. Accueil au gymnase du Plateau.\n"
            "Dites-nous si vous allez bien : {lien}\n"
            "Fermez le gaz et le courant."
        ),
    ),
    "en": Texts(
        sms="Vaubrenne town hall: the Serolle is rising. Leave the Bas-Bourg. {lien}",
        voice="This is Vaubrenne town hall. The Serolle is rising. Leave the Bas-Bourg.",
        email_subject="Flood: leave the Bas-Bourg now",
        email_body="The Sérolle is rising fast. Leave the Bas-Bourg now. Answer here: {lien}",
    ),
}
FALSE_ALARM = {
    "fr": Texts(
        sms="Mairie de Vaubrenne: FAUSSE ALERTE. {lien}",
        voice="Ici la mairie de Vaubrenne. Fausse alerte.",
        email_subject="FAUSSE ALERTE, restez chez vous",
        email_body="Notre message était une erreur. Restez chez vous. {lien}",
    ),
}


@dataclass(frozen=True)
class Planned:
    """An alert to write down; `lines` are its deliveries as (medium, state, how many)."""

    title: str = "Crue : évacuez le Bas-Bourg maintenant"
    mode: str = "real"
    state: str = "launched"
    lines: tuple[tuple[str, str, int], ...] = ()
    unreachable: Mapping[str, int] = field(default_factory=dict)
    launched_ago_s: float | None = 1800.0
    expires_in_s: float = 5 * 3600.0
    texts: Mapping[str, Texts] = field(default_factory=lambda: TEXTS)
    languages: tuple[str, ...] = ("fr",)
    issuer: str = "Mairie de Vaubrenne-sur-Sérolle"
    commune: str = COMMUNE


@dataclass(frozen=True)
class Written:
    """What stands in the ledger: ids, and the answering tokens of the deliveries by their id."""

    alert_id: str
    version_id: str
    deliveries: tuple[str, ...]
    tokens: Mapping[str, str]


def office(ledger: Ledger, commune: str = COMMUNE) -> Office:
    keys = TokenKeys(attempts=b"a" * 32, answers=b"b" * 32)
    return Office(ledger, commune, b"k" * 32, keys, "", {})


async def load_example_plan(ledger: Ledger) -> None:
    """Bring the example commune's plan into force."""
    reading = await load(office(ledger), files_of(EXAMPLE), actor=Actor("test", "dos"))
    assert reading.plan is not None, reading.faults


async def add_user(
    ledger: Ledger, login: str = "rac", function: str = "rac", name: str = "Camille Aubry"
) -> None:
    """Give someone access to the example commune, with PASSWORD."""
    user = User(COMMUNE, login, name, function)
    await create_user(ledger, NewUser(user, PASSWORD, waived=True), by="test", key=b"k" * 32)


async def write_alert(ledger: Ledger, planned: Planned) -> Written:
    """Write an alert with its deliveries, one person behind each, straight into the tables."""
    alert_id, version_id = secrets.token_hex(6), secrets.token_hex(6)
    rows, tokens = _deliveries(planned, version_id)
    async with ledger.writing() as connection:
        await insert_rows(connection, alerts, [_alert(planned, alert_id)])
        version = _version(planned, alert_id, version_id)
        await insert_rows(connection, versions, [version | {"people": _people(planned)}])
        await insert_rows(connection, deliveries, rows)
        mine = {"commune": planned.commune}
        readers = [(row["delivery_id"], f"p{number}") for number, row in enumerate(rows)]
        await put_behind(connection, planned.commune, readers)
        lost = [
            {**mine, "version_id": version_id, "person_id": f"u{reason}{n}", "reason": reason}
            for reason, count in planned.unreachable.items()
            for n in range(count)
        ]
        await insert_rows(connection, unreachable, lost)
    return Written(alert_id, version_id, tuple(row["delivery_id"] for row in rows), tokens)


async def move(ledger: Ledger, written: Written, *, to: str, first: int) -> None:
    """Put the first deliveries of an alert in another state, as a worker would."""
    accepted = {"accepted_at": time.time()} if to in ("accepted", "delivered") else {}
    async with ledger.writing() as connection:
        await connection.execute(
            update(deliveries)
            .where(deliveries.c.delivery_id.in_(written.deliveries[:first]))
            .values(state=to, **accepted)
        )


async def change_version(ledger: Ledger, written: Written, **values: object) -> None:
    """Change columns of an alert's version: cancelled, expired, finished."""
    async with ledger.writing() as connection:
        await connection.execute(
            update(versions).where(versions.c.version_id == written.version_id).values(**values)
        )


async def answer(ledger: Ledger, delivery: str, kind: str, *, commune: str = COMMUNE) -> None:
    """Write what someone answered."""
    row = {
        "commune": commune,
        "delivery_id": delivery,
        "kind": kind,
        "via": "keypad",
        "answered_at": time.time(),
    }
    async with ledger.writing() as connection:
        await insert_rows(connection, answers, [row])


def _people(planned: Planned) -> int:
    return sum(line[2] for line in planned.lines) + sum(planned.unreachable.values())


def _alert(planned: Planned, alert_id: str) -> dict[str, Any]:
    return {
        "commune": planned.commune,
        "alert_id": alert_id,
        "mode": planned.mode,
        "title": planned.title,
        "created_by": "cellule",
        "created_at": time.time() - 3600,
    }


def _version(planned: Planned, alert_id: str, version_id: str) -> dict[str, Any]:
    content = Content(
        mode=planned.mode,
        route="live",
        title=planned.title,
        issuer=planned.issuer,
        sender="VAUBRENNE",
        language="fr",
        texts=planned.texts,
        area=AREA,
        margin_m=0.0,
        media=("sms", "voice", "email"),
        plan_digest="0" * 64,
        template="crue_evacuation",
        false_alarm=FALSE_ALARM,
    )
    ago = planned.launched_ago_s
    launched = planned.state in ("launched", "cancelled") and ago is not None
    return {
        "commune": planned.commune,
        "version_id": version_id,
        "alert_id": alert_id,
        "state": planned.state,
        "content": content.as_json(),
        "digest": "0" * 64,
        "expires_at": time.time() + planned.expires_in_s,
        "approved_by": "maire" if launched else None,
        "launched_by": "rac" if launched else None,
        "launched_at": time.time() - (ago or 0.0) if launched else None,
    }


def _deliveries(planned: Planned, version_id: str) -> tuple[list[dict[str, Any]], dict[str, str]]:
    rows: list[dict[str, Any]] = []
    tokens: dict[str, str] = {}
    now = time.time()
    for medium, state, count in planned.lines:
        for _ in range(count):
            number = len(rows)
            contact = f"+3363998{number:04d}" if medium != "email" else f"p{number}@foyer.example"
            ident = delivery_id(version_id, medium, mark_of(contact))
            tokens[ident] = secrets.token_urlsafe(16)
            taken = state in ("accepted", "delivered", "undelivered")
            rows.append(
                {
                    "commune": planned.commune,
                    "delivery_id": ident,
                    "version_id": version_id,
                    "medium": medium,
                    **sent_to(planned.commune, ident, contact),
                    "language": planned.languages[number % len(planned.languages)],
                    "route": "live",
                    "position": number,
                    "state": state,
                    "next_at": 0.0,
                    "accepted_at": now - 5 if taken else None,
                    "answer_hash": answer_hash(tokens[ident]),
                }
            )
    return rows, tokens
