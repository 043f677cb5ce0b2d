"""Where the logbook ends is told off the server: a cut end, a book written anew are then seen."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dispatcher.alarms.daily import Round
from dispatcher.alarms.telling import OnCall
from dispatcher.alarms.witness import Witness, step
from dispatcher.logbook.chain import verify, verify_ledger
from dispatcher.logbook.marks import MarksRefused, mark, read_marks
from dispatcher.logbook.signature import public_key, signed
from dispatcher.readiness.judging_machine import judge_witness
from dispatcher.store import alarms, logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, Head, Line, append, canonical
from tests.outgoing import KEYS, LOGBOOK_KEY
from tests.situations import COMMUNE, load_example_plan
from tests.tls_servers import certificate
from tests.tls_stores import Store, serving

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
NEXT = datetime(2026, 11, 27, 12, 1, tzinfo=UTC)
TRUSTED = public_key(LOGBOOK_KEY)


@pytest.fixture
async def town(ledger: Ledger) -> Ledger:
    await load_example_plan(ledger)
    return ledger


async def write(town: Ledger, *texts: str) -> None:
    async with town.writing() as connection:
        for text in texts:
            entry = Entry("rac", "note", text)
            await append(connection, commune=COMMUNE, entry=entry, key=LOGBOOK_KEY)


def witness(town: Ledger, to: Path | str) -> Witness:
    people = OnCall((), lambda: (), "")
    one = Round(town, people, LOGBOOK_KEY, 10, ZoneInfo("Europe/Paris"), KEYS)
    return Witness(one, str(to))


def kept(folder: Path) -> list[Head]:
    written = (folder / f"reperes-{COMMUNE}-2026-11.jsonl").read_bytes().splitlines()
    return read_marks(written, commune=COMMUNE, trusted_key=TRUSTED)


async def test_a_head_that_moved_is_told_once_and_behind_the_others(
    town: Ledger, tmp_path: Path
) -> None:
    one = witness(town, tmp_path)
    assert await step(one, now=NOON) == [COMMUNE]
    assert await step(one, now=NEXT) == []
    await write(town, "La digue tient.")
    assert await step(one, now=NEXT) == [COMMUNE]
    first, last = kept(tmp_path)
    assert last == await logbook.head(town, COMMUNE)
    assert last.number == first.number + 1


async def test_a_cut_end_and_a_book_written_anew_with_its_own_key_are_seen(
    town: Ledger, tmp_path: Path
) -> None:
    await write(town, "Premier ordre.", "Deuxième ordre.")
    await step(witness(town, tmp_path), now=NOON)
    heads = kept(tmp_path)
    assert (await verify_ledger(town, COMMUNE, key=LOGBOOK_KEY, heads=heads)).valid
    whole = [line async for line in logbook.read_all(town, COMMUNE)]
    cut = await verify(whole[:-1], LOGBOOK_KEY, heads=heads)
    assert (cut.valid, cut.first_bad) == (False, len(whole))
    anew = [*whole[:-1], _anew(whole[-2], whole[-1])]
    assert (await verify(anew, LOGBOOK_KEY)).valid  # in itself it is a right chain
    changed = await verify(anew, LOGBOOK_KEY, heads=heads)
    assert (changed.valid, changed.first_bad) == (False, len(whole))


def _anew(before: Line, line: Line) -> Line:
    """Write a line anew, as who holds the server and its key could."""
    forged = replace(line, text="Un autre ordre.", previous=before.digest)
    digest = logbook.digest_of(logbook.signed_values(forged), LOGBOOK_KEY)
    return replace(forged, digest=digest)


async def test_a_place_out_of_reach_raises_an_alarm_that_the_next_mark_ends(
    town: Ledger, tmp_path: Path
) -> None:
    share = tmp_path / "partage"
    one = witness(town, share)
    assert await step(one, now=NOON) == []
    assert not share.exists()  # a share that is not mounted is no folder of this disk
    (standing,) = await alarms.standing(town)
    assert (standing.raised.kind, standing.commune) == ("witness", COMMUNE)
    share.mkdir()
    assert await step(one, now=NEXT) == [COMMUNE]
    assert await alarms.standing(town) == []
    assert kept(share)[-1].number >= 1


@pytest.mark.parametrize(("answers", "told"), [(201, True), (507, False), (307, False)])
async def test_another_house_takes_marks_by_https_or_its_refusal_is_told(
    town: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: int, told: bool
) -> None:
    made = certificate(tmp_path, days=30)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.ca_file))
    store = Store(answers=answers)
    async with serving(store, made) as port:
        one = witness(town, f"https://mairie:mot-secret@127.0.0.1:{port}/reperes")
        assert await step(one, now=NOON) == ([COMMUNE] if told else [])
    standing = [found.raised.problem for found in await alarms.standing(town)]
    assert [str(answers) in one for one in standing] == ([] if told else [True])
    assert "mot-secret" not in str(standing)
    heads = [read_marks([one], commune=COMMUNE, trusted_key=TRUSTED)[0] for one in store.posts]
    assert len(heads) == int(told)


async def test_no_mark_leaves_in_clear(town: Ledger) -> None:
    assert await step(witness(town, "http://127.0.0.1:1/"), now=NOON) == []
    (standing,) = await alarms.standing(town)
    assert "https" in standing.raised.problem


HEAD = Head(3, "a" * 64)
GOOD = mark(HEAD, commune=COMMUNE, key=LOGBOOK_KEY, now=NOON)


def _moved(line: bytes) -> bytes:
    return line.replace(b'"number":3', b'"number":2')


def _of_another_key(_line: bytes) -> bytes:
    return mark(HEAD, commune=COMMUNE, key=b"x" * 32, now=NOON)


def _of_something_else(_line: bytes) -> bytes:
    fields = {"kind": "export", "commune": COMMUNE, "number": 3, "digest": "a" * 64}
    return canonical(signed(fields, key=LOGBOOK_KEY))


def _no_mark(_line: bytes) -> bytes:
    return b"[1, 2]"


@pytest.mark.parametrize("harm", [_moved, _of_another_key, _of_something_else, _no_mark])
def test_a_mark_that_this_logbook_did_not_sign_is_refused_at_its_line(
    harm: Callable[[bytes], bytes],
) -> None:
    assert read_marks([GOOD], commune=COMMUNE, trusted_key=TRUSTED) == [HEAD]
    with pytest.raises(MarksRefused, match="Ligne 2"):
        read_marks([GOOD, harm(GOOD)], commune=COMMUNE, trusted_key=TRUSTED)


def test_marks_of_another_commune_prove_nothing_here() -> None:
    other = mark(HEAD, commune="35047", key=LOGBOOK_KEY, now=NOON)
    assert read_marks([other, GOOD], commune=COMMUNE, trusted_key=TRUSTED) == [HEAD]
    with pytest.raises(MarksRefused, match="Aucun repère"):
        read_marks([other], commune=COMMUNE, trusted_key=TRUSTED)


def test_the_mark_says_nothing_of_anybody() -> None:
    fields = {"kind", "commune", "number", "digest", "at", "public_key", "signature"}
    assert json.loads(GOOD).keys() == fields


def test_ready_says_whether_the_end_is_told_elsewhere() -> None:
    states = [
        judge_witness(wanted=wanted, problem=problem).state
        for wanted, problem in ((False, ""), (True, "n'est pas là"), (True, ""))
    ]
    assert states == ["warning", "not_ready", "ready"]
