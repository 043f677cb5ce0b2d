"""Role × route × method: a table made from the application itself, and every door of it tried.

`tests/permitted.tsv` is that table: a change of a right or a new route shows there, and is read.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from dispatcher.access.permissions import FUNCTIONS, PERMISSIONS, allowed
from dispatcher.settings import PlaceSettings
from dispatcher.store.ledger import Ledger
from dispatcher.store.vulnerable_rules import name_agent
from operator_ui.app import create_app
from operator_ui.vocabulary import VOCABULARY
from plans.forms_people import ACCESS_FUNCTIONS
from tests.consoles import SAME, form_token, sign_in
from tests.situations import COMMUNE, add_user, office

pytest_plugins = ("tests.console_visits",)
TABLE = Path(__file__).parent / "permitted.tsv"
STREAMS = re.compile(r"/flux$")  # endless: their door is the same function, tried on its own


def doors(app: FastAPI) -> Iterator[tuple[str, str, str, bool]]:
    """Give each route's method, path, permission, and whether it must be confirmed."""
    for route in iter_route_contexts(app.routes):
        for method in sorted((getattr(route, "methods", None) or set()) - {"HEAD"}):
            endpoint = route.endpoint
            yield method, str(route.path), endpoint.permission, endpoint.confirmed  # type: ignore[union-attr]


def table(app: FastAPI) -> str:
    """Write who may use which method of which route: `x`, `c` where it must be confirmed."""
    lines = ["\t".join(("route", "method", "permission", *FUNCTIONS))]
    for method, path, permission, confirmed in sorted(doors(app), key=lambda one: (one[1], one[0])):
        mark = "c" if confirmed else "x"
        may = [
            mark if permission == "public" or allowed(function, permission) else "-"
            for function in FUNCTIONS
        ]
        lines.append("\t".join((path, method, permission, *may)))
    return "\n".join(lines) + "\n"


def test_the_table_of_rights_is_the_one_that_was_read(tmp_path: Path) -> None:
    made = table(create_app(PlaceSettings(data_dir=tmp_path)))
    assert made == TABLE.read_text("utf-8"), f"read it, then keep it in {TABLE.name}:\n{made}"


@pytest.mark.parametrize("function", [*FUNCTIONS, "stranger"])
async def test_every_door_opens_to_whom_the_table_says_and_to_nobody_else(
    visitor: httpx.AsyncClient, town: Ledger, function: str
) -> None:
    app = visitor._transport.app  # type: ignore[attr-defined]  # the application under test
    await add_user(town, login="autre", function=function)
    await name_agent(town, COMMUNE, "autre", line=office(town).line("maire", "test", "Désigné"))
    await sign_in(visitor, "autre")
    session = visitor.cookies["tocsin"]
    token = "" if function == "stranger" else await form_token(visitor)
    wrong = []
    for method, path, permission, _ in doors(app):
        if permission == "public" or STREAMS.search(path):
            continue
        visitor.cookies.set("tocsin", session)
        answer = await visitor.request(
            method,
            re.sub(r"\{[^}]+\}", "1", path),
            headers=SAME | {"idempotency-key": "k", "x-tocsin-token": token},
        )
        if (answer.status_code in (401, 403)) == allowed(function, permission):
            wrong.append((method, path, answer.status_code))
    assert wrong == []


def test_every_right_and_function_is_said_in_words() -> None:
    assert set(VOCABULARY["right"]) == set(PERMISSIONS)
    assert set(VOCABULARY["function"]) == set(FUNCTIONS)
    assert set(ACCESS_FUNCTIONS.values()) == set(FUNCTIONS)


async def test_without_a_session_every_other_door_is_shut(visitor: httpx.AsyncClient) -> None:
    app = visitor._transport.app  # type: ignore[attr-defined]  # the application under test
    opened = []
    for method, path, permission, _ in doors(app):
        if permission == "public":
            continue
        answer = await visitor.request(method, re.sub(r"\{[^}]+\}", "1", path), headers=SAME)
        shut = answer.status_code == 401 or answer.headers.get("location", "").startswith(
            "/connexion"
        )
        if not shut:
            opened.append((method, path, answer.status_code))
    assert opened == []
