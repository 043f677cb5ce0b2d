"""A log says where something failed, and nothing of anybody: no number, no key, no row."""

import asyncio
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from dispatcher.cli.__main__ import LASTING
from dispatcher.cli.logged import sparing
from dispatcher.store.migrate import migrate
from tests.keyring import RING

ROOT = Path(__file__).parent.parent
# A verb is begun as always, and what it logs then is what a failure of it would be logged as.
FAILS = """
import asyncio, sys
from dispatcher.cli.__main__ import main
verb = sys.argv[1]
sys.argv = ["tocsin", verb, "--help"]
try:
    main()
except SystemExit:
    pass
import structlog
from sqlalchemy import text
from dispatcher.store.ledger import opened

async def fails(ledger, number, key):
    async with ledger.writing() as connection:
        await connection.execute(text("SELECT :a FROM nowhere"), {"a": number})

async def begin():
    async with opened("sqlite+aiosqlite:///" + sys.stdin.readline().strip()) as ledger:
        number, key = sys.stdin.readline().strip(), sys.stdin.readline().strip()
        try:
            await fails(ledger, number, key)
        except Exception as error:
            structlog.get_logger().error("canary.failed", exc_info=error)
        try:
            raise ValueError(f"{number} of camille@valombre.example")
        except ValueError as error:
            structlog.get_logger().error("canary.worded", exc_info=error)

asyncio.run(begin())
"""


@pytest.mark.parametrize("verb", [*LASTING, "residents", "bounce"])
async def test_what_a_process_logs_of_a_failure_holds_no_number_and_no_key(
    verb: str, tmp_path: Path
) -> None:
    number, key = "+33639980042", "clef-du-canari"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", FAILS, verb), cwd=ROOT, stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said = f"{tmp_path / 'ledger.db'}\n{number}\n{key}\n".encode()
    out, _ = await process.communicate(said)
    told = out.decode()
    assert "canary.failed" in told
    assert "canary.worded" in told
    assert "no such table: nowhere" in told
    assert "in fails" in told  # where it was
    assert number not in told
    assert key not in told
    assert "camille" not in told


def test_the_row_that_postgresql_tells_is_left_out_and_the_error_stays() -> None:
    words = "duplicate key\nDETAIL:  Key (mark)=(0639980042) already exists.\nline 14"
    assert sparing(words) == "duplicate key\nDETAIL: […]\nline 14"
    assert sparing("invalid input: 06 39 98 00 42") == "invalid input: […]"


async def test_an_upgrade_that_fails_tells_no_row_of_the_ledger(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    await migrate(f"sqlite+aiosqlite:///{file}")
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        stop = "BEFORE INSERT ON register_keys BEGIN SELECT RAISE(ABORT, 'no room'); END"
        connection.execute(text(f"CREATE TRIGGER full {stop}"))
    engine.dispose()
    with pytest.raises(DBAPIError) as caught:
        await migrate(f"sqlite+aiosqlite:///{file}", ring=RING)
    assert "no room" in str(caught.value)
    assert RING.witness(next(iter(RING.keys))) not in str(caught.value)
