"""Names of attempts and answering pages: made as the RFC says, however fast."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.delivery.tokens import mac


@given(key=st.binary(min_size=1, max_size=64), message=st.binary(max_size=300))
def test_a_mark_is_the_hmac_of_the_standard_library(key: bytes, message: bytes) -> None:
    assert mac(key, message) == hmac.digest(key, message, "sha256")


def test_a_key_that_would_have_to_be_hashed_first_is_refused() -> None:
    with pytest.raises(ValueError, match="hashed first"):
        mac(b"k" * 65, b"")
