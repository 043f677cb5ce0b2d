"""The first user of an installation: whoever holds the code that the server itself printed.

The code is made from a key in the data folder, so it needs no place to be kept, and opens nothing
once there is a user.
"""

import hmac
from dataclasses import dataclass, field

from dispatcher.access.codes import LETTERS, in_groups
from dispatcher.access.passwords import SHORTEST_OF_ADMINISTRATORS, check_password, hashed
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow, NotSo
from dispatcher.staff import rules
from dispatcher.staff.asking import plan_of
from dispatcher.store import users
from dispatcher.store.users import Credentials, User

CODE_LENGTH = 16
INSEE_LENGTH = 5


@dataclass(frozen=True)
class FirstUser:
    """Who sets the installation up, for which commune; `contact_id` where the plan names her."""

    commune: str
    login: str
    name: str
    password: str = field(repr=False)
    contact_id: str | None = None


def set_up_code(key: bytes) -> str:
    """Return the code of this installation's set-up, in groups (80 bits)."""
    digest = hmac.new(key, b"first run", "sha256").digest()
    return in_groups("".join(LETTERS[one % len(LETTERS)] for one in digest[:CODE_LENGTH]))


def code_fits(key: bytes, given: str) -> bool:
    """Tell whether this is the set-up's code, however it was typed."""
    plain = "".join(sign for sign in given.upper() if sign.isalnum())
    expected = set_up_code(key).replace(" ", "")
    return hmac.compare_digest(expected.encode(), plain.encode())


async def set_up(office: Office, first: FirstUser) -> User:
    """Create the first user, the mayor where the plan says so, else an administrator.

    Raises NotSo, WeakPassword; NotNow once there is a user.
    """
    commune = first.commune.strip().upper()
    if len(commune) != INSEE_LENGTH or not commune.isalnum():
        raise NotSo("Le code INSEE de la commune a cinq signes, comme 35047 ou 2A004.")
    rules.check_login(first.login)
    if not first.name.strip():
        raise NotSo("Écrivez votre nom : il est dans la main courante à chaque acte.")
    check_password(first.password, first.login, shortest=SHORTEST_OF_ADMINISTRATORS)
    here = office.of(commune)
    named = rules.functions_in_plan(await plan_of(here), first.contact_id)
    user = User(
        commune,
        first.login,
        first.name.strip(),
        "dos" if "dos" in named else "administrator",
        first.contact_id,
    )
    line = here.line(
        first.login, "access.set_up", "Installation mise en route", login=first.login,
        function=user.function,
    )  # fmt: skip
    hers = Credentials(user, await hashed(first.password))
    if not await users.put_first_user(here.ledger, hers, line=(line.entry, line.key)):
        raise NotNow("Cette installation a déjà un compte : connectez-vous.")
    return user
