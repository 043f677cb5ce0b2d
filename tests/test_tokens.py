"""Names of attempts and answering pages: made as the RFC says, however fast."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.ciphers import mac
from dispatcher.delivery.tokens import (
    TokenKeys,
    answer_hash,
    answer_token,
    page_names,
)
from dispatcher.store.names import delivery_id

KEYS, OTHERS = TokenKeys(b"a" * 32, b"b" * 32), TokenKeys(b"a" * 32, b"c" * 32)
ids = st.binary(min_size=15, max_size=15).map(bytes.hex)


@given(key=st.binary(min_size=1, max_size=64), message=st.binary(max_size=300))
def test_a_mark_is_the_hmac_of_the_standard_library(key: bytes, message: bytes) -> None:
    assert mac(key, message) == hmac.digest(key, message, "sha256")


def test_a_key_that_would_have_to_be_hashed_first_is_refused() -> None:
    with pytest.raises(ValueError, match="hashed first"):
        mac(b"k" * 65, b"")


@given(ident=ids)
def test_a_page_s_token_leads_to_its_delivery(ident: str) -> None:
    token = answer_token(KEYS, ident)
    assert len(token) == 22
    assert page_names(KEYS, token) == (ident, answer_hash(token))


@given(ident=ids)
def test_a_token_of_other_keys_leads_to_no_delivery(ident: str) -> None:
    token = answer_token(OTHERS, ident)
    assert page_names(KEYS, token)[0] != ident


@given(token=st.text(max_size=64))
def test_a_text_that_we_did_not_make_is_looked_for_among_older_links_alone(token: str) -> None:
    assert page_names(KEYS, token) == (answer_hash(token),)


def test_a_token_changed_in_its_last_unused_bits_is_none_of_ours() -> None:
    token = answer_token(KEYS, delivery_id("v", "sms", "+33639980001"))
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    beside = token[:-1] + signs[signs.index(token[-1]) ^ 1]
    assert page_names(KEYS, beside) == (answer_hash(beside),)
