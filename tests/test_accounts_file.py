"""Further accounts come from one file: whole, or refused with every fault and no secret told."""

import asyncio
import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from dispatcher.delivery.accounts import PRETENDED, callback_keys, granted, live_media, routes
from dispatcher.delivery.accounts_file import AccountsFault, file_accounts
from dispatcher.delivery.pretending import NoSandbox
from tests.sandbox_process import ROOT, running_sandbox
from tests.test_cli import tocsin

SECRET = "never-to-be-shown"
HTTP_SMS = """
[[account]]
name = "sms-second"
kind = "http-sms"
weight = 49
rate_per_s = 8
cost_eur = 0.06
[account.values]
url = "https://sms.example/v1/messages"
sender = "Vaubrenne"
fields = { to = "{to}", body = { text = "{text}" }, hook = "{callback}" }
answer = { reference = "id" }
receipt = { status = "st", statuses = { OK = "delivered" } }
[account.secrets]
key = { file = "KEY" }
"""
SECOND_TWILIO = """
[[account]]
name = "twilio-second"
kind = "twilio-sms"
rate_per_s = 5
[account.values]
account_sid = "AC00000000000000000000000000000002"
sender = "Vaubrenne"
[account.secrets]
auth_token = { env = "TOCSIN_SECOND_TOKEN" }
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Name a file of accounts, and where its secrets are."""
    (tmp_path / "key").write_text(f"{SECRET}\n")
    monkeypatch.setenv("TOCSIN_SECOND_TOKEN", SECRET)
    monkeypatch.setenv("TOCSIN_ACCOUNTS_FILE", str(tmp_path / "accounts.toml"))
    return tmp_path / "accounts.toml"


def write(file: Path, *tables: str) -> None:
    text = "".join(tables)
    for name in ("key", "right"):
        text = text.replace(name.upper(), str(file.parent / name))
    file.write_text(text)


def faults(file: Path, *tables: str) -> list[str]:
    write(file, *tables)
    with pytest.raises(AccountsFault) as caught:
        file_accounts(file, taken=["twilio-sms"])
    assert SECRET not in str(caught.value)
    return caught.value.faults


def test_accounts_are_read_with_their_secrets_hidden(file: Path) -> None:
    write(file, HTTP_SMS, SECOND_TWILIO)
    first, second = file_accounts(file)
    assert (first.medium, first.account.weight, first.account.rate_per_s) == ("sms", 49, 8.0)
    assert json.loads(first.account.values["fields"])["body"] == {"text": "{text}"}
    assert first.account.secrets["key"].get_secret_value() == SECRET
    assert second.account.secrets["auth_token"].get_secret_value() == SECRET
    assert SECRET not in repr((first, second))


def test_no_file_no_account() -> None:
    assert file_accounts(None) == ()


def test_every_fault_is_told_at_once_with_what_to_do(file: Path) -> None:
    wrong = """
    [[account]]
    name = "Second_SMS"
    kind = "pigeon"
    weight = 0
    rate_per_s = 0
    cost_eur = -1
    colour = "red"
    [account.secrets]
    key = "never-to-be-shown"
    token = { env = "HOME" }
    other = { env = "TOCSIN_NOT_SET" }
    lost = { file = "/nowhere/at/all" }
    """
    told = faults(file, wrong, HTTP_SMS.replace("{text}", "{words}"), SECOND_TWILIO * 2)
    for said in (
        "Second_SMS: name:", "Second_SMS: kind: use one of http-sms", "Second_SMS: weight:",
        "Second_SMS: rate_per_s:", "Second_SMS: cost_eur:", "Second_SMS: colour: unknown",
        "Second_SMS: secrets.key: give", "Second_SMS: secrets.token:", "Second_SMS: secrets.other:",
        "Second_SMS: secrets.lost:", "sms-second: values.fields: {words} is no blank",
        "sms-second: values.fields: {text} is nowhere", "twilio-second: two accounts",
    ):  # fmt: skip
        assert any(one.startswith(said) for one in told), (said, told)


@pytest.mark.parametrize(
    "text", ["", "account = 3", "[other]", "[[account]", "account = [3]", "\ud800"]
)
def test_what_is_no_file_of_accounts_is_told(file: Path, text: str) -> None:
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(AccountsFault, match=r"accounts\.toml"):
        file_accounts(file)


