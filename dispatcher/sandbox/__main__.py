"""Start the sandbox: `python -m dispatcher.sandbox --data-dir DIR`."""

import argparse
import os
import sys
from pathlib import Path

import uvloop

from dispatcher.sandbox.callees import Behaviour
from dispatcher.sandbox.process import Options, serve


def read_options(arguments: list[str]) -> Options:
    """Read the command line."""
    parent = os.getppid()  # before anything slow: a parent that dies later is missed by none
    reader = argparse.ArgumentParser(
        prog="python -m dispatcher.sandbox",
        description="Pretend telephone operators, mail server and webhook receiver.",
    )
    reader.add_argument("--data-dir", type=Path, required=True)
    reader.add_argument(
        "--http-port", type=int, default=0, help="0: as last time, or any free port"
    )
    reader.add_argument(
        "--smtp-port", type=int, default=0, help="0: as last time, or any free port"
    )
    reader.add_argument("--callback-base", help="where callbacks go, whatever host they name")
    reader.add_argument("--latency-s", type=float, default=Behaviour.latency_s)
    reader.add_argument("--seed", type=int, default=Behaviour.seed)
    reader.add_argument("--failures", action="store_true", help="let some fail (see callees.py)")
    reader.add_argument("--parent", type=int, default=parent, help="the process to end with")
    given = reader.parse_args(arguments)
    return Options(
        data_dir=given.data_dir,
        http_port=given.http_port,
        smtp_port=given.smtp_port,
        callback_base=given.callback_base,
        behaviour=Behaviour(seed=given.seed, failures=given.failures, latency_s=given.latency_s),
        parent=given.parent,
    )


if __name__ == "__main__":
    uvloop.run(serve(read_options(sys.argv[1:])))
