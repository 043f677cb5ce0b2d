"""How a provider of SMS by HTTP is described: values of an account, read and judged at once.

Tables come as JSON text, as the accounts file hands them over.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import orjson

from channels.contract import NOBODYS, AccountSettings, Status
from channels.http_sms_faults import ENDED, faults_of_tables, faults_of_texts, listed, texts_of

Verdict = Literal["refused", "later"]

_TABLES: Final = ("fields", "answer", "receipt", "find", "ask", "check")
_TEXTS: Final = ("url", "method", "body", "auth", "user", "header", "sender")
_OF_TABLE: Final[Mapping[str, tuple[str, ...]]] = {
    "answer": ("reference", "code", "codes", "gone"),
    "receipt": (
        *("reference", "status", "detail", "attempt", "statuses", "gone", "signature", "header"),
    ),
    "find": ("url", "list", "reference", "status", "detail"),
    "ask": ("url", "status", "detail"),
    "check": ("url", "credit", "least"),
}


@dataclass(frozen=True)
class AnswerWords:
    """Where an answer says its reference and its code, and what the codes mean.

    `gone` are those of the refusing ones that say that the number is nobody's.
    """

    reference: str = ""
    code: str = ""
    codes: Mapping[str, Verdict] = field(default_factory=dict)
    gone: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReceiptWords:
    """Where a receipt says what, and what proves that the provider made it.

    `attempt` is where our own {reference} comes back, for a provider that posts to one fixed
    address; `header` carries the `signature` of the body, or the secret itself. `gone` are the
    statuses, or the words at `detail`, that say that the number is nobody's.
    """

    reference: str = ""
    status: str = ""
    detail: str = ""
    attempt: str = ""
    statuses: Mapping[str, Status] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    signature: str = ""
    header: str = ""

    def detail_of(self, status: str, detail: str) -> str | None:
        """Return the code to keep of what was told, marked where it says nobody's."""
        ended = self.statuses.get(status) in ENDED
        if ended and (said := next((one for one in (detail, status) if one in self.gone), "")):
            return f"{NOBODYS}{said}"
        return detail or None


@dataclass(frozen=True)
class FindWords:
    """How a message is looked up: `url` by {delivery}, {reference} or {to}; no url: it cannot be.

    `list` is where the answer holds the messages, empty when it is the message itself.
    """

    url: str = ""
    list: str = ""
    reference: str = ""
    status: str = ""
    detail: str = ""


@dataclass(frozen=True)
class AskWords:
    """How one message is asked for when no receipt comes: `url` by {id}, the provider's reference.

    Without it a message is asked for as it is found.
    """

    url: str = ""
    status: str = ""
    detail: str = ""


@dataclass(frozen=True)
class CheckWords:
    """How the account is asked whether it works: `credit` in units, `least` of them wanted."""

    url: str = ""
    credit: str = ""
    least: float = 0.0


@dataclass(frozen=True)
class Words:
    """A provider of SMS by HTTP, described."""

    url: str
    method: str
    body: str  # json | form
    fields: Mapping[str, object]
    auth: str  # basic | bearer | header
    user: str
    header: str
    sender: str
    answer: AnswerWords
    receipt: ReceiptWords
    find: FindWords
    ask: AskWords
    check: CheckWords


class Faulty(ValueError):
    """A description that cannot be used: `faults` are sentences, each names its key."""

    def __init__(self, account: str, faults: list[str]) -> None:
        """Tell all of them at once."""
        super().__init__(f"{account}: {' '.join(faults)}")
        self.faults = faults


def described(account: AccountSettings) -> Words:
    """Read the description of an account. Raises Faulty with every fault."""
    faults = [f"{key}: unknown here." for key in account.values if key not in _TABLES + _TEXTS]
    tables = {name: _table(account, name, faults) for name in _TABLES}
    for name, known in _OF_TABLE.items():
        faults += [f"{name}.{key}: unknown here." for key in tables[name] if key not in known]
    texts = {name: account.values.get(name, "") for name in _TEXTS}
    faults += faults_of_texts(texts) + faults_of_tables(tables, url=texts["url"])
    if not account.secrets.get("key"):
        faults.append("secrets.key: give the key or password that signs in.")
    if tables["receipt"].get("signature") and not account.secrets.get("receipts"):
        faults.append("secrets.receipts: give the secret that signs receipts.")
    if faults:
        raise Faulty(account.name, faults)
    return _words(texts, tables)


def _words(texts: Mapping[str, str], tables: Mapping[str, Mapping[str, object]]) -> Words:
    answer, receipt, check = tables["answer"], tables["receipt"], tables["check"]
    statuses = {name: Status(word) for name, word in texts_of(receipt.get("statuses")).items()}
    codes: dict[str, Verdict] = {
        name: "refused" if word == "refused" else "later"
        for name, word in texts_of(answer.get("codes")).items()
    }
    return Words(
        url=texts["url"],
        method=texts["method"] or "POST",
        body=texts["body"] or "json",
        fields=tables["fields"],
        auth=texts["auth"] or "bearer",
        user=texts["user"],
        header=texts["header"],
        sender=texts["sender"],
        answer=AnswerWords(
            str(answer.get("reference", "")),
            str(answer.get("code", "")),
            codes,
            listed(answer.get("gone")),
        ),
        receipt=ReceiptWords(
            **{**texts_of(receipt), "statuses": statuses, "gone": listed(receipt.get("gone"))}  # type: ignore[arg-type]
        ),
        find=FindWords(**texts_of(tables["find"])),
        ask=AskWords(**texts_of(tables["ask"])),
        check=CheckWords(
            str(check.get("url", "")), str(check.get("credit", "")), _number(check.get("least"))
        ),
    )


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _table(account: AccountSettings, name: str, faults: list[str]) -> Mapping[str, object]:
    text = account.values.get(name)
    if text is None:
        return {}
    try:
        found = orjson.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        faults.append(f"{name}: must be a table.")
        return {}
    return found
