"""Filling the peer's table and queue, in a process of its own settings."""

import json
import subprocess
import sys
from collections.abc import Mapping

from tests.real_parts import ROOT

_FILL = """
import sys
from sqlalchemy.orm import Session
from tests.bench.parts.per_recipient import Notification, Row, deliver, engine
many = int(sys.argv[1])
Row.metadata.create_all(engine())
with Session(engine()) as session:
    session.add_all(
        Notification(id=n, recipient=f"+999{n:08d}", status="created") for n in range(1, many + 1)
    )
    session.commit()
for n in range(1, many + 1):
    deliver.delay(n)
"""


def fill(places: Mapping[str, str], messages: int) -> None:
    """Write the peer's rows, and one task for each."""
    settings = [f"{name}={value}" for name, value in places.items()]
    words = ["env", *settings, sys.executable, "-c", _FILL, str(messages)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(json.dumps(done.stderr[-1000:]))
