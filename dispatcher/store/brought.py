"""What a decision on an event brings with it: tasks, duties, people called up, logbooks."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.books import NewBook, Opening, close_in, open_in
from dispatcher.store.duties import NewDuty, begin_duty
from dispatcher.store.field_trails import Forgotten, forget_trails
from dispatcher.store.summons_ends import end_summonses
from dispatcher.store.summonses import NewSummons, launch_summons
from dispatcher.store.tasks import NewTask, of_event, open_tasks


@dataclass(frozen=True)
class Brings:
    """What a decision brings with it, in its own transaction: all of it, or nothing.

    `ends_calls` stops whoever is still being called up; `closes_books` ends the logbooks;
    `forgets_trails` deletes where its teams were, and their photos.
    """

    tasks: Sequence[NewTask] = ()
    duties: Sequence[NewDuty] = ()
    summons: NewSummons | None = None
    ends_calls: bool = False
    books: Sequence[NewBook] = ()
    closes_books: bool = False
    forgets_trails: bool = False


NOTHING = Brings()


async def bring(
    connection: AsyncConnection, event: tuple[str, str], brings: Brings, *, by: str
) -> Forgotten:
    """Write what a decision brings, in the caller's transaction: (commune, event id) is `event`.

    Returns how many places and photos of its teams were forgotten.
    """
    if brings.ends_calls:
        await end_summonses(connection, event, by=by)
    if brings.books:
        await open_in(connection, Opening(*event, brings.books, by))
    if brings.closes_books:
        await close_in(connection, event, by=by)
    await open_tasks(connection, of_event(*event), brings.tasks)
    for duty in brings.duties:
        await begin_duty(connection, event, duty, by=by)
    if brings.summons is not None:
        await launch_summons(connection, event, brings.summons, by=by)
    if not brings.forgets_trails:
        return Forgotten()
    return await connection.run_sync(lambda plain: forget_trails(plain, *event))
