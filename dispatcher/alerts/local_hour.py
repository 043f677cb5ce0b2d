"""The hour as the commune's clocks show it: told apart where one hour comes twice in a night."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


def local_hour(at: datetime, zone: ZoneInfo) -> str:
    """Return `14:05`, and in the night when clocks go back `02:30 (UTC+2)` or `02:30 (UTC+1)`."""
    there = at.astimezone(zone)
    shown, offset = f"{there:%H:%M}", there.utcoffset() or timedelta()
    if there.replace(fold=1 - there.fold).utcoffset() == offset:
        return shown
    hours = offset / timedelta(hours=1)
    return f"{shown} (UTC{hours:+g})"
