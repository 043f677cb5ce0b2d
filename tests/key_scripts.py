"""What our script asks of the console for a key, in a browser of the tests."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from tests.consoles import SAME
from tests.software_key import Answer, SoftwareKey

LOOPBACK = "http://localhost:8700"


@dataclass
class Script:
    """What our script does in a browser that is at `page`."""

    client: httpx.AsyncClient
    page: str
    steps: str

    async def ask(
        self, step: str, told: Mapping[str, object], headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Ask as the script does, with the token that its page carries."""
        shown = (await self.client.get(self.page)).text
        found = re.search(r'data-token="(\w+)"', shown)
        token = {"x-tocsin-token": found[1] if found else ""}
        path = f"{self.steps}/{step}"
        return await self.client.post(path, json=told, headers={**SAME, **token, **(headers or {})})

    async def options(self, **told: object) -> Answer:
        """Return what a key is asked."""
        reply = await self.ask("options", told)
        assert reply.status_code == 200, reply.text
        asked: Answer = reply.json()
        return asked

    async def answer(self, credential: object, **told: object) -> httpx.Response:
        """Send what a key answered."""
        return await self.ask("verification", {"credential": credential, **told})


def entering(client: httpx.AsyncClient) -> Script:
    return Script(client, "/connexion", "/connexion/cle")


def own(client: httpx.AsyncClient) -> Script:
    return Script(client, "/compte/cles", "/compte/cles")


async def add_key(
    client: httpx.AsyncClient, label: str = "", origin: str = LOOPBACK
) -> SoftwareKey:
    key = SoftwareKey(origin)
    done = await own(client).answer(key.create(await own(client).options()), label=label)
    assert done.json() == {"then": "/compte/codes"}  # the first key leads to printed codes
    return key


async def leave(client: httpx.AsyncClient) -> None:
    client.cookies.clear()
