"""What is sealed opens in its own place alone, and is found again by marks that tell nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.ciphers import NotOpened, Ring

ONE, TWO = b"1" * 32, b"2" * 32
RING = Ring({1: ONE})
values, places = st.binary(max_size=200), st.text(max_size=40)


@given(values, places)
def test_what_is_sealed_opens_in_its_place(value: bytes, place: str) -> None:
    sealed = RING.seal(value, place=place)
    assert RING.unseal(sealed, place=place) == value
    assert value not in sealed or len(value) < 4  # a few bytes may be met by chance


@given(values, st.lists(places, min_size=2, max_size=2, unique=True))
def test_what_is_moved_to_another_place_does_not_open(value: bytes, two: list[str]) -> None:
    sealed = RING.seal(value, place=two[0])
    with pytest.raises(NotOpened):
        RING.unseal(sealed, place=two[1])


@given(values, st.data())
def test_a_bit_that_changed_is_seen(value: bytes, data: st.DataObject) -> None:
    sealed = bytearray(RING.seal(value, place="x"))
    at = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[at // 8] ^= 1 << at % 8
    with pytest.raises(NotOpened):
        RING.unseal(bytes(sealed), place="x")


@given(values, st.data())
def test_what_was_cut_does_not_open(value: bytes, data: st.DataObject) -> None:
    sealed = RING.seal(value, place="x")
    length = data.draw(st.integers(0, len(sealed) - 1))
    with pytest.raises(NotOpened):
        RING.unseal(sealed[:length], place="x")


def test_a_newer_key_seals_and_the_older_still_opens_what_it_sealed() -> None:
    before = RING.seal(b"avant", place="x")
    both = Ring({1: ONE, 2: TWO})
    after = both.seal(b"apres", place="x")
    assert (both.unseal(before, place="x"), both.unseal(after, place="x")) == (b"avant", b"apres")
    assert (both.is_old(before), both.is_old(after)) == (True, False)
    with pytest.raises(NotOpened, match="No key 02"):
        RING.unseal(after, place="x")
    assert both.mark("phone", "+33639980101") == RING.mark("phone", "+33639980101")


def test_marks_are_of_one_kind_and_one_ring() -> None:
    mark = RING.mark("phone", "+33639980101")
    assert len(mark) == 64
    assert "39980101" not in mark
    others = (
        RING.mark("surname", "+33639980101"),
        RING.mark("phone", "+33639980102"),
        Ring({1: TWO}).mark("phone", "+33639980101"),
    )
    assert mark not in others


@pytest.mark.parametrize("keys", [{}, {2: TWO}, {1: ONE, 256: TWO}, {0: ONE, 1: TWO}])
def test_a_ring_without_its_first_key_is_none(keys: dict[int, bytes]) -> None:
    with pytest.raises(ValueError, match="key 1"):
        Ring(keys)


def test_a_ring_shows_no_key() -> None:
    assert "1111" not in repr(RING)
