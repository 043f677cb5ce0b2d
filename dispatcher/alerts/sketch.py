"""An alert that is being written: what has been chosen so far, by whom, in which revision."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from pydantic import TypeAdapter

from dispatcher.alerts.drafting import PREFIXED
from dispatcher.delivery.content import Content


@dataclass(frozen=True)
class Chosen:
    """What an alert is to be, as far as it has been decided; anything may still be missing.

    `area` is a GeoJSON geometry as it was drawn (WGS 84, lon first); without it the alert goes to
    the union of `sectors`, and without either it has no zone yet. `words` are texts by language
    and medium that stand in the place of the template's. `hours` is how long it lives from the
    moment it is frozen. `means` are those that Tocsin does not drive. `night_confirmed` says that
    it leaves at night all the same. `drawn` tells how the area was made (its tool, street names, a
    radius): shown, never trusted.
    """

    scenario: str | None = None
    template: str | None = None
    sectors: tuple[str, ...] = ()
    area: Mapping[str, Any] | None = None
    margin_m: float = 0.0
    danger: Mapping[str, Any] | None = None
    media: tuple[str, ...] = ()
    blanks: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    hours: float = 6.0
    players: tuple[str, ...] = ()
    public_informed: bool = False
    escalates: bool = True
    means: tuple[str, ...] = ()
    night_confirmed: bool = False
    drawn: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return JSON-able values, as the ledger keeps them."""
        return asdict(self)

    @staticmethod
    def of(values: Mapping[str, object]) -> "Chosen":
        """Read what `as_json` made; raises pydantic's ValidationError."""
        return _CHOSEN.validate_python(dict(values))

    def changed(self, changes: Mapping[str, object]) -> "Chosen":
        """Return it with these fields changed; raises KeyError for a field that is not there."""
        known = {one.name for one in fields(self)}
        unknown = [name for name in changes if name not in known]
        if unknown:
            raise KeyError(unknown[0])
        return Chosen.of({**self.as_json(), **changes})


_CHOSEN = TypeAdapter(Chosen)


@dataclass(frozen=True)
class Sketch:
    """An alert that is being written; instants are epoch seconds.

    `revision` is what whoever saves says that she read: 0 for an alert that was drafted elsewhere
    and never changed on the console. `frozen` is the digest of the version made from this very
    revision, None where it was changed since. `editors` wrote in it: none of them approves it.
    """

    commune: str
    alert_id: str
    revision: int
    mode: str
    event: str | None
    chosen: Chosen
    frozen: str | None
    created_by: str
    created_at: float
    changed_by: str
    changed_at: float
    editors: tuple[str, ...]


def chosen_of(content: Content, *, hours: float, prefix: str) -> Chosen:
    """Return what a content was made of, so that one drafted elsewhere can be taken further."""
    before = prefix if content.mode in PREFIXED else ""
    texts = {
        language: {name: _braced(text.removeprefix(before)) for name, text in asdict(one).items()}
        for language, one in content.texts.items()
    }
    return Chosen(
        scenario=content.scenario,
        template=content.template,
        sectors=tuple(content.sectors),
        area=content.area,
        margin_m=content.margin_m,
        danger=content.danger,
        media=tuple(content.media),
        words=texts,
        hours=hours,
        players=tuple(content.players),
        public_informed=content.mode == "public_test",
        escalates=content.escalation is not None,
    )


def _braced(text: str) -> str:
    """Return a filled text as a text with blanks: its own link stays one, other braces double."""
    parts = text.split("{lien}")
    return "{lien}".join(part.replace("{", "{{").replace("}", "}}") for part in parts)
