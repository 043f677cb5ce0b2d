"""Recovery from the server itself: for the day when nobody can sign in any more.

Whoever commands the server commands its ledger: what protects is that it is never silent. The act
is in the logbook and is announced to those who approve alerts.
"""

import secrets

from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotThere
from dispatcher.staff.links import Sent, link_for
from dispatcher.staff.telling import announced
from dispatcher.store import access_requests
from dispatcher.store.access_requests import SERVER, AccessRequest
from dispatcher.store.users import accounts_of


async def recover(office: Office, login: str, *, reason: str = "") -> Sent:
    """Make a link that gives somebody a new password and new factors; raises NotThere.

    Also for an access that was taken away: it comes back with the function it had.
    """
    for one in await accounts_of(office.ledger, office.commune):
        if one.user.login == login:
            break
    else:
        raise NotThere(
            "Personne ne s'appelle « {login} » ici : « tocsin access list » les montre tous.",
            login=login,
        )
    asked = AccessRequest(
        office.commune,
        secrets.token_hex(6),
        "recovery",
        login=login,
        name=one.user.name,
        function=one.user.function,
        asked_by=SERVER,
        decided_by=SERVER,
        reason=reason.strip(),
        contact_id=one.user.contact_id,
        until_event=one.user.until_event,
        alone=True,
        state="granted",
    )
    token, link = link_for(asked)
    told = announced(office, asked, "granted")
    await access_requests.grant_alone(office.ledger, asked, told, link=link)
    return Sent(asked, token)
