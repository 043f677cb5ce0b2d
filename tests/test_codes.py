"""Codes of six digits and recovery codes: right once, however they are typed."""

import asyncio
import time

import pyotp
import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.access import codes
from dispatcher.access.own import NotShown, change_password, keep_secret, renew_codes
from dispatcher.access.passwords import WeakPassword, check_password
from dispatcher.access.sessions import SignInRefused, session_of
from dispatcher.access.signing_in import Claim, NewUser, admit, create_user
from dispatcher.store import factors
from dispatcher.store.access_tables import recovery_codes
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry
from dispatcher.store.sessions import Session
from dispatcher.store.users import User
from dispatcher.store.versions import Chained
from tests.situations import COMMUNE, PASSWORD

KEY = b"k" * 32
USER = User(COMMUNE, "luc", "Luc PETIT", "operator")
LINE = Chained(Entry("luc", "access.codes_renewed", "Codes"), KEY)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


async def session(ledger: Ledger, *, secret: str | None = None, waived: bool = False) -> Session:
    new = NewUser(USER, PASSWORD, secret, waived=waived)
    await create_user(ledger, new, by="test", key=KEY)
    code = pyotp.TOTP(secret).now() if secret else ""
    found = await session_of(ledger, await admit(ledger, Claim(COMMUNE, "luc", PASSWORD, code)))
    assert found is not None
    return found


@given(st.integers(min_value=0, max_value=59))
def test_a_code_is_right_in_its_period_and_the_next(second: int) -> None:
    code = pyotp.TOTP(SECRET).at(1_800_000_000)
    with time_machine.travel(1_800_000_000 + second, tick=False):
        assert codes.totp_step(SECRET, code, used=None) == 60_000_000


@pytest.mark.parametrize("shift_s", [-1, 60, 3600])
def test_a_code_of_another_time_is_wrong(shift_s: int) -> None:
    code = pyotp.TOTP(SECRET).at(1_800_000_000)
    with time_machine.travel(1_800_000_000 + shift_s, tick=False):
        assert codes.totp_step(SECRET, code, used=None) is None


def test_a_code_that_served_is_wrong() -> None:
    now = int(time.time()) // 30
    code = pyotp.TOTP(SECRET).at(now * 30)
    assert codes.totp_step(SECRET, code, used=now) is None


@pytest.mark.parametrize("typed", ["{0}", " {0} ", "lower", "no hyphens", "spaces"])
def test_a_recovery_code_is_read_however_it_is_typed(typed: str) -> None:
    (code, *_) = codes.new_recovery_codes()
    forms = {
        "lower": code.lower(),
        "no hyphens": code.replace("-", ""),
        "spaces": code.replace("-", " "),
    }
    given_form = forms.get(typed, typed.format(code))
    expected = codes.recovery_hash(COMMUNE, "luc", code)
    assert expected is not None
    assert codes.recovery_hash(COMMUNE, "luc", given_form) == expected


def test_the_same_recovery_code_of_somebody_else_is_another() -> None:
    (code, *_) = codes.new_recovery_codes()
    hashes = {
        codes.recovery_hash(*whose, code)
        for whose in ((COMMUNE, "luc"), (COMMUNE, "eva"), ("99042", "luc"))
    }
    assert len(hashes) == 3


def test_ten_codes_of_sixty_bits_are_made() -> None:
    made = codes.new_recovery_codes()
    assert len(set(made)) == 10
    assert all(len(one) == 14 and set(one) <= {*codes.LETTERS, "-"} for one in made)


async def test_a_recovery_code_stands_in_for_the_phone_once(ledger: Ledger) -> None:
    mine = await session(ledger, secret=SECRET)
    made = await renew_codes(ledger, mine, line=LINE)
    token = await admit(ledger, Claim(COMMUNE, "luc", PASSWORD, made[3]))
    found = await session_of(ledger, token)
    assert found is not None
    assert found.method == "recovery"
    assert await factors.codes_left(ledger, COMMUNE, "luc") == 9
    with pytest.raises(SignInRefused):
        await admit(ledger, Claim(COMMUNE, "luc", PASSWORD, made[3]))
    with pytest.raises(SignInRefused):
        await admit(ledger, Claim(COMMUNE, "luc", "un autre mot de passe", made[4]))
    assert await factors.codes_left(ledger, COMMUNE, "luc") == 9


async def test_one_recovery_code_used_twice_at_once_opens_one_session(ledger: Ledger) -> None:
    made = await renew_codes(ledger, await session(ledger, secret=SECRET), line=LINE)
    tries = (
        admit(ledger, Claim(COMMUNE, "luc", PASSWORD, made[0], source=str(n))) for n in range(4)
    )
    opened = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, str) for one in opened) == 1


async def test_new_codes_cancel_the_old_and_none_is_in_the_ledger(ledger: Ledger) -> None:
    mine = await session(ledger, secret=SECRET)
    old = await renew_codes(ledger, mine, line=LINE)
    new = await renew_codes(ledger, mine, line=LINE)
    with pytest.raises(SignInRefused):
        await admit(ledger, Claim(COMMUNE, "luc", PASSWORD, old[0]))
    assert await admit(ledger, Claim(COMMUNE, "luc", PASSWORD, new[0]))
    async with ledger.reading() as connection:
        kept = repr(list(await connection.execute(recovery_codes.select())))
    assert not any(one in kept or one.replace("-", "") in kept for one in new)


async def test_a_secret_is_kept_once_its_code_is_shown(ledger: Ledger) -> None:
    mine = await session(ledger)
    with pytest.raises(NotShown):
        await keep_secret(ledger, mine, SECRET, code="000000", line=LINE)
    code = pyotp.TOTP(SECRET).now()
    await keep_secret(ledger, mine, SECRET, code=code, line=LINE)
    with pytest.raises(SignInRefused):
        await admit(ledger, Claim(COMMUNE, "luc", PASSWORD))
    with pytest.raises(SignInRefused):  # it served to show the secret
        await admit(ledger, Claim(COMMUNE, "luc", PASSWORD, code))


async def test_a_second_factor_is_not_replaced_from_a_screen_left_alone(ledger: Ledger) -> None:
    mine = await session(ledger, secret=SECRET)
    other = pyotp.random_base32()
    stale = Session(**{**vars(mine), "confirmed_at": time.time() - 3600})
    with pytest.raises(NotShown):
        await keep_secret(ledger, stale, other, code=pyotp.TOTP(other).now(), line=LINE)


async def test_a_new_password_serves_and_the_old_one_does_not(ledger: Ledger) -> None:
    mine = await session(ledger, waived=True)
    await change_password(ledger, mine, "cinq mots tout à fait neufs", line=LINE)
    with pytest.raises(SignInRefused):
        await admit(ledger, Claim(COMMUNE, "luc", PASSWORD))
    assert await admit(ledger, Claim(COMMUNE, "luc", "cinq mots tout à fait neufs"))


@pytest.mark.parametrize("weak", ["abababababab", "111111111111", "court", "luc-luc-luc-luc"])
def test_a_password_that_is_easily_guessed_is_refused(weak: str) -> None:
    with pytest.raises(WeakPassword):
        check_password(weak, "luc")


def test_who_gives_access_needs_a_longer_password() -> None:
    check_password("treize lettres", "luc")
    with pytest.raises(WeakPassword, match="16"):
        check_password("treize lettres", "luc", shortest=16)
