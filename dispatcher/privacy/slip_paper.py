"""An elimination slip on paper, as the departmental archives read and sign it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dispatcher.alerts.office import Office
from dispatcher.alerts.plan_in_force import in_force
from dispatcher.alerts.refusals import NotThere
from dispatcher.logbook.typesetting import typeset
from dispatcher.store import logbook, seals
from dispatcher.store.alert_lines import version_titles
from dispatcher.store.eliminations import Slip


async def paper(office: Office, slip: Slip) -> bytes:
    """Return the slip as PDF. Raises NotPrinted."""
    issuer, zone = await _place(office)
    under: dict[str, list[int]] = {}
    async for line in logbook.read_all(office.ledger, office.commune):
        if line.kind == seals.SEALED and line.data["seal"] in slip.seals:
            for version in line.data["versions"]:
                under.setdefault(version, []).append(int(line.data["seal"]))
    titles = await version_titles(office.ledger, office.commune, list(under))
    counts = slip.counts
    first, last = (_day(counts[name], zone) for name in ("first_ms", "last_ms"))
    data = {
        "title": f"Bordereau d'élimination n° {slip.number}",
        "issuer": issuer,
        "rows": [
            ["Service producteur", f"Mairie de {issuer}, cellule de crise"],
            [
                "Nature",
                "Preuve des envois d'alertes : pour chaque message, un pseudonyme de contact, le"
                " moyen, l'heure et le résultat ; réponses reçues. Fichiers informatiques.",
            ],
            ["Quantité", f"{counts['messages']} messages sous {counts['seals']} scellés"],
            ["Dates extrêmes", f"{first} – {last}"],
            [
                "Motif",
                "Durée d'utilité administrative échue : alertes finies avant le "
                f"{_day(slip.before * 1000, zone)}.",
            ],
            ["Établi", f"le {_day(slip.made_at * 1000, zone)}, par {slip.made_by}"],
        ],
        "alerts": [
            [title, _day(None if at is None else at * 1000, zone), _run(under[version])]
            for version, title, at in titles
        ],
    }
    return await typeset("elimination", data)


def _day(at_ms: float | None, zone: ZoneInfo) -> str:
    if at_ms is None:
        return "—"
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone):%d/%m/%Y}"


def _run(seals_: list[int]) -> str:
    first, last = min(seals_), max(seals_)
    return str(first) if first == last else f"{first} à {last}"


async def _place(office: Office) -> tuple[str, ZoneInfo]:
    try:
        commune = (await in_force(office)).plan.commune
    except NotThere:
        return office.commune, ZoneInfo("Europe/Paris")
    return commune.name, ZoneInfo(commune.timezone)
