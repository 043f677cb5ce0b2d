"""The night's binder on its way to another house: by https, signed in, whole, or said why not."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from dispatcher.binder.making import Binder
from dispatcher.binder.shelving import NotShelved, shelve
from tests.tls_servers import Certificate, certificate

BINDER = Binder("classeur-99117-2026-11-24.tocsin", b"sealed" * 100_000, 1)
NAMED = "Basic " + base64.b64encode(b"mairie:mot-secret").decode()
Scope = dict[str, Any]


@dataclass
class Store:
    """A store that takes files by PUT from who signs in, as WebDAV servers do."""

    files: dict[str, bytes] = field(default_factory=dict)
    answers: int = 201

    async def __call__(
        self,
        scope: Scope,
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        status, body, more = self.answers, b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        if dict(scope["headers"]).get(b"authorization", b"").decode() != NAMED:
            status = 401
        elif status == 201 and scope["method"] == "PUT":
            self.files[scope["path"]] = body
        moved = [(b"location", b"https://127.0.0.1:1/elsewhere")] if status == 307 else []
        await send({"type": "http.response.start", "status": status, "headers": moved})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    made = certificate(tmp_path, days=30)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.ca_file))
    return made


@asynccontextmanager
async def serving(store: Store, given: Certificate) -> AsyncIterator[int]:
    config = uvicorn.Config(
        store, port=0, lifespan="off", log_level="critical", ssl_certfile=given.chain
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


@pytest.mark.parametrize("folder", ["classeurs", "classeurs/"])
async def test_it_is_put_whole_beside_the_others_and_its_place_is_told_without_the_password(
    trusted: Certificate, folder: str
) -> None:
    store = Store()
    async with serving(store, trusted) as port:
        told = await shelve(
            BINDER, f"https://mairie:mot-secret@127.0.0.1:{port}/{folder}", keep_days=14
        )
    assert store.files == {f"/classeurs/{BINDER.name}": BINDER.sealed}
    assert BINDER.name in told
    assert "mot-secret" not in told


@pytest.mark.parametrize(("answers", "name"), [(507, "mairie"), (307, "mairie"), (201, "autre")])
async def test_what_the_other_house_refuses_is_told_and_followed_nowhere(
    trusted: Certificate, answers: int, name: str
) -> None:
    store = Store(answers=answers)
    async with serving(store, trusted) as port:
        with pytest.raises(NotShelved, match="refuse le classeur") as said:
            await shelve(BINDER, f"https://{name}:mot-secret@127.0.0.1:{port}/", keep_days=14)
    assert store.files == {}
    assert "mot-secret" not in str(said.value)
    assert str(401 if name == "autre" else answers) in str(said.value)


async def test_a_house_that_nobody_vouches_for_gets_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = certificate(tmp_path, days=30)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    store = Store()
    async with serving(store, made) as port:
        with pytest.raises(NotShelved, match="ne répond pas"):
            await shelve(BINDER, f"https://mairie:mot-secret@127.0.0.1:{port}/", keep_days=14)
    assert store.files == {}
