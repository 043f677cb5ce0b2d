"""Accesses are given, changed and taken away by two people; approvers are those of the plan."""

import asyncio

import pyotp
import pytest

from dispatcher.access.sessions import SignInRefused, session_of
from dispatcher.access.signing_in import Claim, NewUser, admit, create_user
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotYou
from dispatcher.staff import asking, deciding
from dispatcher.staff.asking import Invitation
from dispatcher.store import logbook
from dispatcher.store.access_requests import open_requests
from dispatcher.store.users import User
from tests.situations import COMMUNE, PASSWORD
from tests.staffed_hall import ADMIN, MAYOR, OPERATOR, SECRET, announced, enrol, functions

pytest_plugins = ("tests.hall_visits",)


def somebody(**changes: str) -> Invitation:
    values = {"login": "nora", "function": "operator", "name": "Nora", "email": "nora@x.example"}
    return Invitation(**{**values, **changes})


async def test_the_first_invites_alone_the_people_of_the_plan_and_all_are_told(
    hall: Office,
) -> None:
    sent = await asking.invite(hall, Invitation("helene", "dos", "maire"), by=ADMIN)
    assert sent.granted
    assert sent.token
    assert (sent.asked.name, sent.asked.email) == ("Hélène VASSEUR", "maire@vaubrenne.example")
    (body,) = await announced(hall)
    assert "« isabelle » seul" in body
    assert sent.token not in body


@pytest.mark.parametrize(
    ("contact_id", "function"),
    [("dst", "rac"), ("ccas", "cell_chief"), ("etat_civil", "operator"), ("adj1", "deputy"),
     ("dgs", "administrator"), ("cantine", "observer")],
)  # fmt: skip
async def test_the_functions_of_the_plan_need_no_second_person_at_first(
    hall: Office, contact_id: str, function: str
) -> None:
    sent = await asking.invite(hall, Invitation("quelqu.un", function, contact_id), by=ADMIN)
    assert sent.granted


@pytest.mark.parametrize("function", ["rac", "cell_chief"])
async def test_a_function_that_the_plan_does_not_give_waits_for_a_second_person(
    hall: Office, function: str
) -> None:
    sent = await asking.invite(hall, Invitation("quelqu.un", function, "cantine"), by=ADMIN)
    assert not sent.granted
    assert not sent.token


async def test_who_is_not_in_the_plan_waits_for_a_second_person_even_at_first(
    hall: Office,
) -> None:
    sent = await asking.invite(hall, somebody(), by=ADMIN)
    assert not sent.granted
    assert await announced(hall) == []


async def test_once_two_manage_accesses_everybody_waits(hall: Office) -> None:
    await enrol(hall.ledger, MAYOR)
    sent = await asking.invite(hall, Invitation("bruno", "deputy", "adj1"), by=ADMIN)
    assert not sent.granted
    granted = await deciding.grant(hall, sent.asked.ident, by=MAYOR)
    assert granted.token
    assert len(await announced(hall)) == 1


async def test_a_manager_without_a_second_factor_is_no_second_person_yet(hall: Office) -> None:
    user = NewUser(User(COMMUNE, "autre", "Autre", "administrator"), PASSWORD)
    await create_user(hall.ledger, user, by="test", key=b"k" * 32)
    sent = await asking.invite(hall, Invitation("bruno", "deputy", "adj1"), by=ADMIN)
    assert sent.granted


@pytest.mark.parametrize("function", ["dos", "deputy"])
@pytest.mark.parametrize("contact_id", [None, "dgs", "adj3"])
async def test_two_administrators_cannot_make_a_mayor(
    hall: Office, contact_id: str | None, function: str
) -> None:
    await enrol(hall.ledger, MAYOR)
    with pytest.raises(NotSo, match="ceux que le plan nomme"):
        await asking.invite(hall, somebody(function=function, contact_id=contact_id), by=ADMIN)  # type: ignore[arg-type]
    await enrol(hall.ledger, OPERATOR)
    with pytest.raises(NotSo, match="ceux que le plan nomme"):
        await asking.ask_function(hall, "theo", function, by=ADMIN, reason="renfort")


