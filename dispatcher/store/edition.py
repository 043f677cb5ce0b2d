"""Which edition of its tables a program works with: an older one leaves a newer ledger alone (F35).

A newer program brings the ledger up to date while older workers may still be sending. From that
moment on none of them begins a window: the count of windows refuses, in the intent's transaction.
"""

from sqlalchemy import Column, Connection, MetaData, String, Table, bindparam, exists, select
from typing_extensions import override

EDITION = "0038"  # the newest of the migrations

_stamps = Table("alembic_version", MetaData(), Column("version_num", String(32)))
IS_OURS = exists(
    select(_stamps.c.version_num).where(_stamps.c.version_num == bindparam("our_edition"))
)


class OtherEdition(Exception):
    """The ledger is of another edition than this program."""

    @override
    def __str__(self) -> str:
        """Say what happened and what to do."""
        return (
            "Le registre n'est pas de la même édition que ce programme, qui n'y touche pas :"
            " installez partout la version la plus récente de Tocsin, lancez « tocsin migrate »,"
            " puis relancez."
        )


def is_ours(connection: Connection) -> bool:
    """Tell whether the ledger is of the edition that this program works with."""
    return bool(connection.execute(select(IS_OURS), ours()).scalar_one())


def ours() -> dict[str, str]:
    """Return what `IS_OURS` is asked with."""
    return {"our_edition": EDITION}