def test_a_file_that_is_not_there_is_told_by_its_setting(tmp_path: Path) -> None:
    with pytest.raises(AccountsFault, match="TOCSIN_ACCOUNTS_FILE"):
        file_accounts(tmp_path / "none.toml")


def test_a_name_of_the_environments_accounts_is_taken(file: Path) -> None:
    told = faults(file, SECOND_TWILIO.replace("twilio-second", "twilio-sms"))
    assert told == ["twilio-sms: two accounts have this name, change one."]


@pytest.mark.parametrize(
    ("kind", "lacks"), [("smtp", "values.host"), ("webhook", "secrets.signing")]
)
def test_each_kind_says_what_it_cannot_do_without(file: Path, kind: str, lacks: str) -> None:
    told = faults(file, f'[[account]]\nname = "x"\nkind = "{kind}"\nrate_per_s = 1\n')
    assert any(one.startswith(f"x: {lacks}") for one in told)


def test_they_grant_their_rates_together_and_cost_the_dearest(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_TWILIO_ACCOUNT", "AC" + "0" * 32)
    monkeypatch.setenv("TOCSIN_TWILIO_SMS_COST_EUR", "0.05")
    write(file, HTTP_SMS, SECOND_TWILIO)
    assert (granted()["sms"].per_second, granted()["sms"].cost_eur) == (10.0 + 8.0 + 5.0, 0.06)
    assert live_media() == {"sms", "voice"}


def test_callbacks_of_every_account_can_be_proved(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_TWILIO_ACCOUNT", "AC" + "0" * 32)
    monkeypatch.setenv("TOCSIN_TWILIO_AUTH_TOKEN", "the-first")
    write(file, HTTP_SMS, SECOND_TWILIO)
    with pytest.raises(NoSandbox):
        routes(tmp_path)
    keys = callback_keys(tmp_path)
    assert keys.twilio == ("the-first", SECRET)
    assert set(keys.receipts) == {"sms-second"}


async def test_the_sandbox_stands_in_with_two_operators_for_sms(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path / "sandbox"):
        found = routes(tmp_path)
    live = [one for one in found if one.route == "live"]
    names = [one.account.name for one in live if one.medium == "sms"]
    assert names == ["sandbox-sms", "sandbox-texto"]
    assert Counter(one.medium for one in live) == PRETENDED  # what estimates count on


async def test_provider_check_asks_every_account(file: Path, tmp_path: Path) -> None:
    async with running_sandbox(tmp_path / "sandbox") as sandbox:
        asked = f'check = {{ url = "{sandbox.http}/texto/v1/account" }}\nfields'
        here = HTTP_SMS.replace("https://sms.example", sandbox.http).replace("fields", asked)
        write(file, here, here.replace("sms-second", "sms-third").replace("KEY", "RIGHT"))
        (tmp_path / "right").write_text(sandbox.texto_key)
        code, said, _ = await asyncio.to_thread(
            tocsin, "provider", "check", "--json", data_dir=tmp_path
        )
    found = {one["account"]: one["ok"] for one in said["accounts"]}
    assert code == 1
    assert found == {
        "sms-second": False, "sms-third": True,
        "sandbox-voice": True, "sandbox-email": True, "sandbox-webhook": True,
    }  # fmt: skip


def test_a_faulty_file_stops_any_command_with_its_sentences(file: Path, tmp_path: Path) -> None:
    write(file, HTTP_SMS.replace("weight = 49", "weight = 0"))
    code, _, err = tocsin("provider", "check", data_dir=tmp_path)
    assert code == 1
    assert "sms-second: weight:" in err
    assert "Traceback" not in err


def test_the_readmes_example_can_be_used_as_it_is(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_SMS_SECOND_RECEIPTS", SECRET)
    example = (ROOT / "README.md").read_text().split("```toml")[1].split("```")[0]
    write(file, example.replace("/run/secrets/sms-second", "KEY"))
    (one,) = file_accounts(file)
    assert (one.account.name, one.medium) == ("sms-second", "sms")


def test_the_end_of_a_key_is_read_from_the_file_and_a_text_is_no_day(file: Path) -> None:
    write(file, HTTP_SMS.replace("cost_eur", "expires = 2027-03-01\ncost_eur"))
    (found,) = file_accounts(file)
    assert found.expires == date(2027, 3, 1)
    write(file, HTTP_SMS.replace("cost_eur", 'expires = "bientôt"\ncost_eur'))
    with pytest.raises(AccountsFault, match="give a day"):
        file_accounts(file)
