"""The crisis binder: whole, sealed for one key, off the server each night, or an alarm says not."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from dispatcher.alarms.daily import Round
from dispatcher.alarms.telling import OnCall
from dispatcher.alerts.office import Office
from dispatcher.alerts.plan_in_force import in_force
from dispatcher.binder.contents import ToReach, form
from dispatcher.binder.envelope import EnvelopeRefused, new_key, seal, unseal
from dispatcher.binder.making import Binder, build, layers
from dispatcher.binder.maps import Frame, sector_map
from dispatcher.binder.nightly import Night, step
from dispatcher.binder.shelving import NotShelved, shelve
from dispatcher.logbook.export import check_export
from dispatcher.logbook.signature import public_key
from dispatcher.logbook.typesetting import typeset
from dispatcher.settings import BinderSettings
from dispatcher.store import alarms, logbook
from dispatcher.store.ledger import Ledger
from plans.people import OnCall as PlanOnCall
from plans.plan import Plan
from tests.hostile import HOSTILE
from tests.outgoing import KEYS, crowd, settle_in
from tests.situations import COMMUNE, Planned, load_example_plan, office, write_alert

KEY, RECIPIENT = new_key()
NIGHT = datetime(2026, 11, 24, 3, 30, tzinfo=UTC)
BRUZ = Binder("classeur-99117-2026-11-24.tocsin", b"x", 1)


@pytest.fixture
async def town(ledger: Ledger) -> Office:
    """Open the example commune, with some people."""
    await load_example_plan(ledger)
    await settle_in(ledger, crowd(7), commune=COMMUNE)
    return office(ledger)


async def _plan(town: Office) -> Plan:
    return (await in_force(town)).plan


@pytest.fixture
def share(tmp_path: Path) -> Path:
    folder = tmp_path / "partage"
    folder.mkdir()
    return folder


def opened(sealed: bytes) -> Mapping[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(unseal(sealed, KEY))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _table_of(made: Mapping[str, object], title: str) -> tuple[list[str], list[list[str]]]:
    tables = made["tables"]
    assert isinstance(tables, list)
    found = next(one for one in tables if one["title"] == title)
    assert len(found["widths"]) == len(found["head"])
    return found["head"], found["rows"]


async def test_the_paper_says_who_is_on_call_and_has_where_to_write_who_was_alerted(
    town: Office,
) -> None:
    plan = await _plan(town)
    official, technician = plan.contacts[0], plan.contacts[1]
    weeks = tuple(
        PlanOnCall(week, official.id, technician.id)
        for week in ("2026-W49", "2026-W47", "2026-W48", "2027-W01")
    )
    made = form(replace(plan, on_call=weeks), [], ground=(), now=NIGHT)
    head, rows = _table_of(made, "Astreinte")
    assert head == ["Semaine", "Élu d'astreinte", "Agent d'astreinte", "Alerté ? à"]
    assert [row[0] for row in rows] == [  # what is over is left out
        "CETTE SEMAINE\ndu 23/11 au 29/11/2026", "du 30/11 au 06/12/2026", "du 04/01 au 10/01/2027",
    ]  # fmt: skip
    assert rows[0][1].startswith(official.full_name)
    assert official.phones[0] in rows[0][1]
    assert rows[0][2].startswith(technician.full_name)
    for title in ("Astreinte", "Qui fait quoi", "Annuaire", "Services extérieurs", "Centres"):
        head, rows = _table_of(made, title)
        assert (head[-1], {row[-1] for row in rows}, len({*map(len, rows)})) == (
            "Alerté ? à", {""}, 1,
        )  # fmt: skip
    made = form(replace(plan, on_call=()), [], ground=(), now=NIGHT)
    assert _table_of(made, "Astreinte")[1] == []
    assert (await typeset("binder", made)).startswith(b"%PDF-")


async def test_a_binder_holds_paper_tables_map_plan_and_the_signed_logbook(town: Office) -> None:
    binder = await build(town, recipient=RECIPIENT, by="rac")
    held = opened(binder.sealed)
    assert held["classeur.pdf"].startswith(b"%PDF-")
    assert b"pdfuaid:part" in held["classeur.pdf"]
    calls = list(csv.DictReader(io.StringIO(held["appels.csv"].decode("utf-8-sig")), delimiter=";"))
    assert len(calls) == binder.people > 7  # the plan's own sites too
    assert sum(one["telephones"].startswith("'+3363998") for one in calls) >= 7
    assert {"secteur", "centre", "zone_alea"} <= {
        one["properties"]["couche"] for one in json.loads(held["carte.geojson"])["features"]
    }
    assert "plan/pcs.yaml" in held
    log = held["main-courante.jsonl"].splitlines(keepends=True)
    seal_ = check_export(log, trusted_key=public_key(town.logbook_key))
    last = (await logbook.read(town.ledger, COMMUNE, limit=1, newest=True))[0]
    assert (last.kind, last.data["sha256"]) == ("binder.made", binder.sha256)
    assert seal_.entries == last.number - 1
    assert "+336" not in str(last)


def test_only_its_own_private_key_opens_an_envelope() -> None:
    sealed = seal(b"confidentiel" * 9, RECIPIENT)
    assert b"confidentiel" not in sealed
    assert unseal(sealed, f"  {KEY}\n") == b"confidentiel" * 9
    assert seal(b"x", RECIPIENT) != seal(b"x", RECIPIENT)
    with pytest.raises(EnvelopeRefused, match="n'ouvre pas"):
        unseal(sealed, new_key()[0])


# The last: a bit of the public key that X25519 itself does not look at.
@pytest.mark.parametrize(("at", "bit"), [(17, 1), (40, 1), (55, 1), (70, 1), (-1, 1), (47, 0x80)])
def test_an_envelope_that_was_touched_is_refused(at: int, bit: int) -> None:
    sealed = bytearray(seal(b"confidentiel", RECIPIENT))
    sealed[at] ^= bit
    with pytest.raises(EnvelopeRefused):
        unseal(bytes(sealed), KEY)


@pytest.mark.parametrize(
    "wrong",
    ["", "tocsin-binder-", "tocsin-binder-aaaa", KEY, RECIPIENT[:-4]],
    ids=["nothing", "a name alone", "four signs", "the secret", "four signs short"],
)
def test_a_faulty_recipient_is_told_and_nothing_is_sealed(wrong: str) -> None:
    with pytest.raises(EnvelopeRefused, match="TOCSIN_BINDER_RECIPIENT"):
        seal(b"x", wrong)
    with pytest.raises(EnvelopeRefused, match="pas un classeur"):
        unseal(b"PK\x03\x04", KEY)


async def test_every_sector_has_a_map_drawn_from_the_plan(town: Office) -> None:
    from_plan = await _plan(town)
    for sector in from_plan.sectors:
        drawn = sector_map(from_plan, sector)
        assert drawn.svg.count("<path") >= len(from_plan.sectors)
        assert " m</text>" in drawn.svg
        assert drawn.svg.count('fill="#ffffff">') == len(drawn.legend) > 0
    assert len(layers(from_plan)["features"]) > 10  # type: ignore[arg-type]


def test_a_map_keeps_north_up_and_the_same_scale_both_ways() -> None:
    frame = Frame.of((5.0, 47.0, 5.02, 47.02))
    west, north = frame.point(5.0, 47.02)
    east, south = frame.point(5.02, 47.0)
    assert west < east
    assert north < south
    assert (east - west) / (south - north) == pytest.approx(0.682, abs=0.005)  # cos 47.01°


async def test_hostile_names_print_and_are_drawn_as_text(town: Office) -> None:
    plan = await _plan(town)
    people = [ToReach(x, x, x[:9], x, (x,), (x,), "fr", x) for x in HOSTILE]
    ground: list[Mapping[str, object]] = [
        {"type": "LineString", "coordinates": [[5.0, 47.7], [5.1, 47.8]]}
    ]
    pdf = await typeset("binder", form(plan, people, ground=ground, now=NIGHT))
    assert pdf.startswith(b"%PDF-")


async def test_a_copy_is_whole_or_not_there_and_old_ones_leave(tmp_path: Path) -> None:
    names = ("classeur-99117-2026-11-01.tocsin", "classeur-99117-2026-11-20.tocsin",
             "classeur-35047-2026-01-01.tocsin", "autre.txt")  # fmt: skip
    for name in names:
        (tmp_path / name).write_bytes(b"old")
    where = await shelve(BRUZ, str(tmp_path), keep_days=14)
    assert Path(where).read_bytes() == b"x"
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted((*names[1:], BRUZ.name))


async def test_a_share_that_is_not_mounted_is_told_and_no_folder_is_made(tmp_path: Path) -> None:
    with pytest.raises(NotShelved, match="n'est pas là"):
        await shelve(BRUZ, str(tmp_path / "partage"), keep_days=14)
    assert not (tmp_path / "partage").exists()
    with pytest.raises(NotShelved, match="https"):
        await shelve(BRUZ, "http://partage.example/", keep_days=14)
    with pytest.raises(NotShelved, match="ne répond pas") as said:
        await shelve(BRUZ, "https://nom:secret@127.0.0.1:1/", keep_days=14)
    assert "secret" not in str(said.value)


def night(town: Office, to: str, recipient: str = RECIPIENT) -> Night:
    people = OnCall((), lambda: (), "")
    zone = ZoneInfo("Europe/Paris")
    one = Round(town.ledger, people, town.logbook_key, 10, zone, KEYS)
    settings = BinderSettings(to=SecretStr(to), recipient=recipient, hour=2, keep_days=14)
    return Night(one, settings)


async def test_each_night_makes_one_binder_whoever_comes(town: Office, share: Path) -> None:
    early = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)  # half past one there
    assert await step(night(town, str(share)), now=early) == []
    assert await step(night(town, str(share)), now=NIGHT) == [COMMUNE]
    assert await step(night(town, str(share)), now=NIGHT) == []
    (copy,) = share.iterdir()
    assert opened(copy.read_bytes())


async def test_an_alert_in_force_is_waited_for_three_hours_and_no_longer(
    town: Office, share: Path
) -> None:
    await write_alert(town.ledger, Planned())
    assert await step(night(town, str(share)), now=NIGHT) == []  # half past four there
    later = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
    assert await step(night(town, str(share)), now=later) == [COMMUNE]


async def test_a_night_without_a_binder_raises_an_alarm_that_the_next_one_ends(
    town: Office, tmp_path: Path
) -> None:
    share = tmp_path / "absent"
    assert await step(night(town, str(share)), now=NIGHT) == []
    (standing,) = await alarms.standing(town.ledger)
    assert standing.raised.kind == "binder"
    assert "n'est pas là" in standing.raised.problem
    share.mkdir()
    next_night = datetime(2026, 11, 25, 3, 30, tzinfo=UTC)
    assert await step(night(town, str(share)), now=next_night) == [COMMUNE]
    assert await alarms.standing(town.ledger) == []


async def test_nothing_leaves_the_house_without_a_recipient(town: Office, share: Path) -> None:
    assert await step(night(town, str(share), recipient=""), now=NIGHT) == []
    assert list(share.iterdir()) == []
    (standing,) = await alarms.standing(town.ledger)
    assert "TOCSIN_BINDER_RECIPIENT" in standing.raised.problem
