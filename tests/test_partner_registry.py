"""A partner's system is let in by two people, changes its secret with no gap, is ended by one."""

from dataclasses import replace
from typing import Any

import pytest

from dispatcher.access.permissions import FUNCTIONS, allowed
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.plan_in_force import in_force
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.partners import naming, registry
from dispatcher.partners.kinds import VERBS
from dispatcher.partners.naming import Called
from dispatcher.partners.registry import Wanted
from dispatcher.partners.ring import Caller, KeyRing, TooOften
from dispatcher.partners.showing import masked, shown
from dispatcher.partners.signatures import Unsigned, written
from dispatcher.partners.telling import MANAGE
from dispatcher.store import logbook
from dispatcher.store.partners import let_in, named_by
from tests.partner_hall import FIRST, MASTER, POLICE, SECOND, admitted, write_mission
from tests.signed_partners import sign
from tests.situations import COMMUNE
from tests.staffed_hall import MAYOR, announced, enrol

pytest_plugins = ("tests.console_visits", "tests.partner_visits")


async def kinds(office: Office) -> list[str]:
    lines = await logbook.read_kinds(office.ledger, COMMUNE, "partner.", limit=50)
    return [one.kind for one in reversed(lines)]


async def test_nothing_opens_before_a_second_person_agreed(mairie: Office) -> None:
    partner = await registry.ask(mairie, POLICE, by=FIRST)
    assert await let_in(mairie.ledger) == []
    with pytest.raises(NotYou):
        await registry.agree(mairie, partner, by=FIRST)
    with pytest.raises(NotNow):
        await registry.secrets(mairie, partner, by=SECOND, master=MASTER)
    assert await announced(mairie) == []
    await registry.agree(mairie, partner, by=SECOND)
    (held,) = await let_in(mairie.ledger)
    assert (held.partner, held.serials, set(held.teams)) == (
        "police-municipale",
        (1,),
        {"POLICE"},
    )
    assert await kinds(mairie) == ["partner.asked", "partner.agreed"]
    (told,) = await announced(mairie)
    assert "« Police municipale », par « helene »" in told
    with pytest.raises(NotNow):
        await registry.agree(mairie, partner, by=SECOND)


async def test_two_accounts_of_one_person_are_not_two_people(mairie: Office) -> None:
    await enrol(mairie.ledger, replace(MAYOR, login="helene.bis", function="administrator"))
    await enrol(mairie.ledger, MAYOR)
    partner = await registry.ask(
        mairie, POLICE, by=Actor("helene.bis", "administrator", MAYOR.contact_id)
    )
    with pytest.raises(NotYou):
        await registry.agree(mairie, partner, by=SECOND)


async def test_who_does_not_manage_accesses_does_nothing_of_it(mairie: Office) -> None:
    partner = await admitted(mairie)
    others = [Actor("autre", one) for one in FUNCTIONS if not allowed(one, MANAGE)]
    assert len(others) == 6
    for other in others:
        for act in (
            registry.ask(mairie, replace(POLICE, name="Autre"), by=other),
            registry.agree(mairie, partner, by=other),
            registry.end(mairie, partner, by=other, reason="x"),
            registry.rotate(mairie, partner, by=other, old_ends_in_h=1),
            registry.end_old_key(mairie, partner, by=other),
            registry.secrets(mairie, partner, by=other, master=MASTER),
        ):
            with pytest.raises(NotYou):
                await act


def test_launching_is_nothing_that_a_partner_may_do() -> None:
    assert not [one for one in VERBS if one.startswith("alert")]


async def test_what_is_unsound_is_refused_in_words(mairie: Office) -> None:
    unsound: list[dict[str, object]] = [
        {"name": " "},
        {"name": "x" * 81},
        {"kind": "armée"},
        {"verbs": ()},
        {"verbs": ("team.status", "alert.launch")},
        {"rate_per_s": 0.0},
        {"rate_per_s": 501.0},
        {"teams": ("POLICE", "INCONNUE")},
        {"url": "http://police.example/evenements"},
        {"url": "https://police.example:22/evenements"},
        {"url": "https://police.example/x", "verbs": ("team.status",)},
    ]
    for wrong in unsound:
        values: dict[str, Any] = {**vars(POLICE), **wrong}
        with pytest.raises(NotSo):
            await registry.ask(mairie, Wanted(**values), by=FIRST)
    assert await registry.every(mairie) == []


