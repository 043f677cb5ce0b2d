"""Lines as a table that people read: the columns of the main courante, hours of the commune."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dispatcher.logbook.cells import table
from dispatcher.logbook.searching import Shown
from dispatcher.store.logbook import Head, Line

LATE_S = 90.0  # between what happened and its writing: both hours are then told on paper
CHANNELS: Mapping[str, str] = {
    "phone": "téléphone",
    "radio": "radio",
    "mail": "courriel",
    "in_person": "sur place",
    "system": "système",
    "paper": "papier",
}
COLUMNS = (
    "numero", "evenement", "ecrite", "registre", "auteur", "origine", "canal", "information",
    "action_demandee", "decision", "decidee_par", "mise_en_oeuvre", "suite", "heure_de_classement",
    "corrige_la_ligne", "corrigee_par_la_ligne", "nature",
)  # fmt: skip


@dataclass(frozen=True)
class Cover:
    """What is told around the lines of a printed logbook."""

    commune: str
    title: str
    subtitle: str
    head: Head
    zone: ZoneInfo
    now: datetime


def local(at: float, zone: ZoneInfo) -> str:
    """Return an instant as a spreadsheet of the commune writes it, to the second."""
    return f"{datetime.fromtimestamp(at, UTC).astimezone(zone):%d/%m/%Y %H:%M:%S}"


def as_csv(lines: Iterable[Shown], zone: ZoneInfo) -> str:
    """Return lines as a spreadsheet opens them."""
    return table(COLUMNS, (_cells(one, zone) for one in lines))


def _cells(shown: Shown, zone: ZoneInfo) -> Sequence[str]:
    line, end = shown.line, shown.closing
    return (
        str(line.number),
        local(line.at, zone),
        local(line.recorded_at, zone),
        line.book or "",
        line.author,
        line.origin or "",
        CHANNELS.get(line.channel or "", line.channel or ""),
        line.text,
        line.request or "",
        line.decision or "",
        line.decision_by or "",
        line.execution_by or "",
        (end.text if end else ""),
        (local(end.at, zone) if end else ""),
        str(line.supersedes or ""),
        str(shown.corrected_by.number if shown.corrected_by else ""),
        "manuelle" if shown.written else "automatique",
    )


def as_paper(lines: Sequence[Shown], cover: Cover) -> dict[str, object]:
    """Return what the form `main_courante` shows, in the order of the events."""
    keepers = sorted({one.line.author for one in lines if one.written})
    return {
        "commune": cover.commune,
        "issuer": cover.commune,
        "title": cover.title,
        "subtitle": cover.subtitle,
        "keepers": ", ".join(keepers) or "Tocsin",
        "printed": f"{cover.now.astimezone(cover.zone):%d/%m/%Y à %H:%M}",
        "head": vars(cover.head),
        "rows": [_paper(one, cover.zone) for one in lines],
    }


def _paper(shown: Shown, zone: ZoneInfo) -> dict[str, object]:
    line, end = shown.line, shown.closing
    late = f"écrite {_hour(line.recorded_at, zone)}" if is_late(line) else ""
    return {
        "number": line.number,
        "time": _hour(line.at, zone),
        "late": late,
        "origin": _joined(line.origin, CHANNELS.get(line.channel or "", "")),
        "writer": line.author,
        "text": line.text,
        "note": _note(shown),
        "request": line.request or "",
        "decision": _joined(line.decision_by, line.decision),
        "execution": line.execution_by or "",
        "end": f"{_hour(end.at, zone)}\n{end.text}" if end else "",
        "struck": shown.corrected_by is not None,
        "automatic": not shown.written,
    }


def is_late(line: Line) -> bool:
    """Tell whether a line was written so long after its event that both hours matter."""
    return abs(line.recorded_at - line.at) > LATE_S


def _note(shown: Shown) -> str:
    if shown.corrected_by is not None:
        return f"Corrigée par la ligne {shown.corrected_by.number}"
    if shown.line.supersedes is not None:
        return f"Corrige la ligne {shown.line.supersedes}"
    return f"Suite de la ligne {shown.line.closes}" if shown.line.closes is not None else ""


def _hour(at: float, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at, UTC).astimezone(zone):%d/%m %H:%M}"


def _joined(*texts: str | None) -> str:
    return "\n".join(text for text in texts if text)
