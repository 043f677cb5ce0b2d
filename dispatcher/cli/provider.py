"""`provider check`, `canary`, `pace`: is an account usable, does its test arrive, at which rate."""

import asyncio
import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from channels.contract import Address, AttemptToken, Message, NotAccepted, Usability
from channels.registry import open_channel
from dispatcher.alarms.canary import recipient_of
from dispatcher.alarms.checks import check_all
from dispatcher.alarms.daily import test_by_hand
from dispatcher.alarms.ending import CHECKED
from dispatcher.alarms.guarding import rounds
from dispatcher.alarms.telling import NotOnCall
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.pacing import PaceWanted, change_pace
from dispatcher.cli.acting import Asked, User, act
from dispatcher.cli.opening import mailbox, public_url
from dispatcher.cli.speaking import Json, refuse, say
from dispatcher.delivery.accounts import NoSandbox, Route, routes
from dispatcher.delivery.accounts_file import AccountsFault
from dispatcher.delivery.mailbox import mailbox_fault
from dispatcher.delivery.tokens import TokenKeys, inbound_token
from dispatcher.keys import key
from dispatcher.residents.phones import PhoneRefused, read_phone, region_of
from dispatcher.residents.sentences import sentence
from dispatcher.settings import LedgerSettings, PlaceSettings, ledger_url
from dispatcher.store.ledger import opened
from dispatcher.store.migrate import migrate
from dispatcher.store.register_keys import residents_ring
from dispatcher.store.windows import Outcome

app = typer.Typer(help="Provider accounts.", no_args_is_help=True)
TEST_TEXT = "Tocsin : message d'essai, il n'y a rien à faire."
SLOWEST = 0.1  # units per second: slower is a stop, and `alert cancel` stops
LIFE = timedelta(minutes=10)
INBOUND = {"sms": "reply", "voice": "ring"}  # the hooks of what people send


@app.command()
def check(
    *,
    to: Annotated[str, typer.Option(help="number or address that gets a test message")] = "",
    as_json: Json = False,
) -> None:
    """Ask each account: credentials, sender, credit; send one test message with --to."""
    place = PlaceSettings()
    try:
        to = _recipient(to, region=region_of(place.commune))
    except PhoneRefused as error:
        refuse(f"{sentence(error.reason, value=to)}.", as_json=as_json)
    try:
        found = [one for one in routes(place.data_dir) if one.route == "live"]
    except (NoSandbox, AccountsFault) as error:
        refuse(str(error), as_json=as_json)
    answers = [*asyncio.run(_ask(found, public_url(place), to)), *of_mailbox()]
    warnings = asyncio.run(_warnings(place, found))
    lines = [_line(one) for one in answers]
    lines += [f"! {one['problem']} {one['remedy']}" for one in warnings]
    say({"accounts": answers, "warnings": warnings}, as_json=as_json, lines=lines)
    if not all(one["ok"] for one in answers):
        raise typer.Exit(1)


@app.command()
def pace(
    account: Annotated[str, typer.Argument(help="account, as `provider check` names it")],
    rate: Annotated[
        float | None,
        typer.Argument(min=SLOWEST, help="its units per second; without it, what is configured"),
    ] = None,
    *,
    user: User,
    as_json: Json = False,
) -> None:
    """Change the rate of an account, also while an alert runs; workers follow within 2 s."""
    try:
        found = routes(PlaceSettings().data_dir)
    except (NoSandbox, AccountsFault) as error:
        refuse(str(error), as_json=as_json)
    configured = {one.account.name: one.account.rate_per_s for one in found if one.route == "live"}
    if account not in configured:
        said = f"Il n'y a pas de compte « {account} » : choisissez parmi {', '.join(configured)}."
        refuse(said, as_json=as_json)

    async def changed(office: Office, actor: Actor) -> dict[str, object]:
        return await change_pace(
            office, PaceWanted(account, rate, configured[account]), actor=actor
        )

    act(Asked(user, "provider.pace", as_json), changed)


@app.command()
def canary(
    *,
    account: Annotated[str, typer.Option(help="this account only")] = "",
    as_json: Json = False,
) -> None:
    """Send each account's daily test now, to its recipient; its receipt is judged by a worker."""
    try:
        answers = asyncio.run(_canaries(PlaceSettings(), account))
    except (NoSandbox, AccountsFault, NotOnCall) as error:
        refuse(str(error), as_json=as_json)
    if not answers:
        said = "Aucun compte n'a de destinataire d'essai : TOCSIN_ALARM_CANARY, ou « canary »."
        refuse(said, as_json=as_json)
    lines = [f"{'✓' if one['ok'] else '✗'} {one['account']} {one['problem']}" for one in answers]
    say({"accounts": answers}, as_json=as_json, lines=lines)
    if not all(one["ok"] for one in answers):
        raise typer.Exit(1)


