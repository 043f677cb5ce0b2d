"""Asking the prefecture for an FR-Alert: a sheet that is ready to be read out, and what came of it.

The State sends it from its own portal and has no interface for others; a mayor may ask, the prefect
decides (DOMAIN.md §4.3). So the sheet is filled from the alert, said on the telephone or sent as
PDF and GeoJSON, and each step is kept with its time and who was spoken with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from shapely.geometry import mapping

from channels.segments import measure
from dispatcher.alerts.audience import area_of
from dispatcher.alerts.means import FR_ALERT
from dispatcher.alerts.office import Office, utc_now
from dispatcher.alerts.refusals import NotNow, NotSo
from dispatcher.crisis.cards import check_doer
from dispatcher.crisis.means import task_of
from dispatcher.crisis.steps import Asked
from dispatcher.delivery.content import LINK_BLANK, Content
from dispatcher.store import fr_alerts
from dispatcher.store.fr_alerts import Answered, NewStep, Step
from plans.plan import Plan

PREPARED, REQUESTED, ACCEPTED, REFUSED = "prepared", "requested", "accepted", "refused"
NEXT: Mapping[str, tuple[str, ...]] = {
    "": (PREPARED, REQUESTED),
    PREPARED: (PREPARED, REQUESTED),
    REQUESTED: (ACCEPTED, REFUSED),
    REFUSED: (PREPARED, REQUESTED),
    ACCEPTED: (),
}
STATES = {  # how far a request is, as people read it
    "": "Pas encore demandé",
    PREPARED: "Fiche prête",
    REQUESTED: "Demandé, sans réponse",
    ACCEPTED: "Accepté par la préfecture",
    REFUSED: "Refusé par la préfecture",
}
_SAID = {
    PREPARED: "Fiche FR-Alert préparée",
    REQUESTED: "FR-Alert demandé à la préfecture",
    ACCEPTED: "FR-Alert accepté par la préfecture",
    REFUSED: "FR-Alert refusé par la préfecture",
}
# A cell broadcast has at most 15 pages of 82 octets (3GPP TS 23.041): 93 characters a page in
# GSM-7, 41 in UCS-2.
MOST_UNITS = {"GSM-7": 15 * 93, "UCS-2": 15 * 41}
LONGEST = 2000
ATTITUDES = {  # CAP 1.2 §3.2.2, responseType
    "Shelter": "Mettez-vous à l'abri",
    "Evacuate": "Évacuez",
    "Prepare": "Préparez-vous à partir",
    "Execute": "Appliquez les consignes",
    "Avoid": "N'approchez pas de la zone",
    "Monitor": "Restez à l'écoute",
    "AllClear": "Fin du danger",
}
PUBLIC_PAGE = "/alertes"


@dataclass(frozen=True)
class Sheet:
    """What an FR-Alert has to say (DOMAIN.md §4.3): its parts, then the whole text."""

    nature: str = ""
    place: str = ""
    attitude: str = ""
    authority: str = ""
    link: str = ""
    text: str = ""

    @property
    def units(self) -> int:
        """How long the text is, in the units of its encoding."""
        return measure(self.text).units

    @property
    def most(self) -> int:
        """How long it may be, in the same units."""
        return MOST_UNITS[measure(self.text).encoding]


NAMES = tuple(one.name for one in fields(Sheet))
_WORDS = {
    "nature": "la nature du risque",
    "place": "le lieu",
    "attitude": "l'attitude à tenir",
    "authority": "l'autorité",
    "text": "le texte",
}


@dataclass(frozen=True)
class Happened:
    """What somebody records: the next state, who was spoken with, what was said, when."""

    state: str
    sheet: Sheet = field(default_factory=Sheet)
    spoken_with: str = ""
    said: str = ""
    at: datetime | None = None
    after: int = 0  # the number of the step that was read


def sheet_of(plan: Plan, content: Content, *, public_url: str) -> Sheet:
    """Fill the sheet from what the alert says; each part may be changed before it is sent."""
    scenario = next((one for one in plan.scenarios if one.id == content.scenario), None)
    hazards = {one.code: one.label for one in plan.hazards}
    named = [one.name for one in plan.sectors if one.id in content.sectors]
    said = content.cap.get("responseType")
    types = [str(one) for one in said] if isinstance(said, Sequence) else []
    link = f"{public_url}{PUBLIC_PAGE}" if public_url else ""
    texts = content.words(content.language)[1]
    return Sheet(
        nature=_nature(content, scenario.hazard if scenario else None, hazards),
        place=", ".join([*named, plan.commune.name]),
        attitude=", ".join(ATTITUDES[one] for one in types if one in ATTITUDES),
        authority=content.issuer,
        link=link,
        text=" ".join(texts.sms.replace(LINK_BLANK, link).split()),
    )


def _nature(content: Content, hazard: str | None, hazards: Mapping[str, str]) -> str:
    return hazards.get(hazard or "") or str(content.cap.get("event") or "") or content.title


async def record(office: Office, alert_id: str, happened: Happened, *, asked: Asked) -> list[Step]:
    """Keep one step of an alert's request and return them all.

    Raises NotSo where a part is missing or the text too long, or nobody is named at the
    prefecture; NotNow where the request is not there yet, or somebody else wrote meanwhile.
    """
    check_doer(asked)
    steps = await fr_alerts.steps_of(office.ledger, office.commune, alert_id)
    if len(steps) != happened.after:
        raise NotNow("Quelqu'un vient d'écrire sur cette demande : relisez-la.")
    state = steps[-1].state if steps else ""
    if happened.state not in NEXT[state]:
        raise NotNow("La demande n'en est pas là : relisez où elle en est.")
    sheet = happened.sheet
    if happened.state in (ACCEPTED, REFUSED):
        sheet = kept_sheet(steps) or sheet
    else:
        _check_sheet(sheet)
    spoken_with, said = happened.spoken_with.strip(), happened.said.strip()
    _check_said(happened.state, spoken_with, said, at=happened.at)
    who = f" ({spoken_with})" if spoken_with else ""
    line = office.line(
        asked.actor.login, f"fr_alert.{happened.state}",
        f"{_SAID[happened.state]}{who}" + (f" : {said}" if said else ""),
        alert=alert_id, sheet=asdict(sheet), at=(happened.at or utc_now()).timestamp(),
    )  # fmt: skip
    at = happened.at.timestamp() if happened.at else None
    ends = await _ends(office, alert_id, happened, asked=asked) if state == REQUESTED else None
    step = NewStep(happened.state, asdict(sheet), spoken_with, said, at, ends)
    this = (office.commune, alert_id)
    if not await fr_alerts.add_step(office.ledger, this, step, after=len(steps), line=line):
        raise NotNow("Quelqu'un vient d'écrire sur cette demande : relisez-la.")
    return await fr_alerts.steps_of(office.ledger, office.commune, alert_id)


async def _ends(
    office: Office, alert_id: str, happened: Happened, *, asked: Asked
) -> Answered | None:
    """Return what the prefecture's answer does to the task of this request, where there is one."""
    found = await task_of(office, alert_id, FR_ALERT)
    if found is None:
        return None
    mine, task = found
    said = f"{_SAID[happened.state]} ({happened.spoken_with.strip()})"
    line = office.line(
        asked.actor.login, "task.done", f"Tâche faite : {task.text}", alert=alert_id,
        card=task.card, step=task.step, owner=task.owner, note=said,
    )  # fmt: skip
    values = {
        "state": "done",
        "note": said,
        "owner": task.owner or f"user:{asked.actor.login}",
        "done_at": happened.at.timestamp() if happened.at else None,
    }
    return Answered(mine, task, values, line)


