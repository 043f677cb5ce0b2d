"""What the forms of a team's phone page hold: a press, what was found at a door, its instant."""

from datetime import UTC, datetime

from starlette.datastructures import FormData, UploadFile

from dispatcher.teams.phone import Press
from dispatcher.teams.phone_doors import DoorNote


async def press_in(form: FormData) -> Press:
    """Return the press that a form tells; what cannot be read is left out."""
    photo = form.get("photo")
    content = await photo.read() if isinstance(photo, UploadFile) else b""
    return Press(
        ident=text_in(form, "ident"),
        act=text_in(form, "act"),
        at=instant_in(form),
        mission=text_in(form, "mission") or None,
        note=text_in(form, "note"),
        strength=_whole(form, "strength"),
        lon=_degrees(form, "lon", most=180.0),
        lat=_degrees(form, "lat", most=90.0),
        accuracy_m=_degrees(form, "accuracy_m", most=1e6),
        content=content,
    )


def door_in(form: FormData) -> DoorNote:
    """Return what was found at a door, as a form tells it."""
    return DoorNote(
        ident=text_in(form, "ident"),
        door=text_in(form, "door"),
        result=text_in(form, "result"),
        people=_whole(form, "people"),
        note=text_in(form, "note"),
        mission=text_in(form, "mission") or None,
        at=instant_in(form),
        said=text_in(form, "said") or None,
    )


def text_in(form: FormData, name: str) -> str:
    """Return a field as it was typed; "" where it is not there."""
    return str(form.get(name, "")).replace("\x00", "")


def _whole(form: FormData, name: str) -> int | None:
    given = text_in(form, name).strip()
    return int(given) if given.isascii() and given.isdigit() and len(given) < 5 else None


def _degrees(form: FormData, name: str, *, most: float) -> float | None:
    try:
        given = float(text_in(form, name))
    except ValueError:
        return None
    return given if abs(given) <= most else None  # which nan is not


def instant_in(form: FormData) -> datetime | None:
    """Return when it was pressed by the phone's clock as the page corrected it, ms; None: now."""
    given = text_in(form, "at")
    if not (given.isascii() and given.isdigit() and len(given) < 15):
        return None
    return datetime.fromtimestamp(int(given) / 1000, UTC)
