"""The situation report to the prefecture (point de situation), drafted from the logbook.

Its parts are those of the Lot prefecture's model (2022): DOMAIN §1.5. What is drafted is read and
changed by somebody before it is issued; each issue is a numbered line, with its whole text.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dispatcher.logbook.books import Keeper, LineRefused
from dispatcher.logbook.copies import lines_of
from dispatcher.logbook.decided import Decided, decided
from dispatcher.logbook.named import crisis_named, mode_first, mode_of
from dispatcher.logbook.searching import Shown, folded, shown_with
from dispatcher.store import sitreps
from dispatcher.store.alert_lines import latest_alerts
from dispatcher.store.centres import centres_of
from dispatcher.store.lending import out_of
from dispatcher.store.logbook import Entry, Line, Particulars
from dispatcher.store.mission_doors import door_sums
from dispatcher.store.mission_rows import missions_of
from dispatcher.store.pages_of_lines import Wanted
from dispatcher.store.sitreps import Issued
from dispatcher.store.situation import progress

PARTS: Mapping[str, str] = {
    "situation": "Situation générale",
    "humain": "Bilan humain (décédés, blessés, évacués)",
    "operationnel": "Bilan opérationnel",
    "reseaux": "Réseaux (énergie, routes, SNCF, eau)",
    "moyens": "Moyens mobilisés (humains, matériels)",
    "economique": "Impact économique",
    "communication": "Communication",
    "demandes": "Demande de moyens, par ordre de priorité",
    "anticipation": "Anticipation",
    "decisions": "Relevé de décisions",
}
MOST_CHARS = 8000
MOST_LINES = 12  # of a part: who reads it has two minutes
# Beginnings of words, folded: which lines a part is drafted from. People decide what stays.
_WORDS: Mapping[str, tuple[str, ...]] = {
    "humain": ("mort", "deced", "blesse", "evacu", "disparu", "victime", "malade", "impliqu"),
    "reseaux": ("electri", "enedis", "courant", "coupure", "eau potable", "gaz", "route", "rd ",
                "pont", "sncf", "voie ferree", "telephon", "internet", "assainiss"),
    "economique": ("entreprise", "commerce", "usine", "recolte", "chomage", "exploitation"),
    "anticipation": ("prevu", "prevision", "attendu", "vigilance", "demain", "cette nuit"),
}  # fmt: skip


@dataclass(frozen=True)
class Draft:
    """A report before it is issued: the number that it would have, and its parts by name."""

    number: int
    parts: Mapping[str, str]


async def draft(keeper: Keeper, *, event: str, zone: ZoneInfo) -> Draft:
    """Draft the next report of a crisis from its lines since the last one, and from its alerts."""
    crisis = await crisis_named(keeper.ledger, keeper.commune, event)
    before = await sitreps.issued(keeper.ledger, keeper.commune, event)
    since = before[0].recorded_at if before else None
    lines = await lines_of(keeper, Wanted(event=event, written=True))
    shown = [one for one in await shown_with(keeper, lines) if one.corrected_by is None]
    new = [one for one in shown if since is None or one.line.recorded_at > since]
    said = [one for one in new if one.line.closes is None]
    done = _listed([one for one in said if one.line.execution_by], zone)
    parts = {
        "situation": _listed(said, zone),
        "operationnel": "\n".join(filter(None, (*await _knocked(keeper, event), done))),
        "moyens": "\n".join([*_crews(shown), *await _engaged(keeper, event)]),
        "communication": await _alerts(keeper, zone, mode=mode_of(crisis)),
        "demandes": "\n".join(_ranked(shown, zone)),
        "decisions": "\n".join(_decisions(said, await decided(keeper, crisis, since=since), zone)),
        **{name: _listed(_about(said, words), zone) for name, words in _WORDS.items()},
    }
    sheltered = await _sheltered(keeper, event)
    parts["humain"] = "\n".join(filter(None, (*sheltered, parts["humain"])))
    number = await sitreps.next_number(keeper.ledger, keeper.commune, event)
    return Draft(number, {name: parts.get(name, "") for name in PARTS})


async def issue(keeper: Keeper, parts: Mapping[str, str], *, event: str, by: str) -> Issued:
    """Issue a report as it was changed; its number and its line. Raises LineRefused."""
    kept = {name: parts.get(name, "").replace("\r\n", "\n").strip() for name in PARTS}
    if not any(kept.values()):
        raise LineRefused("Ce point de situation est vide : écrivez au moins une partie.")
    if any(len(text) > MOST_CHARS or "\x00" in text for text in kept.values()):
        raise LineRefused("Une partie a {most} caractères au plus.", most=MOST_CHARS)

    crisis = await crisis_named(keeper.ledger, keeper.commune, event)

    def entry(number: int) -> Entry:
        text = mode_first(crisis, f"Point de situation n° {number}")
        data = {"number": number, "parts": kept}
        return Entry(by, sitreps.ISSUED, text, data, particulars=Particulars(event=event or None))

    return await sitreps.issue(keeper.ledger, keeper.commune, event, entry=entry, key=keeper.key)


def as_paper(line: Line, *, commune_name: str, zone: ZoneInfo) -> dict[str, object]:
    """Return what the form `sitrep` shows of an issued report."""
    parts: Mapping[str, str] = line.data["parts"]
    at = datetime.fromtimestamp(line.recorded_at, UTC).astimezone(zone)
    return {
        "commune": commune_name,
        "issuer": commune_name,
        "title": line.text,
        "subtitle": f"{at:%d/%m/%Y à %H:%M} · {line.author}",
        "number": line.number,
        "parts": [{"title": PARTS[name], "text": parts.get(name, "")} for name in PARTS],
    }


def _listed(shown: Sequence[Shown], zone: ZoneInfo) -> str:
    """Return the last lines, in order; how many came before is told."""
    kept = [_short(one.line, zone) for one in shown[-MOST_LINES:]]
    left = len(shown) - len(kept)
    return "\n".join(([f"({left} lignes plus anciennes)"] if left else []) + kept)


def _short(line: Line, zone: ZoneInfo) -> str:
    origin = f"{line.origin} : " if line.origin else ""
    return f"{_hour(line.at, zone)} {origin}{line.text or line.request or line.decision}"


def _hour(at: float, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at, UTC).astimezone(zone):%d/%m %H:%M}"


def _about(shown: Iterable[Shown], words: Sequence[str]) -> list[Shown]:
    return [one for one in shown if any(word in folded(one.line.text) for word in words)]


def _crews(shown: Iterable[Shown]) -> list[str]:
    return sorted({one.line.execution_by for one in shown if one.line.execution_by})


def _ranked(shown: Iterable[Shown], zone: ZoneInfo) -> list[str]:
    """Return what was asked for and has no end, the oldest first."""
    still = sorted((one.line for one in shown if one.open), key=lambda line: line.at)
    return [
        f"{rank}. {line.request} ({_hour(line.at, zone)})" for rank, line in enumerate(still, 1)
    ]


def _decisions(shown: Iterable[Shown], acts: Iterable[Decided], zone: ZoneInfo) -> list[str]:
    """Return what people wrote down as decided, and what was decided at the console."""
    written = [
        Decided(one.line.at, one.line.decision_by or "", one.line.decision)
        for one in shown
        if one.line.decision
    ]
    found = sorted((*written, *acts), key=lambda one: one.at)[-MOST_LINES:]
    return [f"{_hour(one.at, zone)} {f'{one.by} : ' if one.by else ''}{one.what}" for one in found]


async def _sheltered(keeper: Keeper, event: str) -> list[str]:
    """Tell how many people each centre shelters, as they are counted now."""
    return [
        f"{one.label}, personnes accueillies : {one.people}"
        + (f" (enfants notés : {one.children})" if one.children else "")
        for one in await centres_of(keeper.ledger, keeper.commune, event)
        if one.people
    ]


async def _knocked(keeper: Keeper, event: str) -> list[str]:
    """Tell what each door-to-door mission of the crisis comes to, as its doors stand now."""
    missions = await missions_of(keeper.ledger, keeper.commune, event=event) if event else []
    named = {one.mission: one.title for one in missions}
    sums = await door_sums(keeper.ledger, keeper.commune, tuple(named))
    told = [
        f"{title}. Portes : {one.doors}, vues {one.done} (prévenues {one.found}, parties"
        f" {one.evacuated}, refus de partir {one.refused}, sans personne {one.empty}, aide demandée"
        f" {one.help}), restent {one.doors - one.done}."
        for mission, title in named.items()
        if (one := sums.get(mission)) is not None
    ]
    return told[:MOST_LINES]


async def _engaged(keeper: Keeper, event: str) -> list[str]:
    """Tell which means are out, as the loans have it now."""
    out: dict[tuple[str, str], float] = {}
    for loan in await out_of(keeper.ledger, keeper.commune, event):
        this = (loan.label, loan.unit)
        out[this] = out.get(this, 0.0) + loan.out
    return [f"{label} : {quantity:g} {unit}" for (label, unit), quantity in out.items()]


async def _alerts(keeper: Keeper, zone: ZoneInfo, *, mode: str) -> str:
    """Tell the alerts that run and whom they reached, as the ledger counts it now."""
    now, told = datetime.now(UTC).timestamp(), []
    for line in await latest_alerts(keeper.ledger, keeper.commune, limit=10):
        if line.launched_at is None or not line.runs_at(now) or line.mode != mode:
            continue
        stands = await progress(keeper.ledger, keeper.commune, line.version_id)
        told.append(
            f"{_hour(line.launched_at, zone)} Alerte « {line.title} » : {stands.people} personnes,"
            f" {stands.understood} ont confirmé, {stands.need_help} demandent de l'aide,"
            f" {stands.delivered} ont un message remis et n'ont pas répondu,"
            f" {stands.handed} un message accepté, pas encore remis ; {stands.lost} non jointes."
        )
    return "\n".join(told)
