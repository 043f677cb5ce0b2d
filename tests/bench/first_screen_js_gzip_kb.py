"""Benchmark: the script that the first screen needs before its figures are alive, compressed."""

import gzip
import json

from operator_ui.rendering import STATIC

GOAL_KB = 40.0
FIRST = "console.js"
APART = ("map.js", "following.js", "passkeys.js")  # fetched after it, where a page has a use for it


def run() -> dict[str, object]:
    """Weigh it as a browser receives it, in thousands of bytes."""
    names = json.loads((STATIC / "names.json").read_text("utf-8"))
    weighed = {name: _kb(names[name]) for name in (FIRST, *APART)}
    return {
        "name": "first_screen_js_gzip_kb",
        "value": weighed[FIRST],
        "unit": "kB",
        "goal": GOAL_KB,
        "met": weighed[FIRST] <= GOAL_KB,
        "detail": {"kb": weighed},
    }


def _kb(name: str) -> float:
    return round(len(gzip.compress((STATIC / name).read_bytes(), mtime=0)) / 1000, 1)
