"""What is declared of a person of the register: checked as it is typed, and how it is kept.

The law's own list and no more (CASF R121-3, décret 2004-926): identity, birth, on which of three
grounds, home, telephone, the service that comes to the home, the person to warn, who asked. No
proof is asked, and there is no field, not even a free one, in which an illness could be written.
"""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Final

import orjson

from dispatcher.alerts.refusals import NotSo
from dispatcher.residents.contacts import read_email
from dispatcher.residents.phones import PhoneRefused, read_phone
from dispatcher.residents.place_key import place_key
from dispatcher.store.registers import name_key
from dispatcher.store.vulnerable_left import BORN, HOME, HOME_ONLY, PHONE, SURNAME, Mark

QUALITIES: Final = ("aged_65", "aged_60_unfit", "disabled")
AGES: Final = {"aged_65": 65, "aged_60_unfit": 60, "disabled": 18}
ASKED_BY: Final = ("person", "representative", "third_party")
LINKS: Final = (
    "spouse", "child", "parent", "family", "neighbour", "friend", "doctor", "service",
    "guardian", "other",
)  # fmt: skip
LONGEST: Final = 120
OLDEST: Final = 125  # years; nobody has been known to live so long
MOST_PHONES: Final = 4


@dataclass(frozen=True)
class Whom:
    """Somebody else: a person to warn, who asked for the person. `link` is one of `LINKS`."""

    name: str = ""
    link: str = "other"
    phone: str = ""

    def __bool__(self) -> bool:
        """Whether anybody is named."""
        return bool(self.name or self.phone)


@dataclass(frozen=True)
class Declared:
    """A person as the register knows her; `born` is YYYY-MM-DD, empty where a third party knew not.

    Numbers are E.164. `lon`, `lat` in WGS 84 degrees, None where the address is not found.
    """

    surname: str
    first_names: str
    born: str
    quality: str
    address: str
    asked_by: str
    phones: tuple[str, ...] = ()
    email: str = ""
    service: str = ""
    service_phone: str = ""
    to_warn: Whom = Whom()
    requester: Whom = Whom()
    lon: float | None = None
    lat: float | None = None

    @property
    def name(self) -> str:
        """First names, then the surname."""
        return f"{self.first_names} {self.surname}"


_FRENCH = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_COUNTED = re.compile(r"\d{4,5}(\.0+)?")  # days, from 1899-12-30 on; 1938 alone is a year
_YEARS = range(1850, 2101)
_WITH_HOUR = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?")
_SPREADSHEETS_BEGIN = date(1899, 12, 30)
_IDENTITY = ("surname", "first_names", "born", "quality", "address", "asked_by", "lon", "lat")
_REACH = ("phones", "email", "service", "service_phone", "to_warn", "requester")


def identity_of(one: Declared) -> bytes:
    """Return who somebody is, as it is sealed."""
    return orjson.dumps({name: getattr(one, name) for name in _IDENTITY})


def reach_of(one: Declared) -> bytes:
    """Return how somebody is reached and through whom, as it is sealed."""
    told = asdict(one)
    return orjson.dumps({name: told[name] for name in _REACH})


def declared(identity: bytes, reach: bytes | None = None) -> Declared:
    """Return a person from what was sealed; without `reach`, nobody's number is there."""
    told: dict[str, Any] = orjson.loads(identity)
    if reach is not None:
        ways = orjson.loads(reach)
        whom = {name: Whom(**ways.pop(name)) for name in ("to_warn", "requester")}
        told |= {**ways, "phones": tuple(ways["phones"]), **whom}
    return Declared(**told)


def checked(typed: Declared, *, region: str, today: date) -> Declared:
    """Return what was typed, cleaned, numbers in E.164. Raises NotSo, with what to do.

    `region` is the numbering plan of the commune, `today` its own day.
    """
    one = _cleaned(typed)
    if not one.surname or not one.first_names:
        raise NotSo("Écrivez le nom et le prénom de la personne.")
    if not one.address:
        raise NotSo("Écrivez l'adresse où la personne habite.")
    _check_choices(one)
    _check_birth(one, today)
    phones = tuple(dict.fromkeys(_phone(text, region) for text in one.phones if text))
    if len(phones) > MOST_PHONES:
        raise NotSo("Quatre numéros au plus : gardez ceux où la personne répond.")
    email = read_email(one.email) if one.email else ""
    if one.email and not email:
        raise NotSo("« {email} » n'est pas une adresse e-mail : corrigez-la.", email=one.email)
    if one.asked_by != "person" and not one.requester:
        raise NotSo("Écrivez qui fait la demande : la personne doit pouvoir le savoir.")
    return Declared(
        **{
            **{name: getattr(one, name) for name in Declared.__dataclass_fields__},
            "phones": phones,
            "email": email,
            "service_phone": _phone(one.service_phone, region),
            "to_warn": _whom(one.to_warn, region),
            "requester": Whom() if one.asked_by == "person" else _whom(one.requester, region),
        }
    )


