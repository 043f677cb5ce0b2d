"""What whoever leads a crisis has to decide first, in order: one short list, in words on the page.

Pure: it only reads a sight. It decides nothing and proposes nothing that the plan does not.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from dispatcher.crisis.sights import Sight

UNDECIDED = {"draft", "pending_approval", "approved"}


@dataclass(frozen=True)
class First:
    """One thing to decide: its kind, what it is about, and where on the site it is decided."""

    kind: str
    about: str = ""
    path: str = ""


def firsts(seen: Sight) -> list[First]:
    """Return what to decide now, the most pressing first."""
    event = seen.event
    here = f"/evenements/{event.event_id}"
    if event.state == "signale":
        return [*_empty(seen), First("assess"), First("decide", path=f"{here}/activer")]
    if event.state == "evaluation":
        return [*_empty(seen), First("decide", path=f"{here}/activer")]
    if event.state in ("pre_alerte", "active"):
        return [*_empty(seen), *_alerts(seen, here), *_command(seen, here)]
    if event.state == "levee":
        return [First("ending")]
    return [First("close", path=f"{here}/clore")] if event.state == "rex" else []


def _empty(seen: Sight) -> Iterator[First]:
    """Find posts for which nobody of the list comes: a person has to call someone else."""
    come = {code for one in seen.calls for code in one.filled} | {
        post.code for post in seen.posts if post.holder
    }
    told: set[str] = set()
    for one in seen.calls:
        for code in one.empty:
            if code not in come | told:
                told.add(code)
                yield First("nobody", one.posts[code][0].label, "#appels")


def _alerts(seen: Sight, here: str) -> Iterator[First]:
    for one in seen.proposals:
        drafted = seen.drafted.get(one.template)
        if drafted is None and one.kind in ("prepare", "order", "shelter"):
            yield First("propose", one.title, f"{here}#messages")
            return  # the next one comes after this one
        if drafted is not None and drafted.state in UNDECIDED:
            yield First(drafted.state, one.title, f"/console/alertes/{drafted.alert_id}")


def _command(seen: Sight, here: str) -> Iterator[First]:
    for post in seen.posts:
        if post.code in ("DOS", "RAC") and not post.holder:
            yield First("vacant", post.label, f"{here}/fonctions/{post.code}")
