"""This installation as keys know it, and what a page shows where one may be used."""

from fastapi import Request

from dispatcher.access.relying_party import RelyingParty, names_of
from operator_ui.installation import Installation


def party_of(request: Request, held: Installation) -> RelyingParty:
    """Return who asks for a key; its names come from the settings, or from the socket on loopback.

    Never from the Host header: `scope["server"]` is where the process listens.
    """
    _, port = request.scope.get("server") or ("", None)
    rp_id, origin = names_of(held.place.public_url, port=port or held.place.port)
    return RelyingParty(
        ledger=held.ledger,
        rp_id=rp_id,
        origin=origin,
        commune=held.place.commune,
        challenge_key=held.session_key,
        logbook_key=held.office(held.place.commune).logbook_key,
    )


def door_shown(request: Request, held: Installation) -> dict[str, str]:
    """Return what the fragments with a key need: the address that keys are bound to.

    A browser at another address is led there by its script.
    """
    return {"origin": party_of(request, held).origin}
