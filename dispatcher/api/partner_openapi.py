"""The doors of partners' systems, described for their vendors: OpenAPI 3.1, with examples."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from dispatcher.api.field_bodies import BatchBody, BatchItem, MissionBody, PositionBody, StatusBody
from dispatcher.api.partner_answers import (
    AtDesk,
    BatchResults,
    Feed,
    Filed,
    Log,
    Pong,
    Problem,
    Replayed,
)
from dispatcher.partners.events import TYPES

AT = "2026-02-14T03:31:00+01:00"
_REFUSED = {
    401: "Not signed by a partner, or signed more than 5 minutes ago: sign again, same webhook-id.",
    413: "Longer than this door takes.",
    422: "It cannot be read: `detail` says what is wrong. Do not send it again as it is.",
    429: "More often than was agreed: wait `Retry-After` seconds, same webhook-id.",
    503: "Nothing could be written just now: send it again, same webhook-id, signed anew.",
}
_SCOPE = {403: "Another's team or mission, or a verb that was not given."}
_USED = {409: "The webhook-id was used before, over another body or at another door."}
_AHEAD = {410: "A cursor beyond the last event: go on from `restart_after`."}
_TAKEN = {**_REFUSED, **_SCOPE, **_USED}


@dataclass(frozen=True)
class Door:
    """One door: what is sent to it, what it answers."""

    method: str
    path: str
    summary: str
    answer: type[BaseModel]
    body: type[BaseModel] | None = None
    example: Mapping[str, Any] = field(default_factory=dict)
    refused: Mapping[int, str] = field(default_factory=lambda: _TAKEN)
    desk: bool = False
    query: Mapping[str, Any] = field(default_factory=dict)
    described: str = ""


_CURSOR = {"type": "integer", "minimum": 0, "maximum": 2_147_483_647, "default": 0}
DOORS = (
    Door("post", "/ping", "Try a signature; who you are here.", Pong, refused=_REFUSED),
    Door(
        "post", "/teams/{team}/status", "Tell what a team is doing.", Filed, StatusBody,
        {"status": "on_scene", "at": AT, "strength": 3}, desk=True,
    ),
    Door(
        "post", "/teams/{team}/position", "Tell where a team is.", Filed, PositionBody,
        {"position": [5.018, 47.781], "at": AT}, desk=True,
    ),
    Door(
        "post", "/missions/{mission}/status", "Tell where a mission stands.", Filed, MissionBody,
        {"status": "IPR", "at": AT}, desk=True,
    ),
    Door(
        "post", "/reports", "Tell up to 500 things at once.", BatchResults, BatchBody,
        {"reports": [
            {"team": "POLICE", "status": "IN_USE/MOBILE", "at": AT},
            {"team": "POLICE", "position": [5.018, 47.781], "at": AT},
        ]},
    ),
    Door(
        "get", "/events", "Read the events after a cursor, 500 at most.", Feed,
        refused={**_REFUSED, **_SCOPE, **_AHEAD}, query={"after": _CURSOR},
        described=f"Types: {', '.join(TYPES)}.",
    ),
    Door(
        "get", "/partner/log", "Read your own messages and their first answers.", Log,
        refused=_REFUSED, query={"after": {"type": "string", "maxLength": 128, "default": ""}},
    ),
    Door(
        "post", "/partner/replay", "Have events posted again from a cursor on.", Replayed,
        example={"after": 4512}, refused=_TAKEN,
    ),
)  # fmt: skip
_SIGNED = (
    ("webhook-id", "Yours, one a message: the same on each try. No point in it.", "msg-2f9c1e"),
    ("webhook-timestamp", "When this try is sent, seconds since 1970.", "1771036260"),
    (
        "webhook-signature",
        "v1, and base64 of HMAC-SHA256 over id.timestamp.body; of a GET: its path and query.",
        "v1,K5oZ…=",
    ),
)


def described(public_url: str) -> dict[str, Any]:
    """Return the description, of the installation at this address."""
    models: set[type[BaseModel]] = {AtDesk, BatchItem, Problem, *(door.answer for door in DOORS)}
    models |= {door.body for door in DOORS if door.body is not None}
    wanted = sorted(models, key=lambda one: one.__name__)
    _, held = models_json_schema(
        [(model, "validation") for model in wanted], ref_template="#/components/schemas/{model}"
    )
    paths: dict[str, dict[str, Any]] = {}
    for door in DOORS:
        paths.setdefault(f"/api/v1{door.path}", {})[door.method] = _operation(door)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tocsin, partners' systems",
            "version": "1",
            "description": "Every request is signed by Standard Webhooks; see /api/partenaires.",
        },
        "servers": [{"url": public_url or "/"}],
        "paths": paths,
        "components": {"schemas": held["$defs"]},
    }


def _operation(door: Door) -> dict[str, Any]:
    responses: dict[str, Any] = {"200": _response("Done.", door.answer)}
    if door.desk:
        responses["202"] = _response("Not known here: kept for an operator.", AtDesk)
    for status, why in sorted(door.refused.items()):
        responses[str(status)] = _response(why, Problem, media="application/problem+json")
    told: dict[str, Any] = {
        "summary": door.summary,
        "description": door.described,
        "parameters": [*_parameters(door)],
        "responses": responses,
        "tags": ["partners"],
    }
    if body := _body(door):
        told["requestBody"] = {"required": True, "content": {"application/json": body}}
    return told


def _body(door: Door) -> dict[str, Any]:
    if door.body is not None:
        return {"schema": _ref(door.body), "example": dict(door.example)}
    if door.example:  # a cursor alone
        schema = {
            "type": "object",
            "additionalProperties": False,
            "required": ["after"],
            "properties": {"after": {**_CURSOR}},
        }
        return {"schema": schema, "example": dict(door.example)}
    return {}


def _parameters(door: Door) -> list[dict[str, Any]]:
    found = [
        {"name": name, "in": "header", "required": True, "description": why,
         "schema": {"type": "string"}, "example": example}
        for name, why, example in _SIGNED
    ]  # fmt: skip
    for name in ("team", "mission"):
        if f"{{{name}}}" in door.path:
            why = "Our id, its call sign, or the name that you gave it."
            schema = {"type": "string", "minLength": 1, "maxLength": 120}
            found.append(
                {"name": name, "in": "path", "required": True, "description": why, "schema": schema}
            )
    for name, schema in door.query.items():
        found.append({"name": name, "in": "query", "required": False, "schema": schema})
    return found


def _response(why: str, model: type[BaseModel], *, media: str = "application/json") -> Any:  # noqa: ANN401 - a piece of JSON
    return {"description": why, "content": {media: {"schema": _ref(model)}}}


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}
