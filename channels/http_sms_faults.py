"""What keeps the description of a provider of SMS by HTTP from being used: one sentence each."""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from channels.contract import Status
from channels.http_blanks import blanks_in

BLANKS: Final = ("to", "text", "sender", "reference", "delivery", "callback", "validity_s")
SIGNATURES: Final = ("hmac-sha256-hex", "hmac-sha256-base64", "secret")
ENDED: Final = (Status.FAILED, Status.UNDELIVERED)
_HEADER = re.compile(r"[A-Za-z0-9-]+")


def texts_of(value: object) -> dict[str, str]:
    """Return the entries of a table that are texts."""
    if not isinstance(value, Mapping):
        return {}
    return {name: inner for name, inner in value.items() if isinstance(inner, str)}


def listed(value: object) -> tuple[str, ...]:
    """Return the texts of a list."""
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def faults_of_texts(texts: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the values that are texts."""
    faults = _faults_of_url("url", texts["url"])
    for name, allowed in (
        ("method", ("POST", "PUT")),
        ("body", ("json", "form")),
        ("auth", ("basic", "bearer", "header")),
    ):
        if texts[name] and texts[name] not in allowed:
            faults.append(f"{name}: use {' or '.join(allowed)}.")
    if texts["auth"] == "basic" and not texts["user"]:
        faults.append("user: basic needs the name that signs in.")
    if texts["auth"] == "header" and not _HEADER.fullmatch(texts["header"]):
        faults.append("header: name the header that carries the key.")
    if not texts["sender"]:
        faults.append("sender: give the name or number that SMS come from.")
    if any(not sign.isprintable() for text in texts.values() for sign in text):
        faults.append("values: a line break or a control sign is in one of them.")
    return faults


def faults_of_tables(tables: Mapping[str, Mapping[str, object]], *, url: str) -> list[str]:
    """Return what is wrong with the tables; all addresses must be of one origin, that of `url`."""
    used = blanks_in(tables["fields"])
    faults = [
        f"fields: {{{one}}} is no blank, use {', '.join(BLANKS)}."
        for one in sorted(used - set(BLANKS))
    ]
    faults += [f"fields: {{{one}}} is nowhere." for one in ("to", "text") if one not in used]
    if not tables["answer"].get("reference"):
        faults.append("answer.reference: say where the answer holds the message's reference.")
    codes = texts_of(tables["answer"].get("codes"))
    faults += [
        f"answer.codes.{name}: use refused or later."
        for name, word in codes.items()
        if word not in ("refused", "later")
    ]
    refused = {name for name, word in codes.items() if word == "refused"}
    faults += _faults_of_gone("answer", tables["answer"], refused, "a refused one of answer.codes")
    faults += _faults_of_receipt(tables["receipt"], used)
    for name in ("find", "ask", "check"):
        if tables[name]:
            faults += _faults_of_question(name, str(tables[name].get("url", "")), origin=url)
    if tables["find"] and not tables["find"].get("reference"):
        faults.append("find.reference: say where a message found holds its reference.")
    if tables["ask"] and not tables["ask"].get("status"):
        faults.append("ask.status: say where the answer holds what became of the message.")
    return faults


def _faults_of_question(name: str, asked: str, *, origin: str) -> list[str]:
    faults = _faults_of_url(f"{name}.url", asked)
    if urlsplit(asked).netloc != urlsplit(origin).netloc:
        faults.append(f"{name}.url: must be at the same host as url.")
    unknown = (
        blanks_in(asked) - {"delivery", "reference", "to"} - ({"id"} if name == "ask" else set())
    )
    return faults + [f"{name}.url: {{{one}}} is no blank here." for one in sorted(unknown)]


def _faults_of_receipt(table: Mapping[str, object], used: set[str]) -> list[str]:
    if not table:
        return []
    faults = [f"receipt.{one}: is needed." for one in ("status", "statuses") if not table.get(one)]
    known = [status.value for status in Status]
    faults += [
        f"receipt.statuses.{name}: use one of {', '.join(known)}."
        for name, word in texts_of(table.get("statuses")).items()
        if word not in known
    ]
    ended = {name for name, word in texts_of(table.get("statuses")).items() if word in ENDED}
    known_gone = None if table.get("detail") else ended  # what stands at `detail` is theirs to know
    faults += _faults_of_gone("receipt", table, known_gone, "failed or undelivered in statuses")
    if table.get("signature") not in (None, *SIGNATURES):
        faults.append(f"receipt.signature: use {', '.join(SIGNATURES)}.")
    if table.get("signature") and not _HEADER.fullmatch(str(table.get("header", ""))):
        faults.append("receipt.header: name the header that carries the signature.")
    if table.get("attempt"):
        if not table.get("signature"):
            faults.append("receipt.signature: a fixed address needs a signature or a secret.")
        if "reference" not in used:
            faults.append("receipt.attempt: fields must send {reference} for it to come back.")
    elif "callback" not in used:
        faults.append("receipt: fields must send {callback}, or receipt.attempt be given.")
    return faults


def _faults_of_gone(
    name: str, table: Mapping[str, object], among: set[str] | None, what: str
) -> list[str]:
    """Return what is wrong with the words that say that a number is nobody's."""
    given = table.get("gone")
    words = listed(given)
    if given is not None and (not isinstance(given, list) or len(words) < len(given)):
        return [f"{name}.gone: give a list of texts."]
    faults = [f"{name}.gone: a text is empty." for one in words if not one]
    if among is not None:
        faults += [f"{name}.gone: {one} is not {what}." for one in words if one not in among]
    return faults


def _faults_of_url(key: str, url: str) -> list[str]:
    parts = urlsplit(url)
    if not parts.hostname or parts.username or not url.isascii() or " " in url:
        return [f"{key}: give a web address."]
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname)):
        return []
    return [f"{key}: must begin with https://."]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
