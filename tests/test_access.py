"""Who gets in, who does not, and what each function may do."""

import asyncio
import time

import pyotp
import pytest
from sqlalchemy import select, update

from dispatcher.access.passwords import WeakPassword
from dispatcher.access.permissions import FUNCTIONS, PERMISSIONS, allowed
from dispatcher.access.sessions import SignInRefused, sign_out
from dispatcher.access.signing_in import (
    Claim,
    NewUser,
    admit,
    create_user,
    disable_user,
    session_user,
    sign_in,
)
from dispatcher.store import guesses, logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.tables import guesses as guessed
from dispatcher.store.tables import sessions, users
from dispatcher.store.users import User

COMMUNE = "99042"
KEY = b"k" * 32
PASSWORD = "quatre mots sans rapport"
MAYOR = User(COMMUNE, "claire", "Claire MARTIN", "dos")


async def enrol(ledger: Ledger, user: User = MAYOR, totp_secret: str | None = None) -> None:
    await create_user(ledger, NewUser(user, PASSWORD, totp_secret), by="maire", key=KEY)


def claim(password: str = PASSWORD, *, source: str = "", code: str = "") -> Claim:
    return Claim(COMMUNE, MAYOR.login, password, code, source)


async def refused(ledger: Ledger, one: Claim) -> str:
    with pytest.raises(SignInRefused) as said:
        await admit(ledger, one)
    return str(said.value)


async def test_the_right_password_opens_a_session_until_signing_out(ledger: Ledger) -> None:
    await enrol(ledger)
    token = await sign_in(ledger, commune=COMMUNE, login="claire", password=PASSWORD)
    assert await session_user(ledger, token) == MAYOR
    await sign_out(ledger, token)
    assert await session_user(ledger, token) is None


async def test_neither_password_nor_token_is_in_the_ledger(ledger: Ledger) -> None:
    await enrol(ledger)
    token = await admit(ledger, claim())
    async with ledger.reading() as connection:
        rows = [
            *await connection.execute(select(users)),
            *await connection.execute(select(sessions)),
        ]
    kept = repr(rows)
    assert "$argon2id$" in kept
    assert PASSWORD not in kept
    assert token not in kept
    assert len(token) >= 43  # 256 bits


@pytest.mark.parametrize(
    "wrong",
    [
        Claim(COMMUNE, "claire", "un autre mot de passe"),
        Claim(COMMUNE, "personne", PASSWORD),
        Claim("35047", "claire", PASSWORD),
        Claim(COMMUNE, "cla\0ire", PASSWORD),
        Claim(COMMUNE, "x" * 65, PASSWORD),
        Claim("990420", "claire", PASSWORD),
        Claim("", "", ""),
    ],
)
async def test_whatever_is_wrong_the_answer_is_the_same(ledger: Ledger, wrong: Claim) -> None:
    await enrol(ledger)
    assert await refused(ledger, wrong) == "Identifiant, mot de passe ou code incorrect."


async def test_an_unknown_name_takes_the_time_of_a_known_one(ledger: Ledger) -> None:
    await enrol(ledger)
    spent: dict[str, list[float]] = {"claire": [], "personne": []}
    for turn in range(5):
        for login, times in spent.items():
            started = time.process_time()
            await refused(ledger, Claim(COMMUNE, login, "non", source=f"{turn}"))
            times.append(time.process_time() - started)
    known, unknown = min(spent["claire"]), min(spent["personne"])
    assert 0.5 < unknown / known < 2  # without the hash of nobody it is below 0.2


async def test_an_unknown_name_waits_like_a_known_one(ledger: Ledger) -> None:
    await enrol(ledger)
    said = {}
    for login in ("claire", "personne"):
        for _ in range(4):
            await refused(ledger, Claim(COMMUNE, login, "non"))
        said[login] = await refused(ledger, Claim(COMMUNE, login, PASSWORD))
    assert said["claire"] == said["personne"]
    assert said["claire"].startswith("Trop d'essais")


async def test_after_three_failures_the_wait_doubles_and_ten_lock() -> None:
    waits = [guesses.wait_s(failures) for failures in range(1, 13)]
    assert waits == [0, 0, 0, 2, 4, 8, 16, 32, 64, 900, 900, 900]


async def test_guesses_at_the_same_time_do_not_slip_past_the_wait(ledger: Ledger) -> None:
    await enrol(ledger)
    guess = guesses.Guess(COMMUNE, "claire")
    waits = await asyncio.gather(*(guesses.count_guess(ledger, guess) for _ in range(12)))
    assert sum(wait == 0 for wait in waits) == 4  # three free, and the one that begins the wait


async def test_guesses_from_elsewhere_do_not_keep_the_mayor_out(ledger: Ledger) -> None:
    await enrol(ledger)
    for _ in range(4):
        await refused(ledger, claim("non", source="198.51.100.7"))
    assert "attendez" in await refused(ledger, claim(source="198.51.100.7"))
    assert await admit(ledger, claim(source="192.0.2.1"))


async def test_a_success_forgets_the_failures_before_it(ledger: Ledger) -> None:
    await enrol(ledger)
    for _ in range(3):
        for _ in range(2):
            await refused(ledger, claim("non"))
        assert await admit(ledger, claim())


async def test_a_wait_ends(ledger: Ledger) -> None:
    await enrol(ledger)
    for _ in range(4):
        await refused(ledger, claim("non"))
    async with ledger.writing() as connection:
        await connection.execute(update(guessed).values(locked_until=1.0))
    assert await admit(ledger, claim())


