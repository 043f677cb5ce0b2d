"""`access add`: give someone access to the console."""

import asyncio
from getpass import getpass
from typing import Annotated

import typer

from dispatcher.access.permissions import FUNCTIONS
from dispatcher.access.signing_in import NewUser, WeakPassword, create_user
from dispatcher.cli.failing import said
from dispatcher.cli.opening import NoCommune, opened_office
from dispatcher.cli.speaking import Json, refuse, say
from dispatcher.store.users import User

app = typer.Typer(help="Users of the console.", no_args_is_help=True)


@app.callback()
def _family() -> None:
    """Keep `add` a verb of its own."""


@app.command()
def add(
    login: Annotated[str, typer.Argument(show_default=False)],
    function: Annotated[str, typer.Option(help=", ".join(FUNCTIONS))],
    *,
    name: Annotated[str, typer.Option(help="as the logbook and the console show it")] = "",
    as_json: Json = False,
) -> None:
    """Create a user, or give one a new password, typed twice on the server itself."""
    if function not in FUNCTIONS:
        refuse(f"La fonction est l'une de : {', '.join(FUNCTIONS)}.", as_json=as_json)
    try:
        password, again = getpass("Mot de passe : "), getpass("Encore une fois : ")
    except EOFError as error:
        refuse(said(error), as_json=as_json)
    if again != password:
        refuse("Les deux mots de passe diffèrent : recommencez.", as_json=as_json)

    async def added() -> None:
        async with opened_office() as office:
            user = User(office.commune, login, name or login, function)
            await create_user(
                office.ledger, NewUser(user, password), by="console", key=office.logbook_key
            )

    try:
        asyncio.run(added())
    except (WeakPassword, NoCommune) as error:
        refuse(str(error), as_json=as_json)
    say({"login": login, "function": function}, as_json=as_json)