async def test_an_id_is_never_used_again_for_the_secrets_are_made_from_it(mairie: Office) -> None:
    first = await admitted(mairie)
    (secret,) = await registry.secrets(mairie, first, by=FIRST, master=MASTER)
    await registry.end(mairie, first, by=SECOND, reason="contrat fini")
    second = await admitted(mairie)
    (other,) = await registry.secrets(mairie, second, by=FIRST, master=MASTER)
    assert (first, second) == ("police-municipale", "police-municipale-2")
    assert secret.sends != other.sends


async def test_one_person_ends_it_and_its_next_request_is_refused(mairie: Office) -> None:
    partner = await admitted(mairie)
    (secret,) = await registry.secrets(mairie, partner, by=FIRST, master=MASTER)
    clock = [0.0]
    ring = KeyRing(mairie.ledger, MASTER, monotonic=lambda: clock[0])
    headers, now = sign(secret.sends, b"{}")
    assert (await ring.caller(headers, b"{}", now=now)).partner.partner == partner
    with pytest.raises(NotSo):
        await registry.end(mairie, partner, by=FIRST, reason=" ")
    await registry.end(mairie, partner, by=FIRST, reason="appareil volé")
    clock[0] += 1.0
    with pytest.raises(Unsigned):
        await ring.caller(headers, b"{}", now=now)
    with pytest.raises(NotNow):
        await registry.end(mairie, partner, by=FIRST, reason="encore")
    with pytest.raises(NotNow):
        await registry.rotate(mairie, partner, by=FIRST, old_ends_in_h=1)


async def test_a_batch_counts_as_many_as_its_reports_and_holds_up_no_message_by_itself(
    mairie: Office,
) -> None:
    partner = await admitted(mairie, replace(POLICE, rate_per_s=10.0))
    (secret,) = await registry.secrets(mairie, partner, by=FIRST, master=MASTER)
    clock = [0.0]
    ring = KeyRing(mairie.ledger, MASTER, monotonic=lambda: clock[0])

    async def asks() -> Caller:
        headers, now = sign(secret.sends, b"{}")
        return await ring.caller(headers, b"{}", now=now)

    ring.count(await asks(), reports=120)  # 20 were saved up: 100 are owed
    with pytest.raises(TooOften) as owed:
        ring.count(await asks(), reports=1)
    assert owed.value.wait_s == pytest.approx(10.1)
    clock[0] += 10.2
    ring.count(await asks(), reports=1)
    for _ in range(19):
        await asks()
    with pytest.raises(TooOften):
        await asks()


async def test_two_secrets_live_at_once_and_never_three(mairie: Office) -> None:
    partner = await admitted(mairie)
    (old,) = await registry.secrets(mairie, partner, by=FIRST, master=MASTER)
    await registry.rotate(mairie, partner, by=FIRST, old_ends_in_h=24)
    with pytest.raises(NotYou, match="une autre personne"):  # nobody alone takes its place
        await registry.secrets(mairie, partner, by=FIRST, master=MASTER)
    new, still = await registry.secrets(mairie, partner, by=SECOND, master=MASTER)
    assert (new.serial, still) == (2, old)
    assert len({new.sends, new.receives, old.sends, old.receives}) == 4
    ring = KeyRing(mairie.ledger, MASTER)
    for secret in (old, new):
        headers, now = sign(secret.sends, b"{}")
        assert (await ring.caller(headers, b"{}", now=now)).partner.partner == partner
    with pytest.raises(NotNow, match="Deux secrets"):
        await registry.rotate(mairie, partner, by=FIRST, old_ends_in_h=24)
    await registry.end_old_key(mairie, partner, by=FIRST)
    assert [one.serials for one in await let_in(mairie.ledger)] == [(2,)]
    with pytest.raises(NotNow, match="Un seul"):
        await registry.end_old_key(mairie, partner, by=FIRST)
    await registry.rotate(mairie, partner, by=FIRST, old_ends_in_h=0)  # it leaked: none is left
    assert [one.serials for one in await let_in(mairie.ledger)] == [(3,)]


