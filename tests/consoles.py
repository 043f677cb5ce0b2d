"""The console under test: in this process, or as a real one on a free port of loopback."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx
import uvicorn

from dispatcher.alerts.office import utc_now
from dispatcher.settings import PlaceSettings
from operator_ui.app import create_app
from tests.loaded import ended, started
from tests.real_parts import free_port
from tests.situations import PASSWORD

ROOT = Path(__file__).parents[1]
SAME = {"sec-fetch-site": "same-origin"}
PROGRAM = "operator_ui.app:program"


@asynccontextmanager
async def console(
    data_dir: Path, *, clock: Callable[[], datetime] = utc_now, **settings: str
) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of the application in this process; it keeps cookies and follows nothing.

    Alerts are written by `clock`.
    """
    place = PlaceSettings(data_dir=data_dir).model_copy(update=settings)
    app = create_app(place)
    async with app.router.lifespan_context(app):
        held = app.state.installation
        app.state.services = replace(held.services, clock=clock)
        app.state.installation = replace(held, services=app.state.services)
        transport = httpx.ASGITransport(app)
        url = place.public_url or "http://127.0.0.1:8700"
        async with httpx.AsyncClient(transport=transport, base_url=url) as client:
            yield client


@asynccontextmanager
async def served(
    data_dir: Path,
    database_url: str = "",
    environ: Mapping[str, str] | None = None,
    *,
    port: int = 0,
) -> AsyncIterator[str]:
    """Serve the console of a data folder; the address is given once it answers."""
    port = port or free_port()
    settings = {
        "TOCSIN_DATA_DIR": str(data_dir),
        "TOCSIN_DATABASE_URL": database_url,
        "PYTHONPATH": str(ROOT),
        **(environ or {}),
    }
    log = data_dir / "console.log"
    process = await started(_serve, str(port), log=log, environ=settings)
    (data_dir / "console.pid").write_text(str(process.pid), "utf-8")
    try:
        await _answers(f"http://127.0.0.1:{port}", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            await ended(process, within_s=10)
        finally:
            process.kill()


def _serve(port: str) -> None:
    """Be the console, as uvicorn's own command would."""
    uvicorn.run(PROGRAM, factory=True, host="127.0.0.1", port=int(port), log_level="warning")


async def _answers(url: str, process: BaseProcess, log: Path) -> None:
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        for _ in range(300):
            assert process.exitcode is None, log.read_text("utf-8")
            try:
                if (await client.get("/healthz")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.1)
    raise AssertionError(log.read_text("utf-8"))


async def sign_in(
    client: httpx.AsyncClient, login: str = "rac", password: str = PASSWORD
) -> httpx.Response:
    """Sign in as a browser does: read the form, send it back from the same origin."""
    form = (await client.get("/connexion")).text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    return await client.post(
        "/connexion",
        data={**hidden, "login": login, "password": password},
        headers=SAME,
    )


async def form_token(client: httpx.AsyncClient) -> str:
    """Read the token of the sign-out form."""
    found = re.search(r'name="token" value="(\w+)"', (await client.get("/")).text)
    assert found is not None
    return found[1]
