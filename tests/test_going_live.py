"""Two people put a commune in service; before it no real alert leaves by a real provider."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import text

from dispatcher.alerts import life
from dispatcher.alerts.drafting import Wanted
from dispatcher.alerts.in_service import check_in_service
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import AlertRefused, NotNow, NotSo, NotYou
from dispatcher.crisis import overriding
from dispatcher.crisis.holds import Holds
from dispatcher.crisis.overriding import Emergency
from dispatcher.delivery.accounts import Granted
from dispatcher.delivery.content import Content
from dispatcher.readiness import service
from dispatcher.readiness.lines import not_ready, ready
from dispatcher.store import in_service, logbook, overrides
from dispatcher.store.announcements import Announcement
from dispatcher.store.in_service import opening_of
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry
from dispatcher.store.migrate import migrate
from dispatcher.store.users import Credentials, User, put_user
from tests.keyring import RING, opened
from tests.ledgers import fresh_database
from tests.situations import COMMUNE
from tests.staffed_hall import ADMIN, MAYOR, announced

pytest_plugins = ("tests.hall_visits",)
DEPUTY = User(COMMUNE, "marc", "Marc", "deputy", "adjoint_securite")
DEPUTY_TOO = User(COMMUNE, "lea", "Léa", "deputy", "adjoint_travaux")
ADMIN_TOO = User(COMMUNE, "paul", "Paul", "administrator")
RAC = User(COMMUNE, "rac", "Rac", "rac")
LINES = [ready("sender", "Bien."), not_ready("backup", "Rien.", "Faites.")]
SAW = service.seeing(LINES)
REAL = {medium: Granted(1.0, 0.0, real=True) for medium in ("sms", "voice", "email")}


@pytest.fixture
async def staffed(hall: Office) -> Office:
    for one in (MAYOR, DEPUTY, DEPUTY_TOO, ADMIN_TOO, RAC):
        hers = Credentials(one, "no password opens it", totp_secret="x")
        entry = Entry("test", "access.opened", "x")
        await put_user(hall.ledger, hers, line=(entry, b"k" * 32))
    return hall


@pytest.mark.parametrize(
    ("first", "second", "opens"),
    [
        (MAYOR, ADMIN, True),
        (ADMIN, MAYOR, True),
        (DEPUTY, ADMIN, True),
        (DEPUTY, MAYOR, True),
        (MAYOR, DEPUTY, True),
        (DEPUTY, DEPUTY_TOO, False),  # neither gives accesses
        (ADMIN, ADMIN_TOO, False),  # neither leads the commune
        (MAYOR, MAYOR, False),
        (MAYOR, RAC, False),
    ],
)
async def test_it_takes_who_leads_and_another_who_gives_accesses(
    staffed: Office, first: User, second: User, *, opens: bool
) -> None:
    await service.ask(staffed, LINES, by=first, saw=SAW)
    assert not (await opening_of(staffed.ledger, COMMUNE)).live
    if opens:
        await service.confirm(staffed, LINES, by=second, saw=SAW)
    else:
        with pytest.raises(NotYou):
            await service.confirm(staffed, LINES, by=second, saw=SAW)
    assert (await opening_of(staffed.ledger, COMMUNE)).live == opens


async def test_two_accesses_of_one_person_are_one_person(staffed: Office) -> None:
    hers = User(COMMUNE, "maire2", "Hélène", "administrator", MAYOR.contact_id)
    assert MAYOR.contact_id
    entry = Entry("test", "access.opened", "x")
    hidden = Credentials(hers, "no password opens it", totp_secret="x")
    await put_user(staffed.ledger, hidden, line=(entry, b"k" * 32))
    await service.ask(staffed, LINES, by=hers, saw=SAW)
    with pytest.raises(NotYou, match="même personne"):
        await service.confirm(staffed, LINES, by=MAYOR, saw=SAW)
    assert not (await opening_of(staffed.ledger, COMMUNE)).live


async def test_both_steps_are_written_with_what_was_not_ready_and_told_to_all(
    staffed: Office,
) -> None:
    await service.ask(staffed, LINES, by=ADMIN, saw=SAW)
    await service.confirm(staffed, LINES, by=MAYOR, saw=SAW)
    lines = await logbook.read_kinds(staffed.ledger, COMMUNE, "service.", limit=5)
    assert [(one.kind, one.author) for one in lines] == [
        ("service.live", "helene"), ("service.asked", "isabelle"),
    ]  # fmt: skip
    assert all(one.data["points"] == ["backup"] for one in lines)
    told = await announced(staffed)
    assert len([one for one in told if "service" in one]) == 2


async def test_what_changed_since_it_was_read_is_read_again(staffed: Office) -> None:
    worse = [*LINES, not_ready("sender", "Mal.", "Changez.")]
    with pytest.raises(NotNow):
        await service.ask(staffed, worse, by=MAYOR, saw=SAW)
    await service.ask(staffed, LINES, by=MAYOR, saw=SAW)
    with pytest.raises(NotNow):
        await service.confirm(staffed, worse, by=ADMIN, saw=SAW)
    with pytest.raises(NotNow):
        await service.confirm(staffed, worse, by=ADMIN, saw=service.seeing(worse))
    assert not (await opening_of(staffed.ledger, COMMUNE)).live


async def test_one_person_takes_it_out_of_service_with_a_reason(staffed: Office) -> None:
    await service.ask(staffed, LINES, by=MAYOR, saw=SAW)
    await service.confirm(staffed, LINES, by=ADMIN, saw=SAW)
    with pytest.raises(NotSo):
        await service.close(staffed, by=DEPUTY, reason="  ")
    await service.close(staffed, by=DEPUTY, reason="fournisseur en litige")
    closed = await opening_of(staffed.ledger, COMMUNE)
    assert (closed.state, closed.closed_by, closed.reason) == (
        "closed", "marc", "fournisseur en litige",
    )  # fmt: skip
    with pytest.raises(NotNow):
        await service.confirm(staffed, LINES, by=MAYOR, saw=SAW)


async def test_a_request_of_yesterday_is_not_confirmed(staffed: Office) -> None:
    await service.ask(staffed, LINES, by=MAYOR, saw=SAW)
    async with staffed.ledger.writing() as connection:
        await connection.execute(text("UPDATE in_service SET asked_at = asked_at - 86401"))
    with pytest.raises(NotNow):
        await service.confirm(staffed, LINES, by=ADMIN, saw=SAW)


async def test_who_lost_her_access_is_no_first_person(staffed: Office) -> None:
    await service.ask(staffed, LINES, by=ADMIN_TOO, saw=SAW)
    async with staffed.ledger.writing() as connection:
        await connection.execute(text("UPDATE users SET disabled_at = 1 WHERE login = 'paul'"))
    with pytest.raises(NotNow):
        await service.confirm(staffed, LINES, by=MAYOR, saw=SAW)


async def test_of_two_at_the_same_instant_one_moves_it(staffed: Office) -> None:
    read = await opening_of(staffed.ledger, COMMUNE)
    await service.ask(staffed, LINES, by=MAYOR, saw=SAW)
    line = staffed.line("x", "service.asked", "x")
    step = in_service.Step("live", {}, line, Announcement("x", "x"))
    assert not await in_service.move(staffed.ledger, COMMUNE, read, step=step)
    assert (await opening_of(staffed.ledger, COMMUNE)).state == "asked"


async def approved(office: Office, mode: str = "real") -> str:
    """Have an alert approved, ready to be launched."""
    author, approver = Actor("rac", "rac"), Actor("helene", "dos")
    wanted = Wanted(
        template="danger_immediat",
        sectors=("bas_bourg",),
        mode=mode,
        public_informed=True,
        players=("contact:maire",) if mode == "exercise" else (),
        blanks={"tel": "03 25 00 00 00"},
    )
    alert = await life.make_draft(office, wanted, actor=author)
    await life.submit(office, alert, actor=author, night_confirmed=True)
    await life.approve(office, alert, actor=approver)
    return alert


@pytest.mark.parametrize(
    ("mode", "held"),
    [("real", True), ("public_test", True), ("exercise", False), ("rehearsal", False)],
)
async def test_what_reaches_people_by_a_real_provider_waits_for_the_service(
    staffed: Office, mode: str, *, held: bool
) -> None:
    office = replace(staffed, granted=REAL)
    version = await life.find(office, await approved(office, mode))
    content = Content.of(version.content)
    if held:
        with pytest.raises(NotNow, match="Prêt"):
            await check_in_service(office, content)
        with pytest.raises(NotNow, match="Prêt"):
            await life.launch(
                office, version.alert_id, actor=Actor("rac", "rac"), night_confirmed=True
            )
    else:
        await check_in_service(office, content)
    await check_in_service(office, content, kind="update")  # a mistake is mended
    await check_in_service(staffed, content)  # with the sandbox nothing real can leave
    await service.ask(office, LINES, by=MAYOR, saw=SAW)
    await service.confirm(office, LINES, by=ADMIN, saw=SAW)
    await check_in_service(office, content)


async def test_a_medium_of_the_sandbox_alone_is_not_held_back(staffed: Office) -> None:
    office = replace(staffed, granted={"email": Granted(1.0, 0.0, real=True)})
    version = await life.find(office, await approved(office))
    content = replace(Content.of(version.content), media=("sms",))
    await check_in_service(office, content)


async def test_the_emergency_procedure_waits_for_the_service_too(staffed: Office) -> None:
    office = replace(staffed, granted=REAL)
    asked = Emergency(template="danger_immediat", sectors=("bas_bourg",), reason="rupture")
    mayor = Actor("helene", "dos")
    with pytest.raises(NotNow, match="Prêt"):
        await overriding.hold(office, asked, actor=mayor)
    await service.ask(office, LINES, by=MAYOR, saw=SAW)
    await service.confirm(office, LINES, by=ADMIN, saw=SAW)
    alert = await overriding.hold(office, asked, actor=mayor)
    await service.close(office, by=MAYOR, reason="fournisseur en litige")
    async with office.ledger.writing() as connection:  # the minute of its hold passes
        await connection.execute(text("UPDATE overrides SET leaves_at = leaves_at - 61"))
    assert not await Holds(office.ledger, office_of=lambda _: office).turn()
    held = await overrides.override_of(office.ledger, COMMUNE, alert)
    assert held is not None
    assert held.state == "lost"


LAUNCHED = (
    "INSERT INTO alerts (commune, alert_id, mode, title, created_by, created_at)"
    " VALUES ('{c}', 'a', '{mode}', 'Crue', 'x', 1)",
    "INSERT INTO versions (commune, version_id, alert_id, state, content, digest, expires_at,"
    " launched_at) VALUES ('{c}', 'v', 'a', 'launched', '{{}}', 'd', 9e9, 7)",
    "INSERT INTO deliveries (commune, delivery_id, version_id, medium, contact, language, route,"
    " position, state, next_at, provider) VALUES ('{c}', 'd', 'v', 'sms', '+33699000001', 'fr',"
    " 'live', 0, 'delivered', 0, '{provider}')",
)


@pytest.fixture(params=["sqlite", "postgresql"])
async def before(request: pytest.FixtureRequest, tmp_path: object) -> AsyncIterator[str]:
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/before.sqlite"
        return
    async with fresh_database(request.getfixturevalue("postgres_url")) as url:
        yield url


async def test_who_launched_for_real_before_is_in_service_and_nobody_else(before: str) -> None:
    await migrate(before, to="0023")
    known = {
        "10001": ("real", "twilio-sms"),
        "10002": ("real", "sandbox-sms"),
        "10003": ("exercise", "twilio-sms"),
        "10004": ("real", "rehearsal-sms"),
    }
    async with opened(before) as ledger, ledger.writing() as connection:
        for commune, (mode, provider) in known.items():
            for statement in LAUNCHED:
                filled = statement.format(c=commune, mode=mode, provider=provider)
                await connection.execute(text(filled))
    await migrate(before, ring=RING)
    async with opened(before) as ledger:
        live = [one for one in known if (await opening_of(ledger, one)).live]
    assert live == ["10001"]


async def test_a_refusal_changes_nothing(staffed: Office) -> None:
    for act in (
        service.confirm(staffed, LINES, by=MAYOR, saw=SAW),
        service.close(staffed, by=MAYOR, reason="x"),
        service.ask(staffed, LINES, by=RAC, saw=SAW),
    ):
        with pytest.raises(AlertRefused):
            await act
    assert await opening_of(_ledger(staffed), COMMUNE) == in_service.Opening()


def _ledger(office: Office) -> Ledger:
    return office.ledger
