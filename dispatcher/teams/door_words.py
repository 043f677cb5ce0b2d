"""What is to be said at the doors of a mission: the words of its alert, and those that follow.

A mission keeps the words with which it was made. Where a newer version of its alert was launched
since, whoever knocks says the newer words, and who was told the former ones has not heard them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dispatcher.alerts.life import newest_launched
from dispatcher.alerts.office import Office
from dispatcher.delivery.content import LINK_BLANK, Content
from dispatcher.store.mission_doors import DoorRow
from dispatcher.store.mission_rows import Mission
from dispatcher.store.versions import Version

STREET = "street"  # the origin of a mission of those whom an alert did not reach


@dataclass(frozen=True)
class NewWords:
    """Words launched after a mission was made, by their version; `since` in epoch seconds."""

    version: str
    text: str
    since: float | None


def spoken(version: Version) -> str:
    """Return what a team says of an alert at a door: its short words, without a link."""
    return Content.of(version.content).words("fr")[1].sms.replace(LINK_BLANK, "").strip()


async def new_words(office: Office, mission: Mission, rows: Sequence[DoorRow]) -> NewWords | None:
    """Return the words to say now, None where those of the mission are still the newest."""
    given = {row.version_id for row in rows if row.version_id}
    if mission.origin != STREET or not given:
        return None
    newest = await newest_launched(office, mission.origin_ref)
    if newest is None or newest.version_id in given:
        return None
    return NewWords(newest.version_id, spoken(newest), newest.launched_at)
