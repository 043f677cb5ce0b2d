"""Which edition of its tables a program works with: an older one leaves a newer ledger alone (F35).

A newer program brings the ledger up to date while older workers may still be sending. From that
moment on none of them begins a window: the count of windows refuses, in the intent's transaction.
"""

from sqlalchemy import Column, Connection, MetaData, String, Table, bindparam, exists, select
from typing_extensions import override

EDITION = "0048"  # the newest of the migrations

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


class KeysNeeded(Exception):
    """The ledger holds people, and the keys of their register were not given."""

    @override
    def __str__(self) -> str:
        """Say what to do."""
        return "Ce registre contient des habitants : il se met à jour avec ses clés seulement."


class OtherKeys(Exception):
    """The ledger was sealed under other keys than those of this installation's folder."""

    @override
    def __str__(self) -> str:
        """Say what happened and what to do."""
        return (
            "Les clés de ce dossier n'ouvrent pas le registre des habitants : remettez en place le"
            " dossier « keys » de la dernière sauvegarde, puis relancez. Rien n'a été modifié."
        )


def is_ours(connection: Connection) -> bool:
    """Tell whether the ledger is of the edition that this program works with."""
    return bool(connection.execute(select(IS_OURS), ours()).scalar_one())


def ours() -> dict[str, str]:
    """Return what `IS_OURS` is asked with."""
    return {"our_edition": EDITION}
