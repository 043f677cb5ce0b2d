"""Devices with keys, in a real browser: Chromium's own virtual authenticators."""

from dataclasses import dataclass
from typing import Any

from playwright.async_api import CDPSession, Locator

from tests.browsing import Visit

# As a telephone: it holds the key, and knows its owner.
PHONE_LIKE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": False,
}
# As a small key on a ring: it remembers no account, and must be told which key is meant.
RING_LIKE = {**PHONE_LIKE, "transport": "usb", "hasResidentKey": False}


@dataclass(frozen=True)
class Device:
    """A device of a visit; `touch` makes its owner confirm at once whatever it is asked."""

    session: CDPSession
    ident: str

    async def touch(self, willing: bool = True) -> None:
        await self._tell("setAutomaticPresenceSimulation", enabled=willing)

    async def recognises(self, owner: bool) -> None:
        await self._tell("setUserVerified", isUserVerified=owner)

    async def keys(self) -> list[dict[str, Any]]:
        """Return what it holds."""
        told = {"authenticatorId": self.ident}
        found: dict[str, Any] = await self.session.send("WebAuthn.getCredentials", told)
        kept: list[dict[str, Any]] = found["credentials"]
        return kept

    async def forget(self) -> None:
        await self._tell("clearCredentials")

    async def _tell(self, what: str, **told: object) -> None:
        await self.session.send(f"WebAuthn.{what}", {"authenticatorId": self.ident, **told})


async def device(seen: Visit, like: dict[str, object] = PHONE_LIKE) -> Device:
    """Put a device beside a browser."""
    session = await seen.page.context.new_cdp_session(seen.page)
    await session.send("WebAuthn.enable")
    made = await session.send("WebAuthn.addVirtualAuthenticator", {"options": like})
    return Device(session, str(made["authenticatorId"]))


def go(seen: Visit) -> Locator:
    return seen.page.get_by_role("button", name="Se connecter avec une clé d'accès")


def said(seen: Visit) -> Locator:
    return seen.page.locator("[data-passkey] [data-said]")


async def add(seen: Visit, one: Device, label: str = "") -> None:
    """Add a key by keyboard alone."""
    await seen.open("/compte/cles")
    await seen.page.get_by_label("Nom, pour la reconnaître").focus()
    await seen.page.keyboard.type(label)
    await seen.page.keyboard.press("Tab")
    await one.touch()
    await seen.page.keyboard.press("Enter")
    await seen.page.wait_for_url("**/compte/codes")  # the first key leads to printed codes
    await one.touch(willing=False)
    await seen.open("/compte/cles")


async def sign_out(seen: Visit) -> None:
    await seen.page.get_by_role("button", name="Se déconnecter").press("Enter")
    await seen.page.wait_for_url("**/connexion")
