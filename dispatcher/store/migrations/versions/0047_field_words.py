"""What teams are told and find at doors is sealed: titles and texts of missions, notes of reports.

Orders that were sent lose the words of their mission: from now on those stand with the mission
alone. What was clear is sealed in place, under the residents' ring, which a ledger that holds any
of it is not brought up to date without.
"""

import binascii
import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from dispatcher.ciphers import Ring
from dispatcher.store.edition import KeysNeeded

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

AT_ONCE = 2000
Row = sa.Row[Any]
# Each table, its key, its words, and the place of each, as `store/personal.py` had it.
_CLEAR: tuple[tuple[str, tuple[str, ...], Mapping[str, str]], ...] = (
    (
        "missions",
        ("commune", "mission"),
        {one: f"missions.{one}.{{commune}}.{{mission}}" for one in ("title", "text")},
    ),
    (
        "mission_doors",
        ("commune", "mission", "door"),
        {"note": "mission_doors.note.{commune}.{mission}.{door}"},
    ),
    ("door_results", ("commune", "report_id"), {"note": "door_results.note.{commune}.{report_id}"}),
    (
        "field_reports",
        ("commune", "report_id"),
        {"note": "field_reports.note.{commune}.{report_id}"},
    ),
)
_ORDERS = """
SELECT v.commune, v.version_id, v.alert_id, v.content, m.title, m.text FROM mission_tellings AS t
JOIN missions AS m ON m.commune = t.commune AND m.mission = t.mission
JOIN versions AS v ON v.commune = t.commune AND v.alert_id = t.wave
"""


def upgrade() -> None:
    """Apply, in the one transaction of the upgrade."""
    _empty_orders()
    keys: Ring | None = context.config.attributes.get("ring")
    for table, key, words in _CLEAR:
        if keys is not None:
            _seal(keys, table, key, words)
        elif _any(table, words):
            raise KeysNeeded


def _any(table: str, words: Mapping[str, str]) -> bool:
    said = " OR ".join(f"{one} <> ''" for one in words)
    found = op.get_bind().execute(sa.text(f"SELECT 1 FROM {table} WHERE {said} LIMIT 1"))  # noqa: S608
    return found.first() is not None


def _seal(keys: Ring, table: str, key: tuple[str, ...], words: Mapping[str, str]) -> None:
    sets = ", ".join(f"{one} = :{one}" for one in words)
    same = " AND ".join(f"{one} = :of_{one}" for one in key)
    put = sa.text(f"UPDATE {table} SET {sets} WHERE {same}")  # noqa: S608 - ours
    for rows in _pages(table, key, words):
        op.get_bind().execute(
            put,
            [
                {
                    **{f"of_{one}": getattr(row, one) for one in key},
                    **{
                        one: _sealed(keys, getattr(row, one), place.format_map(row._mapping))
                        for one, place in words.items()
                    },
                }
                for row in rows
            ],
        )


def _sealed(keys: Ring, said: str, place: str) -> str:
    if not said:
        return said
    return binascii.b2a_base64(keys.seal(said.encode(), place=place), newline=False).decode()


def _pages(table: str, key: tuple[str, ...], words: Mapping[str, str]) -> Iterator[list[Row]]:
    names, after = ", ".join(key), dict[str, Any]()
    every = ", ".join((*key, *words))
    while True:
        given = ", ".join(f":after_{one}" for one in key)
        where = f"WHERE ({names}) > ({given})" if after else ""
        statement = f"SELECT {every} FROM {table} {where} ORDER BY {names} LIMIT {AT_ONCE}"  # noqa: S608
        rows = list(op.get_bind().execute(sa.text(statement), after))
        if not rows:
            return
        yield rows
        after = {f"after_{one}": getattr(rows[-1], one) for one in key}


def _empty_orders() -> None:
    """Put blanks for the words of a mission in the orders that told it, as they are made now."""
    content = sa.text(
        "UPDATE versions SET content = :content"
        " WHERE commune = :commune AND version_id = :version_id"
    )
    heading = sa.text(
        "UPDATE alerts SET title = :title WHERE commune = :commune AND alert_id = :alert_id"
    )
    for row in op.get_bind().execute(sa.text(_ORDERS)).all():
        kept = json.loads(row.content) if isinstance(row.content, str) else row.content
        title = _cut(row.title, 80)
        text = _cut(" ".join(row.text.split()), 100)
        emptied = _blanked(kept, {f"{title}. {text}": "{mission}. {consignes}", title: "{mission}"})
        same = {"commune": row.commune}
        op.get_bind().execute(
            content, {**same, "version_id": row.version_id, "content": json.dumps(emptied)}
        )
        op.get_bind().execute(
            heading, {**same, "alert_id": row.alert_id, "title": emptied.get("title", "")}
        )


def _blanked(said: Any, words: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
    """Return the texts and the title of an order with blanks for these words."""
    if isinstance(said, str):
        for one, blank in words.items():
            said = said.replace(one, blank) if one else said
        return said
    if isinstance(said, dict):
        return {name: _blanked(one, words) for name, one in said.items()}
    return said


def _cut(said: str, most: int) -> str:
    return said if len(said) <= most else f"{said[: most - 1]}…"
