"""Who stands on the list of each post of the plan, in the order in which they are called."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from plans.plan import Plan

ON_CALL = "astreinte"
"""The post of whoever is on call when an alert comes in."""
DOS, RAC = "DOS", "RAC"


@dataclass(frozen=True)
class Post:
    """A function or a cell: its code and name in the plan, and its people, the holder first."""

    code: str
    label: str
    people: tuple[str, ...]  # contacts by id
    cell: bool = False


def posts_of(plan: Plan) -> tuple[Post, ...]:
    """Return the functions, then the cells; of two of one code the function counts."""
    roles = [Post(role.code, role.label or role.code, role.people) for role in plan.roles]
    cells = [
        Post(cell.code, cell.label, _known((cell.lead, cell.deputy)), cell=True)
        for cell in plan.cells
    ]
    once: dict[str, Post] = {}
    for post in (*roles, *cells):
        once.setdefault(post.code, post)
    return tuple(once.values())


def on_call_post(plan: Plan, at: datetime) -> Post:
    """Return who is called when an alert comes in at this instant.

    The official on duty that week, then the DOS and deputies: where nobody answers, or no duty is
    written for the week, somebody who can decide is called all the same.
    """
    year, week, _ = at.astimezone(ZoneInfo(plan.commune.timezone)).isocalendar()
    name = f"{year}-W{week:02d}"
    on_duty = [one.official for one in plan.on_call if one.week == name]
    deciders = [ident for role in plan.roles if role.code == DOS for ident in role.people]
    return Post(ON_CALL, "Élu d'astreinte", _known((*on_duty, *deciders)))


def with_people(posts: Iterable[Post], *, without: str | None = None) -> tuple[Post, ...]:
    """Return the posts that somebody can be called for; who decides does not call herself."""
    called = (
        Post(post.code, post.label, _known(post.people, without), cell=post.cell) for post in posts
    )
    return tuple(post for post in called if post.people)


def _known(people: Iterable[str | None], without: str | None = None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in people if one and one != without))
