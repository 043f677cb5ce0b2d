"""A callback is believed only when Twilio signed all of it for this address."""

import json
from pathlib import Path
from typing import Any

import pytest
from twilio.request_validator import RequestValidator

from channels.contract import Receipt, Status
from channels.twilio_callbacks import Forged, read_call_callback, read_message_callback, verify
from channels.twilio_codes import CALL_FIELDS, MESSAGE_FIELDS, STATUSES, code_sentence
from channels.twilio_http import call_receipt

DATA = Path(__file__).parents[1].parent / "shared" / "data" / "twilio"
VECTORS: list[dict[str, Any]] = json.loads((DATA / "request_signature_vectors.json").read_text())
FORMS = [vector for vector in VECTORS if "params" in vector]

KEY = "signs-the-callbacks-of-this-account"
URL = "https://alerte.valombre.example/hooks/twilio/sms/abc"
FORM = {
    "AccountSid": "AC" + "0" * 32,
    "MessageSid": "SM" + "1" * 32,
    "MessageStatus": "delivered",
    "To": "+33639980042",
}
PAIRS = list(FORM.items())


def sign(url: str = URL, form: dict[str, str] = FORM, key: str = KEY) -> str:
    return str(RequestValidator(key).compute_signature(url, form))


@pytest.mark.parametrize("vector", FORMS, ids=lambda v: v["name"])
def test_twilios_own_vectors_verify(vector: dict[str, Any]) -> None:
    pairs = list(vector["params"].items())
    signature, token = vector["expected_signature"], vector["auth_token"]
    assert verify(vector["url"], pairs, signature, token) == vector["params"]


def test_a_json_body_that_the_library_lets_pass_is_not_a_form() -> None:
    body = next(vector for vector in VECTORS if "body" in vector)
    assert RequestValidator(body["auth_token"]).validate(
        body["url"], None, body["expected_signature"]
    )
    with pytest.raises(Forged):
        verify(body["url"], [], body["expected_signature"], body["auth_token"])


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        PAIRS[:-1],
        [*PAIRS, ("Digits", "1")],
        [*PAIRS, ("Unheard", "")],
        [*PAIRS, PAIRS[0]],
        [*PAIRS, ("MessageStatus", "failed")],
        [*PAIRS[:2], ("MessageStatus", "failed"), PAIRS[3]],
        [*PAIRS[:2], ("MessageStatusd", "elivered"), PAIRS[3]],
        [*PAIRS[:2], ("MessageStatu", "sdelivered"), PAIRS[3]],
        [*PAIRS[:3], ("T", "o+33639980042")],
        [*PAIRS[:3], ("To", "+33639980043")],
        [*PAIRS[:3], ("to", "+33639980042")],
        [*PAIRS[:3], ("To", "+33639980042 ")],
        [(name.lower(), value) for name, value in PAIRS],
    ],
)
def test_a_changed_form_is_not_believed(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(Forged):
        verify(URL, pairs, sign(), KEY)


@pytest.mark.parametrize(
    "url",
    [
        URL + "d",
        URL + "?x=1",
        URL.replace("https", "http"),
        URL.replace("valombre", "autre"),
        URL.replace("/sms/", "/voice/"),
        URL.replace("://", "://user@"),
    ],
)
def test_a_signature_made_for_another_address_is_not_believed(url: str) -> None:
    with pytest.raises(Forged):
        verify(url, PAIRS, sign(), KEY)


@pytest.mark.parametrize("signature", ["", "x", sign(key="another"), sign() + "=", "é" * 28])
def test_another_signature_is_not_believed(signature: str) -> None:
    with pytest.raises(Forged):
        verify(URL, PAIRS, signature, KEY)


def test_a_signature_made_with_no_secret_is_not_believed_where_none_is_configured() -> None:
    with pytest.raises(Forged):
        verify(URL, PAIRS, sign(key=""), "")


def test_a_user_name_in_the_public_url_is_refused_even_when_signed() -> None:
    url = URL.replace("://", "://user@")
    with pytest.raises(Forged):
        verify(url, PAIRS, sign(url), KEY)


def test_the_right_form_is_believed_in_any_order() -> None:
    assert verify(URL, PAIRS[::-1], sign(), KEY) == FORM


@pytest.mark.parametrize(
    ("told", "status"),
    [("queued", Status.QUEUED), ("sent", Status.SENT), ("undelivered", Status.UNDELIVERED)],
)
def test_a_message_callback_says_how_far_it_came(told: str, status: Status) -> None:
    receipt = read_message_callback({**FORM, "MessageStatus": told, "ErrorCode": "30003"})
    assert (receipt.reference, receipt.status, receipt.detail) == (
        FORM["MessageSid"],
        status,
        "30003",
    )


def test_a_completed_call_was_heard_and_says_by_whom() -> None:
    receipt = read_call_callback(
        {"CallSid": "CA1", "CallStatus": "completed", "AnsweredBy": "machine_start"}
    )
    assert (receipt.status, receipt.detail) == (Status.DELIVERED, "machine_start")


@pytest.mark.parametrize("form", [{}, {"MessageSid": "SM1"}, {**FORM, "MessageStatus": "eaten"}])
def test_a_callback_that_says_nothing_is_an_error(form: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="callback"):
        read_message_callback(form)


def test_every_status_of_twilios_description_is_known() -> None:
    schemas = json.loads((DATA / "twilio_api_v2010.json").read_text())["components"]["schemas"]
    incoming = {"receiving", "received", "partially_delivered"}
    told = {
        *schemas["message_enum_status"]["enum"],
        *schemas["call_enum_status"]["enum"],
    }
    assert told - incoming <= set(STATUSES)


def test_fields_of_messages_and_calls_are_told_apart() -> None:
    assert "Digits" in CALL_FIELDS - MESSAGE_FIELDS
    assert "MessageStatus" in MESSAGE_FIELDS - CALL_FIELDS
    with pytest.raises(Forged):
        verify(URL, PAIRS, sign(), KEY, known_fields=CALL_FIELDS)


def test_a_code_has_its_sentence_in_both_languages() -> None:
    assert "STOP" in str(code_sentence("21610"))
    assert "STOP" in str(code_sentence("21610", language="en"))
    assert code_sentence("machine_start") is None
    assert code_sentence("99999") is None


@pytest.mark.parametrize(
    ("row", "status", "detail"),
    [
        ({"status": "busy"}, Status.UNDELIVERED, "busy"),
        ({"status": "no-answer"}, Status.UNDELIVERED, "no-answer"),
        ({"status": "failed"}, Status.UNDELIVERED, "failed"),
        ({"status": "completed"}, Status.DELIVERED, None),
        ({"status": "in-progress"}, Status.SENT, None),
    ],
)
def test_a_call_that_is_read_says_what_its_callback_would(
    row: dict[str, object], status: Status, detail: str | None
) -> None:
    """Who was busy is called again by that word, whoever tells it first."""
    read = call_receipt({"sid": "CA1", **row})
    heard = read_call_callback({"CallSid": "CA1", "CallStatus": str(row["status"])})
    assert read == heard == Receipt("CA1", status, detail)
