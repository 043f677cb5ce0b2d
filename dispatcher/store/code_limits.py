"""How many codes may leave: for a number, a range of numbers, an address on the internet, a day.

Sign-up pages are used to have codes sent to numbers that pay whoever asks (SMS pumping). The
figures are those of SECURITY T11; all are counted in the ledger, whichever process is asked.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.ciphers import Ring
from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.personal import MARK_CHARS
from dispatcher.store.signup_tables import code_sends

TEN_MINUTES_S, HOUR_S, DAY_S = 600.0, 3600.0, 86_400.0
OF_A_COMMUNE = 300  # to telephones, a day, unless its settings say otherwise: then, call us
MAILS_FOR_ONE = 10  # mails cost the commune nothing: as many leave for each code by telephone
OF_A_CONTACT = 3  # in ten minutes
OF_A_CONTACT_DAILY = 8
OF_A_RANGE = 20  # an hour: numbers that differ by their last four digits
OF_A_SOURCE = 20  # an hour: a household, or a telephone among many behind one address
OF_A_NETWORK = 40  # an hour: a school, a town hall, a block of flats


@dataclass(frozen=True)
class Asking:
    """Who asks for a code, as marks: to what, of which range, whence."""

    contact: str
    range: str
    source: str
    network: str

    @classmethod
    def of(cls, ring: Ring, *, contact: str, source: str, network: str) -> "Asking":
        """Return the marks of a contact and of where a request comes from."""
        spread = contact[:-4] if contact.startswith("+") else ""

        def mark(what: str, value: str) -> str:
            return ring.mark(what, value)[:MARK_CHARS] if value else ""

        return cls(
            mark("contact", _mailbox(contact)),
            mark("range", spread),
            mark("source", source),
            mark("network", network),
        )


def _mailbox(contact: str) -> str:
    """Return the mailbox that an address leads to: what follows a + is its owner's own note."""
    local, at, host = contact.partition("@")
    return f"{local.partition('+')[0]}{at}{host}" if at else contact


async def too_many(connection: AsyncConnection, commune: str, asking: Asking, *, daily: int) -> str:
    """Return which limit one more code would pass, in the caller's transaction; empty: none.

    Of a contact, a range and an address they hold for the whole installation.

    `contact`, `range`, `source`, `network`, `declined` (whoever answered there refused), or `day`:
    the commune's own, `daily` codes to telephones, and MAILS_FOR_ONE times as many mails. Neither
    shuts the other out.
    """
    held = code_sends.c
    limits: tuple[tuple[str, ColumnElement[bool] | None, float, int], ...] = (
        ("contact", held.contact_mark == asking.contact, TEN_MINUTES_S, OF_A_CONTACT),
        ("contact", held.contact_mark == asking.contact, DAY_S, OF_A_CONTACT_DAILY),
        ("range", held.range_mark == asking.range if asking.range else None, HOUR_S, OF_A_RANGE),
        ("source", held.source_mark == asking.source if asking.source else None, HOUR_S,
         OF_A_SOURCE),
        ("network", held.network_mark == asking.network if asking.network else None, HOUR_S,
         OF_A_NETWORK),
    )  # fmt: skip
    there = and_(held.contact_mark == asking.contact, held.sent_at > db_now() - DAY_S)
    refused = select(held.serial).where(there, held.declined)
    if (await connection.execute(refused.limit(1))).first() is not None:
        return "declined"
    for name, same, within_s, most in limits:
        if same is None:
            continue
        counted = select(func.count()).where(held.sent_at > db_now() - within_s, same)
        if (await connection.execute(counted)).scalar_one() >= most:
            return name
    alike = _TO_PHONES if asking.range else _BY_MAIL
    most = daily if asking.range else daily * MAILS_FOR_ONE
    of_day = select(func.count()).where(_of_day(commune), alike)
    return "day" if (await connection.execute(of_day)).scalar_one() >= most else ""


_TO_PHONES: ColumnElement[bool] = code_sends.c.range_mark != ""
_BY_MAIL: ColumnElement[bool] = code_sends.c.range_mark == ""


def _of_day(commune: str) -> ColumnElement[bool]:
    held = code_sends.c
    return and_(held.commune == commune, held.sent_at > db_now() - DAY_S, held.message != "")


@dataclass(frozen=True)
class Codes:
    """Codes of the last 24 hours, to telephones and by mail; of the last hour those typed back."""

    day: int
    hour: int
    used: int
    mailed: int = 0


async def codes_of(ledger: Ledger, commune: str) -> Codes:
    """Count the codes that a commune sent: many of which few come back are not for people."""
    held = code_sends.c
    lately = held.sent_at > db_now() - HOUR_S
    wanted = select(
        func.count().filter(_TO_PHONES),
        func.count().filter(lately),
        func.count().filter(lately, held.used),
        func.count().filter(_BY_MAIL),
    ).where(_of_day(commune))
    async with ledger.reading() as connection:
        return Codes(*(await connection.execute(wanted)).one())
