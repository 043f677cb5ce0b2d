"""What a clone holds before and after set-up, and the stamp that says nothing changed."""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

DEVELOPER_VERBS = frozenset({"test", "check", "bench", "chaos"})
_GENERATED = frozenset({"node_modules", "__pycache__"})


@dataclass(frozen=True)
class Clone:
    """A source tree at `root`, and the environment that set-up keeps inside it."""

    root: Path

    @property
    def environment(self) -> Path:
        """The virtual environment beside the packages."""
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """The interpreter that everything is handed to."""
        return self.environment / "bin" / "python"

    @property
    def log(self) -> Path:
        """All that the tools said while setting up."""
        return self.environment / "setup.log"

    @property
    def lock(self) -> Path:
        """Held while one process sets up; a second one waits."""
        return self.environment / "setup.lock"

    @property
    def unfinished(self) -> Path:
        """There while packages are being written: still there means a set-up died."""
        return self.environment / "setup.unfinished"

    @property
    def stamp(self) -> Path:
        """What the last whole set-up was made from."""
        return self.environment / "setup.json"

    @property
    def pyproject(self) -> Path:
        """The wanted dependencies."""
        return self.root / "pyproject.toml"

    @property
    def constraints(self) -> Path:
        """The exact versions and their hashes."""
        return self.root / "dispatcher" / "constraints.txt"

    @property
    def frontend(self) -> Path:
        """The TypeScript that is bundled into `operator_ui/static`."""
        return self.root / "operator_ui" / "frontend"


@dataclass(frozen=True)
class Wanted:
    """What a verb needs: parts by name, each with the fingerprint of its sources."""

    packages: str
    developer: str | None  # None where the verb runs without the tools of a developer
    pages: str | None  # None where the front end is left out

    def missing_from(self, clone: Clone) -> list[str]:
        """List the parts that the last set-up did not make from the same sources."""
        made = _read_stamp(clone) if clone.python.exists() else {}
        if self.pages is not None and not (clone.root / "operator_ui" / "static").is_dir():
            made.pop("pages", None)
        wanted = {"packages": self.packages, "developer": self.developer, "pages": self.pages}
        return [part for part, mark in wanted.items() if mark and made.get(part) != mark]

    def write_stamp(self, clone: Clone) -> None:
        """Remember, in one step that a power cut cannot halve, what was made."""
        kept = {"packages": self.packages}
        if self.developer:
            kept["developer"] = self.developer
        if self.pages:
            kept["pages"] = self.pages
        draft = clone.stamp.with_suffix(".new")
        draft.write_text(json.dumps(kept), encoding="utf-8")
        draft.replace(clone.stamp)


def wanted_for(verb: str, clone: Clone, *, with_pages: bool) -> Wanted:
    """Fingerprint the sources of all that `verb` needs. About 5 ms."""
    packages = _fingerprint(
        [clone.pyproject, clone.constraints, clone.environment / "pyvenv.cfg"], clone.root
    )
    made_before = "developer" in _read_stamp(clone)
    developer = f"dev {packages}" if verb in DEVELOPER_VERBS or made_before else None
    has_pages = with_pages and (clone.frontend / "package.json").is_file()
    pages = _fingerprint(_sources(clone.frontend), clone.root) if has_pages else None
    return Wanted(packages=packages, developer=developer, pages=pages)


def _read_stamp(clone: Clone) -> dict[str, str]:
    try:
        kept = json.loads(clone.stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _sources(folder: Path) -> list[Path]:
    found = []
    for at, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in _GENERATED]
        found += [Path(at, name) for name in names]
    return sorted(found)


def _fingerprint(files: Iterable[Path], root: Path) -> str:
    """Digest of names and contents; a missing file counts as such."""
    digest = hashlib.blake2b(digest_size=16)
    for file in files:
        content = file.read_bytes() if file.is_file() else b"missing"
        digest.update(f"{file.relative_to(root)}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
