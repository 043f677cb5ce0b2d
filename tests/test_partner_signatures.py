"""Signatures of partners: the vectors of Standard Webhooks, and its reference library."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from dispatcher.partners.signatures import (
    Stale,
    Unsigned,
    proves,
    read_headers,
    secret_of,
    signature,
    written,
)

VECTORS: list[dict[str, Any]] = json.loads(
    Path("../shared/data/webhooks/standard_webhooks_vectors.json").read_text()
)


def _headers(vector: dict[str, Any]) -> dict[str, str]:
    return {
        "webhook-id": vector["msg_id"],
        "webhook-timestamp": str(vector["timestamp"]),
        "webhook-signature": vector.get("signature_header") or vector["expected"],
    }


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one["name"])
def test_the_vectors_of_standard_webhooks_are_proved(vector: dict[str, Any]) -> None:
    secret = base64.b64decode(vector["secret"].removeprefix("whsec_"))
    body = vector["payload"].encode()
    now = datetime.fromtimestamp(vector["timestamp"], UTC)
    if "expected" in vector:
        made = signature(secret, vector["msg_id"], vector["timestamp"], body=body)
        assert made == vector["expected"]
    signed = read_headers(_headers(vector), now=now)
    assert proves(signed, [secret], body=body)
    assert not proves(signed, [secret], body=body + b" ")
    assert not proves(signed, [secret[::-1]], body=body)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one["name"])
@pytest.mark.parametrize("late_s", [-301, 301])
def test_five_minutes_either_way_and_no_more(vector: dict[str, Any], late_s: int) -> None:
    for told in (late_s, late_s - (1 if late_s > 0 else -1)):
        now = datetime.fromtimestamp(vector["timestamp"] + told, UTC)
        if abs(told) > 300:
            with pytest.raises(Stale):
                read_headers(_headers(vector), now=now)
        else:
            read_headers(_headers(vector), now=now)


@given(
    st.binary(min_size=1),
    st.text(st.characters(codec="ascii", exclude_characters="."), min_size=1),
    st.text(),
)
def test_the_reference_library_and_we_prove_each_other(master: bytes, name: str, text: str) -> None:
    secret = secret_of(master, commune="99042", partner=name, serial=1)
    now = datetime.fromtimestamp(1_700_000_000, UTC)
    ours = signature(secret, "id1", 1_700_000_000, body=text.encode())
    assert Webhook(written(secret)).sign("id1", now, text) == ours


def test_each_commune_partner_serial_and_direction_has_a_secret_of_its_own() -> None:
    told = {
        secret_of(b"m" * 32, commune=commune, partner=partner, serial=serial, direction=way)
        for commune in ("99042", "35047")
        for partner in ("sdis", "sdis2")
        for serial in (1, 2)
        for way in ("in", "out")
    }
    assert len(told) == 16


@pytest.mark.parametrize("ident", ["", "a.b", "x" * 129, "a\nb"])
def test_an_id_that_would_part_the_signed_words_elsewhere_is_none(ident: str) -> None:
    headers = {"webhook-id": ident, "webhook-timestamp": "1700000000", "webhook-signature": "v1,x"}
    with pytest.raises(Unsigned):
        read_headers(headers, now=datetime.fromtimestamp(1_700_000_000, UTC))
