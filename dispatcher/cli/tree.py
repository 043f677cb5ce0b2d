"""The processes of a small installation, in the order in which they start."""

import socket
import sys
from collections.abc import Mapping, Sequence

from dispatcher.delivery.accounts import needs_sandbox
from dispatcher.embedded import answers, redis_server
from dispatcher.providerless import TOLD, strangers
from dispatcher.settings import PlaceSettings, QueueSettings
from dispatcher.supervisor import ProcessSpec, answers_http


def free_port() -> int:
    """Return a port that was free a moment ago, on the loopback."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def port_fault(place: PlaceSettings) -> str:
    """Say why a process could not listen there; empty when all can."""
    for name, port in (("TOCSIN_PORT", place.port), ("TOCSIN_PUBLIC_PORT", place.public_port)):
        if why := _shut(place.host, port):
            return (
                f"On ne peut pas écouter sur {place.host}:{port} ({why}) : libérez ce port,"
                f" ou choisissez-en un autre par {name} et TOCSIN_HOST."
            )
    return ""


def _shut(host: str, port: int) -> str:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((host, port))
        except (OSError, OverflowError) as error:
            return str(error)
    return ""


def module(name: str, *words: str) -> tuple[str, ...]:
    """Return the command of one of our own modules, in this very interpreter."""
    return (sys.executable, "-m", name, *words)


def process_specs(place: PlaceSettings, queue: QueueSettings) -> list[ProcessSpec]:
    """Return Redis (unless named), the sandbox (where a provider lacks), web, worker, public.

    Last the process of rehearsals, without any provider's setting; nothing waits for it.
    """
    specs = []
    told = {
        "TOCSIN_DATA_DIR": str(place.data_dir.resolve()),
        "TOCSIN_PUBLIC_URL": place.public_url,
        "TOCSIN_HOST": place.host,
        "TOCSIN_PORT": str(place.port),
        "TOCSIN_PUBLIC_PORT": str(place.public_port),
        "TOCSIN_REDIS_URL": queue.redis_url,
    }
    if not queue.redis_url:
        server = redis_server(place.data_dir)
        told["TOCSIN_REDIS_URL"] = server.url

        async def ready() -> bool:
            return await answers(server.socket)

        specs.append(ProcessSpec("redis", server.argv, cwd=server.folder, ready_probe=ready))
    if needs_sandbox():
        folder = str(place.data_dir.resolve() / "sandbox")
        words = ("--data-dir", folder, "--callback-base", f"http://{place.host}:{place.port}")
        specs.append(
            ProcessSpec("sandbox", module("dispatcher.sandbox", *words), ready_line='"http"')
        )
    web = f"http://{place.host}:{place.port}/healthz"
    specs.append(ProcessSpec("web", _told("serve", told), ready_probe=answers_http(web)))
    specs.append(ProcessSpec("worker", _told("worker", told), ready_line="worker.ready"))
    public = f"http://{place.host}:{place.public_port}/healthz"
    specs.append(ProcessSpec("public", _told("public", told), ready_probe=answers_http(public)))
    known = {key: value for key, value in told.items() if key in TOLD}
    specs.append(ProcessSpec("rehearsals", _told("rehearsals", known, without=strangers())))
    return specs


def _told(verb: str, told: Mapping[str, str], *, without: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the command of a verb, told these settings and not told those in `without`."""
    settings = [f"{key}={value}" for key, value in told.items() if value]
    unset = [f"--unset={name}" for name in without]
    return ("env", *unset, *settings, *module("dispatcher.cli", verb))


def settled(place: PlaceSettings) -> PlaceSettings:
    """Return the place with its ports chosen and its public address known.

    Who lets the console choose its port lets the public page choose too.
    """
    port = place.port or free_port()
    public = place.public_port if place.port and place.public_port else free_port()
    return place.model_copy(
        update={
            "port": port,
            "public_port": public,
            "public_url": place.public_url.rstrip("/") or f"http://{place.host}:{port}",
        }
    )
