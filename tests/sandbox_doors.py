"""Fixtures of the sandbox's tests: one process and one receiver a file, reset for each test."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.sandbox_process import SandboxHandle, running_sandbox
from tests.sandbox_receiver import Receiver, running_receiver

Doors = tuple[SandboxHandle, Receiver]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def doors(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Doors]:
    """Run one sandbox whose callbacks come to one receiver."""
    folder = tmp_path_factory.mktemp("sandbox")
    async with (
        running_receiver() as served,
        running_sandbox(folder, callback_base=served.base) as started,
    ):
        yield started, served


@pytest_asyncio.fixture(loop_scope="module")
async def sandbox(doors: Doors) -> SandboxHandle:
    """Give the file's sandbox as on its first minute."""
    await doors[0].reset()
    return doors[0]


@pytest_asyncio.fixture(loop_scope="module")
async def receiver(sandbox: SandboxHandle, doors: Doors) -> Receiver:
    """Give the file's receiver, empty."""
    assert sandbox is doors[0]  # reset first: nothing of an earlier test comes late
    doors[1].posts.clear()
    doors[1].twiml.clear()
    doors[1].refuse_next = 0
    return doors[1]
