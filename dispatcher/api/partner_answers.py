"""What partners' systems are answered, as the description of their doors tells it."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Said(BaseModel):
    """An answer; later editions may say more."""

    model_config = ConfigDict(extra="allow")


class Filed(Said):
    """What a report came to: the state now, whether it is by this report, what was missing."""

    report: str
    team: str | None
    mission: str | None
    state: str | None = Field(examples=["on_scene"])
    emsi: str | None = Field(examples=["IN_USE/ON_SCENE"])
    mission_state: str | None
    mission_emsi: str | None
    applied: bool = Field(description="False: something newer was known; it is kept all the same.")
    missing: list[str] = Field(description="Steps that nobody reported.", examples=[["en_route"]])
    ignored: list[str] = Field([], description="Fields that say nothing to us.")


class AtDesk(Said):
    """A name or a code that is not known here: kept whole, an operator places it."""

    desk: str
    why: Literal["unknown_team", "unknown_mission", "unknown_word"]
    detail: str


class BatchResults(Said):
    """One result a report, in the order given, each with its own status: 200, 202, 403, 422."""

    results: list[dict[str, Any]]


class Pong(Said):
    """Who the partner is here, its teams, what it may do, our clock."""

    partner: str
    commune: str
    teams: dict[str, str] = Field(examples=[{"POLICE": "POLICE VAUBRENNE"}])
    verbs: list[str]
    rate_per_s: float
    now: str


class FeedEvent(Said):
    """Something that happened: at what hour, written down when, what is told of it."""

    id: str = Field(examples=["evt-99117-5b1e0c9f2a77-4512"])
    type: str = Field(examples=["team.status"])
    at: str
    recorded_at: str
    data: dict[str, Any]


class Feed(Said):
    """Events after a cursor; ask again with `after` = `next`, at once where there is `more`."""

    events: list[FeedEvent]
    next: int
    more: bool


class Kept(Said):
    """A message that was taken: when, at which door, its first answer, how often it came again."""

    id: str
    door: str
    sent_at: str
    received_at: str
    status: int
    answer: dict[str, Any]
    repeats: int


class Log(Said):
    """Messages in the order in which they came; ask again with `after` = `next` where `more`."""

    messages: list[Kept]
    next: str | None
    more: bool


class Replayed(Said):
    """The cursor from which events are posted again."""

    after: int


class Problem(Said):
    """Why it was refused, in a sentence; `retry`: whether the same may be sent again, later."""

    type: str
    title: str
    status: int
    detail: str
    retry: bool
    restart_after: int | None = Field(None, description="Of `cursor-ahead`: the cursor to take.")
