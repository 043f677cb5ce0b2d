"""What challenges and answers of passkeys are bound to, and that damaged ones are refused."""

import secrets
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from dispatcher.access import passkey_answers
from dispatcher.access.challenges import Errand, challenge_for, spent_by
from dispatcher.access.passkey_answers import Expected, Unsound
from dispatcher.access.relying_party import names_of
from dispatcher.store.passkeys import Passkey
from tests.key_holders import COMMUNE, KEY, ORIGIN, RP
from tests.software_key import Answer, SoftwareKey

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=10,
)
PARTS = ("clientDataJSON", "authenticatorData", "signature", "attestationObject", "userHandle")


@pytest.mark.parametrize(
    ("public_url", "names"),
    [
        ("", ("localhost", "http://localhost:8700")),
        ("http://127.0.0.1:9000", ("localhost", "http://localhost:9000")),
        ("http://localhost:9000", ("localhost", "http://localhost:9000")),
        ("http://[::1]:9000", ("localhost", "http://localhost:9000")),
        ("https://alerte.valombre.example", ("alerte.valombre.example",) * 2),
        ("https://Alerte.valombre.example/", ("alerte.valombre.example",) * 2),
        ("https://alerte.valombre.example:443", ("alerte.valombre.example",) * 2),
        (
            "https://alerte.valombre.example:8443",
            ("alerte.valombre.example", "alerte.valombre.example:8443"),
        ),
        ("http://alerte.valombre.example", ("", "")),
        ("https://192.0.2.7", ("", "")),
    ],
)
def test_keys_are_bound_to_the_configured_host(public_url: str, names: tuple[str, str]) -> None:
    rp_id, origin = names
    if origin and "://" not in origin:
        origin = f"https://{origin}"
    assert names_of(public_url, port=8700) == (rp_id, origin)


def test_a_challenge_is_bound_to_each_part_of_its_errand() -> None:
    errand = Errand("sign_in", COMMUNE, "claire", "cookie")
    challenge = challenge_for(KEY, errand, now_s=1000)
    assert spent_by(KEY, errand, challenge=challenge, now_s=1299) is not None
    assert spent_by(KEY, errand, challenge=challenge, now_s=1300) is None
    for other in (
        replace(errand, purpose="step_up"),
        replace(errand, commune="35047"),
        replace(errand, login=""),
        replace(errand, secret="other"),
        replace(errand, commune=COMMUNE + "claire", login=""),
    ):
        assert spent_by(KEY, other, challenge=challenge, now_s=1000) is None
    assert spent_by(b"other" * 8, errand, challenge=challenge, now_s=1000) is None
    longer = challenge[:16] + (9_999_999_999).to_bytes(8, "big") + challenge[24:]
    assert spent_by(KEY, errand, challenge=longer, now_s=1000) is None


@given(st.sampled_from(PARTS), st.binary(max_size=80), st.integers(0, 400), ANYTHING)
def test_a_damaged_answer_is_unsound_and_nothing_else(
    part: str, noise: bytes, at: int, anything: Answer
) -> None:
    key = SoftwareKey(ORIGIN)
    challenge = bytes_to_base64url(secrets.token_bytes(56))
    made = key.create({"user": {"id": "aGFuZGxl"}, "rp": {"id": RP}, "challenge": challenge})
    got = key.get({"rpId": RP, "challenge": challenge})
    expected = Expected(RP, ORIGIN, base64url_to_bytes(challenge))
    kept = passkey_answers.registered(made, expected)
    for sound in (made, got):
        whole = base64url_to_bytes(sound["response"].get(part) or "")
        raw = bytes_to_base64url(whole[:at] + noise + whole[at + len(noise) :])
        for answer in (
            {**sound, "response": {**sound["response"], part: raw}},
            {**sound, "response": {**sound["response"], part: anything}},
            {**sound, "response": anything},
            {**sound, "id": anything, "rawId": anything},
            anything,
        ):
            _all_read(answer, expected, kept)


def _all_read(answer: Answer, expected: Expected, kept: Passkey) -> None:
    for read in (
        lambda: passkey_answers.told(answer),
        lambda: passkey_answers.registered(answer, expected),
        lambda: passkey_answers.signed(answer, expected, kept),
    ):
        try:
            read()
        except Unsound:
            continue
