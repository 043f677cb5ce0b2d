"""Server-sent events as bytes: encoded once, however many screens they go to.

The format is that of the HTML standard (§9.2): fields in lines, an empty line at the end.
"""

from collections.abc import AsyncIterator

from fastapi.responses import StreamingResponse

HEADERS = {
    "cache-control": "no-store",
    "x-accel-buffering": "no",  # a proxy that waits for more would freeze the figures
}


def event_of(data: str, *, name: str = "", ident: int | None = None) -> bytes:
    """Return one event; a line break within `data` begins another of its lines."""
    fields = [f"event: {name}"] if name else []
    fields += [] if ident is None else [f"id: {ident}"]
    fields += [f"data: {line}" for line in data.splitlines() or [""]]
    return ("\n".join(fields) + "\n\n").encode()


PULSE = event_of("-", name="pulse")
SIGNED_OUT = event_of("-", name="signed-out")


class EventStream(StreamingResponse):
    """An answer that goes on: events as they come."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[bytes]) -> None:
        """Stream these events."""
        super().__init__(events, headers=HEADERS)
