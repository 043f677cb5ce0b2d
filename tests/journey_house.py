"""A whole installation as a village runs it: one command, its own processes, its own town."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from math import isnan
from pathlib import Path

import httpx

from dispatcher.access.signing_in import NewUser, create_user
from dispatcher.alerts.office import Actor
from dispatcher.alerts.plan_in_force import load
from dispatcher.keys import key
from dispatcher.residents.addressing import load_addresses
from dispatcher.residents.importing import Source, import_residents
from dispatcher.residents.invented import (
    AddressPoint,
    InventedCommune,
    invented_residents,
    write_residents,
)
from dispatcher.residents.invented_addresses import invented_addresses, write_addresses
from dispatcher.store.ledger import Ledger
from dispatcher.store.users import User
from plans.folder import files_of
from tests.example_commune import EXAMPLE
from tests.keyring import opened
from tests.real_parts import ROOT, free_port
from tests.sandbox_process import SandboxHandle, handle_of
from tests.signing import SECRET
from tests.situations import COMMUNE, PASSWORD, office

SEED = 20261127
TOWN = InventedCommune(COMMUNE, "Vaubrenne-sur-Sérolle", "99000", "commune.example")


@dataclass(frozen=True)
class House:
    """A running installation: where its pages are, where its things are."""

    url: str
    folder: Path

    @property
    def ledger_url(self) -> str:
        """The address of its ledger."""
        return f"sqlite+aiosqlite:///{self.folder / 'ledger.sqlite'}"

    async def tocsin(self, *words: str) -> dict[str, object]:
        """Run a command of it, and return its JSON."""
        settings = {**self.settings, "TOCSIN_COMMUNE": COMMUNE}
        argv = ["env", *told(settings), sys.executable, "-m", "dispatcher.cli", *words]
        process = await asyncio.create_subprocess_exec(
            *argv, "--json", cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        out, _ = await process.communicate()
        answer: dict[str, object] = json.loads(out)
        return answer

    @asynccontextmanager
    async def sandbox(self) -> AsyncIterator[SandboxHandle]:
        """Open the control of its pretend operators."""
        ready = json.loads((self.folder / "sandbox" / "sandbox.json").read_text("utf-8"))
        auth = httpx.BasicAuth(ready["api_key"], ready["api_secret"])
        async with httpx.AsyncClient(
            base_url=ready["http"], auth=auth, timeout=10, trust_env=False
        ) as client:
            yield handle_of(ready, client)

    @property
    def settings(self) -> Mapping[str, str]:
        """What its environment says."""
        port = self.url.rsplit(":", 1)[1]
        return {
            "TOCSIN_DATA_DIR": str(self.folder),
            "TOCSIN_PORT": port,
            "PYTHONPATH": str(ROOT),
        }


def told(settings: Mapping[str, str]) -> list[str]:
    """Word an environment for `env`."""
    return [f"{name}={value}" for name, value in settings.items()]


@asynccontextmanager
async def running_house(folder: Path) -> AsyncIterator[House]:
    """Run `tocsin run` in an empty folder: queue, sandbox, web, worker, public page."""
    house = House(f"http://127.0.0.1:{free_port()}", folder)
    argv = ["env", *told({**house.settings, "TOCSIN_PUBLIC_PORT": str(free_port())})]
    argv += [sys.executable, "-m", "dispatcher.cli", "run"]
    with (folder / "run.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*argv, cwd=ROOT, stdout=log, stderr=log)
    try:
        async with httpx.AsyncClient(base_url=house.url, trust_env=False) as client:
            for _ in range(600):
                assert process.returncode is None, (folder / "run.log").read_text("utf-8")
                try:
                    if "ledger: ok" in (await client.get("/readyz")).text:
                        break
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.1)
        yield house
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


async def settle(
    house: House, *, files: Mapping[str, bytes] | None = None, second_factor: bool = True
) -> None:
    """Do as `founded`, and let two people in beside whoever set it up.

    Without a `second_factor` a password is enough, as the sandbox allows.
    """
    await founded(house, files=files)
    async with opened(house.ledger_url) as ledger:
        for login, function, contact in (("rac", "rac", "dgs"), ("maire", "dos", "maire")):
            user = User(COMMUNE, login, login.title(), function, contact)
            secret = SECRET if second_factor else None
            new = NewUser(user, PASSWORD, secret, waived=not second_factor)
            await create_user(ledger, new, by="test", key=key(house.folder, "logbook"))


async def founded(house: House, *, files: Mapping[str, bytes] | None = None) -> None:
    """Load the example plan, or the plan of these files; invent its addresses and its residents.

    The logbook is chained with the installation's own key: it is verified in the end.
    """
    chained = key(house.folder, "logbook")
    async with opened(house.ledger_url) as ledger:
        town = replace(office(ledger), logbook_key=chained)
        reading = await load(town, files or files_of(EXAMPLE), actor=Actor("test", "dos"))
        assert reading.plan is not None, reading.faults
        await _people(ledger, house.folder, chained=chained)


async def _people(ledger: Ledger, folder: Path, *, chained: bytes) -> None:
    streets = json.loads(files_of(EXAMPLE)["geo/rues.geojson"])["features"]
    doors, people = folder / "addresses.csv", folder / "residents.csv"
    write_addresses(doors, invented_addresses(streets, commune=TOWN, seed=SEED))
    read = await load_addresses(ledger, COMMUNE, doors)
    points = [
        AddressPoint(ident, label, lon, lat)
        for ident, label, lon, lat in zip(
            read.ids, read.label, read.lon.tolist(), read.lat.tolist(), strict=True
        )
        if not isnan(lon)
    ]
    write_residents(people, invented_residents(points, commune=TOWN, seed=SEED))
    await import_residents(ledger, Source(people, COMMUNE), author="test", key=chained)