async def test_a_code_is_needed_and_serves_once(ledger: Ledger) -> None:
    secret = pyotp.random_base32()
    await enrol(ledger, totp_secret=secret)
    code = pyotp.TOTP(secret).now()
    await refused(ledger, claim())
    await refused(ledger, claim(code="١٢٣٤٥٦"))
    assert await admit(ledger, claim(code=code))
    await refused(ledger, claim(code=code))


async def test_one_code_used_twice_at_once_opens_one_session(ledger: Ledger) -> None:
    secret = pyotp.random_base32()
    await enrol(ledger, totp_secret=secret)
    code = pyotp.TOTP(secret).now()
    tries = (admit(ledger, claim(code=code, source=str(n))) for n in range(4))
    opened = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, str) for one in opened) == 1


async def test_who_is_disabled_is_out_at_once_and_stays_out(ledger: Ledger) -> None:
    await enrol(ledger)
    token = await admit(ledger, claim())
    assert await disable_user(ledger, MAYOR, by="maire", key=KEY)
    assert await session_user(ledger, token) is None
    await refused(ledger, claim())
    assert not await disable_user(ledger, MAYOR, by="maire", key=KEY)
    kinds = [line.kind for line in await logbook.read(ledger, COMMUNE)]
    assert kinds == ["access.user", "access.disabled"]


async def test_a_new_password_ends_the_sessions_opened_with_the_old_one(ledger: Ledger) -> None:
    await enrol(ledger)
    token = await admit(ledger, claim())
    await enrol(ledger)
    assert await session_user(ledger, token) is None


@pytest.mark.parametrize(
    "weak", ["court", "azertyuiop1234", "claire-de-valombre", "motdepasse2026"]
)
async def test_a_weak_password_is_refused(ledger: Ledger, weak: str) -> None:
    with pytest.raises(WeakPassword):
        await create_user(ledger, NewUser(MAYOR, weak), by="maire", key=KEY)
    await refused(ledger, claim(weak))


def test_what_is_not_granted_is_refused() -> None:
    assert not allowed("dos", "alert.delete")
    assert not allowed("stranger", "alert.read")
    assert not allowed("", "")


# The whole table, by hand: a change of a right must be made twice.
MAY = {
    "account.own": set(FUNCTIONS),
    "access.grant_crisis": {"dos", "deputy", "rac"},
    "access.read": {"dos", "deputy", "rac", "administrator"},
    "alert.draft": {"dos", "deputy", "rac", "cell_chief", "operator"},
    "alert.submit": {"dos", "deputy", "rac", "cell_chief", "operator"},
    "alert.approve": {"dos", "deputy", "rac"},
    "alert.override": {"dos", "deputy"},
    "alert.stop_override": {"dos", "deputy", "rac", "cell_chief", "operator"},
    "alert.launch": {"dos", "deputy", "rac"},
    "alert.cancel": {"dos", "deputy", "rac"},
    "alert.withdraw": {"dos", "deputy", "rac", "cell_chief", "operator"},
    "alert.take_back": {"dos", "deputy", "rac"},
    "alert.unreached": {"dos", "deputy", "rac", "cell_chief", "operator"},
    "alert.replies": {"dos", "deputy", "rac", "cell_chief", "operator"},
    "alert.read": set(FUNCTIONS),
    "plan.read": set(FUNCTIONS),
    "plan.load": {"dos", "rac", "administrator"},
    "residents.import": {"rac", "administrator"},
    "residents.keep": {"dos", "deputy", "rac", "operator"},
    "residents.read": {"dos", "deputy", "rac", "operator"},
    "sandbox.read": set(FUNCTIONS),
    "logbook.read": set(FUNCTIONS),
    "logbook.export": {"dos", "deputy", "rac"},
    "logbook.write": {"dos", "deputy", "rac", "cell_chief", "operator"},
    "access.manage": {"dos", "administrator"},
    "privacy.keep": {"dos", "deputy", "dpo"},
    "privacy.rule": {"dpo"},
    "provider.pace": {"dos", "deputy", "rac", "administrator"},
    "ready.check": {"dos", "deputy", "rac", "cell_chief", "operator", "administrator"},
    "ready.trial": {"dos", "deputy", "rac", "administrator"},
    "service.open": {"dos", "deputy", "administrator"},
    "event.read": set(FUNCTIONS),
    "event.open": {"dos", "deputy", "rac", "cell_chief", "operator"},
    "event.task": {"dos", "deputy", "rac", "cell_chief", "operator"},
    "event.pre_alert": {"dos", "deputy", "rac"},
    "event.activate": {"dos", "deputy"},
    "event.stand_down": {"dos", "deputy"},
    "event.relieve": {"dos", "deputy", "rac", "cell_chief"},
    "team.read": set(FUNCTIONS),
    "team.order": {"dos", "deputy", "rac", "cell_chief", "operator"},
    "centre.people": {"dos", "deputy", "rac", "cell_chief", "operator"},
    "vulnerable.keep": {"dos", "deputy", "rac", "cell_chief", "operator"},
    "vulnerable.open": {"dos", "deputy"},
    "vulnerable.name": {"dos", "deputy"},
    "vulnerable.journal": {"dos", "deputy", "dpo"},
    "vulnerable.rule": {"dpo"},
}


def test_each_function_may_do_what_the_table_says_and_no_more() -> None:
    assert set(MAY) == set(PERMISSIONS)
    granted = {
        permission: {function for function in FUNCTIONS if allowed(function, permission)}
        for permission in PERMISSIONS
    }
    assert granted == MAY
