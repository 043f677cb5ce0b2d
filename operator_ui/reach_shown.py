"""An alert as the pages of its other means name it: launched, frozen, or still being written."""

from dataclasses import dataclass

from dispatcher.alerts import sketching
from dispatcher.alerts.life import newest_launched
from dispatcher.alerts.office import Office
from dispatcher.alerts.plan_in_force import in_force
from dispatcher.alerts.sketch_choices import provisional
from dispatcher.delivery.content import Content
from plans.plan import Plan


@dataclass(frozen=True)
class Shown:
    """An alert, the plan that it is read with, and what it says: None while it has no zone."""

    alert_id: str
    plan: Plan
    content: Content | None

    @property
    def title(self) -> str:
        """The heading of its message."""
        return self.content.title if self.content else ""


async def alert_shown(office: Office, alert_id: str) -> Shown:
    """Read an alert as it was launched, else as it stands now; raises NotThere."""
    plan = (await in_force(office)).plan
    launched = await newest_launched(office, alert_id)
    if launched is not None:
        return Shown(alert_id, plan, Content.of(launched.content))
    return Shown(alert_id, plan, provisional(plan, await sketching.sketch_of(office, alert_id)))
