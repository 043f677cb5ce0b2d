"""What every answer tells the browser: run nothing but ours, show us in no frame, keep nothing."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
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
        self._added = {
            **EVERYWHERE,
            **({"strict-transport-security": "max-age=31536000"} if https else {}),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, with the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._added.items():
                    if name != "content-security-policy" or name not in headers:
                        headers[name] = value  # a page may have a policy of its own, never none
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, sealed)
