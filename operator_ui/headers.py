"""What every answer tells the browser: run nothing but ours, show us in no frame, keep nothing."""

from collections.abc import Iterable, Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
NOT_KEPT = (b"cache-control", b"no-store")
ITS_OWN = {b"content-security-policy", b"permissions-policy"}  # a page may have another
EVERYWHERE: Mapping[str, str] = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",  # the address of an answering page is a secret
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class SecurityHeaders:
    """ASGI: add the headers to every answer; answers are not cached unless they say so."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        """Wrap an application; `https` when the public address is."""
        self._app = app
        added = {
            **EVERYWHERE,
            **({"strict-transport-security": "max-age=31536000"} if https else {}),
        }
        # As they go over the wire: this runs for every answer.
        self._added = [(name.encode(), value.encode()) for name, value in added.items()]
        self._names = frozenset(name for name, _ in self._added) - ITS_OWN
        self._all = [*self._added, NOT_KEPT]
        self._known = frozenset(name for name, _ in self._all)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, with the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._sealed(message["headers"])
            await send(message)

        await self._app(scope, receive, sealed)

    def _sealed(self, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        headers = list(headers)
        if self._known.isdisjoint([name.lower() for name, _ in headers]):
            return headers + self._all
        kept = [(name, value) for name, value in headers if name.lower() not in self._names]
        given = {name.lower() for name, _ in kept}
        # A page may have a policy of its own, never none.
        kept += [one for one in self._added if one[0] not in given]
        if b"cache-control" not in given:
            kept.append(NOT_KEPT)
        return kept
