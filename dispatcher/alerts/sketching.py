"""Writing an alert step by step: begun, changed by any hand of the cell, then frozen as a version.

A sketch may be incomplete; nothing of it can leave. `freeze` judges it as any draft is judged and
makes the version that is submitted. Who changes it afterwards makes the approval void.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.addressees import addressees
from dispatcher.alerts.drafting import MODES, digest_of, draft, id_of_key, new_id
from dispatcher.alerts.lengths import check_lengths
from dispatcher.alerts.life import find
from dispatcher.alerts.local_hour import local_hour
from dispatcher.alerts.night import check_night
from dispatcher.alerts.office import Actor, Office, utc_now
from dispatcher.alerts.plan_in_force import PlanInForce
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere
from dispatcher.alerts.sketch import Chosen, Sketch, chosen_of
from dispatcher.alerts.sketch_choices import check_promises, ground_of, wanted_of
from dispatcher.delivery.content import Content
from dispatcher.store import crises, sketches, users, versions
from dispatcher.store.sketches import Change, NewSketch, SketchRow
from dispatcher.store.versions import FIRST, Chained, Draft, Version
from zones.geojson import read_area

HOUR_S = 3600.0
SECOND_CLICK_S = 60.0


@dataclass(frozen=True)
class Start:
    """What a sketch begins with; its mode is fixed from here on.

    `alert_id` is given where what is begun can be there only once, such as an event's proposal.
    """

    mode: str = "real"
    event: str | None = None
    chosen: Chosen = field(default_factory=Chosen)
    alert_id: str = ""


async def begin(office: Office, start: Start, *, actor: Actor, key: str = "") -> str:
    """Begin an alert and return its id; with a `key`, a second click returns the same.

    In an event it takes the event's mode: a real alert never comes out of an exercise.
    """
    if start.mode not in MODES:
        raise NotSo(
            "Le mode « {mode} » n'existe pas : choisissez parmi {known}.",
            mode=start.mode,
            known=", ".join(MODES),
        )
    if start.event is not None:
        await _check_event(office, start)
    by_key = id_of_key(office.commune, actor.login, f"sketch\n{key}") if key else new_id()
    alert_id = start.alert_id or by_key
    new = NewSketch(
        office.commune, alert_id, start.mode, start.event, start.chosen.as_json(), actor.login
    )
    line = office.line(
        actor.login, "alert.begun", "Rédaction d'une alerte commencée", alert=alert_id,
        mode=start.mode, **({"event": start.event} if start.event else {}),
    )  # fmt: skip
    await sketches.begin(office.ledger, new, line)
    return alert_id


async def _check_event(office: Office, start: Start) -> None:
    event = await crises.event_of(office.ledger, office.commune, start.event or "")
    if event is None:
        raise NotThere(
            "Il n'y a pas d'événement « {event} » dans cette commune.", event=start.event
        )
    if not event.is_open:
        raise NotNow("L'événement est terminé : rédigez l'alerte depuis la page des alertes.")
    if event.mode != start.mode:
        raise NotSo("L'alerte d'un événement est dans son mode : un exercice ne devient pas réel.")


async def sketch_of(office: Office, alert_id: str) -> Sketch:
    """Return the sketch of an alert; one that was drafted elsewhere gets it from its content."""
    row = await sketches.sketch_of(office.ledger, office.commune, alert_id)
    if row is not None:
        return _read(row)
    version = await find(office, alert_id)
    current = await plan_in_force.in_force(office)
    content = Content.of(version.content)
    hours = max((version.expires_at - utc_now().timestamp()) / HOUR_S, 1.0)
    chosen = chosen_of(content, hours=round(hours, 2), prefix=current.plan.policy.exercise_prefix)
    return Sketch(
        commune=office.commune,
        alert_id=alert_id,
        revision=0,
        mode=content.mode,
        event=None,
        chosen=chosen,
        frozen=version.digest,
        created_by=version.drafted_by,
        created_at=0.0,
        changed_by=version.drafted_by,
        changed_at=0.0,
        editors=(version.drafted_by,),
    )


def _read(row: SketchRow) -> Sketch:
    values = {**vars(row), "chosen": Chosen.of(row.chosen), "editors": tuple(row.editors)}
    return Sketch(**values)


async def change(
    office: Office, alert_id: str, changes: Mapping[str, object], *, revision: int, actor: Actor
) -> Sketch:
    """Change what has been chosen; raises NotNow where somebody else changed it since `revision`.

    Raises AreaRefused for an area that is none.

    What was submitted or approved of it goes back to a draft: the approval was of other words.
    The same values again change nothing, and void nothing.
    """
    before = await sketch_of(office, alert_id)
    try:
        chosen = before.chosen.changed(changes)
    except (KeyError, ValidationError) as wrong:
        raise NotSo("Un champ de l'alerte n'a pas pu être lu : vérifiez sa valeur.") from wrong
    if chosen == before.chosen:
        return before
    if chosen.area is not None:
        read_area(json.dumps(chosen.area).encode())  # what is kept was judged (SECURITY T6)
    if before.revision != revision:
        raise await _changed_since(office, before)
    editors = tuple(dict.fromkeys((*before.editors, actor.login)))
    act = Change(office.commune, alert_id, revision, chosen.as_json(), actor.login, editors)
    first = None
    if before.revision == 0:
        first = NewSketch(
            office.commune, alert_id, before.mode, None, chosen.as_json(), before.created_by
        )
    if not await sketches.change(
        office.ledger, act, first=first, voids=_reopened(office, alert_id, actor)
    ):
        now = await sketch_of(office, alert_id)
        if now.revision != revision:
            raise await _changed_since(office, now)
        raise NotNow("Cette alerte n'est plus un brouillon : préparez une correction.")
    return await sketch_of(office, alert_id)


def _reopened(office: Office, alert_id: str, actor: Actor) -> Chained:
    """Return the line of what was asked or approved of words that are no longer these."""
    return office.line(
        actor.login, "alert.reopened",
        "Alerte modifiée : sa validation ne vaut plus, personne n'est plus appelé pour elle",
        alert=alert_id,
    )  # fmt: skip


async def _changed_since(office: Office, sketch: Sketch) -> NotNow:
    found = await users.credentials(office.ledger, office.commune, sketch.changed_by)
    plan = (await plan_in_force.in_force(office)).plan
    who = found.user.name if found else sketch.changed_by
    at = datetime.fromtimestamp(sketch.changed_at, UTC)
    hour = local_hour(at, ZoneInfo(plan.commune.timezone))
    return NotNow(
        "{who} a modifié cette alerte à {hour}, pendant que vous écriviez : "
        "relisez-la, puis refaites votre changement.",
        who=who,
        hour=hour,
    )


async def freeze(office: Office, alert_id: str, *, revision: int, actor: Actor) -> Version:
    """Make the version that is submitted from what has been chosen; raises AlertRefused.

    The expiry counts from here: of an unchanged sketch the version that was made stays as it is
    while it waits or was approved, or was made a moment ago (a second click). What was returned is
    made anew. At night, what threatens no life is confirmed first.
    """
    sketch = await sketch_of(office, alert_id)
    if sketch.revision != revision:
        raise await _changed_since(office, sketch)
    made = await versions.version_of(office.ledger, office.commune, alert_id)
    if made is not None and _stands(sketch, made, now=office.clock()):
        return made
    current = await plan_in_force.in_force(office)
    check_night(current.plan, sketch, now=office.clock())
    kept = await _draft_of(office, sketch, current, made=made)
    line = office.line(
        actor.login, "alert.drafted", f"Alerte rédigée : {kept.content['title']}",
        alert=alert_id, digest=kept.digest, people=kept.people, mode=sketch.mode,
        **({"event": sketch.event} if sketch.event else {}),
    )  # fmt: skip
    voids = _reopened(office, alert_id, actor)
    done = await sketches.freeze(office.ledger, kept, revision=revision, line=line, voids=voids)
    if not done:
        raise NotNow("Quelqu'un vient de modifier cette alerte : relisez-la.")
    return await find(office, alert_id)


def _stands(sketch: Sketch, made: Version, *, now: datetime) -> bool:
    """Tell whether what was made of a sketch is still what is submitted."""
    if sketch.revision == 0:  # drafted elsewhere: its expiry is its author's
        return True
    if sketch.frozen != made.digest:
        return False
    begun = made.expires_at - sketch.chosen.hours * HOUR_S
    return made.state != "draft" or now.timestamp() - begun < SECOND_CLICK_S


async def _draft_of(
    office: Office, sketch: Sketch, current: PlanInForce, *, made: Version | None
) -> Draft:
    if made is not None and made.kind != FIRST:
        raise NotNow("Cette alerte n'est plus un brouillon : préparez une correction.")
    if ground_of(current.plan, sketch) is None:  # the scenario's sectors were taken away
        raise NotSo("L'alerte n'a pas de zone : tracez-la ou choisissez des secteurs.")
    now = office.clock()
    drafted = draft(
        current.plan,
        wanted_of(sketch, expires_at=now + timedelta(hours=sketch.chosen.hours)),
        plan_digest=current.digest,
        now=now,
        cap_sender=office.cap_sender,
    )
    check_lengths(drafted.content, public_url=office.public_url)
    check_promises(current.plan, sketch, drafted.content, public_url=office.public_url)
    found = await addressees(office, current.plan, drafted.content, alert_id=sketch.alert_id)
    content = drafted.content.as_json()
    return Draft(
        commune=office.commune,
        alert_id=sketch.alert_id,
        version_id=made.version_id if made else new_id(),
        content=content,
        digest=digest_of(content, expires_at=drafted.expires_at, people=found.most),
        lane=drafted.lane,
        expires_at=drafted.expires_at.timestamp(),
        people=found.most,
        created_by=sketch.created_by,
    )


async def drop(office: Office, alert_id: str, *, actor: Actor) -> None:
    """Throw a sketch away; raises NotNow where a version was made of it: that one is withdrawn."""
    line = office.line(
        actor.login, "alert.dropped", "Rédaction d'une alerte abandonnée", alert=alert_id
    )
    if not await sketches.drop(office.ledger, office.commune, alert_id, line=line):
        raise NotNow("Cette alerte a déjà été soumise, ou n'existe plus : retirez-la plutôt.")
