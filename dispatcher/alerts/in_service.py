"""No real alert leaves by a real provider before two people have put the commune in service.

With the sandbox nothing changes: nothing real can leave. A correction is never held back.
"""

from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow
from dispatcher.delivery.content import Content
from dispatcher.store.in_service import opening_of
from dispatcher.store.versions import FIRST

TO_PEOPLE = ("real", "public_test")
NOT_OPEN = (
    "La mise en service n'a pas été faite, ou a été arrêtée : deux personnes la font,"
    " page « Prêt ? »."
)


async def check_in_service(office: Office, content: Content, *, kind: str = FIRST) -> None:
    """Raise NotNow where this alert would reach people before the commune is in service."""
    if kind != FIRST or content.mode not in TO_PEOPLE or not _leaves(office, content):
        return
    if not (await opening_of(office.ledger, office.commune)).live:
        raise NotNow(NOT_OPEN)


def _leaves(office: Office, content: Content) -> bool:
    return any(one.real for medium, one in office.granted.items() if medium in content.media)
