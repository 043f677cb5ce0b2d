"""What is wrong in a plan and where: spots, sentences in two languages, findings."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Language = Literal["fr", "en"]

_SHOWN = 80  # characters of a value quoted in a sentence
_MOST = 500  # findings kept of each sort: a plan with more is repaired a piece at a time


@dataclass(frozen=True)
class Spot:
    """A place in a plan's files: `line` counts from 1, `path` is written scenarios[0].fiches[1]."""

    file: str
    line: int = 1
    path: str = ""

    def key(self, name: str) -> str:
        """Write the path of a key below this spot."""
        return f"{self.path}.{name}" if self.path else name

    def item(self, index: int) -> str:
        """Write the path of a list's item below this spot."""
        return f"{self.path}[{index}]"


@dataclass(frozen=True)
class Sentence:
    """One thing to say, in French and in English, with {blanks} for str.format."""

    fr: str
    en: str


_DID_YOU_MEAN = Sentence(" (vouliez-vous dire {names} ?)", " (did you mean {names}?)")


@dataclass(frozen=True)
class PlanFault:
    """A fault or a warning, with the file, the line (from 1), the path, and what to do."""

    file: str
    line: int
    path: str
    message: str

    def as_dict(self) -> dict[str, str | int]:
        """Give the four values by name, for JSON."""
        return {"file": self.file, "line": self.line, "path": self.path, "message": self.message}


@dataclass(frozen=True)
class Origin:
    """Where a form was written, and where each of its keys."""

    spot: Spot
    keys: Mapping[str, Spot]

    def at(self, key: str) -> Spot:
        """Find the spot of a key; of the form, with the key's path, where it is absent."""
        absent = Spot(self.spot.file, self.spot.line, self.spot.key(key))
        return self.keys.get(key, absent) if key else self.spot


@dataclass(frozen=True)
class Reference:
    """Somebody wrote this id at this spot and means a thing of this kind."""

    kind: str
    ident: str
    spot: Spot


@dataclass
class Findings:
    """Everything found while one plan is read, in the reader's language.

    `definitions` holds where each id of each kind was given; `references` who points to one;
    `unread` the files that could not be read and `unnamed` the kinds of which an id was faulty,
    so that nobody complains about what they hold.
    """

    language: Language = "fr"
    faults: list[PlanFault] = field(default_factory=list)
    warnings: list[PlanFault] = field(default_factory=list)
    definitions: dict[str, dict[str, Spot]] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)
    origins: dict[tuple[str, str], Origin] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    unnamed: set[str] = field(default_factory=set)
    _dropped: dict[int, int] = field(default_factory=dict)
    _settled: tuple[tuple[str, str], ...] = ()

    def fault(self, spot: Spot, sentence: Sentence, **blanks: object) -> None:
        """Note what makes the plan unusable."""
        self._note(self.faults, spot, self._say(sentence, blanks))

    def warn(self, spot: Spot, sentence: Sentence, **blanks: object) -> None:
        """Note what the plan can live with, and what it prevents."""
        self._note(self.warnings, spot, self._say(sentence, blanks))

    def define(self, kind: str, ident: str, spot: Spot) -> Spot | None:
        """Note where an id is given; the spot of its twin if it was given before."""
        first = self.definitions.setdefault(kind, {}).setdefault(ident, spot)
        return None if first is spot else first

    def refer(self, kind: str, ident: str, spot: Spot) -> None:
        """Note that a thing of this kind must exist."""
        self.references.append(Reference(kind, ident, spot))

    def words(self, sentence: Sentence) -> str:
        """Choose the reader's language; blanks stay open."""
        return sentence.fr if self.language == "fr" else sentence.en

    def locate(self, kind: str, ident: str, origin: Origin) -> None:
        """Note where the form of a thing was written."""
        self.origins.setdefault((kind, ident), origin)

    def spot_of(
        self, kind: str, ident: str = "", *, key: str = "", file: str = "pcs.yaml", under: str = ""
    ) -> Spot:
        """Find where a thing, or one of its keys, was written; the head of `file` if nowhere.

        `under` is the path where the key would stand in that file.
        """
        origin = self.origins.get((kind, ident))
        return origin.at(key) if origin else Spot(file, 1, f"{under}{key}")

    def settle(self) -> None:
        """End the reading: what holds a faulty value is not judged further."""
        self._settled = tuple({(fault.file, fault.path) for fault in self.faults})

    def _holds_faulty(self, spot: Spot) -> bool:
        below = (spot.path, spot.path + ".", spot.path + "[")
        return any(
            file == spot.file and (path == below[0] or path.startswith(below[1:]))
            for file, path in self._settled
        )

    def near(self, word: str, known: Iterable[str], *, likeness: float = 0.6) -> str:
        """Write ' (did you mean …?)' when a known word is close, else nothing."""
        close = difflib.get_close_matches(
            word[:_SHOWN], list(dict.fromkeys(known)), n=3, cutoff=likeness
        )
        if not close:
            return ""
        names = ", ".join(clean(name) for name in close)
        return self.words(_DID_YOU_MEAN).format(names=names)

    def _say(self, sentence: Sentence, blanks: dict[str, object]) -> str:
        filled = {name: self._word(value) for name, value in blanks.items()}
        return self.words(sentence).format(**filled)

    def _word(self, value: object) -> object:
        if isinstance(value, Sentence):
            return self.words(value)
        return clean(value) if isinstance(value, str) else value

    def _note(self, noted: list[PlanFault], spot: Spot, message: str) -> None:
        if self._holds_faulty(spot):
            return
        fault = PlanFault(clean(spot.file), max(1, spot.line), spot.path, message)
        if fault in noted[-5:]:
            return
        if len(noted) < _MOST:
            noted.append(fault)
        else:
            self._dropped[id(noted)] = self._dropped.get(id(noted), 0) + 1

    def close(self, more: Sentence) -> None:
        """Say how many were left out, of faults and of warnings, after the last has been noted."""
        for noted in (self.faults, self.warnings):
            count = self._dropped.get(id(noted))
            if count:
                last = noted[-1]
                noted.append(PlanFault(last.file, last.line, "", self._say(more, {"count": count})))


def clean(text: str) -> str:
    """Make one printable line of a text, cut where it is long, safe to show anywhere."""
    line = "".join(sign if sign.isprintable() else " " for sign in text[: _SHOWN * 4])
    return line if len(line) <= _SHOWN * 4 - 1 else line[: _SHOWN * 4 - 1] + "…"


def quoted(text: str) -> str:
    """Cut a value to what a sentence quotes: at most 80 characters of it."""
    return clean(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")
