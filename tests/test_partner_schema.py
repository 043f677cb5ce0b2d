"""Whatever the description of the partners' doors allows, or nearly, is answered as it says."""

import asyncio
import base64
import hashlib
import hmac
import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case as AnyCase
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from dispatcher.alerts.office import Office
from dispatcher.keys import key
from dispatcher.partners import naming, registry
from dispatcher.partners.naming import Called
from tests.consoles import served
from tests.partner_hall import FIRST, POLICE, admitted, status, write_lines, write_mission

Case = AnyCase[Any]
Operation = APIOperation[Any, Any, Any, Any]
pytest_plugins = ("tests.console_visits", "tests.partner_visits")
EXAMPLES = {GenerationMode.POSITIVE: 12, GenerationMode.NEGATIVE: 8}  # of each door
KNOWN = {"team": "POLICE", "mission": "m1"}
WORDS = {"team": "on_scene", "mission": "IPR"}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@dataclass
class Vendor:
    """A partner's system whose requests are signed as they leave, over the bytes that leave."""

    url: str
    secret: bytes = field(repr=False)
    answered: Counter[tuple[str, int]] = field(default_factory=Counter)

    def ask(self, case: Case) -> None:
        """Send what was made of the description; raise where the answer is not as it says."""
        answer = case.call_and_validate(base_url=self.url, auth=self.sign, checks=CHECKS)
        self.answered[f"{case.method} {case.operation.path}", answer.status_code] += 1

    def sign(self, request: Any) -> Any:  # noqa: ANN401 - a request of the library's own
        """Put the three headers of the standard on a request that is ready to leave."""
        body = request.body or b""
        raw = body if isinstance(body, bytes) else str(body).encode()
        ident, now = f"msg-{secrets.token_hex(12)}", str(int(time.time()))
        proof = hmac.digest(self.secret, f"{ident}.{now}.".encode() + raw, hashlib.sha256)
        request.headers["webhook-id"] = ident
        request.headers["webhook-timestamp"] = now
        request.headers["webhook-signature"] = f"v1,{base64.b64encode(proof).decode()}"
        return request


def exploring(operation: Operation, mode: GenerationMode, vendor: Vendor) -> Callable[[], None]:
    """Return what asks one door many things, of its own teams and missions every other time."""

    @settings(max_examples=EXAMPLES[mode], deadline=None, suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy(generation_mode=mode), st.booleans())
    def explore(case: Case, known: bool) -> None:
        if known and mode is GenerationMode.POSITIVE:
            make_known(case)
        vendor.ask(case)

    return explore


def make_known(case: Case) -> None:
    """Name a team or mission that is its own, in a word that it has, of an hour that can be."""
    for name in set(KNOWN) & set(case.path_parameters or {}):
        case.path_parameters[name] = KNOWN[name]
        if isinstance(case.body, dict):
            case.body["at"] = datetime.now(UTC).isoformat()
            if "status" in case.body:
                case.body["status"] = WORDS[name]


def ask_everything(described: dict[str, Any], vendor: Vendor) -> None:
    """Ask each door what it allows, and what it does not; its signature is the vendor's own."""
    for door in (one for methods in described["paths"].values() for one in methods.values()):
        door["parameters"] = [one for one in door["parameters"] if one["in"] != "header"]
    for found in schemathesis.openapi.from_dict(described).get_all_operations():
        assert isinstance(found, Ok)  # a door that is described soundly
        door = found.ok()
        exploring(door, GenerationMode.POSITIVE, vendor)()
        if door.body or door.query or door.path_parameters:
            exploring(door, GenerationMode.NEGATIVE, vendor)()


async def test_signed_requests_of_every_door_are_answered_as_its_description_says(
    mairie: Office, tmp_path: Path
) -> None:
    wanted = replace(POLICE, url="https://police.example/x", rate_per_s=500.0)
    partner = await admitted(mairie, wanted)
    await write_mission(mairie.ledger, "m1", "POLICE", state="accepted")
    await naming.add_name(mairie, partner, Called("mission", "INT 9", "m1"), by=FIRST)
    await write_lines(mairie.ledger, [status("POLICE")] * 3)
    master = key(tmp_path, "partners")
    (secret,) = await registry.secrets(mairie, partner, by=FIRST, master=master)
    async with served(tmp_path) as url:
        async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
            described = (await http.get("/api/v1/partner/openapi.json")).json()
        vendor = Vendor(url, base64.b64decode(secret.sends.removeprefix("whsec_")))
        await asyncio.to_thread(ask_everything, described, vendor)
    paths = described["paths"].items()
    doors = {f"{method.upper()} {path}" for path, methods in paths for method in methods}
    assert {door for door, status in vendor.answered if status == 200} == doors
    assert {status for _, status in vendor.answered} >= {200, 202, 422}