async def test_nobody_agrees_to_her_own_request_nor_to_one_about_herself(hall: Office) -> None:
    await enrol(hall.ledger, MAYOR)
    await enrol(hall.ledger, OPERATOR)
    asked = (await asking.invite(hall, somebody(), by=ADMIN)).asked
    about = (
        await asking.ask_function(hall, "isabelle", "observer", by=MAYOR, reason="départ")
    ).asked
    for ident, by in (
        (asked.ident, ADMIN),
        (asked.ident, OPERATOR),
        (about.ident, MAYOR),
        (about.ident, ADMIN),
    ):
        with pytest.raises(NotYou):
            await deciding.grant(hall, ident, by=by)
    assert (await functions(hall))["isabelle"] == "administrator"
    assert "nora" not in await functions(hall)


async def test_two_accounts_of_one_person_agree_to_nothing_of_each_other(hall: Office) -> None:
    await enrol(hall.ledger, OPERATOR)
    await enrol(hall.ledger, MAYOR)
    other = User(COMMUNE, "isabelle.admin", "Isabelle MARCHAL", "administrator", "dgs")
    await enrol(hall.ledger, other)
    sent = await asking.ask_recovery(hall, "theo", by=ADMIN, reason="perdu")
    with pytest.raises(NotYou, match="l'accord d'une autre personne"):
        await deciding.grant(hall, sent.asked.ident, by=other)
    about_her = await asking.ask_function(hall, "isabelle", "observer", by=MAYOR, reason="r")
    with pytest.raises(NotYou, match="vous concerne"):
        await deciding.grant(hall, about_her.asked.ident, by=other)


async def test_a_function_changes_once_a_second_person_agreed_and_sessions_end(
    hall: Office,
) -> None:
    await enrol(hall.ledger, MAYOR)
    await enrol(hall.ledger, OPERATOR)
    token = await admit(hall.ledger, Claim(COMMUNE, "theo", PASSWORD, pyotp.TOTP(SECRET).now()))
    asked = (await asking.ask_function(hall, "theo", "rac", by=ADMIN, reason="relève")).asked
    assert (await functions(hall))["theo"] == "operator"
    assert await session_of(hall.ledger, token) is not None
    await deciding.grant(hall, asked.ident, by=MAYOR)
    assert (await functions(hall))["theo"] == "rac"
    assert await session_of(hall.ledger, token) is None


async def test_two_who_decide_at_once_decide_once(hall: Office) -> None:
    await enrol(hall.ledger, MAYOR)
    third = User(COMMUNE, "karim", "Karim FERRAND", "administrator", "dst")
    await enrol(hall.ledger, third)
    asked = (await asking.invite(hall, somebody(), by=ADMIN)).asked
    done = await asyncio.gather(
        deciding.grant(hall, asked.ident, by=MAYOR),
        deciding.grant(hall, asked.ident, by=third),
        deciding.refuse(hall, asked.ident, by=third, reason="non"),
        return_exceptions=True,
    )
    assert sum(isinstance(one, NotNow) for one in done) == 2
    kinds = [line.kind for line in await logbook.read(hall.ledger, COMMUNE)]
    decided = [one for one in kinds if one.startswith("access.invitation_") and "asked" not in one]
    assert len(decided) == 1


async def test_refusing_needs_a_reason_and_changes_nothing(hall: Office) -> None:
    await enrol(hall.ledger, MAYOR)
    asked = (await asking.invite(hall, somebody(), by=ADMIN)).asked
    with pytest.raises(NotSo, match="pourquoi"):
        await deciding.refuse(hall, asked.ident, by=MAYOR, reason=" ")
    await deciding.refuse(hall, asked.ident, by=MAYOR, reason="inconnue ici")
    with pytest.raises(NotNow):
        await deciding.grant(hall, asked.ident, by=MAYOR)
    assert "nora" not in await functions(hall)


async def test_who_asked_takes_it_back_without_a_reason(hall: Office) -> None:
    asked = (await asking.invite(hall, somebody(), by=ADMIN)).asked
    await deciding.refuse(hall, asked.ident, by=ADMIN, reason="")
    assert await open_requests(hall.ledger, COMMUNE) == []


