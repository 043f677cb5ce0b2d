"""A town whose people, providers and residents write payloads instead of words."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, update

from dispatcher.alerts import life, sketching
from dispatcher.delivery.answers import record_to
from dispatcher.delivery.content import Texts
from dispatcher.distress import calls
from dispatcher.logbook.books import Keeper, Spot, Told, write_line
from dispatcher.staff import asking, deciding
from dispatcher.staff.asking import Invitation
from dispatcher.store.clock import db_now
from dispatcher.store.help_calls import open_calls
from dispatcher.store.ledger import Ledger
from dispatcher.store.passkey_tables import passkeys
from dispatcher.store.reply_tables import replies
from dispatcher.store.tables import sessions
from dispatcher.store.team_alarms import alarms_of
from dispatcher.store.users import User
from dispatcher.teams import alarming
from dispatcher.teams.reporting import Sender, Telling
from dispatcher.teams.typed import say
from plans.sections import BY_NAME
from tests.crises import MAYOR, OPERATOR
from tests.keyring import reply_of
from tests.payloads import PAYLOADS
from tests.phoned_teams import phoned_team
from tests.situations import COMMUNE, Planned, Written, add_user, office, write_alert
from tests.written_alerts import FLOOD, begun, launched

ALL = " ".join(PAYLOADS)
BLANKS = replace(FLOOD, template="crue_evacuation", blanks={"heure": "22 h"})


@dataclass(frozen=True)
class Siege:
    """Where what was written is shown: to strangers, and to who is signed in."""

    to_strangers: tuple[str, ...]
    inside: tuple[str, ...]
    first: tuple[str, ...]  # what waits for a decision, as long as nobody changes it


async def besiege(town: Ledger) -> Siege:
    """Write what no form takes: an alert's words, a reply, a key, an invitation."""
    words = Texts(sms=f"{ALL} {{lien}}", voice=ALL, email_subject=ALL, email_body=f"{ALL}\n{ALL}")
    planned = Planned(
        title=ALL,
        lines=(("sms", "delivered", 12),),  # the last two have asked for nothing yet
        texts={"fr": words, "en": words},
        issuer=ALL,
        unreachable={"no_contact": 2},
    )
    written = await write_alert(town, planned)
    now = time.time()
    sid = "SM" + secrets.token_hex(16)
    reply = {
        "commune": COMMUNE, "sid": sid, "kind": "unknown", "medium": "sms",
        "account": "twilio-sms", "said": "unknown", "received_at": now,
        "version_id": written.version_id, **reply_of(COMMUNE, sid, "unknown", "+33639980042", ALL),
    }  # fmt: skip
    key = {
        "commune": COMMUNE, "credential_hash": "k" * 64, "login": "maire", "credential_id": "k",
        "public_key": "k", "sign_count": 0, "transports": ["usb"], "label": "clé",
        "created_at": now, "backed_up": False,
    }  # fmt: skip
    await _insert(town, ((replies, reply), (passkeys, key)))
    token = next(iter(written.tokens.values()))
    here = f"/console/alertes/{written.alert_id}"
    await record_to(town, COMMUNE, written.deliveries[-1], kind="help", via="page")
    cry = next(one for one in await open_calls(town, COMMUNE) if one.owner is None)
    await calls.take(office(town), cry.call_id, actor=MAYOR)
    loud = await launched(town, "siren", chosen=BLANKS)
    running = f"/console/alertes/{loud}"
    inside = (
        *(here, f"{here}/reponses", f"{here}/non-joints", f"{here}/fin"),
        *(f"{running}/consignes", f"{running}/moyens"),
        *(f"/console/aide/{one}" for one in (cry.call_id, await _ended(town, written))),
        f"/main-courante/lignes/{await _line(town)}",
        await _alarmed(town),
    )
    first = (f"/console/alertes/{await _submitted(town)}/decision",)
    phone = (await phoned_team(office(town), "TERRAIN1")).path
    invited = f"/invitation/{await _invited(town)}"
    strangers = (f"/a/{token}", invited, phone, f"/inscription/{COMMUNE}")
    return Siege(strangers, (*inside, "/equipes/TERRAIN1/liens"), first)


def sections() -> tuple[str, ...]:
    """Return the pages where each part of the plan is written."""
    return tuple(f"/plan/{one}{page}" for one in BY_NAME for page in ("/ajouter", "/tableau"))


async def _submitted(town: Ledger) -> str:
    """Have an alert wait for somebody's decision."""
    alert = await begun(town)
    await sketching.freeze(office(town), alert, revision=1, actor=OPERATOR)
    await life.submit(office(town), alert, actor=OPERATOR)
    return alert


async def _ended(town: Ledger, written: Written) -> str:
    """Have a call for help taken and ended; return its id."""
    await record_to(town, COMMUNE, written.deliveries[-2], kind="help", via="page")
    cry = next(one for one in await open_calls(town, COMMUNE) if one.owner is None)
    await calls.take(office(town), cry.call_id, actor=MAYOR)
    await calls.end(office(town), cry.call_id, calls.End("called_back", ALL), actor=MAYOR)
    return cry.call_id


async def _alarmed(town: Ledger) -> str:
    """Have an alarm of a team taken; return the page where it is ended."""
    telling = Telling(datetime.now(UTC), said="urgent_message", note=ALL)
    await say(office(town), "TERRAIN1", telling, sender=Sender("console", "maire", "siege"))
    found = await alarms_of(town, COMMUNE)
    alarm = next(one for one in found if one.kind == "urgent_message")
    await alarming.take(office(town), alarm.alarm, actor=MAYOR)
    return "/equipes/alarmes"


async def _line(town: Ledger) -> int:
    """Write a line of the logbook by hand; return its number."""
    keeper = Keeper(town, COMMUNE, office(town).logbook_key)
    return await write_line(keeper, Told(ALL, origin=ALL, request=ALL), spot=Spot(), by="maire")


async def confirm_all(town: Ledger) -> None:
    """Have everybody who is signed in be just confirmed by her second factor."""
    async with town.writing() as connection:
        await connection.execute(
            update(sessions)
            .where(sessions.c.confirmed_at.is_not(None))
            .values(confirmed_at=db_now())
        )


async def _insert(town: Ledger, rows: Sequence[tuple[Any, dict[str, Any]]]) -> None:
    async with town.writing() as connection:
        for table, row in rows:
            await connection.execute(insert(table).values(row))


async def _invited(town: Ledger) -> str:
    """Let two people agree on an invitation; return the token of its link."""
    await add_user(town, "isabelle", "administrator", ALL)
    mayor = User(COMMUNE, "maire", "Hélène VASSEUR", "dos", "maire")
    wanted = Invitation("renfort", "observer", name=ALL, email="r@foyer.example", reason=ALL)
    sent = await asking.invite(office(town), wanted, by=mayor)
    if not sent.token:
        second = User(COMMUNE, "isabelle", ALL, "administrator", None)
        sent = await deciding.grant(office(town), sent.asked.ident, by=second)
    return sent.token
