"""Links that give access, recovery on the server, the first user of an installation."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pyotp
import pytest
from sqlalchemy import update

from dispatcher.access.passwords import WeakPassword
from dispatcher.access.sessions import session_of
from dispatcher.access.signing_in import Claim, admit
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere
from dispatcher.staff import asking, deciding
from dispatcher.staff.asking import Invitation
from dispatcher.staff.first_run import FirstUser, code_fits, set_up, set_up_code
from dispatcher.staff.recovering import recover
from dispatcher.store import logbook
from dispatcher.store.access_tables import access_requests, announcements
from dispatcher.store.ledger import Ledger
from dispatcher.store.tables import users
from dispatcher.store.users import User, accounts_of
from tests.situations import COMMUNE, PASSWORD, load_example_plan, office
from tests.staffed_hall import ADMIN, LONG, OPERATOR, SECRET, announced, enrol, functions

pytest_plugins = ("tests.hall_visits",)


async def test_a_link_opens_once_and_asks_for_a_second_factor(hall: Office) -> None:
    sent = await asking.invite(hall, Invitation("nadine", "operator", "etat_civil"), by=ADMIN)
    user = await deciding.take_up(hall, sent.token, password=PASSWORD)
    assert (user.login, user.function, user.contact_id) == ("nadine", "operator", "etat_civil")
    token = await admit(hall.ledger, Claim(COMMUNE, "nadine", PASSWORD))
    session = await session_of(hall.ledger, token)
    assert session is not None
    assert session.factor == "none"
    with pytest.raises(NotThere):
        await deciding.take_up(hall, sent.token, password=LONG)


async def test_a_link_used_twice_at_once_gives_access_once(hall: Office) -> None:
    sent = await asking.invite(hall, Invitation("nadine", "operator", "etat_civil"), by=ADMIN)
    passwords = [f"{PASSWORD} {number}" for number in range(3)]
    done = await asyncio.gather(
        *(deciding.take_up(hall, sent.token, password=one) for one in passwords),
        return_exceptions=True,
    )
    assert sum(isinstance(one, User) for one in done) == 1


async def test_a_link_that_is_old_or_replaced_opens_nothing(hall: Office) -> None:
    sent = await asking.invite(hall, Invitation("nadine", "operator", "etat_civil"), by=ADMIN)
    again = await deciding.send_again(hall, sent.asked.ident, by=ADMIN)
    with pytest.raises(NotThere):
        await deciding.take_up(hall, sent.token, password=PASSWORD)
    async with hall.ledger.writing() as connection:
        await connection.execute(update(access_requests).values(token_ends_at=time.time() - 1))
    with pytest.raises(NotThere):
        await deciding.take_up(hall, again.token, password=PASSWORD)
    assert "nadine" not in await functions(hall)


async def test_the_ledger_never_holds_a_links_token(hall: Office) -> None:
    sent = await asking.invite(hall, Invitation("nadine", "operator", "etat_civil"), by=ADMIN)
    async with hall.ledger.reading() as connection:
        kept = repr([
            *await connection.execute(access_requests.select()),
            *await connection.execute(announcements.select()),
            *await logbook.read(hall.ledger, COMMUNE),
        ])  # fmt: skip
    assert sent.token not in kept
    assert len(sent.token) >= 32


async def test_who_gives_access_chooses_a_longer_password(hall: Office) -> None:
    sent = await asking.invite(hall, Invitation("karim", "administrator", "dst"), by=ADMIN)
    with pytest.raises(WeakPassword, match="16"):
        await deciding.take_up(hall, sent.token, password="treize lettres")
    user = await deciding.take_up(hall, sent.token, password=LONG)
    assert user.function == "administrator"


async def test_recovery_on_the_server_is_logged_announced_and_starts_anew(hall: Office) -> None:
    await enrol(hall.ledger, OPERATOR)
    old = await admit(hall.ledger, Claim(COMMUNE, "theo", PASSWORD, pyotp.TOTP(SECRET).now()))
    sent = await recover(hall, "theo", reason="téléphone dans la rivière")
    assert any("« serveur » seul" in one for one in await announced(hall))
    await deciding.take_up(hall, sent.token, password=LONG)
    assert await session_of(hall.ledger, old) is None
    session = await session_of(hall.ledger, await admit(hall.ledger, Claim(COMMUNE, "theo", LONG)))
    assert session is not None
    assert (session.factor, session.user.function) == ("none", "operator")
    kinds = [line.kind for line in await logbook.read(hall.ledger, COMMUNE)]
    assert {"access.recovery_granted", "access.recovery_used"} <= set(kinds)


async def test_a_link_sent_before_an_access_was_taken_away_gives_nothing_back(
    hall: Office,
) -> None:
    await enrol(hall.ledger, OPERATOR)
    sent = await recover(hall, "theo")
    await asking.ask_removal(hall, "theo", by=ADMIN, reason="a quitté la mairie")
    with pytest.raises(NotThere):
        await deciding.take_up(hall, sent.token, password=LONG)
    assert "theo" not in await functions(hall)


async def test_a_recovery_changes_nothing_of_what_she_may_do(hall: Office) -> None:
    await enrol(hall.ledger, OPERATOR)
    sent = await recover(hall, "theo")
    async with hall.ledger.writing() as connection:
        await connection.execute(update(users).values(function="observer"))
    await deciding.take_up(hall, sent.token, password=LONG)
    assert (await functions(hall))["theo"] == "observer"


async def test_a_link_to_a_wrong_number_is_cancelled(hall: Office) -> None:
    sent = await asking.invite(hall, Invitation("nadine", "operator", "etat_civil"), by=ADMIN)
    await deciding.withdraw(hall, sent.asked.ident, by=ADMIN)
    with pytest.raises(NotThere):
        await deciding.take_up(hall, sent.token, password=PASSWORD)
    with pytest.raises(NotNow):
        await deciding.withdraw(hall, sent.asked.ident, by=ADMIN)


async def test_an_invitation_gives_nothing_where_somebody_took_the_login(hall: Office) -> None:
    sent = await asking.invite(hall, Invitation("theo", "operator", "etat_civil"), by=ADMIN)
    await enrol(hall.ledger, OPERATOR)
    with pytest.raises(NotThere):
        await deciding.take_up(hall, sent.token, password=PASSWORD)


@pytest.mark.parametrize("act", [deciding.send_again, deciding.withdraw])
async def test_what_has_no_link_is_neither_sent_again_nor_cancelled(
    hall: Office, act: Callable[..., Awaitable[object]]
) -> None:
    await enrol(hall.ledger, OPERATOR)
    asked = (await asking.ask_function(hall, "theo", "rac", by=ADMIN, reason="relève")).asked
    with pytest.raises(NotNow):
        await act(hall, asked.ident, by=ADMIN)


async def test_an_old_invitation_is_not_sent_again(hall: Office) -> None:
    sent = await asking.invite(hall, Invitation("nadine", "operator", "etat_civil"), by=ADMIN)
    async with hall.ledger.writing() as connection:
        await connection.execute(update(access_requests).values(decided_at=time.time() - 700_000))
    with pytest.raises(NotNow):
        await deciding.send_again(hall, sent.asked.ident, by=ADMIN)


async def test_recovery_of_nobody_is_refused(hall: Office) -> None:
    with pytest.raises(NotThere):
        await recover(hall, "personne")


async def test_the_first_user_is_made_once_and_manages_accesses(ledger: Ledger) -> None:
    hall = office(ledger)
    firsts = [FirstUser(COMMUNE, f"claire{n}", "Claire MARTIN", LONG) for n in range(3)]
    done = await asyncio.gather(*(set_up(hall, one) for one in firsts), return_exceptions=True)
    made = [one for one in done if isinstance(one, User)]
    assert [one.function for one in made] == ["administrator"]
    assert len(await accounts_of(ledger, COMMUNE)) == 1


async def test_the_mayor_of_the_plan_sets_up_as_the_mayor(ledger: Ledger) -> None:
    await load_example_plan(ledger)
    first = FirstUser(COMMUNE, "helene", "Hélène VASSEUR", LONG, "maire")
    assert (await set_up(office(ledger), first)).function == "dos"


@pytest.mark.parametrize("commune", ["", "3504", "350471", "35 47", "35-47"])
async def test_a_commune_has_five_signs(ledger: Ledger, commune: str) -> None:
    with pytest.raises(NotSo, match="INSEE"):
        await set_up(office(ledger), FirstUser(commune, "claire", "Claire", LONG))


def test_the_set_up_code_is_read_however_it_is_typed_and_is_of_one_installation() -> None:
    code = set_up_code(b"a" * 32)
    assert code_fits(b"a" * 32, code.lower().replace(" ", "-"))
    assert not code_fits(b"b" * 32, code)
    assert not code_fits(b"a" * 32, "")
