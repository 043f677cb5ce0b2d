"""Twilio's official OpenAPI description as a judge of answers: JSON Schema of its resources."""

import json
import re
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

OPENAPI = Path(__file__).parents[1].parent / "shared" / "data" / "twilio" / "twilio_api_v2010.json"
_formats = FormatChecker(formats=())


@_formats.checks("date-time-rfc-2822", raises=(ValueError, TypeError))
def _is_rfc_2822(value: object) -> bool:
    return not isinstance(value, str) or parsedate_to_datetime(value).tzinfo is not None


@_formats.checks("phone-number")
def _is_sender(value: object) -> bool:
    return not isinstance(value, str) or re.fullmatch(r"\+\d{7,15}|.{1,11}", value) is not None


def faults_of(resource: dict[str, Any], schema_name: str) -> list[str]:
    """Say where a resource departs from Twilio's schema of this name.

    Twilio names no required field, yet its answers hold all: absent and unknown ones are faults.
    """
    description = json.loads(OPENAPI.read_text())
    schema = description["components"]["schemas"][schema_name]
    strict = {**schema, "required": list(schema["properties"]), "additionalProperties": False}
    whole = _as_json_schema({**strict, "components": description["components"]})
    judge = Draft202012Validator(whole, format_checker=_formats)
    return [f"{error.json_path}: {error.message}" for error in judge.iter_errors(resource)]


def _as_json_schema(node: Any) -> Any:  # noqa: ANN401 - any JSON
    """Turn OpenAPI 3.0's `nullable` into JSON Schema's null type."""
    if isinstance(node, list):
        return [_as_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    turned = {name: _as_json_schema(item) for name, item in node.items()}
    if turned.get("nullable") is True and isinstance(turned.get("type"), str):
        turned["type"] = [turned["type"], "null"]
        if "enum" in turned:
            turned["enum"] = [*turned["enum"], None]
    return turned
