"""Who acts on the command line: signs in as on the console; a bare name only with the sandbox."""

from getpass import getpass

from dispatcher.access.sessions import SignInRefused, session_of, sign_out
from dispatcher.access.signing_in import sign_in
from dispatcher.alerts.office import Actor, Office
from dispatcher.delivery.accounts import live_media
from dispatcher.store.users import credentials

SYSTEM = Actor("console", "administrator")


class NotSignedIn(Exception):
    """The user is unknown, or did not sign in; a sentence."""


async def identified(office: Office, login: str) -> Actor:
    """Return who acts. Where a real provider is configured she gives password and code.

    Without a name the server's own administrator acts, who may read but launch nothing.
    """
    if not login:
        return SYSTEM
    found = await credentials(office.ledger, office.commune, login)
    if live_media():
        return await _signed_in(office, login)
    if found is None:
        raise NotSignedIn(
            f"Personne ne s'appelle « {login} » ici : créez son accès par « tocsin access add »."
        )
    return Actor(found.user.login, found.user.function, found.user.contact_id)


async def _signed_in(office: Office, login: str) -> Actor:
    try:
        token = await sign_in(
            office.ledger,
            commune=office.commune,
            login=login,
            password=getpass(f"Mot de passe de {login} : "),
            code=getpass("Code à usage unique (vide sans) : "),
        )
    except (SignInRefused, EOFError) as error:
        raise NotSignedIn(str(error) or "Personne n'a signé.") from error
    session = await session_of(office.ledger, token)
    await sign_out(office.ledger, token)
    if session is None:
        raise NotSignedIn("La session s'est fermée : recommencez.")
    if session.factor != "kept":
        raise NotSignedIn(
            "Ce compte n'a pas de second facteur : connectez-vous à la console pour en ajouter un."
        )
    return Actor(session.user.login, session.user.function, session.user.contact_id)
