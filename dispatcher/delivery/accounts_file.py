"""Further provider accounts, from one TOML file: read whole, or refused with every fault at once.

[[account]]
name = "sms-second"          # key in the ledger; a-z, 0-9 and hyphens
kind = "http-sms"            # as in the README; the kind says the medium
weight = 49                  # beside the other accounts of the medium; 100 when not given
rate_per_s = 10              # granted: segments, calls, mails or requests
cost_eur = 0.06
expires = 2027-03-01         # when its key or contract ends: those on call are told before
canary = "+33612345678"      # the commune's own telephone, that gets a test every day
[account.values]             # as the channel's own file documents them; tables stay tables
url = "https://sms.example/v1/messages"
[account.secrets]            # never the secret itself: a file that holds it, or a variable
key = { file = "/run/secrets/sms-second" }
receipts = { env = "TOCSIN_SMS_SECOND_RECEIPTS" }
"""

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

import orjson
from pydantic import SecretStr

from channels.contract import AccountSettings
from channels.http_sms_words import Faulty, described
from channels.registry import CHANNELS
from dispatcher.settings import named_secret

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_VARIABLE = re.compile(r"TOCSIN_[A-Z0-9_]+")
_KEYS: Final = frozenset(
    ("name", "kind", "weight", "rate_per_s", "cost_eur", "expires", "canary", "values", "secrets")
)
# What each kind cannot do without: values, secrets. `http-sms` judges its own description.
_NEEDED: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "twilio-sms": (("account_sid", "sender"), ("auth_token",)),
    "twilio-voice": (("account_sid", "caller"), ("auth_token",)),
    "smtp": (("host", "port", "sender"), ()),
    "webhook": ((), ("signing",)),
}
_OWN: Final = ("sandbox-", "rehearsal-")


