"""How one reaches a machine or a person: forms of phones, mails, addresses, weeks, time zones."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache
from zoneinfo import available_timezones

from plans import sentences as say
from plans.faults import Findings, Sentence, quoted
from plans.shapes import Schema, Text, scalar
from plans.yaml_lines import Node

_NINE = "33|262|590|594|596"  # mainland France and its overseas departments: nine digits follow
_E164 = rf"\+(?:(?:{_NINE})[1-9][0-9]{{8}}|(?!{_NINE})[1-9][0-9]{{6,14}})"
_LANGUAGE = r"[a-z]{2,3}"

PHONE = Text(
    most=16,
    pattern=_E164,
    expected=Sentence(
        "un numéro au format international, sans espace : +33 puis 9 chiffres en métropole "
        "(06 39 98 00 01 s'écrit +33639980001)",
        "a number in international form, without spaces: +33 and 9 digits in mainland France "
        "(06 39 98 00 01 is written +33639980001)",
    ),
)
SERVICE_PHONE = Text(
    most=16,
    pattern=rf"{_E164}|[0-9]{{2,6}}",
    expected=Sentence(
        "un numéro court (18, 112) ou international, sans espace (+33…)",
        "a short number (18, 112) or an international one, without spaces (+33…)",
    ),
)
EMAIL = Text(
    most=254,
    pattern=r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+",
    expected=Sentence("une adresse e-mail, nom@domaine", "an e-mail address, name@domain"),
)
WEBHOOK = Text(
    most=500,
    pattern=r"https?://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?(/[!-~]*)?",
    expected=Sentence("une adresse https://…", "an address https://…"),
)
LANGUAGE = Text(
    most=3,
    pattern=_LANGUAGE,
    expected=Sentence(
        "un code de langue en minuscules, tel que fr ou en",
        "a small language code, such as fr or en",
    ),
)

_FICTION = re.compile(r"\+33(63998|19900|26191|35301|46571|53649)[0-9]{4}|[0-9]{2,6}")


@dataclass(frozen=True)
class TimeZone:
    """An IANA time zone."""

    def read(self, node: Node, findings: Findings) -> str | None:
        """Read the name of a zone that exists."""
        text = scalar(node, findings)
        if text is None or text in _zones():
            return text
        findings.fault(node.spot, say.BAD_ZONE, value=quoted(text))
        return None

    def schema(self) -> Schema:
        """Describe the name."""
        return {"type": "string", "examples": ["Europe/Paris", "Indian/Reunion"]}


@dataclass(frozen=True)
class Week:
    """An ISO week, 2026-W08."""

    def read(self, node: Node, findings: Findings) -> str | None:
        """Read a week that the calendar has."""
        text = _WEEK.read(node, findings)
        if text is None:
            return None
        with suppress(ValueError):
            date.fromisocalendar(int(text[:4]), int(text[6:]), 1)
            return text
        findings.fault(node.spot, say.BAD_PATTERN, value=text, expected=_WEEK.expected)
        return None

    def schema(self) -> Schema:
        """Describe the week."""
        return _WEEK.schema()


@cache
def _zones() -> frozenset[str]:
    """List the zones once: it reads the whole database of the machine."""
    return frozenset(available_timezones())


_WEEK = Text(
    most=8,
    pattern=r"[0-9]{4}-W[0-9]{2}",
    expected=Sentence("une semaine ISO, 2026-W08", "an ISO week, 2026-W08"),
)


def invented_phone(phone: str) -> bool:
    """Tell whether the number is short, or of the blocks kept for fiction in France."""
    return bool(_FICTION.fullmatch(phone))


def invented_address(address: str) -> bool:
    """Tell whether the mail or web address is under .example (RFC 2606)."""
    host = re.sub(r"^https?://|:[0-9]+(?=/|$)", "", address).split("@")[-1].split("/")[0]
    return host.lower().endswith(".example")
