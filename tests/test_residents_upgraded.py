"""A ledger that held its residents in clear seals them as it is brought up to date."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy import select, text

from dispatcher.store.double_tables import door_names
from dispatcher.store.edition import KeysNeeded
from dispatcher.store.help_calls import open_calls
from dispatcher.store.help_whose import whose
from dispatcher.store.ledger import Ledger
from dispatcher.store.migrate import migrate
from dispatcher.store.mission_doors import doors_in, results_of
from dispatcher.store.mission_rows import mission_of
from dispatcher.store.namesakes import find_ids
from dispatcher.store.people import Contact
from dispatcher.store.places import home_places
from dispatcher.store.register_rows import door_name_marks
from dispatcher.store.registered import named
from dispatcher.store.registers import Home, Resident
from dispatcher.store.replies import known_by, to_read, was_warned
from dispatcher.store.rights import export_person
from dispatcher.store.team_rows import timeline
from dispatcher.store.versions import version_by_id
from tests.keyring import RING, opened
from tests.ledgers import DATABASES, fresh_database
from tests.stolen import everything

CLEAR = "0038"
LINE = "INSERT INTO {table} ({names}) VALUES ({values})"
ORDER = {
    "title": "Mission : Chez Canari",
    "texts": {"fr": {"sms": "MISSION T1. Chez Canari. 12 rue du Canari au fond Dites: {lien}",
                     "voice": "Mission pour T1. Chez Canari. 12 rue du Canari au fond"}},
}  # fmt: skip
WRITTEN: tuple[tuple[str, dict[str, object]], ...] = (
    ("alerts", {"alert_id": "a", "mode": "real", "title": "Crue", "created_by": "x",
                "created_at": 1}),
    ("versions", {"version_id": "v", "alert_id": "a", "state": "finished", "content": "{}",
                  "digest": "d", "expires_at": 2}),
    ("persons", {"person_id": "one", "source": "import", "external_id": "A", "name": "Léa CANARI",
                 "language": "fr", "languages": '["fr"]', "media": "[]"}),
    ("contacts", {"person_id": "one", "kind": "mobile", "value": "+33639980001"}),
    ("contacts", {"person_id": "one", "kind": "email", "value": "lea@canari.example", "rank": 1}),
    ("homes", {"person_id": "one", "label": "12 rue du Canari", "place_key": "12 rue du canari"}),
    ("addresses", {"address_id": "1", "label": "12 Rue du Canaris", "street": "Rue du Canaris",
                   "place_key": "12 rue du canari", "lon": 5.0, "lat": 47.0}),
    ("deliveries", {"delivery_id": "d1", "version_id": "v", "medium": "sms",
                    "contact": "+33639980001", "language": "fr", "route": "live", "position": 0,
                    "state": "delivered", "next_at": 0}),
    ("deliveries", {"delivery_id": "d2", "version_id": "v", "medium": "sms",
                    "contact": "erased:d2", "language": "fr", "route": "live", "position": 1,
                    "state": "delivered", "next_at": 0}),
    ("replies", {"sid": "s1", "kind": "stop", "medium": "sms", "account": "t",
                 "contact": "+33639980001", "body": "STOP canari", "said": "stop_warned",
                 "received_at": 9e9}),
    ("help_calls", {"call_id": "c1", "alert_id": "a", "mode": "real", "subject": "old",
                    "delivery_id": "d1", "via": "page", "came_at": 9e9}),
    ("mission_doors", {"mission": "m", "door": "x", "place": 0, "street": "rue du Canari",
                       "label": "12 rue du Canari", "people": '["one"]',
                       "note": "Mme Canari"}),
    ("missions", {"mission": "m", "mode": "real", "kind": "assist", "title": "Chez Canari",
                  "text": "12 rue du Canari\nau fond", "urgency": 1, "place_in_line": 0,
                  "origin": "help", "origin_ref": "c1", "state": "done", "since": 1,
                  "missing": "[]", "gaps": 0, "made_by": "x", "made_at": 1, "changed_at": 1}),
    ("alerts", {"alert_id": "w", "mode": "real", "title": "Mission : Chez Canari",
                "created_by": "x", "created_at": 1}),
    ("versions", {"version_id": "w-1", "alert_id": "w", "state": "finished", "kind": "summons",
                  "content": json.dumps(ORDER), "digest": "d", "expires_at": 2}),
    ("mission_tellings", {"mission": "m", "ordered_at": 1, "number": 0, "what": "told",
                          "people": "[]", "wave": "w", "told_at": 1}),
    ("door_results", {"report_id": "r1", "mission": "m", "door": "x", "result": "help",
                      "note": "Mme Canari", "at": 1, "recorded_at": 1, "source": "phone",
                      "author": "t"}),
    ("field_reports", {"report_id": "r2", "mission": "m", "at": 1, "recorded_at": 1,
                       "ordered": 0, "note": "Porte 9 rue du Canari : vide", "source": "phone",
                       "author": "t"}),
)  # fmt: skip


@pytest.fixture(params=DATABASES)
async def clear(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """Give the address of a ledger in use from before anything of a resident was sealed."""
    async with AsyncExitStack() as stack:
        url = f"sqlite+aiosqlite:///{tmp_path}/ledger.sqlite"
        if request.param == "postgresql":
            server = request.getfixturevalue("postgres_url")
            url = await stack.enter_async_context(fresh_database(server))
        await migrate(url, to=CLEAR)
        async with opened(url) as ledger, ledger.writing() as connection:
            for table, said in WRITTEN:
                row = {"commune": "99117", **said}
                statement = LINE.format(
                    table=table, names=", ".join(row), values=", ".join(f":{one}" for one in row)
                )
                await connection.execute(text(statement), row)
            await connection.execute(
                text("INSERT INTO recipients SELECT serial, 'one' FROM deliveries")
            )
        yield url


@pytest.fixture
async def sealed(clear: str) -> AsyncIterator[Ledger]:
    """Give that ledger, brought up to date."""
    await migrate(clear, ring=RING)
    async with opened(clear) as ledger:
        yield ledger


async def test_who_was_there_is_found_by_her_name(sealed: Ledger) -> None:
    for sought, whom in (("lea canari", ["one"]), ("CANARI", ["one"]), ("can", [])):
        assert await named(sealed, "99117", sought, most=5) == whom


async def test_whoever_was_there_is_compared_with_who_enrols_since(sealed: Ledger) -> None:
    door = (Home("12 rue du Canari", "12 rue du canari"),)
    marks = door_name_marks(sealed.ring, Resident(None, "CANARI Léa", ("fr",), homes=door))
    kept = select(door_names.c.mark).where(door_names.c.person_id == "one")
    assert await sealed.read(lambda one: list(one.execute(kept).scalars())) == marks


async def test_all_that_was_clear_is_sealed_and_given_back(sealed: Ledger) -> None:
    stolen = (
        (await everything(sealed)).replace("rue du canaris", "").replace("12 rue du canari", "", 1)
    )  # the commune's own addresses are public
    assert [one for one in ("canari", "39980001", "erased") if one in stolen] == []
    copy = await export_person(sealed, "99117", "one")
    assert copy is not None
    assert (copy["name"], copy["homes"][0]["label"]) == ("Léa CANARI", "12 rue du Canari")
    assert [one["value"] for one in copy["contacts"]] == ["+33639980001", "lea@canari.example"]
    assert [one["contact"] for one in copy["messages"]] == ["+33639980001", ""]
    assert [(one.street, one.label) for one in await doors_in(sealed, "99117", "m")] == [
        ("rue du Canari", "12 rue du Canari")
    ]


async def test_what_teams_were_told_and_found_is_given_back_to_who_may_read_it(
    sealed: Ledger,
) -> None:
    mission = await mission_of(sealed, "99117", "m")
    assert mission is not None
    assert (mission.title, mission.text) == ("Chez Canari", "12 rue du Canari\nau fond")
    assert [one.note for one in await doors_in(sealed, "99117", "m")] == ["Mme Canari"]
    assert [one.note for one in await results_of(sealed, "99117", "m")] == ["Mme Canari"]
    (report,) = await timeline(sealed, "99117", mission="m")
    assert report.note == "Porte 9 rue du Canari : vide"
    order = await version_by_id(sealed, "99117", "w-1")
    assert order is not None
    assert order.content["texts"]["fr"] == {
        "sms": "MISSION T1. {mission}. {consignes} Dites: {lien}",
        "voice": "Mission pour T1. {mission}. {consignes}",
    }


async def test_she_is_found_by_all_that_found_her_before(sealed: Ledger) -> None:
    same = Resident(
        None, "LEA Canari", ("fr",), contacts=(Contact("mobile", "+33639980001"),),
        homes=(Home("12 rue du Canari", "12 rue du canari"),),
    )  # fmt: skip
    async with sealed.reading() as connection:
        assert await find_ids(connection, "99117", [same], ring=RING) == ["one"]
    assert len(await known_by(sealed, "+33639980001", communes=["99117"])) == 1
    assert await was_warned(sealed, "+33639980001")
    assert [one.body for one in await to_read(sealed, "99117")] == ["STOP canari"]
    assert (await home_places(sealed, "99117")).lon.tolist() == [5.0]  # by her door
    (call,) = await open_calls(sealed, "99117")
    assert (await whose(sealed, call)).contact == "+33639980001"


async def test_people_are_not_brought_up_to_date_without_keys_and_nothing_is_lost(
    clear: str,
) -> None:
    with pytest.raises(KeysNeeded):
        await migrate(clear)
    async with opened(clear) as ledger, ledger.reading() as connection:
        names = await connection.execute(text("SELECT name FROM persons"))
        assert list(names.scalars()) == ["Léa CANARI"]
    await migrate(clear, ring=RING)


@pytest.mark.parametrize("clear", ["sqlite"], indirect=True)
async def test_the_file_holds_nothing_of_what_was_clear(clear: str) -> None:
    path = Path(clear.split("///", 1)[1])
    assert b"+33639980001" in path.read_bytes()
    await migrate(clear, ring=RING)
    left = b"".join(one.read_bytes() for one in path.parent.glob("ledger.sqlite*"))
    for said in (b"+33639980001", "Léa".encode(), b"lea@canari", b"STOP canari"):
        assert said not in left
