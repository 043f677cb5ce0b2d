"""The life of an alert: draft → pending_approval → approved → launched → (finished) | cancelled.

Two people at least: who approves is neither who drafted nor who submitted, and one of them is the
mayor or a deputy (`two_people.py`). Approval binds a digest of text, area, media, mode, expiry and
head-count, and lives half an hour; the audience freezes at launch. What an approver does not
approve goes back or is refused (`judging.py`).
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.addressees import Addressees, addressees, frozen
from dispatcher.alerts.audience import blocks_of
from dispatcher.alerts.drafting import Wanted, digest_of, draft, id_of_key, new_id
from dispatcher.alerts.in_service import check_in_service
from dispatcher.alerts.lengths import check_lengths
from dispatcher.alerts.means import brings_means
from dispatcher.alerts.night import check_hour
from dispatcher.alerts.office import Actor, Office, utc_now
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere
from dispatcher.alerts.ringing import Submission, ring_for
from dispatcher.alerts.standing import check_launch, check_moved, check_not_over, check_state
from dispatcher.alerts.two_people import check_second
from dispatcher.delivery.content import Content
from dispatcher.store import decisions, launching, succession, versions
from dispatcher.store.alert_steps import By
from dispatcher.store.decisions import Signed
from dispatcher.store.hands import hands_of
from dispatcher.store.versions import AudienceBlock, Chained, Draft, Launch, Version


async def make_draft(office: Office, wanted: Wanted, *, actor: Actor, key: str = "") -> str:
    """Keep a new draft and return the alert's id; raises AlertRefused, keeps nothing then.

    With a `key`, asking again (a second click) returns the draft that is there; raises NotNow where
    the key's draft is of another template, scenario, sectors or mode.
    """
    alert_id = id_of_key(office.commune, actor.login, key) if key else new_id()
    kept_before = await versions.version_of(office.ledger, office.commune, alert_id)
    if kept_before is not None:
        _check_same(kept_before, wanted)
        return alert_id
    current = await plan_in_force.in_force(office)
    drafted = draft(
        current.plan,
        wanted,
        plan_digest=current.digest,
        now=utc_now(),
        cap_sender=office.cap_sender,
    )
    check_lengths(drafted.content, public_url=office.public_url)
    found = await addressees(office, current.plan, drafted.content, alert_id=alert_id)
    content = drafted.content.as_json()
    kept = Draft(
        commune=office.commune,
        alert_id=alert_id,
        version_id=new_id(),
        content=content,
        digest=digest_of(content, expires_at=drafted.expires_at, people=found.most),
        lane=drafted.lane,
        expires_at=drafted.expires_at.timestamp(),
        people=found.most,
        created_by=actor.login,
    )
    line = office.line(
        actor.login, "alert.drafted", f"Alerte rédigée : {drafted.content.title}",
        alert=alert_id, digest=kept.digest, people=kept.people, mode=wanted.mode,
    )  # fmt: skip
    await versions.keep_draft(office.ledger, kept, line)
    return alert_id


def _check_same(kept: Version, wanted: Wanted) -> None:
    content = Content.of(kept.content)
    asked = (wanted.scenario, wanted.mode, wanted.template or content.template)
    if asked != (content.scenario, content.mode, content.template) or (
        wanted.sectors and wanted.sectors != content.sectors
    ):
        raise NotNow("Cette clé a déjà servi à rédiger une autre alerte : prenez-en une nouvelle.")


async def find(office: Office, alert_id: str) -> Version:
    """Return the newest version of an alert; raises NotThere."""
    version = await versions.version_of(office.ledger, office.commune, alert_id)
    if version is None:
        raise NotThere(
            "Il n'y a pas d'alerte « {alert_id} » dans cette commune.", alert_id=alert_id
        )
    return version


async def newest_launched(office: Office, alert_id: str) -> Version | None:
    """Return the newest version of an alert that was launched, None before the launch."""
    return await versions.launched_version_of(office.ledger, office.commune, alert_id)


async def submit(
    office: Office,
    alert_id: str,
    *,
    actor: Actor,
    rings: bool = True,
    night_confirmed: bool = False,
) -> None:
    """Ask for the approval of a draft: who submits answers for it, and the approvers are rung.

    Nobody is rung where it does not: the approver sits beside. At night, what threatens no life is
    submitted by who says so, here or where it was written; raises NotSo.
    """
    version = await _in_state(office, alert_id, "draft", act="être soumise")
    check_not_over(version)
    current = await plan_in_force.in_force(office)
    await check_hour(office, current.plan, version, confirmed=night_confirmed)
    wrote = (await hands_of(office.ledger, version)).logins
    asked = Submission(version, actor.function, (actor.login, *wrote))
    ring = await ring_for(office, current, asked) if rings else None
    line = office.line(
        actor.login, "alert.submitted", "Alerte soumise à validation", alert=alert_id,
        function=actor.function, digest=version.digest, people=version.people,
        rung=len(ring.people) if ring else 0,
    )  # fmt: skip
    by = By(actor.login, actor.function)
    check_moved(await decisions.submit(office.ledger, version, by, ring=ring, line=line))


@dataclass(frozen=True)
class Read:
    """What an approver read: the digest, and the head-count that she typed; None: not asked."""

    digest: str = ""
    people: int | None = None


async def approve(
    office: Office, alert_id: str, *, actor: Actor, digest: str = "", people: int | None = None
) -> None:
    """Approve what was submitted; `digest` and `people`, where given, must be what she read.

    Raises NotYou for who may not be the second one (`two_people.py`).
    """
    version = await _to_approve(office, alert_id, Read(digest, people), actor=actor)
    line = _approved(office, version, actor=actor)
    by = By(actor.login, actor.function)
    check_moved(await decisions.approve(office.ledger, version, by, line=line))


async def _to_approve(office: Office, alert_id: str, read: Read, *, actor: Actor) -> Version:
    """Return what waits for this approver, as she read it; raises AlertRefused."""
    version = await _in_state(office, alert_id, "pending_approval", act="être validée")
    current = await plan_in_force.in_force(office)
    hands = await hands_of(office.ledger, version)
    check_second(current.plan, version, actor.login, actor.function, hands=hands)
    if read.digest and read.digest != version.digest:
        raise NotNow("L'alerte a changé depuis que vous l'avez lue : relisez-la.")
    if read.people is not None and read.people != version.people:
        raise NotSo(
            "Vous avez tapé {people} : l'alerte est pour {people_2} personnes. "
            "Relisez-la, puis tapez ce nombre.",
            people=read.people,
            people_2=version.people,
        )
    check_not_over(version)
    return version


def _approved(office: Office, version: Version, *, actor: Actor) -> Chained:
    return office.line(
        actor.login, "alert.approved", "Alerte validée", alert=version.alert_id,
        digest=version.digest, people=version.people, function=actor.function,
        submitted_by=version.submitted_by,
    )  # fmt: skip


async def launch(  # noqa: PLR0913 - what who launches says of it
    office: Office,
    alert_id: str,
    *,
    actor: Actor,
    launch_key: str = "",
    approving: Read | None = None,
    night_confirmed: bool = False,
) -> Version:
    """Launch an approved alert, once: the same `launch_key` again returns the same launch.

    Without a key, each version has its own. Raises NotNow when the audience drifted by more than
    10 % and 10 people since the approval, or the approval is over. With `approving`, who launches
    approves in the same transaction: it is approved and launched, or neither. At night, who
    launches what threatens no life confirms it, unless its author did; raises NotSo.
    """
    version = await find(office, alert_id)  # before the key: read after it, it might be launched
    launch_key = launch_key or f"launch-{version.version_id}"
    if await _launched_by(office, version, launch_key):
        return await find(office, alert_id)
    if approving is None:
        check_state(version, "approved", act="être lancée")
    else:
        version = await _to_approve(office, alert_id, approving, actor=actor)
    content = Content.of(version.content)
    await check_in_service(office, content, kind=version.kind)
    current = await plan_in_force.in_force(office)
    await check_hour(office, current.plan, version, confirmed=night_confirmed)
    found = await addressees(office, current.plan, content, alert_id=alert_id)
    means = await brings_means(office, current.plan, version, by=actor.login)

    def leaving(found: Addressees) -> tuple[Launch, Chained]:
        check_launch(version, found.most)
        act = Launch(actor.login, launch_key, _blocks(found), found.people, brings=means)
        return act, _launched(office, version, found, actor=actor, night=night_confirmed)

    async def anew(connection: AsyncConnection) -> tuple[Launch, Chained] | None:
        now = await frozen(connection, office, found, plan=current.plan, content=content)
        return None if now is found else leaving(now)

    act, line = leaving(found)
    act = replace(act, anew=anew)
    if approving is None:
        launched = await launching.launch(office.ledger, version, act, line=line)
    else:
        signed = Signed(By(actor.login, actor.function), _approved(office, version, actor=actor))
        launched = await decisions.approve_and_launch(
            office.ledger, version, act, signed=signed, line=line
        )
    if not launched and not await _launched_by(office, version, launch_key):  # a double click
        raise await _not_launched(office, version)
    return await find(office, alert_id)


def _launched(
    office: Office, version: Version, found: Addressees, *, actor: Actor, night: bool
) -> Chained:
    return office.line(
        actor.login, "alert.launched", f"Alerte lancée : {Content.of(version.content).title}",
        alert=version.alert_id, version=version.version_id, digest=version.digest,
        people=found.people, approved_by=version.approved_by or actor.login,
        unlocated=len(found.here.unlocated), number=version.number, is_a=version.kind,
        **({"night_confirmed": True} if night else {}),
    )  # fmt: skip


async def _not_launched(office: Office, version: Version) -> NotNow:
    """Say why nothing left: the approval is over, or somebody was faster."""
    left_s = await decisions.approval_left_s(office.ledger, version)
    if version.state == "approved" and left_s is not None and left_s <= 0:
        return NotNow("La validation a expiré : faites-la valider de nouveau.")
    return NotNow("Quelqu'un vient de lancer ou de modifier cette alerte : regardez son état.")


async def _launched_by(office: Office, version: Version, launch_key: str) -> bool:
    """Tell whether this key launched it; raises NotNow where it launched something else.

    The key of an earlier version is a late second click, unless this one waits for its launch.
    """
    done = await versions.launched_with(office.ledger, office.commune, launch_key)
    if done is None or done.version_id == version.version_id:
        return done is not None
    if done.alert_id != version.alert_id or version.state == "approved":
        # Answered as done, it would never leave.
        raise NotNow("Cette clé a déjà lancé autre chose : prenez-en une nouvelle.")
    return True


def _blocks(found: Addressees) -> tuple[AudienceBlock, ...]:
    if not found.people:
        raise NotSo("Personne n'habite dans la zone de l'alerte : rien n'a été lancé.")
    return blocks_of(found.here)


async def cancel(office: Office, alert_id: str, *, actor: Actor) -> Version:
    """Stop an alert, and what was being prepared of it: nothing leaves after the window in flight.

    One person is enough. What had left is counted in the logbook once that window has settled.
    """
    version = await find(office, alert_id)
    line = office.line(
        actor.login, "alert.cancelled", "Alerte arrêtée", alert=alert_id, state=version.state
    )
    commune, by = office.commune, actor.login
    await succession.stop(office.ledger, commune, alert_id, by=by, line=line)
    return await find(office, alert_id)


async def _in_state(office: Office, alert_id: str, state: str, *, act: str) -> Version:
    version = await find(office, alert_id)
    check_state(version, state, act=act)
    return version


def instant(epoch_s: float | None) -> datetime | None:
    """Return an aware instant for what the ledger keeps."""
    return None if epoch_s is None else datetime.fromtimestamp(epoch_s, UTC)
