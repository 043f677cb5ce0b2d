"""What partners' systems post: a team's status or place, a mission's state, many at once."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from dispatcher.partners.refusals import Unreadable
from dispatcher.teams.placing import Heard
from dispatcher.teams.reporting import LONGEST_NOTE

AHEAD = timedelta(minutes=5)  # of our clock, at most
OLDEST = timedelta(days=7)
MOST_REPORTS = 500
Lon = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
_NO_NUL = BeforeValidator(
    lambda given: given.replace("\0", "") if isinstance(given, str) else given
)
Word = (
    Annotated[str, _NO_NUL, Field(min_length=1, max_length=40, strict=True)]
    | Annotated[int, Field(ge=0, le=9999, strict=True)]
)
Name = Annotated[str, _NO_NUL, Field(min_length=1, max_length=120)]


class Told(BaseModel):
    """What every report says: when it happened, and perhaps where, and in words.

    Fields that we do not know change nothing, and are named in the answer (`ignored`).
    """

    model_config = ConfigDict(extra="allow")

    at: AwareDatetime = Field(
        description="When it happened, with an offset; may be hours ago.",
        examples=["2026-02-14T03:31:00+01:00"],
    )
    note: Annotated[str | None, _NO_NUL] = Field(
        "",
        description="At most 2,000 signs; what is longer is cut.",
        examples=["Pont coupé, demi-tour."],
    )
    position: tuple[Lon, Lat] | None = Field(
        None, description="Degrees, WGS 84, longitude first.", examples=[[4.6, 45.525]]
    )
    accuracy_m: float | None = Field(None, ge=0, le=100_000, allow_inf_nan=False)

    def heard(self, *, now: datetime, **told: Any) -> Heard:  # noqa: ANN401 - Heard's own fields
        """Return it as it is placed; raises Unreadable for a time that cannot be.

        A clock may be a little fast: its reports keep their order. A time further ahead is taken
        as now, and the answer says so: distress is not refused for a clock, or for a local hour
        that is called UTC.
        """
        age = now - self.at
        if age > OLDEST:
            raise Unreadable("« at » date de plus de 7 jours : vérifiez la date.")
        lon, lat = self.position or (None, None)
        ahead = ("at",) if age < -AHEAD else ()
        return Heard(
            now if ahead else self.at, note=(self.note or "")[:LONGEST_NOTE],
            lon=lon, lat=lat, accuracy_m=self.accuracy_m,
            ignored=(*ahead, *sorted(self.model_extra or ())[:20]), **told,
        )  # fmt: skip


class StatusBody(Told):
    """A team's status or event: in our words, EMSI's, or a radio code of the fire service."""

    status: Word = Field(examples=["on_scene", "IN_USE/ON_SCENE", 2])
    strength: int | None = Field(None, ge=0, le=500, description="How many are aboard.")
    mission: Name | None = Field(None, description="The mission that it is at.")


class PositionBody(Told):
    """Where a team is."""

    position: tuple[Lon, Lat] = Field(
        description="Degrees, WGS 84, longitude first.", examples=[[4.6, 45.525]]
    )


class MissionBody(Told):
    """Where a mission stands: in our words or EMSI's."""

    status: Word = Field(examples=["in_progress", "IPR"])


class BatchItem(Told):
    """One report of a batch: of a team, of a mission, or of both."""

    team: Name | None = None
    mission: Name | None = None
    status: Word | None = None
    mission_status: Word | None = None
    strength: int | None = Field(None, ge=0, le=500)

    def told(self, *, now: datetime) -> Heard:
        """Return it as it is placed; raises Unreadable where it says nothing, or of nobody."""
        if self.team is None and self.mission is None:
            raise Unreadable("Dites de quelle équipe (team) ou de quelle mission (mission).")
        if self.team is None and self.status is not None:
            raise Unreadable("Un état (status) est celui d'une équipe : dites laquelle (team).")
        if self.mission is None and self.mission_status is not None:
            raise Unreadable("Un état (mission_status) est celui d'une mission : dites laquelle.")
        if self.status is None and self.mission_status is None and self.position is None:
            raise Unreadable("Ce compte rendu ne dit rien : ni état, ni position.")
        return self.heard(
            now=now,
            team=self.team,
            mission=self.mission,
            word=self.status,
            mission_word=self.mission_status,
            strength=self.strength,
        )


class BatchBody(BaseModel):
    """Many reports at once, each judged by itself; those that can be taken are."""

    reports: list[Any] = Field(
        min_length=1,
        max_length=MOST_REPORTS,
        description="Each as BatchItem; one that cannot be read holds none of the others.",
    )
