"""Sends an SMS to the sandbox as a bare form, the way any client of Twilio would."""

import httpx

from tests.sandbox_process import SandboxHandle

TO = "+33639980042"
SENDER = "+33639980000"
PUBLIC = "https://alerte.valombre.example"


async def send_sms(sandbox: SandboxHandle, **fields: str) -> httpx.Response:
    """Post a message; `fields` replace or add to a sound one."""
    form = {"To": TO, "From": SENDER, "Body": "Crue de la Lerne : montez à l'étage.", **fields}
    return await sandbox.client.post(f"{sandbox.account_path}/Messages.json", data=form)
