"""`team …`: the teams of the roster from the command line, each act by a named user."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any

import typer

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotSo
from dispatcher.api.near_help import place_of_call
from dispatcher.cli import team_link
from dispatcher.cli.acting import Asked, User, act
from dispatcher.cli.speaking import Json, refuse
from dispatcher.settings import TeamsSettings
from dispatcher.teams import adding, by_voice
from dispatcher.teams.adding import NewTeam
from dispatcher.teams.board import board_of
from dispatcher.teams.by_voice import Spoken
from dispatcher.teams.nearest import nearest
from dispatcher.teams.showing import team_detailed, team_shown, teams_listed
from zones.area import AreaFault, Place

app = typer.Typer(help="Teams in the field.", no_args_is_help=True)
team_link.register(app)
Team = Annotated[str, typer.Argument(help="id or call sign", show_default=False)]
At = Annotated[str, typer.Option(help="when it happened, ISO 8601; left out: now")]
Strength = Annotated[int | None, typer.Option(help="how many are aboard")]
Note = Annotated[str, typer.Option(help="what it says")]
Forced = Annotated[bool, typer.Option("--forced", help="note it although it makes no sense")]
READ, ACT = "team.read", "team.order"


@app.command("list")
def list_teams(*, user: User, as_json: Json = False) -> None:
    """List every team of the roster, those in distress first."""
    act(Asked(user, READ, as_json), lambda office, _: teams_listed(office), told=_lines)


@app.command()
def show(team: Team, *, user: User, as_json: Json = False) -> None:
    """Show one team with its timeline."""
    act(
        Asked(user, READ, as_json),
        lambda office, actor: team_detailed(office, team, seen_by=actor.function),
        told=_whole,
    )


@app.command()
def status(  # noqa: PLR0913 - one parameter an option
    team: Team,
    word: Annotated[str, typer.Argument(metavar="STATUS", help="ours, EMSI's, or a radio code")],
    *,
    user: User,
    at: At = "",
    strength: Strength = None,
    note: Note = "",
    forced: Forced = False,
    as_json: Json = False,
) -> None:
    """Note a team's status; the answer is the new state."""
    spoken = Spoken(word, _instant(at, as_json=as_json), strength, note, forced)

    async def noted(office: Office, actor: Actor) -> Mapping[str, object]:
        row = await by_voice.note(office, team, spoken, actor=actor)
        told = await team_detailed(office, row.team, seen_by=actor.function)
        return {name: told[name] for name in ("team", "call_sign", "state", "since", "missing")}

    act(Asked(user, ACT, as_json), noted)


@app.command()
def say(  # noqa: PLR0913 - one parameter an option
    team: Team,
    event: Annotated[str, typer.Argument(help="message, urgent_message, reinforcement, distress")],
    *,
    user: User,
    note: Note = "",
    at: At = "",
    as_json: Json = False,
) -> None:
    """Note what a team says that changes no status."""
    status(team, event, user=user, at=at, note=note, as_json=as_json)


@app.command()
def add(  # noqa: PLR0913 - one parameter an option
    call_sign: Annotated[str, typer.Argument(help="what it is called on the air")],
    *,
    user: User,
    kind: Annotated[str, typer.Option(help=", ".join(adding.TEAM_KINDS))] = "other",
    partner: Annotated[str, typer.Option(help="whose it is, by the partner's id")] = "",
    minimum: Annotated[int, typer.Option(help="how few it may leave with")] = 2,
    as_json: Json = False,
) -> None:
    """Add a team beside the plan."""
    new = NewTeam(call_sign, kind, partner, minimum)

    async def added(office: Office, actor: Actor) -> Mapping[str, object]:
        made = await adding.add(office, new, actor=actor)
        return {"team": made.team, "call_sign": made.call_sign, "kind": made.kind}

    act(Asked(user, ACT, as_json), added)


@app.command("nearest")
def near(
    *,
    user: User,
    lon: Annotated[float | None, typer.Option(help="degrees, WGS 84")] = None,
    lat: Annotated[float | None, typer.Option(help="degrees, WGS 84")] = None,
    help_call: Annotated[str, typer.Option(help="a call for help, by its id")] = "",
    as_json: Json = False,
) -> None:
    """Tell which free teams are nearest, straight-line."""
    speed = TeamsSettings().speed_kmh

    async def found(office: Office, actor: Actor) -> Mapping[str, object]:
        to = await _place(office, (lon, lat), help_call, actor=actor)
        try:
            near = nearest((await board_of(office)).teams, to, speed_kmh=speed)
        except AreaFault as fault:
            raise NotSo("Ce point est hors du territoire français.") from fault
        now = office.clock().timestamp()
        told = [
            {
                "straight_line_m": round(one.metres),
                "straight_line_eta_s": round(one.eta_s),
                "team": team_shown(one.team, now=now),
            }
            for one in near
        ]
        return {"measure": "à vol d'oiseau", "speed_kmh": speed, "teams": told}

    act(Asked(user, READ, as_json), found, told=_near)


async def _place(
    office: Office, point: tuple[float | None, float | None], help_call: str, *, actor: Actor
) -> Place:
    if help_call:
        return await place_of_call(office, help_call, actor=actor)
    lon, lat = point
    if lon is None or lat is None:
        raise NotSo("Dites de quel point : lon et lat, ou help.")
    try:
        return Place(lon, lat)
    except AreaFault as fault:
        raise NotSo("Ce point est hors du territoire français.") from fault


def _instant(given: str, *, as_json: bool) -> datetime | None:
    if not given:
        return None
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        refuse(f"« {given} » n'est pas une heure : 2026-11-27T03:12+01:00.", as_json=as_json)
    return at.astimezone()


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    """Return the lines that people read: one a team."""
    for one in document["teams"]:
        alarms = ", ".join(alarm["kind"].upper() for alarm in one["alarms"])
        mission = one["mission"]["title"] if one["mission"] else "-"
        told = (one["call_sign"], one["state"] or "-", one["since"] or "-", mission, alarms)
        yield " · ".join(part for part in told if part)


def _whole(document: Mapping[str, Any]) -> Iterator[str]:
    yield from _lines({"teams": [document]})
    for row in document["timeline"]:
        said = ", ".join(filter(None, (row["said"], row["mission_said"])))
        late = f" (reçu {row['recorded_at']})" if row["late_s"] else ""
        yield f"  {row['at']}{late} · {said} · {row['source']}:{row['author']} {row['note'] or ''}"


def _near(document: Mapping[str, Any]) -> Iterator[str]:
    yield f"À vol d'oiseau, à {document['speed_kmh']:g} km/h :"
    for one in document["teams"]:
        minutes = round(one["straight_line_eta_s"] / 60)
        yield f"  {one['team']['call_sign']} · {one['straight_line_m']} m · {minutes} min"
