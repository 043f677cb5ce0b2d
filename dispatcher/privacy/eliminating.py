"""Old evidence goes by a slip that the archivist signs, never silently.

One makes the slip (what, how much, from when, why it may go), the archivist of the department puts
her visa on it, and somebody else than who made it lets it go. Whole seals go, so that those which
stay are still proved; the logbook names those that went, before they do.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import structlog

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.privacy.holding import check_keeper, words
from dispatcher.privacy.periods import days_of
from dispatcher.store import eliminations, logbook, seals
from dispatcher.store.clocks import EVIDENCE
from dispatcher.store.eliminations import BEGUN, DONE, Slip

DAY_S = 86_400.0
SINCE = (
    "Une conservation a été ordonnée, ou la durée allongée, depuis ce bordereau :"
    " abandonnez-le, puis refaites-en un."
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Visa:
    """What the archivist wrote on the slip: her name and office, the reference, the day (ISO)."""

    by: str
    reference: str
    on: str


@dataclass(frozen=True)
class _Ripe:
    """What has had its time: whole seals, and the versions that are in no other."""

    before: float
    seals: list[int]
    versions: list[str]


async def make_slip(office: Office, *, actor: Actor) -> Slip:
    """Write a slip of all evidence that has had its time; one that waits already is given back.

    Raises NotYou, NotNow where nothing has.
    """
    check_keeper(actor.function)
    for one in await eliminations.slips_of(office.ledger, office.commune):
        if one.state in ("made", "signed", "begun"):
            return one
    ripe = await _ripe(office)
    if not ripe.seals:
        days = (await days_of(office))[EVIDENCE]
        raise NotNow(
            "Rien n'est arrivé à son terme : la preuve des envois reste {days} jours.", days=days
        )
    counts = await eliminations.spans(office.ledger, office.commune, ripe.seals)
    counts |= {"versions": ripe.versions, "seals": len(ripe.seals)}
    row = {"before": ripe.before, "seals": ripe.seals, "counts": counts, "made_by": actor.login}
    number = await eliminations.make(
        office.ledger, office.commune, row,
        line=lambda made: office.line(
            actor.login, "records.slip_made",
            f"Bordereau d'élimination n° {made} : {counts['messages']} envois", slip=made,
        ),
    )  # fmt: skip
    return await slip(office, number)


async def _ripe(office: Office) -> _Ripe:
    before = office.clock().timestamp() - (await days_of(office))[EVIDENCE] * DAY_S
    under: dict[int, list[str]] = {}
    gone: set[int] = set()
    async for line in logbook.read_all(office.ledger, office.commune):
        if line.kind == seals.SEALED:
            under[int(line.data["seal"])] = list(line.data["versions"])
        elif line.kind == BEGUN:
            gone.update(line.data["seals"])
    named = {ident for idents in under.values() for ident in idents}
    over = await eliminations.over_among(office.ledger, office.commune, named, before=before)
    among, whole = eliminations.wholly_among(under, over, gone=gone)
    return _Ripe(before, among, whole)


async def record_visa(office: Office, number: int, visa: Visa, *, actor: Actor) -> None:
    """Keep the archivist's visa as it stands on the signed slip. Raises NotYou, NotSo, NotNow."""
    check_keeper(actor.function)
    found = await slip(office, number)
    who = words(visa.by, what="qui a signé, et sa fonction")
    where = words(visa.reference, what="la référence du visa")
    signed = _day(visa.on)
    made = datetime.fromtimestamp(found.made_at, UTC).date()
    if not made <= signed <= office.clock().date():
        raise NotSo("Le visa est daté d'un jour entre le bordereau et aujourd'hui.")
    line = office.line(
        actor.login, "records.visa", f"Visa d'élimination reçu : {who}, {where}", slip=number
    )
    kept = {
        "visa_by": who, "visa_reference": where, "visa_on": signed.isoformat(),
        "recorded_by": actor.login,
    }  # fmt: skip
    if not await eliminations.record(office.ledger, office.commune, number, kept, line=line):
        raise NotNow("Le visa est déjà noté, ou le bordereau abandonné : rouvrez la page.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotSo("Écrivez le jour du visa.") from error


async def give_up(office: Office, number: int, *, actor: Actor) -> None:
    """Give a slip up. Raises NotYou, NotThere, NotNow once it has begun."""
    check_keeper(actor.function)
    await slip(office, number)
    line = office.line(actor.login, "records.slip_given_up", "Bordereau abandonné", slip=number)
    if not await eliminations.give_up(
        office.ledger, office.commune, number, by=actor.login, line=line
    ):
        raise NotNow("L'élimination a commencé, ou le bordereau est déjà abandonné.")


async def eliminate(office: Office, number: int, *, actor: Actor) -> Slip:
    """Let go what a signed slip names. Raises NotYou, NotThere, NotNow.

    A hold placed since the slip was made, on any of it, stops it whole; one placed once it has
    begun keeps what is left of what it keeps, and the elimination pauses until it is lifted.
    """
    check_keeper(actor.function)
    found = await slip(office, number)
    if found.made_by == actor.login:
        raise NotYou("Vous avez fait le bordereau : une autre personne doit éliminer.")
    if found.state == "made":
        raise NotNow("Le visa des archives départementales manque : rien n'est éliminé sans lui.")
    if found.state == "signed":
        await _check_not_held(office, found)
        line = office.line(
            actor.login, BEGUN, f"Élimination commencée, bordereau n° {number}",
            slip=number, seals=list(found.seals), visa=found.visa_reference,
        )  # fmt: skip
        await eliminations.begin(office.ledger, office.commune, number, by=actor.login, line=line)
        if (await slip(office, number)).state == "signed":  # held in that very instant
            raise NotNow(SINCE)
    await go_on(office)
    return await slip(office, number)


async def _check_not_held(office: Office, found: Slip) -> None:
    ripe = await _ripe(office)
    if not set(found.seals) <= set(ripe.seals):
        raise NotNow(SINCE)


async def go_on(office: Office) -> None:
    """End what was begun: where the process died, or a hold stopped it, another goes on."""
    for one in await eliminations.slips_of(office.ledger, office.commune):
        if one.state != "begun":
            continue
        if not await _ended(office, one):
            log.info("elimination.paused", commune=office.commune, slip=one.number)
            continue
        line = office.line(
            str(one.begun_by), DONE, f"Éliminé : bordereau n° {one.number}",
            slip=one.number, seals=list(one.seals), messages=one.counts["messages"],
        )  # fmt: skip
        await eliminations.finish(office.ledger, office.commune, one.number, line=line)


async def _ended(office: Office, begun: Slip) -> bool:
    """End what no hold keeps of a slip; False where one keeps any."""
    whole = True
    for seal in begun.seals:
        while ended := await eliminations.end_part(office.ledger, office.commune, seal):
            pass
        whole = whole and ended is not None
    for version in begun.counts["versions"]:
        if not await eliminations.end_version(office.ledger, office.commune, version):
            whole = False
    return whole


async def slip(office: Office, number: int) -> Slip:
    """Return a slip. Raises NotThere."""
    for one in await eliminations.slips_of(office.ledger, office.commune):
        if one.number == number:
            return one
    raise NotThere("Ce bordereau n'existe pas.")
