"""The doors that partners' systems knock at hundreds of times a second, answered first.

A general stack tells telemetry, limits bodies, asks where a page comes from, asks every route, and
opens what its dependencies might need. A signed route needs none of it: its path is looked up here,
before all that, and the same endpoint answers, with the same headers and errors told alike.
Whatever is no such door goes on as ever.
"""

import re
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.routing import BaseRoute, compile_path
from starlette.types import ASGIApp, Receive, Scope, Send
from typing_extensions import override

from dispatcher.api.signed import SignedRoute

Answering = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass(frozen=True)
class _Door:
    """A signed route: its path, and what answers there."""

    path: re.Pattern[str]
    answer: Answering


class Application(FastAPI):
    """FastAPI, and before it the signed doors."""

    def __init__(
        self, *, sealing: Sequence[Middleware] = (), middleware: Sequence[Middleware] = (),
        **options: Any,  # noqa: ANN401 - FastAPI's own
    ) -> None:  # fmt: skip
        """Make it: `sealing` stands around every answer, `middleware` around all but the doors."""
        super().__init__(middleware=[*sealing, *middleware], **options)
        self._sealing = sealing
        self._doors: list[_Door] = []

    def open_first(self, routes: Iterable[BaseRoute]) -> None:
        """Have the signed routes among these answered before everything else."""
        self._doors += [
            _Door(compile_path(route.path)[0], route.get_route_handler())
            for route in routes
            if isinstance(route, SignedRoute) and route.methods == {"POST"}
        ]

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        if scope["type"] == "http" and scope["method"] == "POST" and not scope["root_path"]:
            for door in self._doors:
                if found := door.path.match(scope["path"]):
                    scope["app"] = self
                    scope["path_params"] = found.groupdict()
                    scope["tocsin.answer"] = door.answer
                    await self._answering(scope, receive, send)
                    return
        await super().__call__(scope, receive, send)

    @cached_property
    def _answering(self) -> ASGIApp:
        """What answers the doors; made at the first knock, when all is known of errors."""
        telling = ExceptionMiddleware(_raised, handlers=self.exception_handlers)
        told: tuple[type[Exception], ...] = tuple(
            kind for kind in self.exception_handlers if isinstance(kind, type)
        )

        async def answered(scope: Scope, receive: Receive, send: Send) -> None:
            answer: Answering = scope["tocsin.answer"]
            response: ASGIApp = telling
            try:
                response = await answer(Request(scope, receive))
            except told as error:
                scope["tocsin.error"] = error
            await response(scope, receive, send)

        app: ASGIApp = answered
        for around, args, kwargs in reversed(self._sealing):
            app = around(app, *args, **kwargs)
        return app


async def _raised(scope: Scope, _receive: Receive, _send: Send) -> None:
    """Raise what a door raised, once more, for the application to tell it as any other error."""
    raise scope["tocsin.error"]
