"""`demo`: everything on an embedded default, with nothing installed and nothing real sent."""

import asyncio
import tempfile
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from dispatcher.alerts.office import Office
from dispatcher.alerts.plan_in_force import read
from dispatcher.alerts.refusals import AlertRefused
from dispatcher.cli.opening import opened_office
from dispatcher.cli.speaking import Json, refuse, say, stderr
from dispatcher.cli.tree import process_specs, settled
from dispatcher.delivery.accounts import NoSandbox, live_media
from dispatcher.demo import launching
from dispatcher.demo.launching import Line, NotSettled
from dispatcher.demo.town import Given, NoTown, Town, set_up
from dispatcher.embedded import RedisNotStarted, redis_server
from dispatcher.settings import PlaceSettings, QueueSettings
from dispatcher.supervisor import supervise
from plans.folder import files_of
from zones.area import AreaRefused

app = typer.Typer(add_completion=False)
EXAMPLE = Path(__file__).parents[2] / "plans" / "examples" / "vaubrenne"
READY = "all processes are ready"
READY_WITHIN_S = 60.0


@dataclass(frozen=True)
class Wish:
    """What the user asked to see."""

    files: Mapping[str, bytes]
    addresses: Path | None
    scenario: str
    once: bool


@app.command()
def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="launch one alert, then stop")] = False,
    scenario: Annotated[str, typer.Option(help="scenario of the plan; the first one")] = "",
    plan: Annotated[Path, typer.Option(help="folder of another plan")] = EXAMPLE,
    addresses: Annotated[
        Path | None, typer.Option(help="CSV of addresses: one invented resident each")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show everything: real servers, an invented town, a sandbox instead of the operators."""
    begun = time.monotonic()
    if live_media():
        refuse(
            "La démonstration n'envoie jamais de vrai message : retirez les réglages"
            " TOCSIN_TWILIO_…, TOCSIN_SMTP_… et TOCSIN_WEBHOOK_….",
            as_json=as_json,
        )
    if not plan.is_dir():
        refuse(f"« {plan} » n'est pas le dossier d'un plan.", as_json=as_json)
    with tempfile.TemporaryDirectory(prefix="tocsin-") as folder:
        wish = Wish(files_of(plan), addresses, scenario, once)
        try:
            answer = asyncio.run(_shown(wish, Path(folder)))
        except (AlertRefused, AreaRefused, NoTown, NotSettled) as refusal:
            refuse(str(refusal), as_json=as_json)
        except (NoSandbox, RedisNotStarted, OSError) as failure:
            refuse(f"La démonstration n'a pas pu démarrer : {failure}", as_json=as_json)
    if once:
        seconds = round(time.monotonic() - begun, 1)
        say({"plan": str(plan), **answer, "seconds": seconds}, as_json=as_json)


async def _shown(wish: Wish, folder: Path) -> dict[str, object]:
    place = settled(_place(wish, folder))
    queue = QueueSettings()
    line = Line(place, queue.redis_url or redis_server(folder).url)
    async with opened_office(place=place, commune=_commune_of(wish)) as office:
        ready, tree = asyncio.Event(), process_specs(place, queue)
        said = _Said(ready)
        keeper = asyncio.create_task(supervise(tree, say=said))
        try:
            stderr.print("Un bourg inventé s'installe …")
            town = await set_up(office, Given(wish.files, wish.addresses, folder))
            await _until_ready(ready, keeper, said)
            if not wish.once:
                _welcome(place, town)
                async with asyncio.TaskGroup() as group:
                    first = group.create_task(_first_alert(office, town, wish, line))
                    await keeper
                    first.cancel()
                return {}
            return await _one_alert(office, town, wish, line)
        finally:
            keeper.cancel()
            await asyncio.wait([keeper])


def _place(wish: Wish, folder: Path) -> PlaceSettings:
    """Return where the demonstration runs: on the port that TOCSIN_PORT names, or a free one."""
    told = PlaceSettings()
    port = told.port if "port" in told.model_fields_set and not wish.once else 0
    return told.model_copy(update={"data_dir": folder, "port": port})


async def _first_alert(office: Office, town: Town, wish: Wish, line: Line) -> None:
    """Launch an alert as soon as somebody has signed in, so that there is something to see."""
    await launching.watched(office)
    try:
        await launching.launched(office, launching.wanted(town.plan, wish.scenario), line=line)
    except (AlertRefused, NotSettled) as refusal:
        stderr.print(f"Pas d'alerte : {refusal}", markup=False, soft_wrap=True)
        return
    stderr.print("Une alerte est partie : suivez-la sur la console.")


async def _one_alert(office: Office, town: Town, wish: Wish, line: Line) -> dict[str, object]:
    asked = launching.wanted(town.plan, wish.scenario, escalates=False)  # or it would not end
    alert = await launching.launched(office, asked, line=line)
    with stderr.status("L'alerte part …"):
        shown = await launching.settled(office, alert)
    return {
        "addresses": town.addresses,
        "audience": shown["people"],
        "deliveries": shown["deliveries"],
        "by_channel": shown["by_channel"],
        "unreachable": shown["unreachable"],
        "received_by_sandbox": await launching.received(line.place),
    }


class _Said:
    """Listens to the supervisor; keeps its last words for when something goes wrong."""

    def __init__(self, ready: asyncio.Event) -> None:
        self._ready = ready
        self.last: deque[str] = deque(maxlen=20)

    def __call__(self, words: str) -> None:
        self.last.append(words)
        if words == READY:
            self._ready.set()


async def _until_ready(ready: asyncio.Event, keeper: asyncio.Task[int], said: _Said) -> None:
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait(
        [waiting, keeper], timeout=READY_WITHIN_S, return_when=asyncio.FIRST_COMPLETED
    )
    waiting.cancel()
    if not ready.is_set():
        told = "\n".join(said.last)
        raise NoTown(f"La démonstration n'est pas prête après {READY_WITHIN_S:.0f} s.\n{told}")


def _welcome(place: PlaceSettings, town: Town) -> None:
    stderr.print(f"\n{town.plan.commune.name} : {town.addresses} adresses inventées.")
    stderr.print("Bac à sable : aucun message réel ne part.")
    stderr.print(f"Console : {place.public_url}")
    for one in town.users:
        stderr.print(f"  {one.login} / {one.password}  ({one.function})")
    stderr.print("Une alerte part dès que quelqu'un se connecte.")
    verb = f"TOCSIN_DATA_DIR={place.data_dir} python3 -m dispatcher alert --help"
    stderr.print(f"Pour agir vous-même : {verb}", soft_wrap=True)
    stderr.print("Ctrl-C arrête tout.")


def _commune_of(wish: Wish) -> str:
    reading = read(wish.files)
    if reading.plan is None:
        first = reading.faults[0]
        raise NoTown(f"{first.file}:{first.line} {first.path} {first.message}")
    return reading.plan.commune.insee