def _cleaned(one: Declared) -> Declared:
    told: dict[str, Any] = {
        name: _words(value) if isinstance(value, str) else value
        for name, value in vars(one).items()
    }
    return Declared(**{**told, "phones": tuple(map(_words, one.phones))})


def _words(given: str) -> str:
    text = " ".join("".join(one if one.isprintable() else " " for one in given).split())
    if len(text) > LONGEST:
        raise NotSo("Un champ est trop long : {most} signes au plus.", most=LONGEST)
    return text


def _check_choices(one: Declared) -> None:
    for value, known in ((one.quality, QUALITIES), (one.asked_by, ASKED_BY)):
        if value not in known:
            raise NotSo("Choisissez dans la liste à quel titre, et qui fait la demande.")


def _check_birth(one: Declared, today: date) -> None:
    if not one.born:
        if one.asked_by == "third_party":
            return
        raise NotSo("Écrivez la date de naissance, comme 14/07/1938.")
    try:
        born = date.fromisoformat(one.born) if _ISO.fullmatch(one.born) else None
    except ValueError:
        born = None
    if born is None:
        raise NotSo("La date de naissance ne se lit pas : écrivez-la comme 14/07/1938.")
    age = age_on(born, today)
    if not 0 <= age <= OLDEST:
        raise NotSo("La date de naissance donne {age} ans : corrigez-la.", age=age)
    if age < AGES[one.quality]:
        raise NotSo(
            "La date de naissance donne {age} ans : corrigez-la, ou choisissez à quel autre titre"
            " la personne est inscrite.",
            age=age,
        )


def as_day(text: str) -> str:
    """Return a day as YYYY-MM-DD: as people write it, a browser, or a spreadsheet counts it.

    What is none of these comes back as it is, and is refused later where it was typed.
    """
    text = text.strip()
    if matched := _FRENCH.fullmatch(text):
        day, month, year = matched.groups()
        return f"{year}-{int(month):02d}-{int(day):02d}"
    if _COUNTED.fullmatch(text) and int(text.partition(".")[0]) not in _YEARS:
        return (_SPREADSHEETS_BEGIN + timedelta(days=int(text.partition(".")[0]))).isoformat()
    return text.partition(" ")[0] if _WITH_HOUR.fullmatch(text) else text


def age_on(born: date, day: date) -> int:
    """Return somebody's age in whole years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _phone(text: str, region: str) -> str:
    if not text:
        return ""
    try:
        return read_phone(text, region=region).e164
    except PhoneRefused as fault:
        raise NotSo(
            "« {phone} » n'est pas un numéro où l'on joint une personne : corrigez-le.", phone=text
        ) from fault


def _whom(one: Whom, region: str) -> Whom:
    if not one:
        return Whom()
    if one.link not in LINKS:
        raise NotSo("Choisissez dans la liste le lien avec la personne.")
    if not _words(one.name):
        raise NotSo("Écrivez le nom de la personne dont vous donnez le numéro.")
    return Whom(_words(one.name), one.link, _phone(_words(one.phone), region))


def marks_of(
    one: Declared, *, mark: Callable[[str, str], str]
) -> tuple[tuple[Mark, ...], tuple[Mark, ...]]:
    """Return a person's marks, and those of which one, on somebody else's card, makes it hers.

    `mark` makes one of a kind and a value. By the birth where both are known by it, else by the
    home: a father and a son of one name in one house are two people.
    """
    who = f"{name_key(one.surname)}|{name_key(one.first_names)}"
    home = mark(HOME, f"{who}|{place_key(one.address)}")
    found_by = (
        (SURNAME, mark(SURNAME, name_key(one.surname))),
        *((PHONE, mark(PHONE, phone)) for phone in one.phones),
    )
    if not one.born:
        return (*found_by, (HOME_ONLY, home)), ((HOME, home), (HOME_ONLY, home))
    born = (BORN, mark(BORN, f"{who}|{one.born}"))
    return (*found_by, born, (HOME, home)), (born, (HOME_ONLY, home))
