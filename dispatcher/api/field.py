"""Partners' systems over HTTP: statuses, places and missions of their teams, signed; ping."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.exc import DataError

from dispatcher.api.field_bodies import BatchBody, BatchItem, MissionBody, PositionBody, StatusBody
from dispatcher.api.permissions import PUBLIC, needs
from dispatcher.api.services import Services, services
from dispatcher.api.signed import (
    MOST_BATCH_BYTES,
    SignedRequest,
    SignedRoute,
    read_as,
    read_value,
    signed_request,
)
from dispatcher.partners.refusals import IdUsed, OutOfScope, Unreadable
from dispatcher.store.desk_items import DeskItem
from dispatcher.store.field_alarms import CRIES
from dispatcher.store.field_intake import OTHER_BODY, Incoming
from dispatcher.store.field_reports import Filed, Report
from dispatcher.store.mission_rows import mission_of
from dispatcher.store.partner_messages import Answer
from dispatcher.teams.placing import SOURCE, Ground, Heard, placed
from dispatcher.teams.reporting import Sender
from dispatcher.teams.roster import Roster
from plans.missions import mission_state
from plans.teams import by_code, said_by

router = APIRouter(prefix="/api/v1", tags=["partners"], route_class=SignedRoute)
Held = Annotated[Services, Depends(services)]
Shown = dict[str, Any]
AT_DESK = "La mairie ne connaît pas ce nom ou ce code : c'est gardé, et un opérateur le placera."


@router.post("/teams/{team:name}/status")
@needs(PUBLIC)
async def team_status(request: Request, team: str, held: Held) -> Response:
    """Tell what a team is doing. A report is a fact: whatever it says, it is kept."""
    signed = await signed_request(request, held)
    signed.may("team.status")
    body = read_as(StatusBody, signed.body)
    heard = body.heard(
        now=held.clock(),
        team=team,
        word=body.status,
        mission=body.mission,
        strength=body.strength,
    )
    return await _one(held, signed, heard)


@router.post("/teams/{team:name}/position")
@needs(PUBLIC)
async def team_position(request: Request, team: str, held: Held) -> Response:
    """Tell where a team is."""
    signed = await signed_request(request, held)
    signed.may("team.position")
    body = read_as(PositionBody, signed.body)
    return await _one(held, signed, body.heard(now=held.clock(), team=team))


@router.post("/missions/{mission:name}/status")
@needs(PUBLIC)
async def mission_status(request: Request, mission: str, held: Held) -> Response:
    """Tell where a mission of one of its teams stands."""
    signed = await signed_request(request, held)
    signed.may("mission.status")
    body = read_as(MissionBody, signed.body)
    heard = body.heard(now=held.clock(), mission=mission, mission_word=body.status)
    return await _one(held, signed, heard)


@router.post("/reports")
@needs(PUBLIC)
async def reports(request: Request, held: Held) -> Response:
    """Tell many things at once: each is judged by itself, and those that can be taken are."""
    signed = await signed_request(request, held, most=MOST_BATCH_BYTES)
    body = read_as(BatchBody, signed.body)
    held.partners.count(signed.caller, reports=len(body.reports))
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


_Refusal = OutOfScope | Unreadable
_Judged = tuple[Heard | None, Report | DeskItem | _Refusal]


async def _one(held: Services, signed: SignedRequest, heard: Heard) -> Response:
    made = await _placed(held, signed, heard, part=0)
    return await _taken(held, signed, [(heard, made)], _single_answer)


async def _judged(held: Services, signed: SignedRequest, given: object, *, part: int) -> _Judged:
    """Place one of many reports; what it may not or cannot say is told beside the others."""
    try:
        item = read_value(BatchItem, given)
        radio = (await _roster(held, signed)).radio
        heard = _allowed(signed, item, item.told(now=held.clock()), radio=radio)
        return heard, await _placed(held, signed, heard, part=part)
    except (OutOfScope, Unreadable) as refused:
        return None, refused


async def _placed(
    held: Services, signed: SignedRequest, heard: Heard, *, part: int
) -> Report | DeskItem:
    roster = await _roster(held, signed)
    partner = signed.caller.partner
    missions = {}
    if heard.mission is not None:
        ours = roster.mission(heard.mission, partner=partner.partner)
        found = await mission_of(held.ledger, signed.commune, ours)
        missions = {ours: found} if found else {}
    sender = Sender(SOURCE, partner.partner, signed.caller.signed.message_id, part)
    return placed(heard, Ground(roster, partner, missions), sender=sender)


async def _roster(held: Services, signed: SignedRequest) -> Roster:
    rosters = held.rosters
    return rosters.fresh(signed.commune) or await rosters.of(held.office(signed.commune))


def _allowed(
    signed: SignedRequest, item: BatchItem, heard: Heard, *, radio: Mapping[int, str]
) -> Heard:
    """Return what of a report its partner may say; raises OutOfScope. A cry is taken by itself."""
    if item.status is not None:
        signed.may("team.status")
    if item.mission_status is not None:
        if (
            said_by(item.status or "", radio=radio) in CRIES
            and "mission.status" not in signed.verbs
        ):
            return heard._replace(mission_word=None)
        signed.may("mission.status")
    if item.status is None and item.mission_status is None:
        signed.may("team.position")
    return heard


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
    except DataError as error:
        raise Unreadable("Un signe de ce message ne peut pas être enregistré.") from error
    if answer is OTHER_BODY:
        raise IdUsed("Ce webhook-id a déjà servi pour un autre message : prenez-en un nouveau.")
    return _json(answer.status, answer.body)


def _single_answer(judged: Sequence[_Judged], filed: Sequence[Filed]) -> Answer:
    heard, made = judged[0]
    if isinstance(made, Report) and heard is not None:
        return Answer(200, _done(heard, made, filed[0]))
    if isinstance(made, DeskItem):
        return Answer(202, _at_desk(made))
    raise TypeError(made)


def _batch_answer(judged: Sequence[_Judged], filed: Sequence[Filed]) -> Answer:
    left = iter(filed)
    results: list[Shown] = []
    for heard, made in judged:
        if isinstance(made, Report) and heard is not None:
            results.append({"status": 200, **_done(heard, made, next(left))})
        elif isinstance(made, DeskItem):
            results.append({"status": 202, **_at_desk(made)})
        else:
            status = 403 if isinstance(made, OutOfScope) else 422
            results.append({"status": status, "detail": str(made), "retry": False})
    return Answer(200, {"results": results})


def _at_desk(item: DeskItem) -> Shown:
    return {"desk": item.item, "why": item.why, "detail": AT_DESK}


def _done(heard: Heard, report: Report, filed: Filed) -> Shown:
    """Return what a report came to; `state` is the team's, or the mission's where it told that."""
    of_team = heard.word is not None or heard.mission_word is None
    told: Shown = {
        "report": report.report_id,
        "team": report.team,
        "mission": report.mission,
        "state": filed.state if of_team else filed.mission_state,
        "emsi": by_code(filed.state).emsi if filed.state else None,
        "mission_state": filed.mission_state,
        "mission_emsi": mission_state(filed.mission_state).emsi if filed.mission_state else None,
        "applied": filed.applied,
        "missing": filed.missing,
    }
    if heard.ignored:
        told["ignored"] = heard.ignored
    return told


def _json(status: int, body: Mapping[str, Any]) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
