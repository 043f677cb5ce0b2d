"""Which day's work is due: pure, by the local day, so that no change of the clock skips one."""

from datetime import datetime
from zoneinfo import ZoneInfo


def due_day(now: datetime, *, hour: int, zone: ZoneInfo) -> str | None:
    """Return the local day whose work is due from `hour` on; None before that hour.

    A day is named once, so an hour that comes twice in the autumn is one; and work is due from the
    hour until midnight, so an hour that the spring leaves out is due at the next.
    """
    local = now.astimezone(zone)
    return local.date().isoformat() if local.hour >= hour else None
