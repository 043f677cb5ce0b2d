"""Which alert somebody answers who texts or rings, whose number it is, and who speaks to her.

An answer belongs to the newest alert in force that may have left for its number, in any commune of
the installation; a cry for help, to the newest real one that takes it, and who rings hears the
newest of a danger: an exercise or information that came since does not hide that one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from channels.reply_words import coming_of, cries_out, meaning_of
from dispatcher.alerts.office import Office
from dispatcher.alerts.switchboard import NOWHERE, Switchboard, Town, towns_of_number
from dispatcher.delivery.content import SUMMONS, Content
from dispatcher.store.ledger import Ledger
from dispatcher.store.names import number_delivery
from dispatcher.store.open_alerts import OpenAlert, Received, received
from dispatcher.store.personal import contact_mark
from dispatcher.store.replies import Known, known_by

DANGER_LANES = (0, 1)  # 2: tests and information
PUBLIC_MODES = ("real", "public_test")  # an exercise is its players' alone
DEFAULT_LANGUAGE = "fr"


@dataclass(frozen=True)
class Counter:
    """Where what comes in is answered; `account` is the provider's whose number it came to."""

    office: Office  # of any commune: what comes in says whose it is
    switchboard: Switchboard
    account: str
    hooks: str  # the address under which the provider finds us

    @property
    def ledger(self) -> Ledger:
        """The ledger of the installation."""
        return self.office.ledger


@dataclass(frozen=True)
class Tie:
    """Whose message it is: the alert, its number's own copies of it, the words for this reader.

    Without an alert, `town` alone is known, and nothing where no commune is. `danger`: some alert
    in force that the number received, this one or an older one, is of a danger.
    """

    commune: str
    language: str
    town: Town | None = None
    known: Sequence[Known] = ()
    alert: OpenAlert | None = None
    content: Content | None = None
    deliveries: tuple[str, ...] = ()
    danger: bool = False

    @property
    def issuer(self) -> str:
        """Who speaks."""
        if self.content is not None:
            return self.content.issuer
        return self.town.issuer if self.town else "Mairie"

    @property
    def phone(self) -> str:
        """Whom to ask; empty where the plan does not say."""
        return self.town.phone if self.town else ""

    @property
    def said_in(self) -> frozenset[str]:
        """The communes whose registers hold this number."""
        return frozenset(one.commune for one in self.known)


async def tie_of(counter: Counter, number: str, *, to: str, text: str | None) -> Tie:
    """Find the alert that an SMS answers; without `text`, for a call, else the commune's own."""
    found, mine = await received_by(counter, number)
    rings = text is None
    if mine:
        chosen = _heard(mine) if text is None else await _answered(counter, mine, text)
        tie = await _tied(counter, chosen, found, number="" if rings else number)
        return replace(tie, danger=any(one.alert.lane in DANGER_LANES for one in mine))
    towns = await counter.switchboard.towns(counter.office)
    meant = towns_of_number(towns, to)
    known = await _known(counter, number)
    own = [one for one in meant if any(one.commune == some.commune for some in known)] or [
        one for one in towns if any(one.commune == some.commune for some in known)
    ]
    among = own or list(meant)
    public = _public(found, among) if rings else None
    town = next((one for one in among if public is None or one.commune == public.commune), None)
    language = known[0].language if known else town.language if town else DEFAULT_LANGUAGE
    commune = town.commune if town else NOWHERE
    if public is None:
        return Tie(commune, language, town=town, known=known)
    content = await counter.switchboard.content(counter.ledger, public.commune, public.version_id)
    return Tie(public.commune, language, town=town, known=known, alert=public, content=content)


def _heard(mine: Sequence[Received]) -> Received:
    """Return the message that who rings hears: the newest of a danger, else the newest.

    Roadworks, or a test, that came since do not stand before an evacuation.
    """
    return next((one for one in mine if _endangers(one.alert)), mine[0])


def _endangers(alert: OpenAlert) -> bool:
    return alert.mode == "real" and alert.lane in DANGER_LANES


async def _answered(counter: Counter, mine: Sequence[Received], text: str) -> Received:
    """Return the message that an SMS answers: the newest; of a cry, the newest that takes it."""
    meaning = meaning_of(text)
    if meaning != "help" and not cries_out(text):
        return mine[0]
    for one in mine:
        content = await counter.switchboard.content(
            counter.ledger, one.alert.commune, one.alert.version_id
        )
        if content is None:
            continue
        if content.is_summons and (coming_of(text) or meaning != "help"):
            return one  # « 2 » is her answer to it
        if content.offers_help and not content.is_summons and one.alert.mode == "real":
            return one
    return mine[0]


async def _known(counter: Counter, number: str, *, also: str = "") -> Sequence[Known]:
    if not number:
        return ()
    towns = await counter.switchboard.towns(counter.office)
    communes = sorted({also, *(one.commune for one in towns)} - {""})
    return await known_by(counter.ledger, number, communes=communes)


def _public(found: Sequence[OpenAlert], towns: Sequence[Town]) -> OpenAlert | None:
    communes = {one.commune for one in towns}
    public = [
        one
        for one in found
        if one.mode in PUBLIC_MODES and one.commune in communes and one.kind != SUMMONS
    ]
    return next((one for one in public if _endangers(one)), public[0] if public else None)


async def _tied(
    counter: Counter, mine: Received, found: Sequence[OpenAlert], *, number: str
) -> Tie:
    """Take the current words of the alert: a correction may not have reached this number yet.

    With `number`, say also who has it: a call does not ask, since it may be one of a flood.
    """
    same = (mine.alert.commune, mine.alert.alert_id)
    current = next(one for one in found if (one.commune, one.alert_id) == same)
    content = await counter.switchboard.content(counter.ledger, current.commune, current.version_id)
    return Tie(
        current.commune,
        mine.language,
        known=await _known(counter, number, also=current.commune),
        alert=current,
        content=content,
        deliveries=mine.deliveries,
    )


async def received_by(counter: Counter, number: str) -> tuple[list[OpenAlert], list[Received]]:
    """Return the alerts in force, and those that may have left for this number."""
    mark = contact_mark(counter.ledger.ring, number)
    return await received(counter.ledger, partial(number_delivery, contact_mark=mark))