async def test_one_request_about_a_person_waits_at_a_time(hall: Office) -> None:
    await enrol(hall.ledger, MAYOR)
    await asking.invite(hall, somebody(), by=ADMIN)
    with pytest.raises(NotNow, match="attend déjà"):
        await asking.invite(hall, somebody(name="Autre"), by=ADMIN)


async def test_taking_away_is_at_once_but_for_who_approves(hall: Office) -> None:
    await enrol(hall.ledger, MAYOR)
    await enrol(hall.ledger, OPERATOR)
    gone = await asking.ask_removal(hall, "theo", by=ADMIN, reason="a quitté la mairie")
    assert gone.granted
    with pytest.raises(SignInRefused):
        await admit(hall.ledger, Claim(COMMUNE, "theo", PASSWORD, pyotp.TOTP(SECRET).now()))
    waits = await asking.ask_removal(hall, "helene", by=ADMIN, reason="élections")
    assert not waits.granted
    assert "helene" in await functions(hall)


async def test_nobody_makes_herself_alone_again(hall: Office) -> None:
    other = User(COMMUNE, "karim", "Karim FERRAND", "administrator", "dst")
    await enrol(hall.ledger, other)
    assert not (await asking.ask_removal(hall, "karim", by=ADMIN, reason="mutation")).granted
    await admit(hall.ledger, Claim(COMMUNE, "karim", PASSWORD, pyotp.TOTP(SECRET).now()))
    async with hall.ledger.writing() as connection:
        await connection.exec_driver_sql("UPDATE users SET totp_secret = NULL WHERE login='karim'")
    sent = await asking.invite(hall, Invitation("bruno", "deputy", "adj1"), by=ADMIN)
    assert not sent.granted


async def test_the_last_who_gives_access_cannot_go(hall: Office) -> None:
    with pytest.raises(NotSo, match="personne pour donner des accès"):
        await asking.ask_removal(hall, "isabelle", by=ADMIN, reason="départ")
    with pytest.raises(NotSo, match="personne pour donner des accès"):
        await asking.ask_function(hall, "isabelle", "observer", by=ADMIN, reason="départ")


async def test_managers_who_remove_one_another_at_once_leave_one(hall: Office) -> None:
    third = User(COMMUNE, "karim", "Karim FERRAND", "administrator", "dst")
    for one in (MAYOR, third):
        await enrol(hall.ledger, one)
    going = [("isabelle", third, MAYOR), ("helene", ADMIN, third), ("karim", MAYOR, ADMIN)]
    acts = []
    for login, by, second in going:
        sent = await asking.ask_removal(hall, login, by=by, reason="départ")
        acts.append(deciding.grant(hall, sent.asked.ident, by=second))
    done = await asyncio.gather(*acts, return_exceptions=True)
    (refused,) = [one for one in done if isinstance(one, Exception)]
    assert isinstance(refused, NotSo)
    assert "personne pour donner des accès" in str(refused)
    assert len(await functions(hall)) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"login": "Nora Dupont"}, "minuscules"),
        ({"login": "isabelle"}, "déjà pris"),
        ({"name": "  "}, "nom"),
        ({"email": ""}, "mobile ou un e-mail"),
        ({"email": "nora"}, "nom@domaine"),
        ({"email": "", "mobile": "01 99 00 12 12"}, "mobile"),
        ({"email": "", "mobile": "bonjour"}, "mobile"),
        ({"function": "queen"}, "n'existe pas"),
    ],
)
async def test_a_faulty_invitation_is_refused_in_a_sentence(
    hall: Office, changes: dict[str, str], said: str
) -> None:
    with pytest.raises(NotSo, match=said):
        await asking.invite(hall, somebody(**changes), by=ADMIN)
    assert await open_requests(hall.ledger, COMMUNE) == []


async def test_a_mobile_is_kept_as_the_world_dials_it(hall: Office) -> None:
    asked = (await asking.invite(hall, somebody(email="", mobile="06 39 98 01 02"), by=ADMIN)).asked
    assert asked.mobile == "+33639980102"
