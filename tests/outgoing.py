"""Launched alerts in a ledger, written straight through the store: who, by what, until when."""

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select

from dispatcher.delivery.content import Content, Escalation, Texts
from dispatcher.delivery.planning import materialise_next
from dispatcher.delivery.tokens import TokenKeys
from dispatcher.store import versions as store
from dispatcher.store.clock import db_now
from dispatcher.store.launching import launch
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry
from dispatcher.store.outgoing import deliveries
from dispatcher.store.people import Contact
from dispatcher.store.personal import contact_of
from dispatcher.store.statements import insert_rows
from dispatcher.store.succession import stop
from dispatcher.store.tables import contacts, persons
from dispatcher.store.versions import AudienceBlock, Chained, Draft, Launch, Version
from tests.keyring import RING, name_of, way_row

COMMUNE = "99117"
KEYS = TokenKeys(b"a" * 32, b"b" * 32)
LOGBOOK_KEY = b"k" * 32
PUBLIC_URL = "https://alerte.valombre.example"
CONTENT = Content(
    mode="real",
    route="live",
    title="Crue de la Lerne",
    issuer="Mairie de Valombre",
    sender="Valombre",
    language="fr",
    texts={
        "fr": Texts("Crue: montez. {lien}", "Montez à l'étage.", "Crue", "Montez. {lien}"),
        "en": Texts("Flood: go up. {lien}", "Go upstairs.", "Flood", "Go up. {lien}"),
    },
    area={"type": "Point", "coordinates": [5.0, 47.0]},
    margin_m=0.0,
    media=("sms", "voice", "email", "webhook"),
    plan_digest="0" * 64,
    template="crue",
    cap_sender="alerte.valombre.example",
    false_alarm={"fr": Texts("Fausse alerte. {lien}", "Erreur.", "Fausse alerte", "{lien}")},
)


@dataclass(frozen=True)
class Inhabitant:
    """Someone to warn."""

    id: str
    contacts: tuple[Contact, ...]
    language: str = "fr"
    unsubscribed: bool = False


@dataclass(frozen=True)
class Plan:
    """What to launch: blocks of people, by these media in order."""

    people: Sequence[Inhabitant]
    chains: tuple[tuple[str, ...], ...] = (("sms",),)
    others: tuple[tuple[tuple[str, ...], ...], ...] = ()
    choice: tuple[int, ...] = ()
    block: int = 500
    lifetime_s: float = 3600.0
    lane: int = 1
    route: str = "live"
    texts: Mapping[str, Texts] = field(default_factory=lambda: CONTENT.texts)
    commune: str = COMMUNE
    escalation: Escalation | None = None
    two_way: bool = False
    offers_help: bool = True
    public: str = "real"  # its mode, where it leaves the house


def phone(number: int) -> str:
    """Give a fiction mobile number (there are 10,000)."""
    return f"+3363998{number:04d}"


def crowd(size: int, *, first: int = 0) -> list[Inhabitant]:
    """Give people with one mobile each."""
    return [
        Inhabitant(f"p{number:05d}", (Contact("mobile", phone(number)),))
        for number in range(first, first + size)
    ]


def line(kind: str) -> Chained:
    """Give a logbook line."""
    return Chained(Entry("dos", kind, "Essai"), LOGBOOK_KEY)


async def settle_in(
    ledger: Ledger, people: Sequence[Inhabitant], *, commune: str = COMMUNE
) -> None:
    """Write people and their contacts."""
    rows = [
        {
            "commune": commune,
            "person_id": one.id,
            "source": "import",
            "name": name_of(commune, one.id, one.id),
            "language": one.language,
            "languages": [one.language],
            "media": [],
            "warn_first": False,
            "help_to_leave": False,
            "unsubscribed_at": time.time() if one.unsubscribed else None,
        }
        for one in people
    ]
    ways = [way_row(commune, one.id, contact) for one in people for contact in one.contacts]
    async with ledger.writing() as connection:
        await insert_rows(connection, persons, rows)
        await insert_rows(connection, contacts, ways)


async def launched(ledger: Ledger, plan: Plan) -> Version:
    """Settle the people in, and launch an alert to all of them: draft, approval, launch."""
    await settle_in(ledger, plan.people, commune=plan.commune)
    version = await approved(ledger, plan)
    return await launch_once(ledger, version.version_id, plan)


async def approved(ledger: Ledger, plan: Plan) -> Version:
    """Draft an alert and approve it."""
    ident = secrets.token_hex(6)
    draft = Draft(
        plan.commune,
        f"a-{ident}",
        f"v-{ident}",
        _content(plan).as_json(),
        "d" * 64,
        plan.lane,
        time.time() + plan.lifetime_s,
        len(plan.people),
        "redacteur",
    )
    await store.keep_draft(ledger, draft, line("alert.drafted"))
    version = await _read(ledger, draft.version_id, plan.commune)
    values = {"approved_by": "dos", "approved_at": db_now()}
    assert await store.move(
        ledger, version, to="approved", values=values, line=line("alert.approved")
    )
    return await _read(ledger, draft.version_id, plan.commune)


def _content(plan: Plan) -> Content:
    mode = plan.public if plan.route == "live" else plan.route
    return replace(
        CONTENT,
        texts=plan.texts,
        route=plan.route,
        mode=mode,
        escalation=plan.escalation,
        two_way=plan.two_way,
        offers_help=plan.offers_help,
    )


class NotLaunched(Exception):
    """The ledger did not launch it: it had expired, or was not approved any more."""


async def launch_once(ledger: Ledger, version_id: str, plan: Plan) -> Version:
    """Launch an approved alert to everyone of the plan; again with its key is the same launch.

    Raises `NotLaunched`.
    """
    key = f"k-{version_id}"
    if await store.launched_with(ledger, plan.commune, key):
        return await _read(ledger, version_id, plan.commune)
    ids = [one.id for one in plan.people]
    audience = tuple(
        AudienceBlock(
            plan.chains,
            tuple(ids[start : start + plan.block]),
            plan.others,
            plan.choice[start : start + plan.block],
        )
        for start in range(0, len(ids), plan.block)
    )
    version = await _read(ledger, version_id, plan.commune)
    act = Launch("dos", key, audience, len(ids))
    if not await launch(ledger, version, act, line=line("alert.launched")):
        raise NotLaunched(version_id)
    return await _read(ledger, version_id, plan.commune)


async def planned(ledger: Ledger, plan: Plan) -> Version:
    """Launch, and make every delivery."""
    version = await launched(ledger, plan)
    while await materialise_next(ledger) is not None:
        pass
    return version


async def cancelled(ledger: Ledger, version: Version) -> None:
    """Cancel the alert of a launched version."""
    assert await stop(
        ledger, version.commune, version.alert_id, by="dos", line=line("alert.cancelled")
    )


async def rows(ledger: Ledger) -> list[dict[str, object]]:
    """Give every delivery of the ledger, by contact."""
    async with ledger.reading() as connection:
        found = (await connection.execute(select(deliveries))).all()
    opened = [{**row._mapping, "contact": contact_of(RING, row)} for row in found]
    return sorted(opened, key=lambda row: str(row["contact"]))


async def only_row(ledger: Ledger) -> dict[str, object]:
    """Give the one delivery of the ledger."""
    (row,) = await rows(ledger)
    return row


async def _read(ledger: Ledger, version_id: str, commune: str) -> Version:
    version = await store.version_by_id(ledger, commune, version_id)
    assert version is not None
    return version