def kept_sheet(steps: Sequence[Step]) -> Sheet | None:
    """Return the sheet as it was last kept, None before."""
    return Sheet(**{name: str(steps[-1].sheet[name]) for name in NAMES}) if steps else None


def _check_sheet(sheet: Sheet) -> None:
    for name, word in _WORDS.items():
        if not getattr(sheet, name).strip():
            raise NotSo("La fiche FR-Alert n'est pas complète : écrivez {word}.", word=word)
    if any(len(getattr(sheet, name)) > LONGEST for name in NAMES):
        raise NotSo("Un champ de la fiche est trop long : {most} signes au plus.", most=LONGEST)
    if sheet.units > sheet.most:
        raise NotSo(
            "Le texte est trop long pour un FR-Alert ({units} sur {most}) : raccourcissez-le.",
            units=sheet.units,
            most=sheet.most,
        )


def _check_said(state: str, spoken_with: str, said: str, *, at: datetime | None) -> None:
    if state != PREPARED and not spoken_with:
        raise NotSo("Écrivez à qui vous avez parlé à la préfecture : nom ou fonction.")
    if state == REFUSED and not said:
        raise NotSo("Écrivez pourquoi la préfecture refuse.")
    if max(len(spoken_with), len(said)) > LONGEST:
        raise NotSo("Un champ est trop long : {most} signes au plus.", most=LONGEST)
    if at is not None and at > utc_now():
        raise NotSo("L'heure est dans l'avenir : écrivez celle où cela s'est passé.")


def as_geojson(content: Content, sheet: Sheet) -> dict[str, object]:
    """Return the zone as the prefecture's map takes it (RFC 7946), with what the sheet says.

    One feature a polygon: many maps read no collection of geometries.
    """
    told = {**asdict(sheet), "margin_m": content.margin_m, "mode": content.mode}
    features = [
        {"type": "Feature", "geometry": mapping(polygon), "properties": told}
        for polygon in area_of(content.area).polygons
    ]
    return {"type": "FeatureCollection", "features": features}


def as_paper(
    plan: Plan, content: Content, sheet: Sheet, *, steps: Sequence[Step], printed: datetime
) -> dict[str, object]:
    """Return what the form `fr_alert` shows."""
    zone = ZoneInfo(plan.commune.timezone)
    mode = "" if content.mode == "real" else plan.policy.exercise_prefix.strip() + " · "
    trimmed = replace(sheet, text=sheet.text.strip())
    return {
        "title": f"{mode}Demande de FR-Alert",
        "issuer": plan.commune.name,
        "commune": plan.commune.name,
        "subtitle": f"imprimée le {printed.astimezone(zone):%d/%m/%Y à %H:%M}",
        **asdict(trimmed),
        "length": f"{trimmed.units} / {trimmed.most}",
        "steps": [_paper_step(one, zone) for one in steps],
    }


def _paper_step(one: Step, zone: ZoneInfo) -> Mapping[str, str]:
    at = datetime.fromtimestamp(one.at, zone)
    return {
        "at": f"{at:%d/%m %H:%M}",
        "what": _SAID[one.state],
        "who": one.spoken_with,
        "said": one.said,
        "by": one.recorded_by,
    }
