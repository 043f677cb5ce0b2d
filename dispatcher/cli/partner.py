"""`partner …`: systems of police and fire, asked for by one person, let in by a second one."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Annotated, Any

import typer

from dispatcher.alerts.office import Actor, Office
from dispatcher.cli.acting import Asked, User, act
from dispatcher.cli.speaking import Json
from dispatcher.keys import key
from dispatcher.partners import naming, registry
from dispatcher.partners.kinds import KINDS, RATE_PER_S, VERBS
from dispatcher.partners.naming import Called
from dispatcher.partners.registry import Wanted
from dispatcher.partners.showing import shown
from dispatcher.partners.telling import MANAGE
from dispatcher.settings import PlaceSettings

app = typer.Typer(help="Partners' systems.", no_args_is_help=True)
Ident = Annotated[str, typer.Argument(metavar="PARTNER", show_default=False)]
Reason = Annotated[str, typer.Option(help="why; it is written in the logbook")]
Verb = Callable[[Office, Actor], Awaitable[object]]


@app.command()
def ask(  # noqa: PLR0913 - one parameter an option
    name: Annotated[str, typer.Argument(help="as people call it", show_default=False)],
    *,
    user: User,
    kind: Annotated[str, typer.Option(help=", ".join(KINDS))],
    team: Annotated[list[str] | None, typer.Option(help="of the plan; may be repeated")] = None,
    verb: Annotated[list[str] | None, typer.Option(help=f"all, or: {', '.join(VERBS)}")] = None,
    rate: Annotated[float, typer.Option(help="requests a second, at most")] = RATE_PER_S,
    url: Annotated[str, typer.Option(help="where its events are posted; https")] = "",
    as_json: Json = False,
) -> None:
    """Ask for a partner; it is let in when another person agrees."""
    wanted = Wanted(name, kind, tuple(team or ()), tuple(verb or VERBS), rate, url)

    async def asked(office: Office, actor: Actor) -> Mapping[str, object]:
        return await _of(office, await registry.ask(office, wanted, by=actor))

    act(Asked(user, MANAGE, as_json), asked)


@app.command()
def agree(partner: Ident, *, user: User, as_json: Json = False) -> None:
    """Let in what another person asked for, and print its secret."""
    _secret(user, partner, lambda office, actor: registry.agree(office, partner, by=actor), as_json)


@app.command()
def rotate(
    partner: Ident,
    *,
    user: User,
    hours: Annotated[float, typer.Option(help="the old secret still serves; 0: it leaked")] = 24,
    as_json: Json = False,
) -> None:
    """Give it a new secret, that another person prints; the old one ends at its hour."""

    async def rotated(office: Office, actor: Actor) -> Mapping[str, object]:
        await registry.rotate(office, partner, by=actor, old_ends_in_h=hours)
        return await _of(office, partner)

    act(Asked(user, MANAGE, as_json), rotated)


@app.command()
def secret(partner: Ident, *, user: User, as_json: Json = False) -> None:
    """Print the secrets that serve now; the look is in the logbook."""

    async def nothing(office: Office, actor: Actor) -> None:
        """Change nothing."""

    _secret(user, partner, nothing, as_json)


@app.command()
def end(partner: Ident, *, user: User, reason: Reason, as_json: Json = False) -> None:
    """End it at once, or refuse what was asked."""

    async def ended(office: Office, actor: Actor) -> Mapping[str, object]:
        await registry.end(office, partner, by=actor, reason=reason)
        return await _of(office, partner)

    act(Asked(user, MANAGE, as_json), ended)


@app.command("list")
def list_partners(*, user: User = "", as_json: Json = False) -> None:
    """List every partner that was ever asked for."""

    async def listed(office: Office, _: Actor) -> Mapping[str, object]:
        return {"partners": [shown(one) for one in await registry.every(office)]}

    act(Asked(user, "team.read", as_json), listed, told=_lines)


@app.command()
def show(partner: Ident, *, user: User = "", as_json: Json = False) -> None:
    """Show one: its scope, its keys, how its events reach it, its names of ours."""

    async def found(office: Office, _: Actor) -> Mapping[str, object]:
        names = await naming.names(office, partner)
        told = [{"kind": one.kind, "external": one.external, "ours": one.ours} for one in names]
        return {**await _of(office, partner), "names": told}

    act(Asked(user, "team.read", as_json), found)


@app.command()
def name(  # noqa: PLR0913 - one parameter an option
    partner: Ident,
    kind: Annotated[str, typer.Argument(help="team, mission")],
    external: Annotated[str, typer.Argument(help="its call sign, its intervention number")],
    ours: Annotated[str, typer.Argument(help="our id; left out with --remove")] = "",
    *,
    user: User,
    remove: Annotated[bool, typer.Option("--remove", help="forget it")] = False,
    as_json: Json = False,
) -> None:
    """Add or remove what it calls a team or a mission of ours."""

    async def named(office: Office, actor: Actor) -> Mapping[str, object]:
        called = Called(kind, external, ours)
        if remove:
            await naming.remove_name(office, partner, called, by=actor)
        else:
            await naming.add_name(office, partner, called, by=actor)
        return {"partner": partner, "kind": kind, "external": external, "ours": ours}

    act(Asked(user, "team.order", as_json), named)


def _secret(user: str, partner: str, verb: Verb, as_json: bool) -> None:
    async def done(office: Office, actor: Actor) -> Mapping[str, object]:
        await verb(office, actor)
        master = key(PlaceSettings().data_dir, "partners")
        found = await registry.secrets(office, partner, by=actor, master=master)
        told = [
            {"serial": one.serial, "sends": one.sends, "receives": one.receives} for one in found
        ]
        return {"partner": partner, "secrets": told}

    act(Asked(user, MANAGE, as_json), done, told=_secret_lines)


async def _of(office: Office, partner: str) -> Mapping[str, object]:
    return shown(await registry.find(office, partner))


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    """Return the lines that people read: one a partner."""
    for one in document["partners"]:
        yield f"{one['partner']} · {one['state']} · {one['name']} · {', '.join(one['teams'])}"


def _secret_lines(document: Mapping[str, Any]) -> Iterator[str]:
    yield "À remettre à l'éditeur par un canal sûr :"
    for one in document["secrets"]:
        yield f"  n° {one['serial']} · il signe avec {one['sends']}"
        yield f"  n° {one['serial']} · nous signons avec {one['receives']}"
