"""The doors that partners' systems knock at hundreds of times a second, answered first.

A general router asks every route, opens what its dependencies might need, and only then the
endpoint. A signed route needs none of it: its path is looked up here, ahead of the router, and the
same endpoint answers. Whatever is no such door goes on to the router as ever.
"""

import re
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.routing import BaseRoute, compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from dispatcher.api.signed import SignedRoute

Answering = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass(frozen=True)
class _Door:
    """A signed route: its path, and what answers there."""

    path: re.Pattern[str]
    answer: Answering


def open_first(app: FastAPI, routes: Iterable[BaseRoute]) -> None:
    """Have the signed routes among these answered ahead of the router, inside every middleware."""
    doors = [
        _Door(compile_path(route.path)[0], route.get_route_handler())
        for route in routes
        if isinstance(route, SignedRoute) and route.methods == {"POST"}
    ]
    app.user_middleware.append(Middleware(SignedDoors, told_by=app, doors=doors))


class SignedDoors:
    """ASGI: answer the signed doors; errors are told as the application tells them."""

    def __init__(self, app: ASGIApp, *, told_by: FastAPI, doors: list[_Door]) -> None:
        """Stand in front of `app`; `told_by` says how errors are told."""
        self._app, self._doors = app, doors
        self._answering = ExceptionMiddleware(_answered, handlers=told_by.exception_handlers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        if scope["type"] == "http" and scope["method"] == "POST" and not scope["root_path"]:
            for door in self._doors:
                if found := door.path.match(scope["path"]):
                    scope["path_params"] = found.groupdict()
                    scope["tocsin.answer"] = door.answer
                    await self._answering(scope, receive, send)
                    return
        await self._app(scope, receive, send)


async def _answered(scope: Scope, receive: Receive, send: Send) -> None:
    answer: Answering = scope["tocsin.answer"]
    response = await answer(Request(scope, receive))
    await response(scope, receive, send)
