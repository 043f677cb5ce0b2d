"""What a resident chose of messages that tell of no danger: which topics, at which hours.

A message is such an information where it is real, new, its severity is CAP's `Minor` (CAP 1.2
§3.2.2: minimal to no known threat to life or property), it asks for no act, and it is not urgent;
its categories say its topics. All else is a danger, or its end: nobody can switch it off.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson

TOPICS = ("weather", "pollution_security", "roadworks")
_TOPIC_OF = {
    "Met": "weather", "Geo": "weather",
    "Env": "pollution_security", "Health": "pollution_security", "CBRNE": "pollution_security",
    "Safety": "pollution_security", "Security": "pollution_security",
    "Transport": "roadworks", "Infra": "roadworks",
}  # fmt: skip
EVERY = "all"  # among what is off: no information at all, of no topic either (a STOP by SMS)
_ASKS_NOTHING = {"None", "Monitor", "Assess"}  # of CAP's response types
_NOW = ("Immediate", "Expected", "Past")  # what comes, is there, or is over: of CAP's urgencies
DECLINED = ("topic_off", "outside_hours")  # why somebody was not sent what she did not want
MINUTES = 24 * 60


class Hours(NamedTuple):
    """From when until when, in minutes of the day on the clocks of `zone`; also over midnight."""

    start: int
    until: int
    zone: str

    def opens_at(self, now: float) -> float:
        """Return the epoch second from which a message may leave: `now` within the hours."""
        zone = ZoneInfo(self.zone)
        there = datetime.fromtimestamp(now, zone)
        minute = there.hour * 60 + there.minute
        if (minute - self.start) % MINUTES < (self.until - self.start) % MINUTES:
            return now
        day = there.date() + timedelta(days=minute >= self.start)
        opens = datetime(day.year, day.month, day.day, *divmod(self.start, 60), tzinfo=zone)
        return max(now, opens.astimezone(UTC).timestamp())


class Wanted(NamedTuple):
    """The topics that are off, and the hours for all others; None: at any hour."""

    off: tuple[str, ...] = ()
    hours: Hours | None = None

    def as_text(self) -> str:
        """Return it as the ledger keeps it; empty where nothing was chosen."""
        if self == Wanted():
            return ""
        return orjson.dumps({"off": self.off, "hours": self.hours and list(self.hours)}).decode()

    def refuses(self, topics: tuple[str, ...] | None) -> bool:
        """Whether a message of these topics is one that she switched off: each of them, or all."""
        if topics is not None and EVERY in self.off:
            return True
        return bool(topics) and all(one in self.off for one in topics or ())


ALL = Wanted()  # nothing was chosen


def silenced(wanted: Wanted) -> Wanted:
    """Return the choice of who wants no information any more; what she chose before stays."""
    return Wanted((*_chosen(wanted), EVERY), wanted.hours)


def heard_again(wanted: Wanted) -> Wanted:
    """Return the choice of who wants to be told again, after a STOP; any other choice stays.

    Who had switched off each topic herself would be told nothing: she is told of all.
    """
    if EVERY not in wanted.off:
        return wanted
    chosen = _chosen(wanted)
    return Wanted(() if set(TOPICS) <= set(chosen) else chosen, wanted.hours)


def _chosen(wanted: Wanted) -> tuple[str, ...]:
    return tuple(one for one in wanted.off if one != EVERY)


@lru_cache(maxsize=1024)  # a million people have few choices between them
def wanted_of(text: str) -> Wanted:
    """Read what `as_text` made."""
    if not text:
        return ALL
    kept = orjson.loads(text)
    hours = kept["hours"]
    return Wanted(tuple(kept["off"]), Hours(*hours) if hours else None)


def topics_of(content: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the topics of an information, none for one of no topic; None: it is a danger."""
    cap = content.get("cap") or {}
    told = content.get("mode") == "real" and content.get("kind", "alert") == "alert"
    asks = set(cap.get("responseType") or ()) - _ASKS_NOTHING
    now = cap.get("urgency") in _NOW
    if not told or asks or now or cap.get("severity") != "Minor":
        return None
    categories = cap.get("category") or ()
    topics = {_TOPIC_OF.get(one, "") for one in categories}
    return () if "" in topics else tuple(sorted(topics))
