"""The message templates of a plan as their files hold them: text by text, changed in place."""

from collections.abc import Mapping
from dataclasses import dataclass

from plans.faults import Findings
from plans.figures import says_yes
from plans.folder import TEMPLATES, in_folder
from plans.sections import Files, plain
from plans.words import WordsRefused, blanks_of
from plans.yaml_lines import read_yaml
from plans.yaml_paths import edit_paths, paths_of, tree_of
from plans.yaml_written import Value, document

TEXTS = ("sms", "voix", "email.objet", "email.corps")
"""The texts of one language, by their path in it."""


@dataclass(frozen=True)
class TemplateFile:
    """A template: its file, and what it holds by path: sms, cap.urgency, traductions.en.voix."""

    ident: str
    file: str
    held: Mapping[str, Value]

    @property
    def translated(self) -> list[str]:
        """Its languages beside the policy's own."""
        heads = [path.split(".")[1] for path in self.held if path.startswith("traductions.")]
        return list(dict.fromkeys(heads))

    @property
    def pre_approved(self) -> bool:
        """Tell whether it was approved beforehand, for an emergency."""
        return says_yes(str(self.held.get("prevalide", "")))

    def text(self, path: str) -> str:
        """Give one text, empty where there is none."""
        value = self.held.get(path, "")
        return value if isinstance(value, str) else ""


def templates_of(files: Files) -> dict[str, TemplateFile]:
    """Give the templates by id, in the order of their files."""
    found: dict[str, TemplateFile] = {}
    for file in in_folder(files, TEMPLATES):
        tree = read_yaml(file, files[file], Findings())
        held = plain(tree) if tree is not None else None
        if isinstance(held, dict):
            ident = str(held.get("id", ""))
            found.setdefault(ident, TemplateFile(ident, file, dict(paths_of(held))))
    return found


def path_of(language: str, text: str) -> str:
    """Give the path of a text: of the policy's language where `language` is empty."""
    return f"traductions.{language}.{text}" if language else text


def put_template(files: Files, ident: str, values: Mapping[str, Value | None]) -> dict[str, bytes]:
    """Write values by path into the template of that id; a new one gets a file of its own.

    Its declared blanks are those that its texts hold: nobody declares them here.
    """
    known = templates_of(files).get(ident)
    if known is None:
        kept = {path: value for path, value in values.items() if value is not None}
        new = TemplateFile(ident, f"{TEMPLATES}/{ident}.yaml", {"id": ident, **kept})
        return {**files, new.file: document(tree_of(new.held))}
    changed = {
        path: _ended(value)
        for path, value in values.items()
        if _bare(value) != _bare(known.held.get(path))
    }
    merged = {**known.held, **values}
    if "variables" in known.held and changed:
        held = known.held["variables"]
        before = [str(one) for one in held] if isinstance(held, list) else []
        used = blanks_in({path: value for path, value in merged.items() if value is not None})
        blanks = [*(one for one in before if one in used), *(o for o in used if o not in before)]
        if blanks != before:
            changed["variables"] = list(blanks)
    text = files[known.file].decode("utf-8-sig")
    return {**files, known.file: edit_paths(text, changed, known.held).encode()}


def drop_template(files: Files, ident: str) -> dict[str, bytes]:
    """Take a template out, with its file."""
    known = templates_of(files).get(ident)
    return {name: raw for name, raw in files.items() if known is None or name != known.file}


def blanks_in(held: Mapping[str, Value]) -> list[str]:
    """List the blanks of all texts of a template; a malformed text has none."""
    found: dict[str, None] = {}
    for path, value in held.items():
        if isinstance(value, str) and path.endswith(TEXTS):
            try:
                found.update(dict.fromkeys(blanks_of(value)))
            except WordsRefused:
                continue
    return list(found)


def _bare(value: Value | None) -> Value | None:
    """Give a text without its last line's end, which a form does not keep."""
    return value.strip() if isinstance(value, str) else value


def _ended(value: Value | None) -> Value | None:
    """End a text of several lines as a file does."""
    several = isinstance(value, str) and "\n" in value
    return f"{str(value).rstrip()}\n" if several else value
