"""Partners' systems over HTTP: statuses, places and missions of their teams, signed; ping."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.api.field_bodies import BatchBody, BatchItem, MissionBody, PositionBody, StatusBody
from dispatcher.api.permissions import PUBLIC, needs
from dispatcher.api.services import Services, services
from dispatcher.api.signed import (
    MOST_BATCH_BYTES,
    SignedRequest,
    read_as,
    signed_request,
)
from dispatcher.partners.refusals import IdUsed, LedgerAway, OutOfScope, Unreadable
from dispatcher.store.desk_items import DeskItem
from dispatcher.store.field_intake import OTHER_BODY, Incoming
from dispatcher.store.field_reports import Filed, Report
from dispatcher.store.mission_rows import mission_of
from dispatcher.store.partner_messages import Answer
from dispatcher.teams.placing import SOURCE, Ground, Heard, placed
from dispatcher.teams.reporting import Sender
from plans.missions import mission_state
from plans.teams import by_code

router = APIRouter(prefix="/api/v1", tags=["partners"])
Held = Annotated[Services, Depends(services)]
Shown = dict[str, Any]
AT_DESK = "La mairie ne connaît pas ce nom ou ce code : c'est gardé, et un opérateur le placera."
_VERBS = {"status": "team.status", "position": "team.position", "mission": "mission.status"}


@router.post("/teams/{team}/status")
@needs(PUBLIC)
async def team_status(request: Request, team: str, held: Held) -> Response:
    """Tell what a team is doing. A report is a fact: whatever it says, it is kept."""
    signed = await signed_request(request, held)
    signed.may("team.status")
    body = read_as(StatusBody, signed.body)
    item = BatchItem(team=team, **_plain(body))
    return await _one(held, signed, item)


@router.post("/teams/{team}/position")
@needs(PUBLIC)
async def team_position(request: Request, team: str, held: Held) -> Response:
    """Tell where a team is."""
    signed = await signed_request(request, held)
    signed.may("team.position")
    item = BatchItem(team=team, **_plain(read_as(PositionBody, signed.body)))
    return await _one(held, signed, item)


@router.post("/missions/{mission}/status")
@needs(PUBLIC)
async def mission_status(request: Request, mission: str, held: Held) -> Response:
    """Tell where a mission of one of its teams stands."""
    signed = await signed_request(request, held)
    signed.may("mission.status")
    told = _plain(read_as(MissionBody, signed.body))
    item = BatchItem(mission=mission, mission_status=told.pop("status"), **told)
    return await _one(held, signed, item)


@router.post("/reports")
@needs(PUBLIC)
async def reports(request: Request, held: Held) -> Response:
    """Tell many things at once: each is judged by itself, and those that can be taken are."""
    signed = await signed_request(request, held, most=MOST_BATCH_BYTES)
    body = read_as(BatchBody, signed.body)
    judged = [
        await _judged(held, signed, item, part=part) for part, item in enumerate(body.reports)
    ]
    return await _taken(held, signed, judged, _batch_answer)


@router.post("/ping")
@needs(PUBLIC)
async def ping(request: Request, held: Held) -> Response:
    """Answer a partner that tries its signature: who it is to us, its teams, what it may do."""
    signed = await signed_request(request, held)
    partner = signed.caller.partner
    roster = await held.rosters.of(held.office(partner.commune))
    own = [one for one in roster.teams.values() if one.partner == partner.partner]
    named = {team: roster.teams[team].call_sign for team in partner.teams if team in roster.teams}
    return _json(
        200,
        {
            "partner": partner.partner,
            "commune": partner.commune,
            "teams": named | {one.team: one.call_sign for one in own},
            "verbs": sorted(partner.verbs),
            "rate_per_s": partner.rate_per_s,
            "now": held.clock().isoformat(timespec="seconds"),
        },
    )


_Judged = tuple[BatchItem, Report | DeskItem | OutOfScope | Unreadable]


def _plain(body: StatusBody | PositionBody | MissionBody) -> dict[str, Any]:
    return {name: getattr(body, name) for name in body.model_fields_set}


async def _one(held: Services, signed: SignedRequest, item: BatchItem) -> Response:
    judged = await _judged(held, signed, item, part=0)
    if isinstance(judged[1], OutOfScope | Unreadable):
        raise judged[1]
    return await _taken(held, signed, [judged], _single_answer)


async def _judged(held: Services, signed: SignedRequest, item: BatchItem, *, part: int) -> _Judged:
    """Place one report; what it may not or cannot say is told beside the others."""
    try:
        _may(signed, item)
        heard = _heard(item, held)
        roster = await held.rosters.of(held.office(signed.commune))
        partner = signed.caller.partner
        missions = {}
        if heard.mission:
            ours = roster.mission(heard.mission, partner=partner.partner)
            found = await mission_of(held.ledger, signed.commune, ours)
            missions = {ours: found} if found else {}
        ground = Ground(roster, partner, missions)
        sender = Sender(SOURCE, partner.partner, signed.caller.signed.message_id, part)
        return item, placed(heard, ground, sender=sender)
    except (OutOfScope, Unreadable) as refused:
        return item, refused


def _may(signed: SignedRequest, item: BatchItem) -> None:
    if item.status is not None:
        signed.may("team.status")
    if item.mission_status is not None:
        signed.may("mission.status")
    if item.status is None and item.mission_status is None:
        signed.may("team.position")


def _heard(item: BatchItem, held: Services) -> Heard:
    if item.team is None and item.mission is None:
        raise Unreadable("Dites de quelle équipe (team) ou de quelle mission (mission).")
    if item.team is None and item.status is not None:
        raise Unreadable("Un état (status) est celui d'une équipe : dites laquelle (team).")
    if item.mission is None and item.mission_status is not None:
        raise Unreadable("Un état de mission (mission_status) est celui d'une mission (mission).")
    if item.status is None and item.mission_status is None and item.position is None:
        raise Unreadable("Ce compte rendu ne dit rien : ni état, ni position.")
    lon, lat = item.position or (None, None)
    return Heard(
        at=item.happened(now=held.clock()),
        team=item.team,
        mission=item.mission,
        word=item.status,
        mission_word=item.mission_status,
        strength=item.strength,
        note=item.note,
        lon=lon,
        lat=lat,
        accuracy_m=item.accuracy_m,
    )


_Answering = Callable[[Sequence[_Judged], Sequence[Filed]], Answer]


async def _taken(
    held: Services, signed: SignedRequest, judged: Sequence[_Judged], answering: _Answering
) -> Response:
    """Take in what was placed, and answer after the commit; a repeated id as it was first."""
    incoming = Incoming(
        commune=signed.commune,
        reports=tuple(one for _, one in judged if isinstance(one, Report)),
        answer=lambda filed: answering(judged, filed),
        desk=tuple(one for _, one in judged if isinstance(one, DeskItem)),
        message=signed.message,
    )
    try:
        answer = await held.intake.take(incoming)
    except SQLAlchemyError as error:
        raise LedgerAway from error
    if answer is OTHER_BODY:
        raise IdUsed("Ce webhook-id a déjà servi pour un autre message : prenez-en un nouveau.")
    return _json(answer.status, answer.body)


def _single_answer(judged: Sequence[_Judged], filed: Sequence[Filed]) -> Answer:
    item, made = judged[0]
    if isinstance(made, DeskItem):
        return Answer(202, _at_desk(made))
    return Answer(200, _done(item, made, filed[0]))


def _batch_answer(judged: Sequence[_Judged], filed: Sequence[Filed]) -> Answer:
    left = iter(filed)
    results: list[Shown] = []
    for item, made in judged:
        if isinstance(made, Report):
            results.append({"status": 200, **_done(item, made, next(left))})
        elif isinstance(made, DeskItem):
            results.append({"status": 202, **_at_desk(made)})
        else:
            status = 403 if isinstance(made, OutOfScope) else 422
            results.append({"status": status, "detail": str(made), "retry": False})
    return Answer(200, {"results": results})


def _at_desk(item: DeskItem) -> Shown:
    return {"desk": item.item, "why": item.why, "detail": AT_DESK}


def _done(item: BatchItem, report: Report | DeskItem | Exception, filed: Filed) -> Shown:
    """Return what a report came to. A door of missions tells the mission's state as `state`."""
    if not isinstance(report, Report):
        raise TypeError(report)
    told: Shown = {
        "report": report.report_id,
        "team": report.team,
        "mission": report.mission,
        "state": filed.state
        if item.status is not None or not item.mission_status
        else filed.mission_state,
        "emsi": by_code(filed.state).emsi if filed.state else None,
        "mission_state": filed.mission_state,
        "mission_emsi": mission_state(filed.mission_state).emsi if filed.mission_state else None,
        "applied": filed.applied,
        "missing": list(filed.missing),
    }
    if item.ignored:
        told["ignored"] = item.ignored
    return told


def _json(status: int, body: Mapping[str, Any]) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
