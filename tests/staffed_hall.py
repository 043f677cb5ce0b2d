"""A town hall with its plan in force, and people who have access to its console."""

from sqlalchemy import select

from dispatcher.access.signing_in import NewUser, create_user
from dispatcher.alerts.office import Office
from dispatcher.store.access_tables import announcements
from dispatcher.store.ledger import Ledger
from dispatcher.store.users import User, accounts_of
from tests.situations import COMMUNE, PASSWORD

LONG = "quatre mots sans aucun rapport"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ADMIN = User(COMMUNE, "isabelle", "Isabelle MARCHAL", "administrator", "dgs")
MAYOR = User(COMMUNE, "helene", "Hélène VASSEUR", "dos", "maire")
OPERATOR = User(COMMUNE, "theo", "Théo PARISOT", "operator", "urbanisme")


async def enrol(ledger: Ledger, user: User) -> None:
    await create_user(ledger, NewUser(user, PASSWORD, SECRET), by="test", key=b"k" * 32)


async def functions(hall: Office) -> dict[str, str]:
    accounts = await accounts_of(hall.ledger, COMMUNE)
    return {one.user.login: one.user.function for one in accounts if one.disabled_at is None}


async def announced(hall: Office) -> list[str]:
    async with hall.ledger.reading() as connection:
        rows = await connection.execute(select(announcements.c.body))
        return list(rows.scalars())