async def test_each_look_at_a_secret_is_in_the_logbook_and_no_secret_is(mairie: Office) -> None:
    partner = await admitted(mairie)
    (secret,) = await registry.secrets(mairie, partner, by=SECOND, master=MASTER)
    lines = await logbook.read(mairie.ledger, COMMUNE, newest=True, limit=1)
    assert (lines[0].kind, lines[0].author) == ("partner.secret_shown", "helene")
    assert secret.sends not in repr(await logbook.read(mairie.ledger, COMMUNE))
    assert secret.sends not in repr(secret)
    assert secret.sends.startswith(written(b"")[:6])


async def test_a_token_in_an_address_is_shown_nowhere(mairie: Office) -> None:
    url = "https://police.example/tocsin?key=JETON#JETON"
    partner = await admitted(mairie, replace(POLICE, url=url))
    one = await registry.find(mairie, partner)
    assert one.asked.url == url
    assert shown(one)["url"] == "https://police.example/tocsin?…"
    assert "JETON" not in repr(await logbook.read(mairie.ledger, COMMUNE))
    assert masked("https://moi:JETON@police.example/x") == "https://police.example/x?…"
    assert masked("https://police.example/x") == "https://police.example/x"
    assert masked("") == ""


async def test_what_was_asked_is_refused_by_one_and_never_agreed_to(mairie: Office) -> None:
    partner = await registry.ask(mairie, POLICE, by=FIRST)
    await registry.end(mairie, partner, by=FIRST, reason="erreur")
    assert (await registry.find(mairie, partner)).state == "refused"
    with pytest.raises(NotNow):
        await registry.agree(mairie, partner, by=SECOND)


async def test_a_call_sign_and_an_intervention_number_are_known_by_the_partner(
    mairie: Office,
) -> None:
    partner = await admitted(mairie)
    await write_mission(mairie.ledger, "m1", "POLICE")
    for called in (Called("team", "PM-01", "POLICE"), Called("mission", "INT 4512/26", "m1")):
        await naming.add_name(mairie, partner, called, by=FIRST)
    assert await named_by(mairie.ledger, COMMUNE) == {
        (partner, "team", "PM-01"): "POLICE",
        (partner, "mission", "INT 4512/26"): "m1",
    }
    with pytest.raises(NotNow, match="PM-01"):
        await naming.add_name(mairie, partner, Called("team", "PM-01", "POLICE"), by=FIRST)
    await naming.remove_name(mairie, partner, Called("team", "PM-01"), by=FIRST)
    assert [one.external for one in await naming.names(mairie, partner)] == ["INT 4512/26"]
    with pytest.raises(NotThere):
        await naming.remove_name(mairie, partner, Called("team", "PM-01"), by=FIRST)
    assert (await kinds(mairie))[-3:] == ["partner.named", "partner.named", "partner.unnamed"]


async def test_a_name_of_what_is_not_the_partner_s_is_refused(mairie: Office) -> None:
    partner = await admitted(mairie)
    for mission in ("m1", "m2"):
        await write_mission(mairie.ledger, mission, "POLICE")
    for wrong in (
        Called("street", "x", "POLICE"),
        Called("team", "", "POLICE"),
        Called("team", "x" * 121, "POLICE"),
        Called("team", "FPT-1", "TERRAIN1"),  # another's team
        Called("team", "TERRAIN1", "POLICE"),  # another's id
        Called("mission", "m2", "m1"),  # our id of another mission
        Called("mission", "4512", "aucune"),
    ):
        with pytest.raises(NotSo):
            await naming.add_name(mairie, partner, wrong, by=FIRST)
    await naming.add_name(mairie, partner, Called("team", "POLICE", "POLICE"), by=FIRST)


async def test_a_name_is_not_the_call_sign_of_another_of_its_teams(mairie: Office) -> None:
    partner = await admitted(mairie, replace(POLICE, teams=("POLICE", "TERRAIN1")))
    signs = {one.id: one.call_sign for one in (await in_force(mairie)).plan.teams}
    called = Called("team", signs["TERRAIN1"].lower(), "POLICE")
    with pytest.raises(NotSo, match="TERRAIN1"):
        await naming.add_name(mairie, partner, called, by=FIRST)
