"""The JSON API described for whoever is signed in (OpenAPI); the pages are no part of it."""

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from dispatcher.api.callers import caller
from dispatcher.api.permissions import OWN, needs
from dispatcher.store.users import User

PREFIX = "/api/v1"
_REF = re.compile(r'"#/components/schemas/([^"]+)"')

router = APIRouter(prefix=PREFIX, tags=["description"])


@router.get("/openapi.json")
@needs(OWN)
async def description(request: Request, user: Annotated[User, Depends(caller)]) -> JSONResponse:
    """Describe the API to people; what partners' systems sign is described at its own path."""
    del user  # whoever is signed in
    whole = await asyncio.to_thread(request.app.openapi)  # it takes a second, once
    return JSONResponse(of_the_api(whole), headers={"cache-control": "no-store"})


def of_the_api(whole: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a description says of the API alone, with the schemas that it names. Pure."""
    paths = {path: one for path, one in whole["paths"].items() if path.startswith(PREFIX)}
    held: Mapping[str, Any] = whole.get("components", {}).get("schemas", {})
    wanted: dict[str, Any] = {}
    named = _named(paths)
    while named:
        found = {name: held[name] for name in named}
        wanted |= found
        named = _named(found) - wanted.keys()
    return {**whole, "paths": paths, "components": {"schemas": dict(sorted(wanted.items()))}}


def _named(told: object) -> set[str]:
    return set(_REF.findall(json.dumps(told)))
