"""Codes that leave and do not come back raise an alarm in their commune, and end it by coming."""

from zoneinfo import ZoneInfo

from sqlalchemy import update

from dispatcher.alarms import code_flow, daily
from dispatcher.alarms.daily import Round
from dispatcher.alarms.telling import OnCall
from dispatcher.signup.asking import Desk, ask, type_back
from dispatcher.store import alarms
from dispatcher.store.code_limits import Codes
from dispatcher.store.signup_tables import code_sends
from tests.outgoing import KEYS, LOGBOOK_KEY
from tests.signing_up import ana, sent
from tests.situations import COMMUNE

pytest_plugins = ("tests.signup_desks",)


def test_few_codes_many_that_come_back_and_a_full_day() -> None:
    def kind(codes: Codes) -> str | None:
        found = code_flow.verdict(COMMUNE, codes, daily=300)
        return found.problem if found else None

    assert kind(Codes(29, 29, 0)) is None  # a code is easily forgotten
    assert kind(Codes(30, 30, 6)) is None
    assert "30 codes" in (kind(Codes(30, 30, 5)) or "")
    assert kind(Codes(239, 10, 10)) is None
    assert "par téléphone en un jour : à 300, plus" in (kind(Codes(240, 10, 10)) or "")
    assert kind(Codes(0, 10, 10, mailed=2399)) is None
    assert "par courriel en un jour : à 3000, plus" in (kind(Codes(0, 10, 10, mailed=2400)) or "")


async def test_the_alarm_is_raised_once_in_its_commune_and_ends_when_codes_come_back(
    desk: Desk,
) -> None:
    one = Round(
        desk.office.ledger, OnCall((), lambda: (), "https://alerte.example"), LOGBOOK_KEY, 10,
        ZoneInfo("Europe/Paris"), KEYS,
    )  # fmt: skip
    tokens = [
        await ask(desk, ana(f"06 39 98 {n:02} 42"), source=f"192.0.2.{n}") for n in range(1, 19)
    ]
    codes = dict(await sent(desk))
    await daily.judge_codes(one)
    assert await alarms.standing(desk.office.ledger) == []
    tokens += [
        await ask(desk, ana(f"06 39 97 {n:02} 42"), source=f"198.51.100.{n}") for n in range(1, 13)
    ]
    for _ in range(2):
        await daily.judge_codes(one)
    (standing,) = await alarms.standing(desk.office.ledger)
    assert (standing.commune, standing.raised.kind) == (COMMUNE, "codes")
    assert "30 codes d'inscription sont partis en une heure, 0 sont revenus." in (
        standing.raised.problem
    )
    for n, token in enumerate(tokens[: len(codes)], start=1):
        await type_back(desk, token, codes[f"+3363998{n:02}42"])
    await daily.judge_codes(one)
    assert await alarms.standing(desk.office.ledger) == []
    async with desk.office.ledger.writing() as connection:
        await connection.execute(update(code_sends).values(used=False))
        await connection.execute(update(code_sends).values(sent_at=code_sends.c.sent_at - 4000))
    await daily.judge_codes(one)
    assert await alarms.standing(desk.office.ledger) == []  # it was an hour ago