async def _canaries(place: PlaceSettings, account: str) -> list[dict[str, object]]:
    await migrate(ledger_url(place, LedgerSettings()), ring=residents_ring(place.data_dir))
    routes(place.data_dir)  # told before anything is sent
    async with rounds(place) as one:
        found = [
            (route, to)
            for route in one.people.accounts()
            if account in ("", route.account.name) and (to := recipient_of(route, one.usual))
        ]
        return [_flown(route, await test_by_hand(one, route, to)) for route, to in found]


def _flown(route: Route, outcome: Outcome | None) -> dict[str, object]:
    taken = outcome is not None and outcome.outcome == "accepted"
    why = "Chargez d'abord un plan." if outcome is None else f"{outcome.reason or outcome.state}"
    return {"account": route.account.name, "ok": taken, "problem": "" if taken else why}


async def _warnings(place: PlaceSettings, found: list[Route]) -> list[dict[str, str]]:
    """Say what ends soon: certificates, keys, credit. Accounts themselves are told above."""
    url = ledger_url(place, LedgerSettings())
    ring = residents_ring(place.data_dir)
    await migrate(url, ring=ring)
    async with opened(url, ring=ring) as ledger:
        faults = await check_all(ledger, found, public_url=public_url(place))
    return [
        {"subject": one.subject, "problem": one.problem, "remedy": one.remedy}
        for one in faults
        if not one.subject.startswith(f"{CHECKED}account:")
    ]


def of_mailbox() -> list[dict[str, object]]:
    """Tell whether the mailbox of bounces can be read, where one is set."""
    box = mailbox()
    if box is None:
        return []
    problem = mailbox_fault(box)
    return [
        {
            "account": "bounces",
            "medium": "email",
            "sandbox": False,
            "ok": not problem,
            "problem": problem,
            "remedy": "Vérifiez TOCSIN_BOUNCES_…" if problem else "",
            "test_sent": False,
        }
    ]


async def _ask(found: list[Route], url: str, to: str) -> list[dict[str, object]]:
    return [await _one(route, url, to) for route in found]


async def _one(route: Route, url: str, to: str) -> dict[str, object]:
    try:
        async with open_channel(route.account, public_url=url) as channel:
            usability = await channel.check()
            tested = bool(to) and usability.ok and _takes(route.medium, to)
            if tested:
                token = AttemptToken(f"check-{secrets.token_hex(8)}", secrets.token_hex(13))
                await channel.send(_test(), Address(route.medium, to), attempt=token)
    except (NotAccepted, ValueError) as error:
        usability, tested = Usability(ok=False, problem=str(error)), False
    return {
        "account": route.account.name,
        "medium": route.medium,
        "sandbox": route.account.sandbox,
        "ok": usability.ok,
        "problem": usability.problem,
        "remedy": usability.remedy,
        "test_sent": tested,
        "inbound": _inbound(route, url),
    }


def _inbound(route: Route, url: str) -> str | None:
    """Return the address to enter at Twilio for what comes to this account's number."""
    if "auth_token" not in route.account.secrets or route.medium not in INBOUND:
        return None
    keys = TokenKeys(*(key(PlaceSettings().data_dir, name) for name in ("attempts", "answers")))
    kind = INBOUND[route.medium]
    return f"{url}/hooks/twilio/{kind}/{inbound_token(keys, route.account.name)}"


def _recipient(to: str, *, region: str) -> str:
    """Return a number as the accounts take it, so that a slip is not told as an account's fault."""
    return to if not to or "@" in to else read_phone(to, region=region).e164


def _takes(medium: str, to: str) -> bool:
    return ("@" in to) == (medium == "email") and medium in ("sms", "voice", "email")


def _test() -> Message:
    return Message(
        alert="essai",
        text=TEST_TEXT,
        issuer="Mairie",
        subject="Essai",
        expires_at=datetime.now(UTC) + LIFE,
    )


def _line(one: dict[str, object]) -> str:
    where = " (bac à sable)" if one["sandbox"] else ""
    if one["ok"]:
        what = "SMS reçus" if one["medium"] == "sms" else "appels reçus"
        entered = f"\n  {what}, à saisir chez Twilio : {one['inbound']}" if one["inbound"] else ""
        return f"✓ {one['account']}{where}{entered}"
    return f"✗ {one['account']}{where} : {one['problem']} {one['remedy']}"
