"""What the questions of « Prêt ? » are asked with: a commune, its plan, its settings."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from dispatcher.alarms.daily import Round
from dispatcher.alerts.plan_in_force import plan_of
from dispatcher.settings import BackupSettings, BinderSettings, ReadySettings, WitnessSettings
from plans.plan import Plan

WITHIN_S = 15.0  # for any one question


@dataclass(frozen=True)
class Desk:
    """What the questions are asked with."""

    round: Round
    data_dir: Path
    commune: str
    plan: Plan
    ready: ReadySettings
    backup: BackupSettings
    binder: BinderSettings
    witness: WitnessSettings
    within_s: float = WITHIN_S

    @property
    def zone(self) -> ZoneInfo:
        """The commune's clock."""
        return ZoneInfo(self.plan.commune.timezone)

    def now(self) -> datetime:
        """Return the present instant on that clock."""
        return datetime.now(UTC).astimezone(self.zone)


async def desk_for(one: Round, commune: str, *, data_dir: Path) -> Desk:
    """Return the desk of a commune, by the settings; raises NotThere without a plan."""
    plan = (await plan_of(one.ledger, commune)).plan
    settings = (ReadySettings(), BackupSettings(), BinderSettings(), WitnessSettings())
    return Desk(one, data_dir, commune, plan, *settings)