class AccountsFault(Exception):
    """The accounts file cannot be used; `faults` are sentences that say where and what to do."""

    def __init__(self, path: Path, faults: list[str]) -> None:
        """Tell all of them."""
        super().__init__("\n".join(f"{path}: {fault}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True)
class FileAccount:
    """One account of the file."""

    medium: str
    account: AccountSettings
    cost_eur: float
    expires: date | None = None
    canary: str = ""


def file_accounts(path: Path | None, *, taken: Collection[str] = ()) -> tuple[FileAccount, ...]:
    """Read the file; no path, no accounts. `taken` are names in use. Raises AccountsFault."""
    if path is None:
        return ()
    found = _toml(path)
    tables = found.get("account")
    if not isinstance(tables, list) or found.keys() != {"account"}:
        raise AccountsFault(path, ["must hold [[account]] tables and nothing else."])
    faults: list[str] = []
    read = [_account(table, number, faults) for number, table in enumerate(tables, 1)]
    names = [*taken, *(one.account.name for one in read if one)]
    faults += [
        f"{name}: two accounts have this name, change one."
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    if faults:
        raise AccountsFault(path, faults)
    return tuple(one for one in read if one)


def _toml(path: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        said = error.strerror or type(error).__name__
        fault = f"cannot be read ({said}): correct TOCSIN_ACCOUNTS_FILE."
        raise AccountsFault(path, [fault]) from error
    except ValueError as error:
        raise AccountsFault(path, [f"is no TOML: {error}."]) from error


def _account(table: object, number: int, faults: list[str]) -> FileAccount | None:
    """Read one table; its faults are added, and then it is none."""
    if not isinstance(table, dict):
        faults.append(f"account {number}: must be a table.")
        return None
    name = str(table.get("name") or f"account {number}")
    own = _faults_of(table)
    secrets = _secrets(_table(table, "secrets"), own)
    account = AccountSettings(
        name,
        str(table.get("kind")),
        rate_per_s=_number(table.get("rate_per_s")),
        weight=int(_number(table.get("weight", 100))),
        values=_values(_table(table, "values")),
        secrets=secrets,
    )
    own += _faults_of_kind(account)
    faults += [f"{name}: {one}" for one in own]
    if own:
        return None
    medium = str(vars(CHANNELS[account.kind]).get("medium"))
    expires = table.get("expires")
    return FileAccount(
        medium,
        account,
        _number(table.get("cost_eur")),
        expires if isinstance(expires, date) else None,
        str(table.get("canary", "")),
    )


def _faults_of_kind(account: AccountSettings) -> list[str]:
    if account.kind == "http-sms":
        try:
            described(account)
        except Faulty as fault:
            return [one if one.startswith("secrets") else f"values.{one}" for one in fault.faults]
    values, secrets = _NEEDED.get(account.kind, ((), ()))
    return [
        *(f"values.{key}: is needed." for key in values if not account.values.get(key)),
        *(f"secrets.{key}: is needed." for key in secrets if key not in account.secrets),
    ]


def _faults_of(table: Mapping[str, object]) -> list[str]:
    name, kinds = str(table.get("name", "")), sorted(set(CHANNELS) - {"rehearsal"})
    faults = [f"{key}: unknown here, remove it." for key in sorted(table.keys() - _KEYS)]
    if not _NAME.fullmatch(name) or name.startswith(_OWN):
        faults.append("name: give 1 to 40 of a-z, 0-9 and hyphens, not sandbox- nor rehearsal-.")
    if table.get("kind") not in kinds:
        faults.append(f"kind: use one of {', '.join(kinds)}.")
    if _number(table.get("rate_per_s")) <= 0:
        faults.append("rate_per_s: give what the provider grants, more than 0.")
    weight = table.get("weight", 100)
    if isinstance(weight, bool) or not isinstance(weight, int) or not 0 < weight <= 1000:
        faults.append("weight: give a whole number from 1 to 1000.")
    if "cost_eur" in table and _number(table["cost_eur"], none=-1.0) < 0:
        faults.append("cost_eur: give a price in euros, not negative.")
    expires = table.get("expires")
    if expires is not None and (not isinstance(expires, date) or isinstance(expires, datetime)):
        faults.append("expires: give a day, 2027-03-01, without quotes.")
    if not isinstance(table.get("canary", ""), str):
        faults.append("canary: give a number or an address between quotes.")
    faults += [
        f"{key}: must be a table."
        for key in ("values", "secrets")
        if not isinstance(table.get(key, {}), dict)
    ]
    return faults


def _table(table: Mapping[str, object], key: str) -> Mapping[str, object]:
    found = table.get(key)
    return found if isinstance(found, dict) else {}


def _values(table: Mapping[str, object]) -> Mapping[str, str]:
    """Give texts as they are, all else as JSON: values of an account are texts."""
    return {
        name: value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
        for name, value in table.items()
    }


def _secrets(table: Mapping[str, object], faults: list[str]) -> Mapping[str, SecretStr]:
    found = {name: _secret(name, where, faults) for name, where in table.items()}
    return {name: secret for name, secret in found.items() if secret is not None}


def _secret(name: str, where: object, faults: list[str]) -> SecretStr | None:
    """Fetch a secret; a fault never tells what was found in its place."""
    if not isinstance(where, dict) or len(where) != 1 or not where.keys() <= {"file", "env"}:
        faults.append(f'secrets.{name}: give {{ file = "…" }} or {{ env = "TOCSIN_…" }}.')
        return None
    ((how, place),) = where.items()
    if how == "env":
        if not _VARIABLE.fullmatch(str(place)):
            faults.append(f"secrets.{name}: the variable's name must begin with TOCSIN_.")
            return None
        secret = named_secret(str(place))
        if secret is None:
            faults.append(f"secrets.{name}: the variable {place} is not set.")
        return secret
    try:
        text = Path(str(place)).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        text = ""
    if not text:
        faults.append(f"secrets.{name}: the file {place} cannot be read, or is empty.")
        return None
    return SecretStr(text)


def _number(value: object, *, none: float = 0.0) -> float:
    return none if isinstance(value, bool) or not isinstance(value, int | float) else float(value)
