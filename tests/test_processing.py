"""The register of processing and the starter of the impact assessment, from the real schema."""

import pytest

from channels.contract import AccountSettings
from dispatcher.delivery.accounts import Route
from dispatcher.privacy.impact import impact_of, register_of
from dispatcher.privacy.kinds import KINDS
from dispatcher.privacy.processing import ACTIVITIES, homeless, shown, tables_of
from dispatcher.privacy.processors import TO_FILL, US, of_accounts
from dispatcher.store.ledger import Ledger
from dispatcher.store.sealed_columns import SEALED
from dispatcher.store.tables import contacts
from dispatcher.store.whole_schema import metadata
from tests.situations import load_example_plan, office
from tests.test_schema import homes_of_tables

TWILIO = Route("sms", "live", AccountSettings("twilio-sms", "twilio-sms", 10.0))
MAIL = Route(
    "email",
    "live",
    AccountSettings("smtp", "smtp", 10.0, values={"host": "smtp.fournisseur.example"}),
)
PRETEND = Route("voice", "live", AccountSettings("essai", "twilio-voice", 10.0, sandbox=True))


def test_no_table_is_without_an_activity_or_in_two() -> None:
    homes_of_tables()  # whatever a room declares
    assert homeless() == []


def test_a_table_that_nobody_placed_is_found(request: pytest.FixtureRequest) -> None:
    stray = contacts.to_metadata(metadata, name="stray_people")
    request.addfinalizer(lambda: metadata.remove(stray))
    assert homeless() == ["stray_people"]


def test_every_period_is_in_an_activity_and_every_sealed_column_is_shown_as_such() -> None:
    assert {kind for one in ACTIVITIES for kind in one.clocks} == {one.kind for one in KINDS}
    for one in SEALED:
        assert one.column.name in shown(one.column.table).sealed
    assert {"identity", "reach"} <= set(shown(metadata.tables["vulnerable_people"]).sealed)
    clear = {
        f"{table.name}.{one}"
        for act in ACTIVITIES
        for table in tables_of(act)
        for one in table.clear
    }
    assert {"persons.name", "contacts.value", "homes.label"}.isdisjoint(clear)


async def test_the_register_says_ground_readers_periods_and_processors(ledger: Ledger) -> None:
    await load_example_plan(ledger)
    told = await register_of(office(ledger), of_accounts([TWILIO, MAIL, PRETEND]))
    assert isinstance(told["activities"], list)
    for one in told["activities"]:
        assert all(one[name] for name in ("title", "purpose", "ground", "people", "readers"))
        assert one["tables"]
    assert isinstance(told["processors"], list)
    assert [(one["name"], one["transfer"]) for one in told["processors"]] == [
        ("twilio-sms", US),
        ("smtp (smtp.fournisseur.example)", TO_FILL),
    ]


async def test_the_starter_has_the_four_parts_and_leaves_what_only_people_can_judge(
    ledger: Ledger,
) -> None:
    await load_example_plan(ledger)
    text = await impact_of(office(ledger), of_accounts([TWILIO]))
    for part in ("## 1. Contexte", "## 2. Principes", "## 3. Risques", "## 4. Validation"):
        assert part in text
    assert "twilio-sms" in text
    assert text.count(TO_FILL) > 8
    for one in KINDS:
        assert f"{one.said} : {one.days} jours" in text
