"""Who is behind a delivery, written and read by its id."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.outgoing import BEHIND, deliveries, recipients
from dispatcher.store.statements import insert_rows


async def put_behind(
    connection: AsyncConnection, commune: str, readers: Iterable[tuple[str, str]]
) -> None:
    """Put people behind deliveries; pairs of a delivery's id and a person's."""
    wanted = select(deliveries.c.delivery_id, deliveries.c.serial).where(
        deliveries.c.commune == commune
    )
    made = {row[0]: row[1] for row in await connection.execute(wanted)}
    rows = [{"serial": made[delivery], "person_id": person} for delivery, person in readers]
    await insert_rows(connection, recipients, rows)


async def all_behind(connection: AsyncConnection) -> set[tuple[str, str]]:
    """Return every pair of a delivery's id and a person behind it."""
    wanted = select(deliveries.c.delivery_id, recipients.c.person_id).join_from(
        deliveries, recipients, BEHIND
    )
    return {(row[0], row[1]) for row in await connection.execute(wanted)}
