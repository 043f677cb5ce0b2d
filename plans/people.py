"""Who acts: contacts, outside services, on-call duty, roles, cells and teams."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Contact:
    """A person of the crisis directory; `phones` in E.164, `webhook` an address that takes JSON."""

    id: str
    name: str
    first_name: str | None = None
    title: str | None = None
    organisation: str | None = None
    phones: tuple[str, ...] = ()
    email: str | None = None
    webhook: str | None = None
    language: str | None = None
    skills: tuple[str, ...] = ()
    prefecture_rank: int | None = None
    availability: str | None = None

    @property
    def full_name(self) -> str:
        """First name and name as one says them."""
        return f"{self.first_name} {self.name}" if self.first_name else self.name


@dataclass(frozen=True)
class OutsideService:
    """A service that is called: prefecture, fire brigade. Its phones may be short, such as 18."""

    id: str
    name: str
    phones: tuple[str, ...] = ()
    email: str | None = None
    webhook: str | None = None
    when: str | None = None


@dataclass(frozen=True)
class OnCall:
    """Who is on duty in one ISO week, written 2026-W08; contacts by id."""

    week: str
    official: str | None = None
    technician: str | None = None


@dataclass(frozen=True)
class Role:
    """A function such as DOS or RAC: its holder, and deputies in order; contacts by id."""

    code: str
    holder: str
    label: str | None = None
    deputies: tuple[str, ...] = ()
    approves_alerts: bool = False

    @property
    def people(self) -> tuple[str, ...]:
        """The holder, then the deputies."""
        return (self.holder, *self.deputies)


@dataclass(frozen=True)
class Cell:
    """A cell of the command post or of the field, as the commune named it."""

    code: str
    label: str
    lead: str | None = None
    deputy: str | None = None
    place: str | None = None
    logbook: bool = False


@dataclass(frozen=True)
class Team:
    """A field team. `members` includes the leader; it may leave only with `minimum` people."""

    id: str
    call_sign: str
    kind: str
    cell: str | None = None
    leader: str | None = None
    members: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    minimum: int = 2

    @property
    def people(self) -> tuple[str, ...]:
        """Everyone in the team, the leader first, each once."""
        leader = (self.leader,) if self.leader else ()
        return tuple(dict.fromkeys((*leader, *self.members)))
