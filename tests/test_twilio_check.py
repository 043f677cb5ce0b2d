"""A Twilio account is usable only when what it sends passes and what comes back is believed."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from channels.sms import TwilioSms
from tests.channel_accounts import PUBLIC_URL, moved, twilio
from tests.sandbox_process import SandboxHandle, running_sandbox


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[SandboxHandle]:
    async with running_sandbox(tmp_path) as started:
        yield started


async def test_a_sender_that_operators_drop_makes_a_live_account_unusable(
    sandbox: SandboxHandle,
) -> None:
    live = replace(twilio(sandbox, "twilio-sms"), sandbox=False)
    async with TwilioSms.open(moved(live, sender="ALERTE"), public_url=PUBLIC_URL) as channel:
        found = await channel.check()
    assert not found.ok
    assert "générique" in found.problem
    assert found.remedy


async def test_a_wrong_key_makes_an_account_unusable(sandbox: SandboxHandle) -> None:
    wrong = replace(
        twilio(sandbox, "twilio-sms"), secrets={"api_secret": SecretStr("not-the-secret")}
    )
    async with TwilioSms.open(wrong, public_url=PUBLIC_URL) as channel:
        found = await channel.check()
    assert (found.ok, "Identifiants" in found.problem) == (False, True)


async def test_an_account_whose_callbacks_nobody_can_check_is_unusable(
    sandbox: SandboxHandle,
) -> None:
    key_alone = {"api_secret": SecretStr(sandbox.api_secret), "auth_token": SecretStr("")}
    deaf = replace(twilio(sandbox, "twilio-sms"), secrets=key_alone)
    async with TwilioSms.open(deaf, public_url=PUBLIC_URL) as channel:
        found = await channel.check()
    assert (found.ok, "TOCSIN_TWILIO_AUTH_TOKEN" in found.remedy) == (False, True)
