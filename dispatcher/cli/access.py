"""`access …`: accesses to the console, from the server itself, which needs no sign-in."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from getpass import getpass
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.access.oidc_links import offer
from dispatcher.access.oidc_refusals import ProviderSignInRefused
from dispatcher.access.passwords import (
    SHORTEST_OF_ADMINISTRATORS,
    SHORTEST_PASSWORD,
    WeakPassword,
    check_password,
)
from dispatcher.access.permissions import FUNCTIONS
from dispatcher.access.pins import keep_pin
from dispatcher.access.signing_in import NewUser, create_user
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import AlertRefused, NotNow
from dispatcher.cli.failing import said
from dispatcher.cli.opening import NoCommune, opened_office, public_url
from dispatcher.cli.speaking import Json, refuse, say, stderr
from dispatcher.keys import key
from dispatcher.settings import LedgerSettings, OidcSettings, PlaceSettings, ledger_url
from dispatcher.staff.first_run import set_up_code
from dispatcher.staff.links import address_of
from dispatcher.staff.recovering import recover as recovered
from dispatcher.staff.rules import takes_two
from dispatcher.store.ledger import opened
from dispatcher.store.migrate import migrate
from dispatcher.store.register_keys import residents_ring
from dispatcher.store.users import Account, User, accounts_of, anybody

app = typer.Typer(help="Users of the console.", no_args_is_help=True)


@app.callback()
def _family() -> None:
    """Keep each a verb of its own."""


@app.command()
def add(
    login: Annotated[str, typer.Argument(show_default=False)],
    function: Annotated[str, typer.Option(help=", ".join(FUNCTIONS))],
    *,
    name: Annotated[str, typer.Option(help="as the logbook and the console show it")] = "",
    contact: Annotated[str, typer.Option(help="id of this person in the plan's directory")] = "",
    as_json: Json = False,
) -> None:
    """Create a user; her password is typed twice on the server itself.

    Her second factor is asked for at her first sign-in.
    """
    if function not in FUNCTIONS:
        refuse(f"La fonction est l'une de : {', '.join(FUNCTIONS)}.", as_json=as_json)
    try:
        password, again = getpass("Mot de passe : "), getpass("Encore une fois : ")
    except EOFError as error:
        refuse(said(error), as_json=as_json)
    if again != password:
        refuse("Les deux mots de passe diffèrent : recommencez.", as_json=as_json)

    async def added(office: Office) -> Mapping[str, object]:
        known = await accounts_of(office.ledger, office.commune)
        if any(one.user.login == login for one in known):
            raise NotNow(
                "« {login} » existe déjà : « tocsin access recover {login} ».", login=login
            )
        shortest = SHORTEST_OF_ADMINISTRATORS if takes_two(function) else SHORTEST_PASSWORD
        check_password(password, login, shortest=shortest)
        user = User(office.commune, login, name or login, function, contact or None)
        new = NewUser(user, password)
        await create_user(office.ledger, new, by="serveur", key=office.logbook_key)
        return {"login": login, "function": function}

    _do(added, as_json=as_json)


@app.command()
def recover(
    login: Annotated[str, typer.Argument(show_default=False)],
    *,
    reason: Annotated[str, typer.Option(help="why, for the logbook")] = "",
    as_json: Json = False,
) -> None:
    """Print a link, good for 30 minutes, that gives somebody a new password and new factors.

    It is written in the logbook, and those who approve alerts are told by the web process.
    """

    async def made(office: Office) -> Mapping[str, object]:
        sent = await recovered(office, login, reason=reason)
        link = address_of(public_url(PlaceSettings()), sent.token)
        return {"login": login, "link": link, "minutes": 30}

    _do(made, as_json=as_json)


@app.command()
def pin(
    login: Annotated[str, typer.Argument(show_default=False)], *, as_json: Json = False
) -> None:
    """Give somebody a code for decisions by telephone, typed twice on the server itself.

    Six digits; only its hash is kept, and it is never shown again.
    """
    try:
        code, again = getpass("Code à six chiffres : "), getpass("Encore une fois : ")
    except EOFError as error:
        refuse(said(error), as_json=as_json)
    if again != code:
        refuse("Les deux codes diffèrent : recommencez.", as_json=as_json)

    async def kept(office: Office) -> Mapping[str, object]:
        known = await accounts_of(office.ledger, office.commune)
        if not any(one.user.login == login and one.entitled for one in known):
            raise NotNow("« {login} » n'a pas d'accès : « tocsin access list ».", login=login)
        line = office.line("serveur", "access.pin", "Code pour le téléphone changé", login=login)
        await keep_pin(office.ledger, office.commune, login, pin=code, line=line)
        return {"login": login}

    _do(kept, as_json=as_json)


@app.command(name="list")
def listed(*, as_json: Json = False) -> None:
    """List who has access, and what each still lacks."""

    async def found(office: Office) -> Mapping[str, object]:
        accounts = await accounts_of(office.ledger, office.commune)
        return {"users": [_shown(one) for one in accounts]}

    _do(found, as_json=as_json)


@app.command()
def setup(*, as_json: Json = False) -> None:
    """Print the address where the first user of this installation is made."""
    place = PlaceSettings()

    async def empty() -> bool:
        url = ledger_url(place, LedgerSettings())
        await migrate(url, ring=residents_ring(place.data_dir))
        async with opened(url) as ledger:
            return not await anybody(ledger)

    if not asyncio.run(empty()):
        refuse(
            "Cette installation a déjà un compte : « tocsin access list », ou « tocsin access"
            " recover IDENTIFIANT ».",
            as_json=as_json,
        )
    say(first_address(place), as_json=as_json)


async def tell_first_run(place: PlaceSettings) -> None:
    """Say where to set up an installation that has no user yet; a ledger that is away may come."""
    async with opened(ledger_url(place, LedgerSettings())) as ledger:
        with suppress(SQLAlchemyError, OSError):
            if not await anybody(ledger):
                stderr.print(
                    f"Première mise en route : {first_address(place)['address']}",
                    soft_wrap=True,
                    markup=False,
                )


def first_address(place: PlaceSettings) -> Mapping[str, object]:
    """Return where an installation without any user is set up, and its code."""
    code = set_up_code(key(place.data_dir, "sessions"))
    typed = code.replace(" ", "")
    return {"address": f"{public_url(place)}/installation?code={typed}", "code": code}


def _do(act: Callable[[Office], Awaitable[Mapping[str, object]]], *, as_json: bool) -> None:
    async def done() -> Mapping[str, object]:
        async with opened_office() as office:
            return await act(office)

    try:
        answer = asyncio.run(done())
    except (AlertRefused, WeakPassword, NoCommune) as error:
        refuse(str(error), as_json=as_json)
    say(answer, as_json=as_json)


def _shown(one: Account) -> Mapping[str, object]:
    return {
        "login": one.user.login,
        "function": one.user.function,
        "active": one.disabled_at is None,
        "second_factor": one.factor,
        "recovery_codes": one.codes_left,
    }


@app.command()
def link(
    login: Annotated[str, typer.Argument(show_default=False)], *, as_json: Json = False
) -> None:
    """Print a link, good once and for an hour, that ties LOGIN to its holder's ProConnect."""
    settings = OidcSettings()
    if not settings.issuer:
        refuse(
            "Aucun fournisseur d'identité n'est réglé : donnez TOCSIN_OIDC_ISSUER.",
            as_json=as_json,
        )

    async def offered() -> str:
        async with opened_office() as office:
            secret = await offer(
                office.ledger, office.commune, login, by="console", key=office.logbook_key
            )
            return f"{office.public_url}/connexion/relier/{secret}"

    try:
        url = asyncio.run(offered())
    except NoCommune as error:
        refuse(str(error), as_json=as_json)
    except ProviderSignInRefused:
        refuse(
            f"Personne ne s'appelle « {login} » ici : créez son accès par « tocsin access add ».",
            as_json=as_json,
        )
    said = f"À donner à « {login} » en main propre ; ce lien sert une fois, dans l'heure :"
    say({"login": login, "url": url}, as_json=as_json, lines=(said, url))
